//! Answers that a runtime posts piece by piece.
//!
//! Its pieces go straight to whoever invoked the function, who takes them from a bounded channel: a runtime whose
//! invoker is slow waits in its own write. The environment only learns how it ended.
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-response-streaming>

use super::error::RuntimeError;
use crate::model::limits::STREAMED;
use base64::Engine as _;
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Request};
use http_body_util::BodyExt as _;
use hyper::body::{Body, Incoming};
use tokio::sync::mpsc;

/// Pieces that may wait for the invoker. Each is what one read of the connection gave.
const WAITING: usize = 2;

/// The pieces of an answer, which end when the answer does, well or not.
#[derive(Debug)]
pub struct Pieces {
    /// What the runtime says that they are.
    pub content_type: Option<String>,
    received: mpsc::Receiver<Bytes>,
}

impl Pieces {
    /// The next piece; `None` when there are no more.
    pub async fn recv(&mut self) -> Option<Bytes> {
        self.received.recv().await
    }
}

/// How a streamed answer ended.
#[derive(Debug)]
pub enum Ending {
    /// As it should.
    Complete,
    /// The function failed in the middle and says so in the trailers.
    Failed(RuntimeError),
    /// It had more bytes than Lambda allows.
    TooLarge,
    /// The connection broke.
    Broken,
}

/// Whether a response is posted piece by piece.
pub fn is_streamed(request: &Request<Incoming>) -> bool {
    let mode = request.headers().get("lambda-runtime-function-response-mode");
    mode.is_some_and(|mode| mode.as_bytes().eq_ignore_ascii_case(b"streaming"))
}

/// What a runtime says that its response is.
pub fn content_type(request: &Request<Incoming>) -> Option<String> {
    let content_type = request.headers().get(http::header::CONTENT_TYPE)?;
    content_type.to_str().ok().map(str::to_owned)
}

/// A channel for the pieces of an answer of this type.
pub fn channel(content_type: Option<String>) -> (mpsc::Sender<Bytes>, Pieces) {
    let (sender, received) = mpsc::channel(WAITING);
    (sender, Pieces { content_type, received })
}

/// Hands the pieces on. An invoker that has gone stops nothing: as on AWS the function goes on.
pub async fn pass_on<B: Body<Data = Bytes> + Unpin>(mut body: B, pieces: mpsc::Sender<Bytes>) -> Ending {
    let mut pieces = Some(pieces);
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return Ending::Broken };
        match frame.into_data() {
            Ok(data) => {
                length += data.len();
                if length > STREAMED {
                    return Ending::TooLarge;
                }
                if let Some(invoker) = &pieces
                    && invoker.send(data).await.is_err()
                {
                    pieces = None;
                }
            }
            Err(other) => {
                if let Some(error) = other.into_trailers().ok().as_ref().and_then(error_of) {
                    return Ending::Failed(error);
                }
            }
        }
    }
    Ending::Complete
}

/// Puts the pieces together; `None` when they are more than `most` bytes, of which no more are kept.
pub async fn collect(mut pieces: Pieces, most: usize) -> Option<Bytes> {
    let mut whole = Some(BytesMut::new());
    while let Some(piece) = pieces.recv().await {
        whole = whole.filter(|whole| whole.len() + piece.len() <= most);
        if let Some(whole) = &mut whole {
            whole.extend_from_slice(&piece);
        }
    }
    whole.map(BytesMut::freeze)
}

/// The error that trailers tell of; its body travels in base 64.
fn error_of(trailers: &HeaderMap) -> Option<RuntimeError> {
    let text = |name| trailers.get(name).and_then(|value| value.to_str().ok());
    let kind = text("lambda-runtime-function-error-type");
    let body = text("lambda-runtime-function-error-body");
    if kind.is_none() && body.is_none() {
        return None;
    }
    let body = body.unwrap_or_default();
    let body = base64::engine::general_purpose::STANDARD.decode(body).unwrap_or_else(|_| body.as_bytes().to_vec());
    Some(RuntimeError { body: body.into(), kind: kind.map(str::to_owned), init: false })
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;
    use hyper::body::Frame;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Context, Waker};

    fn check(trailers: &[(&'static str, &'static str)], expected: Option<(&str, Option<&str>)>) {
        let trailers = trailers
            .iter()
            .map(|(name, value)| (http::HeaderName::from_static(name), http::HeaderValue::from_static(value)));
        let error = error_of(&trailers.collect());
        let found = error
            .as_ref()
            .map(|error| (std::str::from_utf8(&error.body).expect("text in these tests"), error.kind.as_deref()));
        assert_eq!(found, expected);
    }

    /// A body of the same piece again and again, and how often it was taken.
    fn endless(piece: Bytes) -> (impl Body<Data = Bytes, Error = std::io::Error> + Unpin, Arc<AtomicUsize>) {
        let taken = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&taken);
        let frames = stream::repeat_with(move || {
            count.fetch_add(1, Ordering::SeqCst);
            Ok(Frame::data(piece.clone()))
        });
        (http_body_util::StreamBody::new(frames), taken)
    }

    #[tokio::test]
    async fn a_slow_invoker_slows_the_runtime_down() {
        let (body, taken) = endless(Bytes::from_static(b"piece"));
        let (sender, mut pieces) = channel(None);
        let mut passing = Box::pin(pass_on(body, sender));
        for received in 0..3 {
            assert!(passing.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
            // As many as may wait, and the one that is about to.
            assert_eq!(taken.load(Ordering::SeqCst), WAITING + 1 + received);
            assert_eq!(pieces.recv().await.expect("it goes on"), "piece");
        }
    }

    #[tokio::test]
    async fn an_answer_ends_at_its_limit_whether_somebody_takes_it_or_not() {
        let (body, taken) = endless(Bytes::from(vec![0; 64 * 1024 * 1024]));
        let (sender, pieces) = channel(None);
        drop(pieces);
        assert!(matches!(pass_on(body, sender).await, Ending::TooLarge));
        assert_eq!(taken.load(Ordering::SeqCst), 4);
    }

    #[test]
    fn errors_travel_in_trailers() {
        check(
            &[("lambda-runtime-function-error-type", "E"), ("lambda-runtime-function-error-body", "e30=")],
            Some(("{}", Some("E"))),
        );
        check(&[("lambda-runtime-function-error-body", "no base 64")], Some(("no base 64", None)));
        check(&[("lambda-runtime-function-error-type", "E")], Some(("", Some("E"))));
        check(&[("x", "y")], None);
    }
}
