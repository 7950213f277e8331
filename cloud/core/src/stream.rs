//! What an operation answers piece by piece.
//!
//! Most outputs are values at hand. Two things are not: the events of an event stream ([`EventStream`], a member of
//! the generated output), and the bytes that the wire makes of them ([`Body`]). Both are pulled: whoever makes the
//! pieces waits until the last one was taken, so that a slow client slows its source down and nothing piles up.

use crate::room::Room;
use bytes::Bytes;
use futures_util::stream::{self, BoxStream, Stream, StreamExt as _};
use http_body::{Body as HttpBody, Frame, SizeHint};
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

/// A stream of events in an operation's output.
///
/// Its clones are the same stream, which one of them may take.
pub struct EventStream<E> {
    events: Arc<Mutex<Option<BoxStream<'static, E>>>>,
}

impl<E: Send + 'static> EventStream<E> {
    /// The stream of these events.
    pub fn new(events: impl Stream<Item = E> + Send + 'static) -> Self {
        Self { events: Arc::new(Mutex::new(Some(events.boxed()))) }
    }

    /// The events, for whoever asks first; none for others.
    pub fn take(&self) -> BoxStream<'static, E> {
        let taken = self.events.lock().unwrap_or_else(PoisonError::into_inner).take();
        taken.unwrap_or_else(|| stream::empty().boxed())
    }

    /// The same stream with each event turned into something else when it comes.
    pub fn map<T: Send + 'static>(&self, turn: impl FnMut(E) -> T + Send + 'static) -> EventStream<T> {
        EventStream::new(self.take().map(turn))
    }
}

impl<E> Clone for EventStream<E> {
    fn clone(&self) -> Self {
        Self { events: Arc::clone(&self.events) }
    }
}

/// Streams are equal when they are the same one.
impl<E> PartialEq for EventStream<E> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.events, &other.events)
    }
}

impl<E> fmt::Debug for EventStream<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("EventStream")
    }
}

/// Why a body broke off: the client sees a connection that ends before the answer does.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the answer broke off: {0}")]
pub struct BrokenOff(pub String);

/// Why a body cannot be kept until it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("answers that their clients have not read take all the memory there is for them")]
pub struct Crowded;

/// What answers may take that are at hand, and that their clients have not read.
static ROOM: Room = Room::new(if cfg!(test) { 1 } else { 512 } * 1024 * 1024);

/// The body of an HTTP response.
pub enum Body {
    /// It is at hand.
    Whole(Bytes),
    /// It comes piece by piece.
    Stream(BoxStream<'static, Result<Bytes, BrokenOff>>),
}

impl Body {
    /// A body that comes piece by piece.
    pub fn stream(pieces: impl Stream<Item = Result<Bytes, BrokenOff>> + Send + 'static) -> Self {
        let pieces = pieces.then(async |piece| {
            if piece.is_err() {
                // The connection ends with the error, and with it what waits to be written: it is written first.
                tokio::task::yield_now().await;
            }
            piece
        });
        Self::Stream(pieces.boxed())
    }

    /// The body with its room, which it has until it was written. What is streamed is pulled, and needs none.
    ///
    /// # Errors
    /// When clients that do not read leave no room for it.
    pub fn in_room(self) -> Result<Self, Crowded> {
        match self {
            Self::Whole(bytes) => {
                let room = ROOM.try_take(bytes.len() as u64).map_err(|_| Crowded)?;
                Ok(Self::Whole(room.hold(bytes)))
            }
            Self::Stream(_) => Ok(self),
        }
    }

    /// The bytes that are at hand: none of a stream.
    pub fn at_hand(&self) -> &[u8] {
        match self {
            Self::Whole(bytes) => bytes,
            Self::Stream(_) => &[],
        }
    }

    /// Everything, to its end.
    ///
    /// # Errors
    /// When the stream broke off.
    pub async fn collect(self) -> Result<Bytes, BrokenOff> {
        match self {
            Self::Whole(bytes) => Ok(bytes),
            Self::Stream(mut pieces) => {
                let mut whole = Vec::new();
                while let Some(piece) = pieces.next().await {
                    whole.extend_from_slice(&piece?);
                }
                Ok(whole.into())
            }
        }
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        match self.get_mut() {
            Self::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Self::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Self::Stream(pieces) => pieces.poll_next_unpin(context).map(|piece| Some(piece?.map(Frame::data))),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(bytes) if bytes.is_empty())
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Stream(_) => SizeHint::default(),
        }
    }
}

impl<T: Into<Bytes>> From<T> for Body {
    fn from(bytes: T) -> Self {
        Self::Whole(bytes.into())
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(bytes) => formatter.debug_tuple("Whole").field(bytes).finish(),
            Self::Stream(_) => formatter.write_str("Stream"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn events_are_taken_once_and_turned_as_they_come() {
        let events = EventStream::new(stream::iter([1, 2]));
        let again = events.clone();
        assert_eq!(events, again);
        let turned = events.map(|event| event * 10);
        assert_eq!(turned.take().collect::<Vec<_>>().await, [10, 20]);
        assert_eq!(again.take().collect::<Vec<_>>().await, [0; 0]);
    }

    #[test]
    fn bodies_have_their_room_until_they_were_written() {
        let large = || Body::from(vec![0; 600 * 1024]).in_room();
        let first = large().unwrap();
        assert_eq!(large().unwrap_err(), Crowded);
        assert!(Body::from("small").in_room().is_ok());
        drop(first);
        assert!(large().is_ok());
    }

    #[tokio::test]
    async fn a_broken_stream_is_no_body() {
        let pieces = [Ok(Bytes::from_static(b"a")), Err(BrokenOff("why".into()))];
        assert_eq!(Body::stream(stream::iter(pieces)).collect().await, Err(BrokenOff("why".into())));
        assert_eq!(Body::from("ab").collect().await.unwrap(), "ab");
    }
}
