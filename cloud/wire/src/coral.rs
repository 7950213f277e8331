//! What DynamoDB's front looks for in a request before it looks at the signature, in its own words.
//!
//! All of it is asserted on AWS by dynalite's suite (github.com/architect/dynalite, test/connection.js).

use crate::head::{content_type, target_header};
use crate::uri;
use http::header;
use http::request::Parts;
use slam_cloud_core::{AwsError, AwsResult, ServiceModel};

/// What a header has to tell for a signature.
const IN_HEADER: [&str; 3] = ["Credential", "Signature", "SignedHeaders"];

/// What a query string has to tell for a signature.
const IN_QUERY: [&str; 5] =
    ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"];

/// Whether a body is written in what DynamoDB reads.
pub fn is_json(head: &Parts) -> bool {
    matches!(content_type(head), "application/json" | "application/x-amz-json-1.0")
}

/// Whether a request names an operation that AWS has of a service.
pub fn names_operation(service: &ServiceModel, head: &Parts) -> bool {
    target_header(head).is_some_and(|(prefix, name)| {
        let known = service.operations.iter().any(|operation| operation.name == name);
        prefix == service.target_prefix && (known || service.others.iter().any(|(other, _, _)| *other == name))
    })
}

/// Whether a request names a service, if none of its operations.
pub fn names_service(service: &ServiceModel, head: &Parts) -> bool {
    target_header(head).is_some_and(|(prefix, _)| prefix == service.target_prefix)
}

/// Makes sure that nothing is lacking of a signature.
///
/// # Errors
/// What is.
pub fn check(head: &Parts) -> AwsResult<()> {
    let query = uri::query(head.uri.query().unwrap_or_default());
    let in_query = query.iter().any(|(name, _)| name == "X-Amz-Algorithm");
    let lacking = match (head.headers.get(header::AUTHORIZATION), in_query) {
        (Some(_), true) => {
            let message = "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.";
            return Err(AwsError::bad_request("InvalidSignatureException", message));
        }
        (None, true) => of_query(&query),
        (given, false) => {
            let given = given.and_then(|given| given.to_str().ok()).unwrap_or_default();
            if !given.trim_start().starts_with("AWS4-") {
                let message = "Request is missing Authentication Token";
                return Err(AwsError::bad_request("MissingAuthenticationTokenException", message));
            }
            of_header(given, head)
        }
    };
    lacking.map_or(Ok(()), |lacking| Err(AwsError::bad_request("IncompleteSignatureException", lacking)))
}

fn of_query(query: &[(String, String)]) -> Option<String> {
    let has = |name: &str| query.iter().any(|(key, value)| key == name && !value.is_empty());
    let lacking = IN_QUERY.iter().filter(|name| !has(name));
    let told: String = lacking.map(|name| format!("AWS query-string parameters must include '{name}'. ")).collect();
    (!told.is_empty()).then(|| format!("{told}Re-examine the query-string parameters."))
}

fn of_header(given: &str, head: &Parts) -> Option<String> {
    let parts = || given.split([',', ' ']).skip(1).filter_map(|part| part.split_once('='));
    let has = |name: &str| parts().any(|(key, value)| key == name && !value.is_empty());
    let lacking = IN_HEADER.iter().filter(|name| !has(name));
    let mut told: String = lacking.map(|name| format!("Authorization header requires '{name}' parameter. ")).collect();
    if !head.headers.contains_key("x-amz-date") && !head.headers.contains_key(header::DATE) {
        told += "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ";
    }
    (!told.is_empty()).then(|| format!("{told}Authorization={given}"))
}

#[cfg(test)]
mod tests {
    use http::Request;

    fn check(uri: &str, headers: &[(&str, &str)], code: &str, message: &str) {
        let mut request = Request::post(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (head, ()) = request.body(()).unwrap().into_parts();
        let told = super::check(&head).err().map(|error| (error.code.to_string(), error.message, error.status));
        let expected = (!code.is_empty()).then(|| (code.to_owned(), message.to_owned(), 400));
        assert_eq!(told, expected, "{uri} {headers:?}");
    }

    fn missing(uri: &str, headers: &[(&str, &str)]) {
        check(uri, headers, "MissingAuthenticationTokenException", "Request is missing Authentication Token");
    }

    fn incomplete(uri: &str, headers: &[(&str, &str)], message: &str) {
        check(uri, headers, "IncompleteSignatureException", message);
    }

    #[test]
    fn what_a_signature_lacks_is_told() {
        missing("/", &[]);
        missing("/", &[("authorization", "AWS4")]);
        missing("/?X-Amz-Algorith", &[("authorization", "X")]);
        missing("/?X-Amz-Credential=a&X-Amz-Signature=b&X-Amz-SignedHeaders=c&X-Amz-Date=d", &[]);
        let both = "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.";
        check("/?X-Amz-Algorithm", &[("authorization", "X")], "InvalidSignatureException", both);
        incomplete(
            "/",
            &[("authorization", "AWS4-")],
            "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. \
             Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a \
             'X-Amz-Date' or a 'Date' header. Authorization=AWS4-",
        );
        for given in [
            "AWS4- Signature=b Credential=a",
            "AWS4- Signature=b,Credential=a",
            "AWS4-HMAC-SHA256 Signature=b, Credential=a",
        ] {
            let message = format!("Authorization header requires 'SignedHeaders' parameter. Authorization={given}");
            incomplete("/", &[("authorization", given), ("date", "a")], &message);
        }
        incomplete(
            "/?X-Amz-Algorithm",
            &[],
            "AWS query-string parameters must include 'X-Amz-Algorithm'. AWS query-string parameters must include \
             'X-Amz-Credential'. AWS query-string parameters must include 'X-Amz-Signature'. AWS query-string parameters \
             must include 'X-Amz-SignedHeaders'. AWS query-string parameters must include 'X-Amz-Date'. Re-examine the \
             query-string parameters.",
        );
        incomplete(
            "/?X-Amz-Algorithm=a&X-Amz-Credential=b&X-Amz-Signature=c&X-Amz-Date=d",
            &[],
            "AWS query-string parameters must include 'X-Amz-SignedHeaders'. Re-examine the query-string parameters.",
        );
        let whole = "AWS4-HMAC-SHA256 Credential=a, SignedHeaders=host, Signature=b";
        check("/", &[("authorization", whole), ("x-amz-date", "d")], "", "");
    }
}
