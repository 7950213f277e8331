//! What EventBridge has: buses that events are put on.

use crate::question::{Service, Targeted};
use crate::{Clients, ServiceError};
use serde_json::json;

/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/Welcome.html>
const EVENTS: Targeted = Targeted {
    service: Service { id: "EventBridge", name: "events" },
    target: "AWSEvents",
    content_type: "application/x-amz-json-1.1",
};

/// An event to be put on a bus.
#[derive(Clone, Debug)]
pub struct BusEvent {
    /// The bus, by its name or ARN; the account's own when `None`.
    pub bus: Option<String>,
    /// Who tells of it: `com.example.shop`.
    pub source: String,
    /// What kind of thing happened: `OrderPlaced`.
    pub detail_type: String,
    /// What happened, a JSON object.
    pub detail: String,
}

impl Clients {
    /// Puts an event on a bus, and gives its id.
    /// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html>
    ///
    /// # Errors
    /// What EventBridge answers instead, of the request or of the event, or why it cannot be asked.
    pub async fn put_event(&self, event: &BusEvent) -> Result<String, ServiceError> {
        let mut entry = json!({"Source": event.source, "DetailType": event.detail_type, "Detail": event.detail});
        if let Some(bus) = &event.bus {
            entry["EventBusName"] = json!(bus);
        }
        let mut answer = self.asker.ask(EVENTS, "PutEvents", &json!({"Entries": [entry]})).await?;
        let entry = answer["Entries"][0].take();
        match (entry["EventId"].as_str(), entry["ErrorCode"].as_str()) {
            (Some(id), None) => Ok(id.to_owned()),
            (_, code) => Err(ServiceError {
                code: code.map(str::to_owned),
                message: entry["ErrorMessage"].as_str().unwrap_or("the event was not taken").to_owned(),
            }),
        }
    }
}
