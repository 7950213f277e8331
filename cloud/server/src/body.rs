//! Bodies: what comes in is bounded in size and time, what goes out is bytes or a stream.

use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, StreamExt as _};
use http::{HeaderValue, Response, StatusCode, header};
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::{BodyExt, Full, StreamBody, combinators::UnsyncBoxBody};
use hyper::body::Incoming;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::AsyncReadExt as _;
use tokio::time::{Instant, Sleep, sleep, timeout};

/// An answer's body.
pub(crate) enum Body {
    /// It is at hand.
    Whole(Full<Bytes>),
    /// It comes piece by piece.
    Stream(UnsyncBoxBody<Bytes, BrokenStream>),
}

/// Why a stream broke off.
#[derive(Debug, thiserror::Error)]
#[error("the answer broke off: {0}")]
pub(crate) struct BrokenStream(pub Box<dyn std::error::Error + Send + Sync>);

impl HttpBody for Body {
    type Data = Bytes;
    type Error = BrokenStream;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BrokenStream>>> {
        match self.get_mut() {
            Self::Whole(body) => {
                Pin::new(body).poll_frame(context).map(|frame| frame.map(|frame| frame.map_err(|never| match never {})))
            }
            Self::Stream(body) => Pin::new(body).poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(body) => body.is_end_stream(),
            Self::Stream(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(body) => body.size_hint(),
            Self::Stream(body) => body.size_hint(),
        }
    }
}

/// How long the next piece of a body may take to arrive.
const PIECE: Duration = Duration::from_secs(30);
/// How slow a body may be as a whole, in bytes a second, beyond the first [`PIECE`].
const SLOWEST: u64 = 1024;
/// How much of a file is read at a time.
const FILE_PIECE: usize = 64 * 1024;
/// How much of a body that is too large is read to its end, so that its sender hears why it was refused.
const DRAINED: u64 = 256 * 1024 * 1024;

/// Why a body was not read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum BodyError {
    /// It has more bytes than allowed.
    TooLarge,
    /// It came too slowly.
    TimedOut,
    /// The connection broke.
    Broken,
}

/// Reads a body of at most `limit` bytes.
pub(crate) async fn read(mut body: Incoming, limit: u64) -> Result<Bytes, BodyError> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    let announced = body.size_hint().exact();
    if announced.is_some_and(|length| length > limit) {
        drain(body).await;
        return Err(BodyError::TooLarge);
    }
    let begun = Instant::now();
    let mut whole = Pieces::None;
    while let Some(frame) = timeout(PIECE, body.frame()).await.map_err(|_| BodyError::TimedOut)? {
        let Ok(data) = frame.map_err(|_| BodyError::Broken)?.into_data() else { continue };
        if whole.len() + data.len() as u64 > limit {
            drain(body).await;
            return Err(BodyError::TooLarge);
        }
        whole.push(data, announced);
        if begun.elapsed() > PIECE + Duration::from_secs(whole.len() / SLOWEST) {
            return Err(BodyError::TimedOut);
        }
    }
    Ok(whole.into_bytes())
}

/// What was read: most bodies come in one piece, which is not copied.
enum Pieces {
    None,
    One(Bytes),
    Many(BytesMut),
}

impl Pieces {
    fn len(&self) -> u64 {
        match self {
            Self::None => 0,
            Self::One(bytes) => bytes.len() as u64,
            Self::Many(bytes) => bytes.len() as u64,
        }
    }

    fn push(&mut self, data: Bytes, announced: Option<u64>) {
        *self = match std::mem::replace(self, Self::None) {
            Self::None => Self::One(data),
            Self::One(first) => {
                // The announced length is within the limit, but nothing is owed to a sender who only announces.
                let expected = announced.map_or(0, |length| length.min(1024 * 1024));
                let mut many =
                    BytesMut::with_capacity(usize::try_from(expected).unwrap_or(0).max(first.len() + data.len()));
                many.extend_from_slice(&first);
                many.extend_from_slice(&data);
                Self::Many(many)
            }
            Self::Many(mut many) => {
                many.extend_from_slice(&data);
                Self::Many(many)
            }
        };
    }

    fn into_bytes(self) -> Bytes {
        match self {
            Self::None => Bytes::new(),
            Self::One(bytes) => bytes,
            Self::Many(bytes) => bytes.freeze(),
        }
    }
}

/// A body that streams to a service, each piece of which must arrive in time.
pub(crate) struct Timed {
    body: Incoming,
    deadline: Pin<Box<Sleep>>,
}

impl Timed {
    pub(crate) fn new(body: Incoming) -> Self {
        Self { body, deadline: Box::pin(sleep(PIECE)) }
    }
}

impl HttpBody for Timed {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            self.deadline.as_mut().reset(Instant::now() + PIECE);
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        match self.deadline.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Some(Err("the next piece of the body did not arrive in time".into()))),
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Reads a body and keeps nothing: a client that still sends when it is answered sees a broken connection, not why.
async fn drain(mut body: Incoming) {
    let mut drained = 0;
    while let Ok(Some(Ok(frame))) = timeout(PIECE, body.frame()).await {
        drained += frame.data_ref().map_or(0, |data| data.len() as u64);
        if drained > DRAINED {
            return;
        }
    }
}

/// An answer of a service.
pub(crate) fn of(response: Response<slam_cloud_core::Body>) -> Response<Body> {
    response.map(|body| match body {
        slam_cloud_core::Body::Whole(bytes) => Body::Whole(Full::new(bytes)),
        slam_cloud_core::Body::Stream(pieces) => {
            let frames = pieces.then(async |piece| {
                if piece.is_err() {
                    // The connection ends with the error, and with it what waits to be written: it is written first.
                    tokio::task::yield_now().await;
                }
                piece.map(Frame::data).map_err(|error| BrokenStream(error.into()))
            });
            Body::Stream(UnsyncBoxBody::new(StreamBody::new(frames)))
        }
    })
}

/// An answer whose body is at hand.
pub(crate) fn whole(response: Response<Bytes>) -> Response<Body> {
    response.map(|bytes| Body::Whole(Full::new(bytes)))
}

/// A file, read as it is sent.
pub(crate) async fn file(path: &Path) -> std::io::Result<Response<Body>> {
    let file = tokio::fs::File::open(path).await?;
    let length = file.metadata().await?.len();
    let pieces = stream::try_unfold(file, |mut file| async move {
        let mut piece = BytesMut::with_capacity(FILE_PIECE);
        let read = file.read_buf(&mut piece).await.map_err(|error| BrokenStream(error.into()))?;
        Ok((read > 0).then(|| (Frame::data(piece.freeze()), file)))
    });
    let mut response = Response::new(Body::Stream(UnsyncBoxBody::new(StreamBody::new(pieces))));
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/zip"));
    Ok(response)
}

/// An answer of the server itself, in JSON.
pub(crate) fn json(status: StatusCode, body: &serde_json::Value) -> Response<Body> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    whole(response)
}

/// A refusal of the server itself.
pub(crate) fn refusal(status: StatusCode, message: &str) -> Response<Body> {
    json(status, &serde_json::json!({ "message": message }))
}
