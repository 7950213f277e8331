//! What a function answers.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads>, "Response payload format". Where an answer has
//! no content type it is `application/json` (recorded: `test_lambda_url_invocation`). What is not in the format is 502.

use super::failure::Failure;
use bytes::Bytes;
use serde_json::{Map, Value};
use slam_cloud_core::Body;
use slam_cloud_gateway::answer::Answer;
use slam_cloud_gateway::media::decode_base64;
use slam_cloud_gateway::reply::{status, text};

/// Reads a function's answer.
///
/// # Errors
/// 502, with the reason for the log.
pub fn read(payload: &[u8]) -> Result<Answer, Failure> {
    let value: Value = serde_json::from_slice(payload).map_err(|error| Failure::BadGateway(error.to_string()))?;
    match value {
        Value::Object(members) if members.contains_key("statusCode") => {
            let mut answer = head(&members)?;
            answer.body = body(&members)?.into();
            Ok(answer)
        }
        Value::String(text) => Ok(inferred(text)),
        // Written anew, without blanks.
        other => Ok(inferred(other.to_string())),
    }
}

/// "If your function returns valid JSON and doesn't return a statusCode, Lambda assumes" all of these.
fn inferred(body: String) -> Answer {
    Answer { status: 200, headers: Vec::new(), body: body.into() }
}

/// Status, headers and cookies; of a streamed answer that is all that comes before the body.
///
/// # Errors
/// As [`read`].
pub fn head(members: &Map<String, Value>) -> Result<Answer, Failure> {
    let status = match members.get("statusCode") {
        None => 200,
        Some(value) => status(value).ok_or_else(|| malformed("statusCode is no HTTP status"))?,
    };
    let mut headers = Vec::new();
    match members.get("headers") {
        None | Some(Value::Null) => {}
        Some(Value::Object(given)) => {
            for (name, value) in given {
                headers.push((name.clone(), text(value).ok_or_else(|| malformed("a header is no text"))?));
            }
        }
        Some(_) => return Err(malformed("headers are no map")),
    }
    match members.get("cookies") {
        None | Some(Value::Null) => {}
        Some(Value::Array(cookies)) => {
            for cookie in cookies {
                let cookie = cookie.as_str().ok_or_else(|| malformed("a cookie is no text"))?;
                headers.push(("set-cookie".to_owned(), cookie.to_owned()));
            }
        }
        Some(_) => return Err(malformed("cookies are no list")),
    }
    Ok(Answer { status, headers, body: Body::from(Bytes::new()) })
}

fn body(members: &Map<String, Value>) -> Result<Bytes, Failure> {
    let text = match members.get("body") {
        None | Some(Value::Null) => "",
        Some(Value::String(text)) => text,
        Some(_) => return Err(malformed("the body is no text")),
    };
    match members.get("isBase64Encoded") {
        None | Some(Value::Null | Value::Bool(false)) => Ok(Bytes::copy_from_slice(text.as_bytes())),
        Some(Value::Bool(true)) => decode_base64(text).ok_or_else(|| malformed("the body is no base 64")),
        Some(_) => Err(malformed("isBase64Encoded is neither true nor false")),
    }
}

fn malformed(what: &str) -> Failure {
    Failure::BadGateway(format!("the function's answer is not in the format: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(payload: &str, expected: Option<(u16, &str, &str)>) {
        let read = read(payload.as_bytes());
        let shown = read.as_ref().ok().map(|answer| {
            let headers: Vec<String> = answer.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
            (answer.status, headers.join("|"), String::from_utf8_lossy(answer.body.at_hand()).into_owned())
        });
        let expected = expected.map(|(status, headers, body)| (status, headers.to_owned(), body.to_owned()));
        assert_eq!(shown, expected, "{payload}: {read:?}");
    }

    /// Recorded: `test_lambda_url_invocation`.
    #[test]
    fn answers_without_a_status_are_inferred() {
        check(r#""hello""#, Some((200, "", "hello")));
        check(r#"{"hello": "world"}"#, Some((200, "", r#"{"hello":"world"}"#)));
        check(r#"["hello", 3, true]"#, Some((200, "", r#"["hello",3,true]"#)));
        check("3", Some((200, "", "3")));
        check("3.1", Some((200, "", "3.1")));
        check("true", Some((200, "", "true")));
        check(r#"{"body":"x"}"#, Some((200, "", r#"{"body":"x"}"#)));
        check("no json", None);
        check("", None);
    }

    #[test]
    fn answers_with_a_status_are_read() {
        check(r#"{"statusCode":200,"body":"{\"hello\": \"world\"}"}"#, Some((200, "", r#"{"hello": "world"}"#)));
        check(r#"{"statusCode":"418","body":"i'm a teapot"}"#, Some((418, "", "i'm a teapot")));
        check(
            r#"{"statusCode":201,"headers":{"X":1,"Y":true},"cookies":["a=1","b=2; Path=/"],"body":"aGk=","isBase64Encoded":true}"#,
            Some((201, "X: 1|Y: true|set-cookie: a=1|set-cookie: b=2; Path=/", "hi")),
        );
        check(r#"{"statusCode":204,"body":null,"headers":null,"cookies":null}"#, Some((204, "", "")));
        for malformed in [
            r#"{"statusCode":99}"#,
            r#"{"statusCode":"x"}"#,
            r#"{"statusCode":null}"#,
            r#"{"statusCode":200,"body":{"a":1}}"#,
            r#"{"statusCode":200,"headers":[]}"#,
            r#"{"statusCode":200,"headers":{"a":["b"]}}"#,
            r#"{"statusCode":200,"cookies":"a=1"}"#,
            r#"{"statusCode":200,"body":"?","isBase64Encoded":true}"#,
            r#"{"statusCode":200,"isBase64Encoded":"true"}"#,
        ] {
            check(malformed, None);
        }
    }
}
