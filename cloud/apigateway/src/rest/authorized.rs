//! What an authorizer tells of whoever calls.

use super::claims::Claims;
use serde_json::{Map, Value, json};
use slam_cloud_gateway::verdict::Verdict;
use std::sync::Arc;
use std::time::Duration;

/// What a method's authorizer told.
#[derive(Clone, Debug)]
pub enum Authorized {
    /// What a function answered.
    Answer(Answered),
    /// What a token says.
    Token(Claims),
}

/// A function's answer, and how long it took: nothing from the memory.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The answer.
    pub verdict: Arc<Verdict>,
    /// How long the function took.
    pub latency: Duration,
}

impl Authorized {
    /// `requestContext.authorizer` of events.
    pub fn of_event(&self) -> Map<String, Value> {
        match self {
            Self::Answer(answer) => answer.document(),
            Self::Token(claims) => Map::from_iter([("claims".to_owned(), json!(claims.of_event))]),
        }
    }

    /// `$context.authorizer`
    pub fn of_context(&self) -> Map<String, Value> {
        match self {
            Self::Answer(answer) => answer.document(),
            Self::Token(claims) => Map::from_iter([("claims".to_owned(), json!(claims.of_context))]),
        }
    }

    /// How long a function took.
    pub fn latency(&self) -> Option<Duration> {
        match self {
            Self::Answer(answer) => Some(answer.latency),
            Self::Token(_) => None,
        }
    }

    /// The API key that a function named.
    pub fn usage_identifier_key(&self) -> Option<&str> {
        match self {
            Self::Answer(answer) => answer.verdict.usage_identifier_key.as_deref(),
            Self::Token(_) => None,
        }
    }
}

impl Answered {
    /// "The returned values are all stringified"
    /// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html>).
    fn document(&self) -> Map<String, Value> {
        let told = self.verdict.context.iter().filter(|(_, value)| !value.is_null());
        let mut document: Map<String, Value> =
            told.map(|(name, value)| (name.clone(), Value::String(text(value)))).collect();
        document.insert("principalId".into(), self.verdict.principal_id.clone().into());
        document.insert("integrationLatency".into(), u64::try_from(self.latency.as_millis()).unwrap_or(0).into());
        document
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The documentation's example.
    #[test]
    fn what_is_told_is_text() {
        let answer = json!({
            "principalId": "user",
            "policyDocument": {"Statement": []},
            "context": {"stringKey": "stringval", "numberKey": 123, "booleanKey": true, "nothing": null},
        });
        let verdict = Arc::new(Verdict::read(answer.to_string().as_bytes()).unwrap());
        let authorized = Authorized::Answer(Answered { verdict, latency: Duration::from_millis(7) });
        let expected = json!({
            "stringKey": "stringval", "numberKey": "123", "booleanKey": "true", "principalId": "user",
            "integrationLatency": 7,
        });
        assert_eq!(Value::Object(authorized.of_event()), expected);
        assert_eq!(authorized.of_event(), authorized.of_context());
    }
}
