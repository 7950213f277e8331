//! Bodies of requests: bounded in size and time, and together in memory.

use crate::room::{Room, Taken};
use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use http_body_util::combinators::UnsyncBoxBody;
use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep, timeout};

/// How long the next piece of a body may take to arrive.
const PIECE: Duration = if cfg!(test) { Duration::from_millis(200) } else { Duration::from_secs(30) };
/// How slow a body may be as a whole, in bytes a second, beyond the first [`PIECE`].
const SLOWEST: u64 = 4096;
/// What may be in memory: of bodies that are read, and of those whose requests are being answered.
static ROOM: Room = Room::new(256 * 1024 * 1024);
/// How much of a body that is too large is read to its end, so that its sender hears why it was refused.
const DRAINED: u64 = 256 * 1024 * 1024;

/// What breaks a connection.
type Cause = Box<dyn Error + Send + Sync>;

/// The body of a request, on its way.
pub struct RequestBody {
    /// None where there is nothing to come.
    pieces: Option<UnsyncBoxBody<Bytes, Cause>>,
}

/// Why a body was not read.
#[derive(Debug, PartialEq, Eq)]
pub enum Unread {
    /// It has more bytes than allowed.
    TooLarge,
    /// It came too slowly.
    TimedOut,
    /// Other bodies took all the room there is, for longer than one may wait.
    Crowded,
    /// The connection broke.
    Broken,
}

impl RequestBody {
    /// What a connection brings.
    pub fn new<B>(body: B) -> Self
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Cause>,
    {
        let pieces = (!body.is_end_stream()).then(|| body.map_err(Into::into).boxed_unsync());
        Self { pieces }
    }

    /// How many bytes were announced; `None` where that is not known before they are there.
    pub fn announced(&self) -> Option<u64> {
        self.pieces.as_ref().map_or(Some(0), |pieces| pieces.size_hint().exact())
    }

    /// Reads everything, at most `limit` bytes. What is read has its room as long as a part of it is kept.
    ///
    /// # Errors
    /// When it is larger, comes too slowly or breaks off, or there is no room for it.
    pub async fn read(self, limit: u64) -> Result<Bytes, Unread> {
        let announced = self.announced();
        let Some(mut pieces) = self.pieces else { return Ok(Bytes::new()) };
        if announced.is_some_and(|length| length > limit) {
            drain(pieces).await;
            return Err(Unread::TooLarge);
        }
        let mut begun = Instant::now();
        let mut whole = Whole::None;
        let mut room = Taken::default();
        while let Some(frame) = timeout(PIECE, pieces.frame()).await.map_err(|_| Unread::TimedOut)? {
            let Ok(data) = frame.map_err(|_| Unread::Broken)?.into_data() else { continue };
            if whole.len() + data.len() as u64 > limit {
                drain(pieces).await;
                return Err(Unread::TooLarge);
            }
            whole.push(data, announced);
            begun += make_room(&mut room, whole.len()).await?;
            if is_slow(begun, whole.len()) {
                return Err(Unread::TimedOut);
            }
        }
        Ok(room.hold(whole.into_bytes()))
    }

    /// The body for whoever streams it: each piece must arrive in time.
    pub fn timed(self) -> Timed {
        Timed { pieces: self.pieces, deadline: Box::pin(sleep(PIECE)), begun: Instant::now(), came: 0 }
    }
}

/// Takes room for `length` bytes in all. Gives how long that took.
async fn make_room(room: &mut Taken, length: u64) -> Result<Duration, Unread> {
    let begun = Instant::now();
    let taken = timeout(PIECE, ROOM.take(room, length)).await;
    taken.map_err(|_| Unread::Crowded)?.map_err(|_| Unread::Crowded)?;
    Ok(begun.elapsed())
}

/// Reads a body and keeps nothing: a client that still sends when it is answered sees a broken connection, not why.
async fn drain(mut pieces: UnsyncBoxBody<Bytes, Cause>) {
    let (begun, mut drained) = (Instant::now(), 0);
    while let Ok(Some(Ok(frame))) = timeout(PIECE, pieces.frame()).await {
        drained += frame.data_ref().map_or(0, |data| data.len() as u64);
        if drained > DRAINED || is_slow(begun, drained) {
            return;
        }
    }
}

