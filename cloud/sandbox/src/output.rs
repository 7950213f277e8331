//! What a program prints, as lines of bounded length.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use tokio::net::unix::pipe::Receiver;

/// Read at once; also what is read before others get their turn.
const CHUNK: usize = 64 * 1024;

/// Both output streams of a program, in the order of their writing.
#[derive(Debug)]
pub struct Output {
    pipe: Receiver,
    chunk: Vec<u8>,
    lines: Lines,
}

impl Output {
    pub(crate) fn new(pipe: OwnedFd, longest: usize) -> io::Result<Self> {
        Ok(Self { pipe: Receiver::from_owned_fd(pipe)?, chunk: vec![0; CHUNK], lines: Lines::new(longest) })
    }

    /// Waits until something was printed and appends the whole lines to `lines`; `false` when nothing will follow.
    /// May be cancelled and called again.
    ///
    /// # Errors
    /// When the pipe cannot be read.
    pub async fn read(&mut self, lines: &mut Vec<Vec<u8>>) -> io::Result<bool> {
        loop {
            self.pipe.readable().await?;
            match self.pipe.try_read(&mut self.chunk) {
                Ok(0) => {
                    self.lines.finish(lines);
                    return Ok(false);
                }
                Ok(length) => {
                    self.lines.push(&self.chunk[..length], lines);
                    return Ok(true);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Appends everything printed so far, an unfinished line included, without waiting. The kernel is asked directly:
    /// the reactor may not have heard yet of what was written a moment ago.
    pub fn drain(&mut self, lines: &mut Vec<Vec<u8>>) {
        while let Ok(length @ 1..) = rustix::io::read(self.pipe.as_fd(), self.chunk.as_mut_slice()) {
            self.lines.push(&self.chunk[..length], lines);
        }
        self.lines.finish(lines);
    }
}

/// Cuts bytes into lines.
#[derive(Debug)]
struct Lines {
    unfinished: Vec<u8>,
    longest: usize,
}

impl Lines {
    fn new(longest: usize) -> Self {
        Self { unfinished: Vec::new(), longest: longest.max(1) }
    }

    fn push(&mut self, bytes: &[u8], lines: &mut Vec<Vec<u8>>) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let (piece, whole) = piece.strip_suffix(b"\n").map_or((piece, false), |piece| (piece, true));
            let mut rest = piece;
            while self.unfinished.len() + rest.len() > self.longest {
                let (head, tail) = rest.split_at(self.longest - self.unfinished.len());
                self.unfinished.extend_from_slice(head);
                lines.push(std::mem::take(&mut self.unfinished));
                rest = tail;
            }
            self.unfinished.extend_from_slice(rest);
            if whole {
                lines.push(std::mem::take(&mut self.unfinished));
            }
        }
    }

    fn finish(&mut self, lines: &mut Vec<Vec<u8>>) {
        if !self.unfinished.is_empty() {
            lines.push(std::mem::take(&mut self.unfinished));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pieces: &[&str], expected: &[&str]) {
        let mut cutter = Lines::new(8);
        let mut lines = Vec::new();
        for piece in pieces {
            cutter.push(piece.as_bytes(), &mut lines);
        }
        cutter.finish(&mut lines);
        let lines: Vec<_> = lines.iter().map(|line| String::from_utf8_lossy(line).into_owned()).collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn lines_are_joined_across_reads() {
        check(&["one\ntw", "o\n"], &["one", "two"]);
    }

    #[test]
    fn an_empty_line_is_a_line() {
        check(&["\n\n"], &["", ""]);
    }

    #[test]
    fn a_line_without_an_end_is_kept() {
        check(&["one\ntwo"], &["one", "two"]);
    }

    #[test]
    fn a_long_line_is_cut() {
        check(&["1234567", "89abcdefgh\n"], &["12345678", "9abcdefg", "h"]);
    }
}
