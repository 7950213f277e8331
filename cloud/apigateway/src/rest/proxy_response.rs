//! What a function of a Lambda proxy integration answers.
//!
//! AWS: "Lambda proxy integrations in API Gateway", output format. None of the members must be there and no other may:
//! everything else is a malformed response, 502.

use super::gateway_response::GatewayResponse;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;
use slam_cloud_gateway::answer::Answer;
use slam_cloud_gateway::media::decode_base64;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ProxyResponse {
    #[serde(default)]
    status_code: Value,
    #[serde(default)]
    headers: Option<serde_json::Map<String, Value>>,
    #[serde(default)]
    multi_value_headers: Option<serde_json::Map<String, Value>>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: Option<bool>,
}

/// Reads a function's answer. `binary_accepted`: whether the client takes bytes, so that base 64 is decoded.
///
/// # Errors
/// 502, with the reason for the log.
pub fn read(payload: &[u8], binary_accepted: bool) -> Result<Answer, GatewayResponse> {
    let malformed = |reason: String| GatewayResponse::BadGateway(format!("Malformed Lambda proxy response: {reason}"));
    // serde would take an array for the members in order.
    if payload.trim_ascii_start().first() != Some(&b'{') {
        return Err(malformed("it is no JSON object".into()));
    }
    let response: ProxyResponse = serde_json::from_slice(payload).map_err(|error| malformed(error.to_string()))?;
    let status = status(&response.status_code).ok_or_else(|| malformed("statusCode is no HTTP status".into()))?;
    let headers = headers(response.headers, response.multi_value_headers)
        .ok_or_else(|| malformed("a header is neither a string, a number nor a boolean".into()))?;
    let body = response.body.unwrap_or_default();
    let body = if response.is_base64_encoded == Some(true) && binary_accepted {
        decode_base64(&body).ok_or_else(|| malformed("the body is no base 64".into()))?
    } else {
        Bytes::from(body)
    };
    Ok(Answer { status, headers, body: body.into() })
}

/// "Only headers, multiValueHeaders, cookies and the statusCode keys are supported."
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html>
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Metadata {
    #[serde(default)]
    status_code: Value,
    #[serde(default)]
    headers: Option<serde_json::Map<String, Value>>,
    #[serde(default)]
    multi_value_headers: Option<serde_json::Map<String, Value>>,
    #[serde(default)]
    cookies: Vec<String>,
}

/// Reads what a streamed answer begins with.
///
/// # Errors
/// 500, as AWS answers what is not in the format, with the reason for the log.
pub fn read_metadata(metadata: &[u8]) -> Result<Answer, GatewayResponse> {
    let malformed =
        |reason: String| GatewayResponse::Configuration(format!("Malformed Lambda proxy response: {reason}"));
    if metadata.trim_ascii_start().first() != Some(&b'{') {
        return Err(malformed("its metadata are no JSON object".into()));
    }
    let metadata: Metadata = serde_json::from_slice(metadata).map_err(|error| malformed(error.to_string()))?;
    let status = status(&metadata.status_code).ok_or_else(|| malformed("statusCode is no HTTP status".into()))?;
    let mut headers = headers(metadata.headers, metadata.multi_value_headers)
        .ok_or_else(|| malformed("a header is neither a string, a number nor a boolean".into()))?;
    let length = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    if length.is_some_and(|(_, value)| value.is_empty() || !value.bytes().all(|byte| byte.is_ascii_digit())) {
        return Err(malformed("Content-Length is no number".into()));
    }
    headers.extend(metadata.cookies.into_iter().map(|cookie| ("Set-Cookie".to_owned(), cookie)));
    Ok(Answer { status, headers, body: Bytes::new().into() })
}

