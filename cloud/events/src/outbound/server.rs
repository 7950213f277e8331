//! Requests to servers outside. These live in the machine's time, however fast the cloud's is.

use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::{BodyExt as _, Full, Limited};
use slam_cloud_kit::outside::{Outside, Unsent};
use std::time::Duration;

/// How long a server may take.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html>
const TIMEOUT: Duration = Duration::from_secs(5);
/// What is read of an answer at most.
const READ: usize = 64 * 1024;

/// What a server answered.
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; nothing of one that is too large.
    pub body: Bytes,
}

/// Why a server did not answer.
#[derive(Debug, thiserror::Error)]
pub enum Unanswered {
    /// It is this machine, or no request can be made of what was configured: the next one would not go better.
    #[error("{0}")]
    Impossible(String),
    /// It cannot be reached.
    #[error("the server cannot be reached: {0}")]
    Unreachable(String),
    /// It took too long.
    #[error("the server did not answer within 5 seconds")]
    Late,
}

/// Sends a request. Redirects are not followed.
///
/// # Errors
/// When nothing is answered.
pub async fn send(outside: &Outside, request: Request<Full<Bytes>>) -> Result<Answer, Unanswered> {
    let answered = tokio::time::timeout(TIMEOUT, async {
        let (head, body) = outside.request(request).await?.into_parts();
        let body = Limited::new(body, READ).collect().await.map(|body| body.to_bytes()).unwrap_or_default();
        Ok(Answer { status: head.status.as_u16(), headers: head.headers, body })
    });
    match answered.await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(Unsent::Own(own))) => Err(Unanswered::Impossible(own.to_string())),
        Ok(Err(Unsent::Unreachable(why))) => Err(Unanswered::Unreachable(why)),
        Err(_) => Err(Unanswered::Late),
    }
}
