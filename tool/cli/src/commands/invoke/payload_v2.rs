//! The event of a request as HTTP APIs and function URLs make it: payload format 2.0.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>
//! <https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html>

use super::http::{Request, decoded, encoded_path};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

/// Where a request arrives.
pub(super) struct Host<'a> {
    /// Of the API's or function URL's own, as AWS has it: `id.execute-api.eu-west-1.amazonaws.com`.
    pub name: &'a str,
    /// That of the URL which people open: links that an application makes lead there.
    pub opened: &'a str,
}

impl Host<'_> {
    /// Function URLs hand the path on as it came, HTTP APIs decode it.
    fn decodes(&self) -> bool {
        !self.name.contains(".lambda-url.")
    }
}

/// The event of a request to a stage that is `$default` to its API.
pub(super) fn event(request: &Request, host: &Host<'_>, id: &str, now: jiff::Timestamp) -> Value {
    let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
    let mut path = encoded_path(path);
    if host.decodes() {
        path = percent_decode_str(&path).decode_utf8_lossy().into_owned();
    }
    let prefix = host.name.split('.').next().unwrap_or_default();
    let mut headers = vec![("host".to_owned(), host.opened.to_owned())];
    let own = request.headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone()));
    headers.retain(|_| !request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")));
    headers.extend(own);
    let forwarded = [("x-forwarded-for", "127.0.0.1"), ("x-forwarded-proto", "https")];
    headers.extend(forwarded.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let (cookies, headers): (Vec<_>, Vec<_>) = headers.into_iter().partition(|(name, _)| name == "cookie");
    let agent = headers.iter().find(|(name, _)| name == "user-agent").map(|(_, value)| value.clone());
    // Where the URL has a port it stands in the name, too.
    let domain = if host.decodes() { host.opened } else { host.name };
    let mut event = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": joined(&headers),
        "requestContext": {
            "accountId": "000000000000",
            "apiId": prefix,
            "domainName": domain,
            "domainPrefix": prefix,
            "http": {
                "method": request.method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": agent,
            },
            "requestId": id,
            "routeKey": "$default",
            "stage": "$default",
            "time": now.strftime("%d/%b/%Y:%H:%M:%S %z").to_string(),
            "timeEpoch": now.as_millisecond(),
        },
        "isBase64Encoded": !request.body.is_empty(),
    });
    let cookies: Vec<&str> = cookies.iter().flat_map(|(_, value)| value.split(';')).map(str::trim).collect();
    if !cookies.is_empty() {
        event["cookies"] = json!(cookies);
    }
    if !query.is_empty() {
        event["queryStringParameters"] = joined(&decoded(query));
    }
    if !request.body.is_empty() {
        event["body"] = slam_aws::encode_base64(&request.body).into();
    }
    event
}

/// All values of a name in one, with commas between them.
fn joined(pairs: &[(String, String)]) -> Value {
    let mut map: Map<String, Value> = Map::new();
    for (name, value) in pairs {
        match map.get_mut(name) {
            Some(Value::String(values)) => *values = format!("{values},{value}"),
            _ => {
                map.insert(name.clone(), value.clone().into());
            }
        }
    }
    map.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const API: Host<'_> = Host { name: "abc.execute-api.eu-west-1.amazonaws.com", opened: "localhost:4601" };
    const URL: Host<'_> = Host { name: "def.lambda-url.eu-west-1.on.aws", opened: "def.lambda-url.eu-west-1.on.aws" };

    fn made(words: &[&str], headers: &[&str], host: &Host<'_>) -> Value {
        let owned = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        let request = Request::parse(&owned(words), &owned(headers)).unwrap().unwrap();
        event(&request, host, "id", jiff::Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn events_are_those_of_aws() {
        let event = made(&["POST", "/a b?x=1&x=2", "hello"], &["X-A: 1", "x-a: 2", "Cookie: a=1; b=2"], &API);
        assert_eq!(event["headers"]["x-a"], "1,2");
        assert_eq!(event["headers"]["cookie"], Value::Null);
        assert_eq!(event["cookies"], json!(["a=1", "b=2"]));
        assert_eq!(event["queryStringParameters"], json!({"x": "1,2"}));
        assert_eq!(event["body"], "aGVsbG8=");
        assert_eq!(event["requestContext"]["apiId"], "abc");
        assert_eq!(event["requestContext"]["domainName"], "localhost:4601");
        assert_eq!(event["requestContext"]["http"]["method"], "POST");
    }

    #[test]
    fn the_path_is_decoded_by_http_apis_alone() {
        assert_eq!(made(&["GET", "/a%20b"], &[], &API)["rawPath"], "/a b");
        let of_url = made(&["GET", "/a b"], &[], &URL);
        assert_eq!(of_url["rawPath"], "/a%20b");
        assert_eq!(of_url["requestContext"]["domainPrefix"], "def");
        assert!(of_url.get("body").is_none() && of_url.get("cookies").is_none());
    }
}