/// A number or a number in a string; 200 where there is none.
fn status(value: &Value) -> Option<u16> {
    let number = match value {
        Value::Null => 200,
        Value::Number(number) => number.as_u64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    u16::try_from(number).ok().filter(|status| (100..=999).contains(status))
}

/// All headers. AWS: "Output format of a Lambda function for proxy integration": both maps are merged into one list;
/// a pair that is in both is there once. Recorded: the values of `multiValueHeaders` come first.
fn headers(
    single: Option<serde_json::Map<String, Value>>,
    multiple: Option<serde_json::Map<String, Value>>,
) -> Option<Vec<(String, String)>> {
    let mut headers = Vec::new();
    for (name, values) in multiple.unwrap_or_default() {
        let Value::Array(values) = values else { return None };
        for value in values {
            headers.push((name.clone(), text(value)?));
        }
    }
    let several = headers.len();
    for (name, value) in single.unwrap_or_default() {
        let value = text(value)?;
        let is_there = |(own, other): &(String, String)| own.eq_ignore_ascii_case(&name) && *other == value;
        if !headers[..several].iter().any(is_there) {
            headers.push((name, value));
        }
    }
    Some(headers)
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(payload: &str, binary: bool) -> String {
        match read(payload.as_bytes(), binary) {
            Ok(answer) => {
                let headers: Vec<String> = answer.headers.iter().map(|(a, b)| format!("{a}:{b}")).collect();
                format!("{} [{}] {}", answer.status, headers.join(","), String::from_utf8_lossy(answer.body.at_hand()))
            }
            Err(response) => response.parts().0.to_string(),
        }
    }

    #[test]
    fn a_response_is_what_the_function_says() {
        for (payload, binary, expected) in [
            (r#"{"statusCode": 201, "headers": {"A": "b"}, "body": "hi"}"#, false, "201 [A:b] hi"),
            (r#"{"statusCode": "404"}"#, false, "404 [] "),
            ("{}", false, "200 [] "),
            (r#"{"headers": {"n": 1, "t": true}, "body": null}"#, false, "200 [n:1,t:true] "),
            (
                r#"{"headers": {"Set-Cookie": "a", "X": "y"}, "multiValueHeaders": {"set-cookie": ["b", "c"]}}"#,
                false,
                "200 [set-cookie:b,set-cookie:c,Set-Cookie:a,X:y] ",
            ),
            (r#"{"body": "c2xhbQ==", "isBase64Encoded": true}"#, true, "200 [] slam"),
            (r#"{"body": "c2xhbQ==", "isBase64Encoded": true}"#, false, "200 [] c2xhbQ=="),
        ] {
            assert_eq!(shown(payload, binary), expected, "{payload}");
        }
    }

    #[test]
    fn metadata_are_a_response_without_its_body() {
        for (metadata, expected) in [
            (r#"{"statusCode": 201, "headers": {"A": "b"}}"#, "201 A:b"),
            ("{}", "200 "),
            (
                r#"{"cookies": ["a=1", "b=2"], "headers": {"Content-Length": 3}}"#,
                "200 Content-Length:3,Set-Cookie:a=1,Set-Cookie:b=2",
            ),
            (r#"{"headers": {"X": "y"}, "multiValueHeaders": {"x": ["z"]}}"#, "200 x:z,X:y"),
            (r#"{"headers": {"X": "y"}, "multiValueHeaders": {"x": ["y", "z"]}}"#, "200 x:y,x:z"),
            (r#"{"body": "x"}"#, "500"),
            (r#"{"headers": {"content-length": "x"}}"#, "500"),
            ("[]", "500"),
            ("", "500"),
        ] {
            let found = match read_metadata(metadata.as_bytes()) {
                Ok(answer) => {
                    let headers: Vec<String> = answer.headers.iter().map(|(a, b)| format!("{a}:{b}")).collect();
                    format!("{} {}", answer.status, headers.join(","))
                }
                Err(response) => response.parts().0.to_string(),
            };
            assert_eq!(found, expected, "{metadata}");
        }
    }

    #[test]
    fn what_is_no_response_is_a_bad_gateway() {
        for payload in [
            "null",
            "\"text\"",
            "[]",
            "no json",
            r#"{"body": {"a": 1}}"#,
            r#"{"statusCode": "abc"}"#,
            r#"{"statusCode": 20}"#,
            r#"{"errorMessage": "boom"}"#,
            r#"{"statusCode": 200, "cookies": []}"#,
            r#"{"headers": {"a": ["b"]}}"#,
            r#"{"multiValueHeaders": {"a": "b"}}"#,
            r#"{"body": "?", "isBase64Encoded": true}"#,
        ] {
            assert_eq!(shown(payload, true), "502", "{payload}");
        }
    }
}
