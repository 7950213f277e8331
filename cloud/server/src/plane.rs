//! Which requests are for a deployed API rather than for the cloud's control plane, and for which.

use crate::gate::host_name;
use http::header;
use http::request::Parts;
use slam_cloud_apigateway::Form;

/// The API that a request is for, and how it is named. There are three ways beside a port of its own: AWS's host name
/// (`ID.execute-api.REGION.amazonaws.com/STAGE`), and two paths that need no name resolution and are known from
/// LocalStack, `/_aws/execute-api/ID/STAGE` and `/restapis/ID/STAGE/_user_request_`.
pub(crate) fn api_of(head: &Parts) -> Option<(String, Form)> {
    by_host(head).map(|id| (id, Form::Host)).or_else(|| by_path(head.uri.path()))
}

fn by_host(head: &Parts) -> Option<String> {
    let host = host_name(head.headers.get(header::HOST)?.to_str().ok()?)?;
    let (api_id, rest) = host.split_once('.')?;
    (rest == "execute-api" || rest.starts_with("execute-api.")).then(|| api_id.to_ascii_lowercase())
}

fn by_path(path: &str) -> Option<(String, Form)> {
    if let Some(rest) = path.strip_prefix("/_aws/execute-api/") {
        let api_id = rest.split('/').next().unwrap_or(rest);
        return Some((api_id.to_owned(), Form::ExecuteApi));
    }
    let mut segments = path.strip_prefix("/restapis/")?.splitn(4, '/');
    let (api_id, _stage, marker) = (segments.next()?, segments.next()?, segments.next()?);
    (marker == "_user_request_").then(|| (api_id.to_owned(), Form::UserRequest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;

    #[test]
    fn apis_are_named_in_three_ways() {
        let check = |host: &str, uri: &str, expected: Option<(&str, Form)>| {
            let (head, ()) = Request::get(uri).header("host", host).body(()).unwrap().into_parts();
            let found = api_of(&head);
            assert_eq!(found.as_ref().map(|(id, form)| (id.as_str(), *form)), expected, "{host} {uri}");
        };
        check("abc.execute-api.us-east-1.amazonaws.com", "/prod/a?b=c", Some(("abc", Form::Host)));
        check("abc.execute-api.localhost:4566", "/prod", Some(("abc", Form::Host)));
        check("localhost:4566", "/_aws/execute-api/abc/prod/a%2Fb?x", Some(("abc", Form::ExecuteApi)));
        check("localhost:4566", "/_aws/execute-api/abc", Some(("abc", Form::ExecuteApi)));
        check("localhost:4566", "/restapis/abc/prod/_user_request_/a?b", Some(("abc", Form::UserRequest)));
        check("localhost:4566", "/restapis/abc/prod/_user_request_", Some(("abc", Form::UserRequest)));
        check("localhost:4566", "/restapis/abc/resources/r", None);
        check("execute-api.us-east-1.amazonaws.com", "/", None);
        check("127.0.0.1:4566", "/", None);
    }
}
