//! Lambda proxy integrations whose answers stream.
//!
//! A function first answers metadata: JSON, then eight null bytes. What follows goes to the client as it comes.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html>

use super::exchange::Exchange;
use super::gateway_response::GatewayResponse;
use super::{event, lambda, proxy_response};
use crate::ApiGateway;
use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, BoxStream, Stream, StreamExt as _};
use slam_cloud_core::Body;
use slam_cloud_core::stream::BrokenOff;
use slam_cloud_gateway::answer::Answer;
use slam_cloud_wire::lambda::InvokeWithResponseStreamResponseEvent as Event;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// "The delimiter must be 8 null bytes and it must appear within the first 16KB of stream data."
const DELIMITER: [u8; 8] = [0; 8];
const METADATA: usize = 16 * 1024;

type Events = BoxStream<'static, Event>;

/// When a stream must have ended, and how long it may be silent. AWS: "Stream the integration response for your proxy
/// integrations".
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    end: Instant,
    idle: Duration,
}

impl Patience {
    /// Begins now.
    pub fn of(exchange: &Exchange<'_>) -> Self {
        Self { end: Instant::now() + exchange.method.integration.timeout, idle: exchange.stage.idle }
    }

    /// When the integration's time is up.
    pub fn end(self) -> Instant {
        self.end
    }

    /// When the next piece must be there.
    pub fn next(self) -> Instant {
        self.end.min(Instant::now() + self.idle)
    }
}

/// Invokes the function and answers with its metadata as soon as they are there.
///
/// # Errors
/// What API Gateway answers itself as long as no status was sent.
pub async fn proxy(service: &Arc<ApiGateway>, exchange: &Exchange<'_>) -> Result<Answer, GatewayResponse> {
    let patience = Patience::of(exchange);
    let answer = lambda::stream(service, exchange, event::event(exchange)).await?;
    let mut events = answer.event_stream.map_or_else(|| stream::empty().boxed(), |events| events.take());
    let read = timeout_at(patience.end, metadata(&mut events)).await;
    let (metadata, first) = read.unwrap_or(Err(GatewayResponse::IntegrationTimeout))?;
    let mut answer = proxy_response::read_metadata(&metadata)?;
    answer.body = Body::stream(body(first, events, patience));
    Ok(answer)
}

/// The metadata and what of the body came with them.
///
/// "Stream, no: API Gateway invokes your Lambda function and return a 500 error response": for what is not in the
/// format. A function that fails before is answered as one whose answer does not stream.
async fn metadata(events: &mut Events) -> Result<(Bytes, Bytes), GatewayResponse> {
    let malformed = |reason: &str| GatewayResponse::Configuration(format!("Malformed Lambda proxy response: {reason}"));
    let mut head = BytesMut::new();
    while let Some(event) = events.next().await {
        if let Some(complete) = event.invoke_complete {
            return Err(match complete.error_code {
                Some(code) => GatewayResponse::BadGateway(format!("Lambda execution failed: {code}")),
                None => malformed("it has no metadata that end with 8 null bytes"),
            });
        }
        head.extend_from_slice(&event.payload_chunk.and_then(|chunk| chunk.payload).unwrap_or_default());
        let within = &head[..head.len().min(METADATA)];
        if let Some(at) = within.windows(DELIMITER.len()).position(|bytes| bytes == DELIMITER) {
            let metadata = head.split_to(at).freeze();
            return Ok((metadata, head.freeze().slice(DELIMITER.len()..)));
        }
        if head.len() >= METADATA {
            return Err(malformed("its metadata do not end with 8 null bytes within 16 KB"));
        }
    }
    Err(malformed("it has no end"))
}

