//! `slam invoke GET /tasks`: a request to a web application, without its API.
//!
//! The function gets the event that API Gateway would make of the request, so it answers as it would there. It is not
//! sent to the URL: invoking tells what the function wrote, asks nobody's API key, and works where there is no API.
//! <https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html>

use crate::commands::words;
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use serde_json::{Map, Value, json};
use slam_report::{Report, Result};

/// What a client encodes of a path that a person types.
const IN_PATH: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`').add(b'{').add(b'}');

/// What a streamed answer has between its head and its body.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html>
const DELIMITER: &[u8] = &[0; 8];

/// A request as it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub method: String,
    /// With the query.
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// Where a request arrives.
pub(super) struct Api<'a> {
    pub id: &'a str,
    pub stage: &'a str,
    /// The URL of the stage that people open; `None` when the project has no API.
    pub url: Option<&'a str>,
}

/// An application's answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    /// Reads `METHOD /PATH [BODY]`; `None` when the words are something else.
    ///
    /// # Errors
    /// When they are meant as a request, and are none.
    pub(super) fn parse(words: &[String], headers: &[String]) -> Result<Option<Self>> {
        let example = "for example `slam invoke GET /tasks`, or `slam invoke POST /tasks @task.json`";
        let (method, target) = match words {
            [path, ..] if path.starts_with('/') => {
                return Err(Report::usage(format!("the method is missing before `{path}`"), example));
            }
            [method, target, ..] if is_method(method) && target.starts_with('/') => (method, target),
            [method, rest @ ..] if is_method(method) => {
                let message = match rest.first() {
                    Some(other) => format!("`{other}` is no path: one begins with `/`"),
                    None => format!("the path is missing after `{method}`"),
                };
                return Err(Report::usage(message, example));
            }
            _ if !headers.is_empty() => {
                return Err(Report::usage("headers are for requests to web applications", example));
            }
            _ => return Ok(None),
        };
        let mut headers = headers.iter().map(|text| header(text)).collect::<Result<Vec<_>, _>>()?;
        let (body, kind) = body(&words[2..])?;
        let has =
            |headers: &[(String, String)], name: &str| headers.iter().any(|(own, _)| own.eq_ignore_ascii_case(name));
        if let Some(kind) = kind.filter(|_| !has(&headers, "content-type")) {
            headers.push(("Content-Type".to_owned(), kind.to_owned()));
        }
        for (name, value) in [("Accept", "*/*"), ("User-Agent", concat!("slam/", env!("CARGO_PKG_VERSION")))] {
            if !has(&headers, name) {
                headers.push((name.to_owned(), value.to_owned()));
            }
        }
        let target = target.split('#').next().unwrap_or_default().to_owned();
        Ok(Some(Self { method: method.to_ascii_uppercase(), target, headers, body }))
    }

    /// The event that API Gateway makes of it for a REST API as slam deploys it.
    pub(super) fn event(&self, api: &Api<'_>, id: &str, now: jiff::Timestamp) -> Value {
        let (path, query) = self.target.split_once('?').unwrap_or((&self.target, ""));
        let path = encoded_path(path);
        let root = path == "/";
        let resource = if root { "/" } else { "/{proxy+}" };
        let proxy = percent_decode_str(&path[1..]).decode_utf8_lossy().into_owned();
        let (scheme, rest) = api.url.and_then(|url| url.split_once("://")).unwrap_or(("https", "localhost"));
        // With its port where the URL has one: links that an application makes of it lead there.
        let host = rest.split('/').next().unwrap_or_default();
        let usual = if scheme == "https" { "443" } else { "80" };
        let port = host.rsplit_once(':').map_or(usual, |(_, port)| port);
        let prefix = host.split_once(".execute-api.").map_or(api.id, |(prefix, _)| prefix);
        let mut headers = vec![("Host".to_owned(), host.to_owned())];
        headers.retain(|(name, _)| !self.headers.iter().any(|(own, _)| own.eq_ignore_ascii_case(name)));
        headers.extend(self.headers.clone());
        headers.extend(
            [("X-Forwarded-For", "127.0.0.1"), ("X-Forwarded-Port", port), ("X-Forwarded-Proto", scheme)]
                .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        let agent = self.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("user-agent"));
        let query = decoded(query);
        // The whole path has the stage, as at the API's own host.
        let whole = if api.url.is_some() { format!("/{}{path}", api.stage) } else { path.clone() };
        json!({
            "resource": resource,
            "path": path,
            "httpMethod": self.method,
            "headers": single(&headers),
            "multiValueHeaders": multiple(&headers),
            "queryStringParameters": single(&query),
            "multiValueQueryStringParameters": multiple(&query),
            "pathParameters": if root { Value::Null } else { json!({ "proxy": proxy }) },
            "stageVariables": null,
            "requestContext": {
                "resourceId": "slam",
                "resourcePath": resource,
                "httpMethod": self.method,
                "extendedRequestId": id,
                "requestTime": now.strftime("%d/%b/%Y:%H:%M:%S %z").to_string(),
                "path": whole,
                "accountId": "000000000000",
                "protocol": "HTTP/1.1",
                "stage": api.stage,
                "domainPrefix": prefix,
                "requestTimeEpoch": now.as_millisecond(),
                "requestId": id,
                "identity": {
                    "cognitoIdentityPoolId": null, "accountId": null, "cognitoIdentityId": null, "caller": null,
                    "sourceIp": "127.0.0.1", "principalOrgId": null, "accessKey": null,
                    "cognitoAuthenticationType": null, "cognitoAuthenticationProvider": null, "userArn": null,
                    "userAgent": agent.map(|(_, value)| value), "user": null,
                },
                "domainName": host,
                "deploymentId": "slam",
                "apiId": api.id,
            },
            // slam's APIs take all media types as binary ones.
            "body": (!self.body.is_empty()).then(|| slam_aws::encode_base64(&self.body)),
            "isBase64Encoded": !self.body.is_empty(),
        })
    }
}

impl Answer {
    /// Reads what the function returned; `None` when it is no answer of a web application.
    pub(super) fn parse(payload: &[u8]) -> Option<Self> {
        let streamed = payload.windows(DELIMITER.len()).position(|window| window == DELIMITER);
        let (head, rest) = match streamed {
            Some(at) => (&payload[..at], Some(payload[at + DELIMITER.len()..].to_vec())),
            None => (payload, None),
        };
        let head: Value = serde_json::from_slice(head).ok()?;
        let status = head["statusCode"].as_u64().or_else(|| head["statusCode"].as_str()?.parse().ok())?;
        let mut headers = Vec::new();
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        for (name, values) in head["multiValueHeaders"].as_object().into_iter().flatten() {
            headers.extend(values.as_array().into_iter().flatten().map(|value| (name.clone(), text(value))));
        }
        for (name, value) in head["headers"].as_object().into_iter().flatten() {
            if !headers.iter().any(|(own, _): &(String, String)| own.eq_ignore_ascii_case(name)) {
                headers.push((name.clone(), text(value)));
            }
        }
        // Of payload format 2.0.
        let cookies = head["cookies"].as_array().into_iter().flatten();
        headers.extend(cookies.map(|cookie| ("set-cookie".to_owned(), text(cookie))));
        let body = head["body"].as_str().unwrap_or_default();
        let body = match rest {
            Some(rest) => rest,
            None if head["isBase64Encoded"] == true => slam_aws::decode_base64(body)?,
            None => body.as_bytes().to_vec(),
        };
        Some(Self { status: u16::try_from(status).ok()?, headers, body })
    }
}

/// `GET`, or `get` before a path.
fn is_method(word: &str) -> bool {
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"].iter().any(|method| word.eq_ignore_ascii_case(method))
}

fn header(text: &str) -> Result<(String, String)> {
    // RFC 9110, 5.6.2.
    let is_token = |name: &str| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
    };
    let parsed = text.split_once(':').map(|(name, value)| (name, value.trim()));
    match parsed.filter(|(name, value)| is_token(name) && !value.contains(|character: char| character.is_control())) {
        Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
        None => {
            let message = format!("`{}` is no header", text.escape_debug());
            Err(Report::usage(message, "for example `-H 'authorization: Bearer abc'`"))
        }
    }
}

/// The body of a request, and its type.
fn body(words: &[String]) -> Result<(Vec<u8>, Option<&'static str>)> {
    if words.is_empty() {
        return Ok((Vec::new(), None));
    }
    let bytes = words::said(words)?;
    let kind = if serde_json::from_slice::<Value>(&bytes).is_ok() {
        "application/json"
    } else if std::str::from_utf8(&bytes).is_ok() {
        "text/plain; charset=utf-8"
    } else {
        "application/octet-stream"
    };
    Ok((bytes, Some(kind)))
}

/// A path as a client sends it.
pub(super) fn encoded_path(path: &str) -> String {
    utf8_percent_encode(path, IN_PATH).to_string()
}

/// The pairs of a query, decoded as API Gateway does.
pub(super) fn decoded(query: &str) -> Vec<(String, String)> {
    let text = |part: &str| percent_decode_str(&part.replace('+', " ")).decode_utf8_lossy().into_owned();
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (text(name), text(value)))
        .collect()
}

/// The last value of each name; null when there is none.
fn single(pairs: &[(String, String)]) -> Value {
    let map: Map<String, Value> = pairs.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
    if map.is_empty() { Value::Null } else { Value::Object(map) }
}

/// All values of each name; null when there is none.
fn multiple(pairs: &[(String, String)]) -> Value {
    let mut map: Map<String, Value> = Map::new();
    for (name, value) in pairs {
        match map.get_mut(name) {
            Some(Value::Array(values)) => values.push(value.clone().into()),
            _ => {
                map.insert(name.clone(), json!([value]));
            }
        }
    }
    if map.is_empty() { Value::Null } else { Value::Object(map) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|&word| word.to_owned()).collect()
    }

    fn event(arguments: &[&str], headers: &[&str]) -> Value {
        let request = Request::parse(&words(arguments), &words(headers)).unwrap().unwrap();
        let url = Some("https://abc.execute-api.eu-west-1.amazonaws.com/dev");
        request.event(&Api { id: "abc", stage: "dev", url }, "id", jiff::Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn events_have_every_key_of_the_recorded_ones() {
        let recorded = include_str!("../../../../../cloud/apigateway/tests/fixtures/events/proxy-multi-value.json");
        let recorded: Value = serde_json::from_str(recorded).unwrap();
        let made = event(&["GET", "/a"], &[]);
        for (recorded, made) in [(&recorded, &made), (&recorded["requestContext"], &made["requestContext"])] {
            let keys = recorded.as_object().unwrap().keys();
            // There is an authorizer only where the API has one.
            let missing = keys.filter(|key| *key != "authorizer" && made.get(key).is_none());
            assert_eq!(missing.collect::<Vec<_>>(), [""; 0], "{made}");
        }
    }

    #[test]
    fn paths_and_queries() {
        let made = event(&["get", "/a b/ü?x=1&x=2+3&y"], &[]);
        assert_eq!(made["path"], "/a%20b/%C3%BC");
        assert_eq!(made["requestContext"]["path"], "/dev/a%20b/%C3%BC");
        assert_eq!(made["pathParameters"], json!({ "proxy": "a b/ü" }));
        assert_eq!(made["httpMethod"], "GET");
        assert_eq!(made["queryStringParameters"], json!({ "x": "2 3", "y": "" }));
        assert_eq!(made["multiValueQueryStringParameters"], json!({ "x": ["1", "2 3"], "y": [""] }));
        assert_eq!(event(&["GET", "/"], &[])["pathParameters"], Value::Null);
    }

    #[test]
    fn bodies_and_headers() {
        let check = |arguments: &[&str], headers: &[&str], body: &str, kind: &str| {
            let made = event(arguments, headers);
            let found = slam_aws::decode_base64(made["body"].as_str().unwrap_or_default()).unwrap();
            assert_eq!(String::from_utf8(found).unwrap(), body);
            assert_eq!(made["headers"]["Content-Type"].as_str().unwrap_or_default(), kind, "{arguments:?}");
        };
        check(&["POST", "/", r#"{"a": "b=c"}"#], &[], r#"{"a": "b=c"}"#, "application/json");
        check(&["POST", "/", "a=b", "c:=1"], &[], r#"{"a":"b","c":1}"#, "application/json");
        check(&["POST", "/", "hello"], &[], "hello", "text/plain; charset=utf-8");
        check(&["POST", "/", "hello"], &["content-type: text/x"], "hello", "");
        check(&["POST", "/"], &[], "", "");
        let made = event(&["GET", "/"], &["X-A: 1", "X-A: 2", "Host: example.com"]);
        assert_eq!(made["multiValueHeaders"]["X-A"], json!(["1", "2"]));
        assert_eq!(made["multiValueHeaders"]["Host"], json!(["example.com"]));
    }

    #[test]
    fn what_is_no_request_is_told() {
        let none: [&[&str]; 3] = [&[], &["a=b"], &["number:=1", "GET=x"]];
        for arguments in none {
            assert_eq!(Request::parse(&words(arguments), &[]).unwrap(), None);
        }
        let wrong: [(&[&str], &[&str]); 6] = [
            (&["/tasks"], &[]),
            (&["GET"], &[]),
            (&["GET", "tasks"], &[]),
            (&["GET", "/", "@/nowhere/at/all"], &[]),
            (&["GET", "/"], &["no header"]),
            (&["a=b"], &["a: b"]),
        ];
        for (arguments, headers) in wrong {
            assert!(Request::parse(&words(arguments), &words(headers)).is_err(), "{arguments:?}");
        }
    }

    #[test]
    fn answers() {
        let check = |payload: &[u8], status: u16, headers: &[(&str, &str)], body: &[u8]| {
            let answer = Answer::parse(payload).unwrap();
            let own = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Vec<_>>();
            assert_eq!(answer, Answer { status, headers: own, body: body.to_vec() });
        };
        check(
            br#"{"statusCode": 200, "multiValueHeaders": {"a": ["1", "2"]}, "body": "/w==", "isBase64Encoded": true}"#,
            200,
            &[("a", "1"), ("a", "2")],
            b"\xff",
        );
        check(br#"{"statusCode": "404", "headers": {"a": "1"}, "body": "x"}"#, 404, &[("a", "1")], b"x");
        check(b"{\"statusCode\": 200}\0\0\0\0\0\0\0\0a\0\xff", 200, &[], b"a\0\xff");
        let two = br#"{"statusCode": 200, "headers": {"a": "1"}, "cookies": ["c=1", "d=2"], "body": "x"}"#;
        check(two, 200, &[("a", "1"), ("set-cookie", "c=1"), ("set-cookie", "d=2")], b"x");
        assert_eq!(Answer::parse(b"[1]"), None);
        assert_eq!(Answer::parse(b"\"text\""), None);
    }
}
