//! A connection that remembers how the client wrote the head of its request, and that breaks where the client does not read.
//!
//! The HTTP library has names of headers in small letters alone, and API Gateway hands them on as they were written. So the bytes
//! of a head are kept as they go by, until the request is there. Which bytes are a head is told by turns: a client that
//! waits for its answers, as nearly all do, begins the next request when it was answered. Where one does not, the names
//! of its later requests are not known, and nothing else depends on them.

use bytes::Bytes;
use slam_cloud_core::plane::HeaderNames;
use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// The head that is being read.
#[derive(Debug, Default)]
pub(super) struct Heard {
    bytes: Vec<u8>,
    /// Whether its end was read.
    is_whole: bool,
    /// Whether the next bytes begin another: the last one was answered.
    is_over: bool,
}

impl Heard {
    fn read(&mut self, bytes: &[u8], most: usize) {
        if std::mem::take(&mut self.is_over) {
            self.bytes.clear();
            self.is_whole = false;
        }
        if self.is_whole || self.bytes.len() + bytes.len() > most {
            return;
        }
        let from = self.bytes.len().saturating_sub(3);
        self.bytes.extend_from_slice(bytes);
        if let Some(end) = self.bytes[from..].windows(4).position(|window| window == b"\r\n\r\n") {
            self.bytes.truncate(from + end + 2);
            self.is_whole = true;
        }
    }

    /// The names in the head that was read, once.
    fn names(&mut self) -> Option<HeaderNames> {
        let head = self.is_whole.then(|| std::mem::take(&mut self.bytes))?;
        self.is_whole = false;
        Some(HeaderNames::of_head(Bytes::from(head)))
    }
}

/// What was heard on a connection, shared with whoever answers.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory(Arc<Mutex<Heard>>);

impl Memory {
    /// The names of the headers of the request that has just been read, as they were written.
    pub(super) fn names(&self) -> Option<HeaderNames> {
        self.heard().names()
    }

    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long a client may take to read on, before what waits for it is given up.
const PATIENCE: Duration = if cfg!(test) { Duration::from_millis(200) } else { Duration::from_secs(60) };

/// A connection, remembered. Heads above `most` bytes are not.
#[derive(Debug)]
pub(super) struct Listening<S> {
    stream: S,
    memory: Memory,
    most: usize,
    /// When the connection is given up, while the client does not read.
    deadline: Option<Pin<Box<Sleep>>>,
}

impl<S: Unpin> Listening<S> {
    pub(super) fn new(stream: S, memory: Memory, most: usize) -> Self {
        Self { stream, memory, most, deadline: None }
    }

    /// Writes, unless the client has not read for too long.
    fn write<T>(
        &mut self,
        context: &mut Context<'_>,
        write: impl FnOnce(Pin<&mut S>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        let written = write(Pin::new(&mut self.stream), context);
        if written.is_ready() {
            self.deadline = None;
            return written;
        }
        let deadline = self.deadline.get_or_insert_with(|| Box::pin(sleep(PATIENCE)));
        match deadline.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the client does not read"))),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Listening<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        let new = &buffer.filled()[before..];
        if !new.is_empty() {
            self.memory.heard().read(new, self.most);
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Listening<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.memory.heard().is_over = true;
        self.write(context, |stream, context| stream.poll_write(context, bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.memory.heard().is_over = true;
        self.write(context, |stream, context| stream.poll_write_vectored(context, pieces))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.write(context, |stream, context| stream.poll_flush(context))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderName;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    #[tokio::test]
    async fn a_client_that_does_not_read_is_given_up() {
        let (stream, mut client) = tokio::io::duplex(64);
        let mut listening = Listening::new(stream, Memory::default(), 100);
        let mut read = [0; 64];
        // As long as it reads now and then, it may be slow.
        for _ in 0..5 {
            listening.write_all(&[1; 64]).await.unwrap();
            sleep(PATIENCE / 2).await;
            client.read_exact(&mut read).await.unwrap();
        }
        let error = listening.write_all(&[1; 65]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    /// What is known of `x-name` after these pieces were read, with a piece that is empty where the server answers.
    fn check(pieces: &[&str], expected: Option<&str>) {
        let mut heard = Heard::default();
        let mut names = None;
        for piece in pieces {
            match piece.is_empty() {
                true => heard.is_over = true,
                false => heard.read(piece.as_bytes(), 200),
            }
            names = heard.names().or(names);
        }
        let name = names.as_ref().and_then(|names| names.as_written(&HeaderName::from_static("x-name"), 0));
        assert_eq!(name, expected, "{pieces:?}");
    }

    #[test]
    fn names_are_remembered_as_they_were_written() {
        check(&["GET / HTTP/1.1\r\nX-nAme: 1\r\n\r\n"], Some("X-nAme"));
        check(&["GET / HTTP/1.1\r\nX-nA", "me: 1\r\n\r", "\n"], Some("X-nAme"));
        check(&["PUT / HTTP/1.1\r\nX-nAme: 1\r\n\r\nx-name: in the body\r\n\r\n"], Some("X-nAme"));
        check(
            &[
                "PUT / HTTP/1.1\r\nX-nAme: 1\r\n\r\n",
                "x-name: in the body\r\n\r\n",
                "",
                "GET / HTTP/1.1\r\nx-NAME: 2\r\n\r\n",
            ],
            Some("x-NAME"),
        );
        check(&["GET / HTTP/1.1\r\nX-Other: X-nAme: 1\r\n\r\n"], None);
        let long = format!("X-Long: {}\r\n\r\n", "a".repeat(200));
        check(&["GET / HTTP/1.1\r\nX-nAme: 1\r\n", &long], None);
    }
}