/// The body: what came with the metadata, then what comes.
fn body(first: Bytes, events: Events, patience: Patience) -> impl Stream<Item = Result<Bytes, BrokenOff>> + Send {
    let first = stream::iter((!first.is_empty()).then_some(Ok(first)));
    first.chain(stream::unfold(Some(events), move |events| async move {
        let mut events = events?;
        match timeout_at(patience.next(), events.next()).await {
            Err(_) => Some((Err(BrokenOff("the integration took too long".into())), None)),
            Ok(None) => Some((Err(BrokenOff("the function's answer has no end".into())), None)),
            Ok(Some(Event { payload_chunk: Some(chunk), .. })) => {
                Some((Ok(chunk.payload.unwrap_or_default()), Some(events)))
            }
            Ok(Some(Event { invoke_complete: Some(complete), .. })) => {
                let code = complete.error_code?;
                Some((Err(BrokenOff(format!("Lambda execution failed: {code}"))), None))
            }
            Ok(Some(_)) => Some((Ok(Bytes::new()), Some(events))),
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use slam_cloud_wire::lambda::{InvokeResponseStreamUpdate, InvokeWithResponseStreamCompleteEvent};

    fn events(pieces: &[&[u8]], error: Option<&str>) -> Events {
        let chunk = |piece: &&[u8]| Event {
            payload_chunk: Some(InvokeResponseStreamUpdate { payload: Some(Bytes::copy_from_slice(piece)) }),
            ..Default::default()
        };
        let complete =
            InvokeWithResponseStreamCompleteEvent { error_code: error.map(str::to_owned), ..Default::default() };
        let complete = Event { invoke_complete: Some(complete), ..Default::default() };
        let events: Vec<_> = pieces.iter().map(chunk).chain([complete]).collect();
        stream::iter(events).boxed()
    }

    async fn check(pieces: &[&[u8]], error: Option<&str>, expected: Result<(&[u8], &[u8]), u16>) {
        let found = metadata(&mut events(pieces, error)).await;
        let found = found.as_ref().map(|(one, two)| (&one[..], &two[..])).map_err(|failure| failure.parts().0);
        assert_eq!(found, expected, "{pieces:?}");
    }

    #[tokio::test]
    async fn metadata_end_with_eight_null_bytes_wherever_pieces_do() {
        check(&[b"{}\0\0\0\0\0\0\0\0body"], None, Ok((b"{}", b"body"))).await;
        check(&[b"{", b"}\0\0\0", b"\0\0\0\0\0", b"x"], None, Ok((b"{}", b""))).await;
        check(&[b"{}\0\0\0\0\0\0\0\0\0"], None, Ok((b"{}", b"\0"))).await;
    }

    #[tokio::test]
    async fn what_has_no_metadata_is_no_response() {
        check(&[b"{\"statusCode\": 200}"], None, Err(500)).await;
        check(&[], None, Err(500)).await;
        check(&[&[b' '; METADATA], &DELIMITER], None, Err(500)).await;
        check(&[&[b' '; METADATA - 8], &DELIMITER], None, Ok((&[b' '; METADATA - 8], b""))).await;
        check(&[b"{}"], Some("Unhandled"), Err(502)).await;
    }

    #[tokio::test]
    async fn a_stream_that_is_silent_for_too_long_breaks_off() {
        let minute = Duration::from_secs(60);
        for (end, idle) in [(Instant::now(), minute), (Instant::now() + minute, Duration::ZERO)] {
            let silent = stream::pending().boxed();
            let mut pieces = Box::pin(body(Bytes::from_static(b"a"), silent, Patience { end, idle }));
            assert_eq!(pieces.next().await, Some(Ok(Bytes::from_static(b"a"))));
            assert_eq!(pieces.next().await, Some(Err(BrokenOff("the integration took too long".into()))));
            assert_eq!(pieces.next().await, None);
        }
    }

    #[tokio::test]
    async fn a_failure_in_the_middle_breaks_the_body_off() {
        let patience = Patience { end: Instant::now() + Duration::from_secs(60), idle: Duration::from_secs(60) };
        let of = |error| Body::stream(body(Bytes::from_static(b"a"), events(&[b"b"], error), patience)).collect();
        assert_eq!(of(None).await.unwrap(), "ab");
        let broken = of(Some("App.Boom")).await.unwrap_err();
        assert_eq!(broken, BrokenOff("Lambda execution failed: App.Boom".into()));
    }
}
