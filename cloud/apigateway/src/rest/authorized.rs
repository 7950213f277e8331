//! What an authorizer answered about a request.

use serde_json::{Map, Value};
use slam_cloud_gateway::verdict::Verdict;
use std::sync::Arc;
use std::time::Duration;

/// An answer, and how long it took: nothing from the memory.
#[derive(Clone, Debug)]
pub struct Authorized {
    /// The answer.
    pub verdict: Arc<Verdict>,
    /// How long the function took.
    pub latency: Duration,
}

impl Authorized {
    /// `$context.authorizer`, and `requestContext.authorizer` of events: "The returned values are all stringified"
    /// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html>).
    pub fn document(&self) -> Map<String, Value> {
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
    use serde_json::json;

    /// The documentation's example.
    #[test]
    fn what_is_told_is_text() {
        let answer = json!({
            "principalId": "user",
            "policyDocument": {"Statement": []},
            "context": {"stringKey": "stringval", "numberKey": 123, "booleanKey": true, "nothing": null},
        });
        let verdict = Arc::new(Verdict::read(answer.to_string().as_bytes()).unwrap());
        let authorized = Authorized { verdict, latency: Duration::from_millis(7) };
        let expected = json!({
            "stringKey": "stringval", "numberKey": "123", "booleanKey": "true", "principalId": "user",
            "integrationLatency": 7,
        });
        assert_eq!(Value::Object(authorized.document()), expected);
    }
}
