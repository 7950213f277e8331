//! What CloudWatch Logs keeps.

use crate::question::{Service, Targeted};
use crate::{Clients, ServiceError};
use serde::Deserialize;
use serde_json::json;

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/Welcome.html>
const LOGS: Targeted = Targeted {
    service: Service { id: "CloudWatch Logs", name: "logs" },
    target: "Logs_20140328",
    content_type: "application/x-amz-json-1.1",
};

/// A page of events.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LogEvents {
    /// The events.
    pub events: Vec<LogEvent>,
    /// What the next page is asked for with; `None` when there is none.
    pub next_token: Option<String>,
}

/// One event.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LogEvent {
    /// The stream it is in.
    pub log_stream_name: String,
    /// When it happened, in milliseconds since 1970.
    pub timestamp: i64,
    /// What it says.
    pub message: String,
    /// Its id.
    pub event_id: Option<String>,
}

impl Clients {
    /// The events of a group since a time in milliseconds, a page of them; `None` when there is no such group.
    /// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html>
    ///
    /// # Errors
    /// When nobody answers, or the credentials may not ask.
    pub async fn log_events(
        &self,
        group: &str,
        since: i64,
        token: Option<String>,
    ) -> Result<Option<LogEvents>, ServiceError> {
        let mut input = json!({"logGroupName": group, "startTime": since});
        if let Some(token) = token {
            input["nextToken"] = token.into();
        }
        match self.asker.ask(LOGS, "FilterLogEvents", &input).await {
            Ok(page) => serde_json::from_value(page).map(Some).map_err(|error| ServiceError {
                code: None,
                message: format!("FilterLogEvents was answered in a form that it does not have: {error}"),
            }),
            Err(error) if error.code.as_deref() == Some("ResourceNotFoundException") => Ok(None),
            Err(error) => Err(error),
        }
    }
}
