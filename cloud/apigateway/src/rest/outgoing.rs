//! A request for a backend, as an integration's parameters and templates make it.

use super::backend::set_header;
use super::exchange::Exchange;
use super::source;
use bytes::Bytes;
use serde_json::Value;

/// What is sent to a backend.
pub struct Outgoing {
    /// Path parameters, decoded.
    pub path: Vec<(String, String)>,
    /// Decoded, names may repeat.
    pub query: Vec<(String, String)>,
    /// Names may repeat.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

impl Outgoing {
    /// What integrations without a proxy send before anything is mapped, as TestInvokeMethod's log shows it
    /// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-test-method.html>).
    pub fn mapped(exchange: &Exchange<'_>, body: Bytes) -> Self {
        let mut headers = vec![
            ("Accept".to_owned(), "application/json".to_owned()),
            ("User-Agent".to_owned(), user_agent(exchange)),
            ("X-Amzn-Trace-Id".to_owned(), exchange.arrival.trace.clone()),
        ];
        if !body.is_empty() {
            headers.push(("Content-Type".into(), "application/json".into()));
        }
        Self { path: exchange.request.decoded_path_parameters(), query: Vec::new(), headers, body }
    }

    /// Sets what the integration's parameters say.
    pub fn map(&mut self, exchange: &Exchange<'_>) {
        for (place, name, source) in &exchange.method.integration.parameters {
            let values = source.of_request(exchange);
            match place.as_str() {
                "header" => set_header(&mut self.headers, name, values),
                "querystring" => set(&mut self.query, name, values),
                _ => set(&mut self.path, name, values),
            }
        }
        let api_id = exchange.stage.api_id.clone();
        set_header(&mut self.headers, "X-Amzn-Apigateway-Api-Id", vec![api_id]);
    }

    /// Sets what templates wrote into `$context.requestOverride`.
    pub fn apply_overrides(&mut self, context: &Value) {
        let of = |place: &str| {
            let overrides = context.get("requestOverride").and_then(|overrides| overrides.get(place));
            let map = overrides.and_then(Value::as_object);
            map.into_iter().flatten().map(|(name, value)| (name.clone(), vec![source::text_of(value.clone())]))
        };
        of("header").for_each(|(name, values)| set_header(&mut self.headers, &name, values));
        of("querystring").for_each(|(name, values)| set(&mut self.query, &name, values));
        of("path").for_each(|(name, values)| set(&mut self.path, &name, values));
    }

    /// The last value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().rev().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// As whom API Gateway calls backends.
pub fn user_agent(exchange: &Exchange<'_>) -> String {
    format!("AmazonAPIGateway_{}", exchange.stage.api_id)
}

fn set(pairs: &mut Vec<(String, String)>, name: &str, values: Vec<String>) {
    if !values.is_empty() {
        pairs.retain(|(own, _)| own != name);
        pairs.extend(values.into_iter().map(|value| (name.to_owned(), value)));
    }
}
