//! To servers, by HTTP.
//! <https://docs.aws.amazon.com/sns/latest/dg/http-header.html>

use super::to::{Answer, Failure, Letter, To};
use crate::model::publication::{Kind, Publication};
use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::{Request, Uri};
use http_body_util::Full;
use slam_cloud_core::AwsError;
use slam_cloud_kit::outside::{Outside, Unanswered};
use std::time::Duration;

/// How long a server may take (Developer Guide, "Amazon SNS message delivery retries": 15 seconds).
const TIMEOUT: Duration = Duration::from_secs(15);
/// What is read of an answer, so that the connection can be used again.
const READ: usize = 64 * 1024;

/// Posts to a server (recorded: `test_subscribe_external_http_endpoint`).
///
/// # Errors
/// What the server answers but success, or why it cannot be reached.
pub async fn post(outside: &Outside, to: &To, publication: &Publication, letter: Letter) -> Result<Answer, Failure> {
    let request = request(to, publication, letter).map_err(|error| permanent("InvalidEndpoint", error))?;
    let status = match outside.ask(request, TIMEOUT, READ).await {
        Ok(answer) => answer.status(),
        Err(Unanswered::Own(own)) => return Err(permanent("EndpointNotReachable", own)),
        Err(Unanswered::Unreachable(why)) => return Err(transient("EndpointNotReachable", why)),
        Err(late @ Unanswered::Late(_)) => return Err(transient("EndpointTimeout", late)),
    };
    let said = format!("the server answered {status}");
    match status.as_u16() {
        200..=299 => Ok(Answer { status: status.as_u16(), told: String::new() }),
        429 => Err(transient("EndpointError", said)),
        400..=499 => Err(permanent("EndpointError", said)),
        _ => Err(transient("EndpointError", said)),
    }
}

fn request(to: &To, publication: &Publication, letter: Letter) -> Result<Request<Full<Bytes>>, http::Error> {
    let (uri, credentials) = apart(&to.subscription.endpoint);
    let mut request = Request::post(uri.parse::<Uri>()?)
        .header(CONTENT_TYPE, to.content_type())
        .header(USER_AGENT, "Amazon Simple Notification Service Agent")
        .header(ACCEPT_ENCODING, "gzip,deflate")
        .header("x-amz-sns-message-type", publication.kind.name())
        .header("x-amz-sns-message-id", &*publication.id)
        .header("x-amz-sns-topic-arn", to.topic.arn());
    if !matches!(publication.kind, Kind::Confirmation { .. } | Kind::Farewell { .. }) {
        request = request.header("x-amz-sns-subscription-arn", &*to.arn);
    }
    if letter.is_raw {
        request = request.header("x-amz-sns-rawdelivery", "true");
    }
    if let Some(credentials) = credentials {
        request = request.header(AUTHORIZATION, credentials);
    }
    request.body(Full::from(letter.body))
}

/// A URL without the user and the password that it may have, and these as a header (Developer Guide, "Subscribe the HTTP/S endpoint":
/// basic and digest authentication; the server is not asked for a digest here).
pub fn apart(url: &str) -> (String, Option<String>) {
    use base64::Engine as _;
    let whole = || (url.to_owned(), None);
    let Some((scheme, rest)) = url.split_once("://") else { return whole() };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let Some((credentials, host)) = rest[..end].rsplit_once('@') else { return whole() };
    let basic = base64::engine::general_purpose::STANDARD.encode(credentials);
    (format!("{scheme}://{host}{}", &rest[end..]), Some(format!("Basic {basic}")))
}

fn permanent(code: &'static str, message: impl std::fmt::Display) -> Failure {
    Failure { error: AwsError::bad_request(code, message.to_string()), is_transient: false }
}

fn transient(code: &'static str, message: impl std::fmt::Display) -> Failure {
    Failure { error: AwsError::new(code, 503, message.to_string()), is_transient: true }
}
