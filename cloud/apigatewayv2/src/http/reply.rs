//! What a function of a Lambda integration answers.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>, "Lambda function response
//! format". What is not in the format is 500.

use super::answer::Answer;
use super::failure::Failure;
use crate::model::PayloadFormat;
use bytes::Bytes;
use serde_json::{Map, Value};
use slam_cloud_gateway::BODY;
use slam_cloud_gateway::media::decode_base64;
use slam_cloud_gateway::reply::{status, text};

/// Reads a function's answer.
///
/// # Errors
/// 500, with the reason for the log.
pub fn read(payload: &[u8], format: PayloadFormat) -> Result<Answer, Failure> {
    let malformed =
        |what: &str| Failure::Internal(format!("The response from the Lambda function is not valid: {what}"));
    let value: Value = serde_json::from_slice(payload).map_err(|error| malformed(&error.to_string()))?;
    let answer = match (value, format) {
        (Value::Object(members), _) if members.contains_key("statusCode") => structured(members, format),
        (_, PayloadFormat::One) => Err("it has no statusCode"),
        (Value::String(text), PayloadFormat::Two) => Ok(Answer::json(200, text)),
        // "If your Lambda function returns valid JSON and doesn't return a statusCode."
        (_, PayloadFormat::Two) => Ok(Answer::json(200, Bytes::copy_from_slice(payload))),
    };
    let answer = answer.map_err(malformed)?;
    if answer.body.len() > BODY { Err(malformed("it is larger than 10 MB")) } else { Ok(answer) }
}

fn structured(members: Map<String, Value>, format: PayloadFormat) -> Result<Answer, &'static str> {
    let status = members.get("statusCode").and_then(status).ok_or("statusCode is no HTTP status")?;
    let mut headers = Vec::new();
    // A pair that is in both maps is there once, as with REST APIs.
    if format == PayloadFormat::One {
        for (name, values) in object(&members, "multiValueHeaders")? {
            let values = values.as_array().ok_or("a member of multiValueHeaders is no list")?;
            for value in values {
                headers.push((name.clone(), text(value).ok_or("a header is no text")?));
            }
        }
    }
    let several = headers.len();
    for (name, value) in object(&members, "headers")? {
        let pair = (name.clone(), text(value).ok_or("a header is no text")?);
        let known = |other: &(String, String)| other.0.eq_ignore_ascii_case(&pair.0) && other.1 == pair.1;
        if !headers[..several].iter().any(known) {
            headers.push(pair);
        }
    }
    if format == PayloadFormat::Two {
        for cookie in list(&members, "cookies")? {
            let cookie = cookie.as_str().ok_or("a cookie is no text")?;
            headers.push(("set-cookie".to_owned(), cookie.to_owned()));
        }
    }
    // AWS's default where a function names none (not documented; it is what clients get).
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
        headers.push(("content-type".to_owned(), "text/plain;charset=UTF-8".to_owned()));
    }
    let body = match members.get("body") {
        None | Some(Value::Null) => "",
        Some(Value::String(text)) => text,
        Some(_) => return Err("the body is no text"),
    };
    let is_base64 = match members.get("isBase64Encoded") {
        None | Some(Value::Null) => false,
        Some(Value::Bool(is_base64)) => *is_base64,
        Some(_) => return Err("isBase64Encoded is neither true nor false"),
    };
    let body = match is_base64 {
        true => decode_base64(body).ok_or("the body is no base 64")?,
        false => Bytes::copy_from_slice(body.as_bytes()),
    };
    Ok(Answer { status, headers, body })
}

fn object<'m>(members: &'m Map<String, Value>, name: &str) -> Result<Vec<(&'m String, &'m Value)>, &'static str> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Object(members)) => Ok(members.iter().collect()),
        Some(_) => Err("headers are no map"),
    }
}

fn list<'m>(members: &'m Map<String, Value>, name: &str) -> Result<&'m [Value], &'static str> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(items)) => Ok(items),
        Some(_) => Err("cookies are no list"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(payload: &str, format: PayloadFormat, expected: Option<(u16, &str, &str)>) {
        let read = read(payload.as_bytes(), format);
        let shown = read.as_ref().ok().map(|answer| {
            let body = String::from_utf8_lossy(&answer.body).into_owned();
            let headers: Vec<String> = answer.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
            (answer.status, headers.join("|"), body)
        });
        let expected = expected.map(|(status, headers, body)| (status, headers.to_owned(), body.to_owned()));
        assert_eq!(shown, expected, "{payload} {format:?}: {read:?}");
    }

    const JSON: &str = "content-type: application/json";
    const TEXT: &str = "content-type: text/plain;charset=UTF-8";

    /// The table of "Lambda function response for format 2.0".
    #[test]
    fn answers_without_a_status_are_inferred() {
        use PayloadFormat::{One, Two};
        check(r#""Hello from Lambda!""#, Two, Some((200, JSON, "Hello from Lambda!")));
        check(r#"{ "message": "Hello" }"#, Two, Some((200, JSON, r#"{ "message": "Hello" }"#)));
        check("[1,2]", Two, Some((200, JSON, "[1,2]")));
        check("7", Two, Some((200, JSON, "7")));
        check("null", Two, Some((200, JSON, "null")));
        check(r#"{"body":"x"}"#, Two, Some((200, JSON, r#"{"body":"x"}"#)));
        check("no json", Two, None);
        check("", Two, None);
        check(r#""Hello""#, One, None);
        check(r#"{"body":"x"}"#, One, None);
    }

    #[test]
    fn answers_with_a_status_are_read() {
        use PayloadFormat::{One, Two};
        check(r#"{"statusCode":201,"body":"x"}"#, Two, Some((201, TEXT, "x")));
        check(r#"{"statusCode":"404"}"#, Two, Some((404, TEXT, "")));
        check(
            r#"{"statusCode":200,"headers":{"Content-Type":"a/b","X":1}}"#,
            Two,
            Some((200, "Content-Type: a/b|X: 1", "")),
        );
        check(
            r#"{"statusCode":200,"headers":{"content-type":"a"},"cookies":["a=1","b=2; Path=/"]}"#,
            Two,
            Some((200, "content-type: a|set-cookie: a=1|set-cookie: b=2; Path=/", "")),
        );
        check(
            r#"{"statusCode":200,"headers":{"content-type":"a","b":"1"},"multiValueHeaders":{"b":["1","2"]}}"#,
            One,
            Some((200, "b: 1|b: 2|content-type: a", "")),
        );
        check(r#"{"statusCode":200,"cookies":["a=1"]}"#, One, Some((200, TEXT, "")));
        check(r#"{"statusCode":200,"body":"aGk=","isBase64Encoded":true}"#, Two, Some((200, TEXT, "hi")));
        check(r#"{"statusCode":200,"body":"aGk=","isBase64Encoded":false}"#, One, Some((200, TEXT, "aGk=")));
        check(r#"{"statusCode":200,"body":null,"extra":1}"#, Two, Some((200, TEXT, "")));
        for malformed in [
            r#"{"statusCode":103}"#,
            r#"{"statusCode":"x"}"#,
            r#"{"statusCode":null}"#,
            r#"{"statusCode":200,"body":{"a":1}}"#,
            r#"{"statusCode":200,"headers":[]}"#,
            r#"{"statusCode":200,"headers":{"a":["b"]}}"#,
            r#"{"statusCode":200,"cookies":"a=1"}"#,
            r#"{"statusCode":200,"body":"?","isBase64Encoded":true}"#,
            r#"{"statusCode":200,"isBase64Encoded":"true"}"#,
        ] {
            check(malformed, Two, None);
        }
    }
}