/// Whether a body of which so much came since then comes too slowly as a whole.
fn is_slow(begun: Instant, came: u64) -> bool {
    begun.elapsed() > PIECE + Duration::from_secs(came / SLOWEST)
}

/// What was read: most bodies come in one piece, which is not copied.
enum Whole {
    None,
    One(Bytes),
    Many(BytesMut),
}

impl Whole {
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

/// A body that streams to a service, each piece of which must arrive in time, and all of them not too slowly.
pub struct Timed {
    pieces: Option<UnsyncBoxBody<Bytes, Cause>>,
    deadline: Pin<Box<Sleep>>,
    begun: Instant,
    came: u64,
}

impl Body for Timed {
    type Data = Bytes;
    type Error = Cause;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Cause>>> {
        let Some(pieces) = &mut self.pieces else { return Poll::Ready(None) };
        if let Poll::Ready(frame) = Pin::new(pieces).poll_frame(context) {
            self.deadline.as_mut().reset(Instant::now() + PIECE);
            let data = frame.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref());
            self.came += data.map_or(0, |data| data.len() as u64);
            if data.is_some() && is_slow(self.begun, self.came) {
                return Poll::Ready(Some(Err("the body comes too slowly".into())));
            }
            return Poll::Ready(frame);
        }
        match self.deadline.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Some(Err("the next piece of the body did not arrive in time".into()))),
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.as_ref().is_none_or(|pieces| pieces.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.pieces.as_ref().map_or_else(|| SizeHint::with_exact(0), |pieces| pieces.size_hint())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;
    use http_body_util::{Full, StreamBody};

    #[tokio::test]
    async fn a_body_is_read_up_to_its_limit() {
        let body = |text: &'static str| RequestBody::new(Full::new(Bytes::from_static(text.as_bytes())));
        assert_eq!(body("").announced(), Some(0));
        assert_eq!(body("abc").read(3).await.unwrap(), "abc");
        assert_eq!(body("abcd").read(3).await, Err(Unread::TooLarge));
        let pieces = |count: usize| {
            let pieces = stream::iter((0..count).map(|_| Ok::<_, Cause>(Frame::data(Bytes::from_static(b"ab")))));
            RequestBody::new(StreamBody::new(pieces))
        };
        assert_eq!(pieces(3).announced(), None);
        assert_eq!(pieces(3).read(6).await.unwrap(), "ababab");
        assert_eq!(pieces(4).read(6).await, Err(Unread::TooLarge));
    }

    #[tokio::test]
    async fn bodies_share_the_room_there_is() {
        let large = || RequestBody::new(Full::new(Bytes::from(vec![0; 100 * 1024 * 1024]))).read(u64::MAX);
        let (first, second) = (large().await.unwrap(), large().await.unwrap());
        let small = RequestBody::new(Full::new(Bytes::from_static(b"small")));
        assert_eq!(small.read(9).await.unwrap(), "small");
        assert_eq!(large().await, Err(Unread::Crowded));
        // A part of a body keeps all of its room.
        let part = first.slice(..5);
        drop(first);
        assert_eq!(large().await, Err(Unread::Crowded));
        drop(part);
        let third = large().await.unwrap();
        assert_eq!(third.len() + second.len(), 200 * 1024 * 1024);
    }

    #[tokio::test]
    async fn a_body_that_trickles_is_given_up() {
        let trickle = || {
            let pieces = stream::unfold((), |()| async {
                sleep(PIECE / 3).await;
                Some((Ok::<_, Cause>(Frame::data(Bytes::from_static(b"x"))), ()))
            });
            RequestBody::new(StreamBody::new(pieces))
        };
        assert_eq!(trickle().read(1000).await, Err(Unread::TimedOut));
        // Nobody waits for the end of what is too large.
        assert_eq!(trickle().read(1).await, Err(Unread::TooLarge));
        let mut timed = trickle().timed();
        let mut came = 0;
        let broken = loop {
            match timed.frame().await {
                Some(Ok(_)) => came += 1,
                other => break other,
            }
        };
        assert!((1..10).contains(&came) && matches!(broken, Some(Err(_))), "{came}");
    }
}
