//! The claims of a token as integrations, templates and access logs are told them.

use serde_json::{Map, Value};
use slam_cloud_core::Timestamp;
use slam_cloud_gateway::jwt;

/// How an authorizer tells claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As text, everywhere: authorizers of user pools.
    Text,
    /// "A Lambda proxy integration receives each claim with its JSON type. Parameter mappings, mapping templates, and access logs receive
    /// each claim as JSON text." <https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-jwt-authorizer-claims.html>
    Json,
}

/// What a token says, in both forms.
#[derive(Clone, Debug, PartialEq)]
pub struct Claims {
    /// For events of functions.
    pub of_event: Map<String, Value>,
    /// For `$context`: texts.
    pub of_context: Map<String, Value>,
}

impl Claims {
    /// Those of a token that was taken.
    pub fn new(claims: jwt::Claims, form: Form) -> Self {
        let told = |tell: fn(&str, &Value) -> String| {
            claims.iter().map(|(name, value)| (name.clone(), Value::String(tell(name, value)))).collect::<Map<_, _>>()
        };
        match form {
            Form::Text => {
                let told = told(text);
                Self { of_event: told.clone(), of_context: told }
            }
            Form::Json => {
                let of_context = told(|_, value| json_text(value));
                Self { of_event: claims, of_context }
            }
        }
    }
}

/// As functions see the claims of user pools in public: moments as dates (`auth_time` as a number), the groups with commas between
/// them.
fn text(name: &str, value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(seconds) if matches!(name, "exp" | "iat" | "nbf") => {
            let moment = seconds.as_i64().and_then(|seconds| Timestamp::from_second(seconds).ok());
            moment.map_or_else(|| seconds.to_string(), |it| it.strftime("%a %b %d %H:%M:%S UTC %Y").to_string())
        }
        Value::Array(items) => items.iter().map(|item| text("", item)).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

/// "API Gateway writes each non-ASCII character as a Unicode escape sequence. For example, é becomes \\u00E9."
fn json_text(value: &Value) -> String {
    let mut text = String::new();
    for c in value.to_string().chars() {
        if c.is_ascii() {
            text.push(c);
        } else {
            let mut units = [0; 2];
            text.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04X}")));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn claims(value: Value, form: Form) -> Claims {
        Claims::new(value.as_object().unwrap().clone(), form)
    }

    #[test]
    fn those_of_user_pools_are_text() {
        let told = claims(
            json!({
                "sub": "s", "auth_time": 1_513_492_092, "exp": 1_513_495_692, "email_verified": true,
                "cognito:groups": ["admins", "staff"],
            }),
            Form::Text,
        );
        let expected = json!({
            "sub": "s", "auth_time": "1513492092", "exp": "Sun Dec 17 07:28:12 UTC 2017", "email_verified": "true",
            "cognito:groups": "admins,staff",
        });
        assert_eq!(Value::Object(told.of_event.clone()), expected);
        assert_eq!(told.of_event, told.of_context);
    }

    /// The documentation's example.
    #[test]
    fn those_of_other_issuers_are_json() {
        let token = json!({
            "name": "Doe, \"Jane\"", "iat": 1_516_239_022, "version": "42", "roles": ["user", "editor"],
            "address": {"city": "Seattle"}, "accent": "é𝄞",
        });
        let told = claims(token.clone(), Form::Json);
        assert_eq!(Value::Object(told.of_event), token);
        let expected = json!({
            "name": "\"Doe, \\\"Jane\\\"\"", "iat": "1516239022", "version": "\"42\"", "roles": "[\"user\",\"editor\"]",
            "address": "{\"city\":\"Seattle\"}", "accent": "\"\\u00E9\\uD834\\uDD1E\"",
        });
        assert_eq!(Value::Object(told.of_context), expected);
    }
}
