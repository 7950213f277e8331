//! Which requests are for a deployed API rather than for the cloud's control plane, and for which.

use crate::gate::host_name;
use http::request::Parts;
use http::{Uri, header};

/// A request for a deployed API.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ApiCall {
    /// The API's id.
    pub api_id: String,
    /// What of the path belongs to the API, from its stage on: `/prod/tasks?done=true`.
    pub target: String,
}

/// The API that a request is for. There are three ways to name one:
/// AWS's host name (`ID.execute-api.REGION.amazonaws.com/STAGE`), and two paths that need no name resolution,
/// `/_aws/execute-api/ID/STAGE` and `/restapis/ID/STAGE/_user_request_`, both known from LocalStack.
pub(crate) fn api_call(head: &Parts) -> Option<ApiCall> {
    by_host(head).or_else(|| by_path(&head.uri))
}

fn by_host(head: &Parts) -> Option<ApiCall> {
    let host = host_name(head.headers.get(header::HOST)?.to_str().ok()?)?;
    let (api_id, rest) = host.split_once('.')?;
    let names = rest == "execute-api" || rest.starts_with("execute-api.");
    let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
    names.then(|| ApiCall { api_id: api_id.to_ascii_lowercase(), target: target.to_owned() })
}

fn by_path(uri: &Uri) -> Option<ApiCall> {
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    if let Some(rest) = uri.path().strip_prefix("/_aws/execute-api/") {
        let (api_id, path) = rest.split_once('/').unwrap_or((rest, ""));
        return Some(ApiCall { api_id: api_id.to_owned(), target: format!("/{path}{query}") });
    }
    let rest = uri.path().strip_prefix("/restapis/")?;
    let (api_id, rest) = rest.split_once('/')?;
    let (stage, rest) = rest.split_once('/')?;
    let path = rest.strip_prefix("_user_request_")?;
    (path.is_empty() || path.starts_with('/'))
        .then(|| ApiCall { api_id: api_id.to_owned(), target: format!("/{stage}{path}{query}") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;

    #[test]
    fn apis_are_named_in_three_ways() {
        let check = |host: &str, uri: &str, expected: Option<(&str, &str)>| {
            let (head, ()) = Request::get(uri).header("host", host).body(()).unwrap().into_parts();
            let found = api_call(&head);
            let found = found.as_ref().map(|call| (call.api_id.as_str(), call.target.as_str()));
            assert_eq!(found, expected, "{host} {uri}");
        };
        check("abc.execute-api.us-east-1.amazonaws.com", "/prod/a?b=c", Some(("abc", "/prod/a?b=c")));
        check("abc.execute-api.localhost:4566", "/prod", Some(("abc", "/prod")));
        check("localhost:4566", "/_aws/execute-api/abc/prod/a%2Fb?x", Some(("abc", "/prod/a%2Fb?x")));
        check("localhost:4566", "/_aws/execute-api/abc/prod", Some(("abc", "/prod")));
        check("localhost:4566", "/restapis/abc/prod/_user_request_/a?b", Some(("abc", "/prod/a?b")));
        check("localhost:4566", "/restapis/abc/prod/_user_request_", Some(("abc", "/prod")));
        check("localhost:4566", "/restapis/abc/resources/r", None);
        check("execute-api.us-east-1.amazonaws.com", "/", None);
        check("127.0.0.1:4566", "/", None);
    }
}
