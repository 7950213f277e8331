//! Lines on their way to the log.

use slam_cloud_core::Timestamp;
use slam_cloud_wire::logs::InputLogEvent;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// What may wait to be written, in bytes, before the function's output is no longer read.
const ROOM: usize = 4 * 1024 * 1024;
/// What CloudWatch Logs counts for each event beside its message.
const OVERHEAD: usize = 26;
/// One PutLogEvents: bytes and events.
const BATCH: usize = 1_048_576;
const EVENTS: usize = 10_000;
/// The longest message that CloudWatch Logs takes.
const MESSAGE: usize = 262_144 - OVERHEAD;
/// What an invocation with LogType=Tail is answered.
const TAIL: usize = 4096;

/// The lines of one environment that are not written yet, and the last ones of the running invocation.
#[derive(Debug, Default)]
pub struct Journal {
    state: Mutex<State>,
    /// Something is to be written, now or soon.
    pub(super) wake: Notify,
    /// What waits must not wait longer.
    pub(super) hurry: Notify,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<InputLogEvent>,
    bytes: usize,
    tail: Vec<u8>,
    urgent: bool,
    closed: bool,
}

impl Journal {
    /// Adds one message; nothing is dropped.
    pub fn push(&self, message: impl Into<String>) {
        let mut message = message.into();
        let timestamp = Timestamp::now().as_millisecond();
        let mut state = self.state();
        state.tail.extend_from_slice(message.as_bytes());
        // Cut only now and then, not at each line.
        if state.tail.len() > 16 * TAIL {
            let start = state.tail.len() - TAIL;
            state.tail.drain(..start);
        }
        while message.len() > MESSAGE {
            let mut end = MESSAGE;
            while !message.is_char_boundary(end) {
                end -= 1;
            }
            let rest = message.split_off(end);
            state.add(InputLogEvent { timestamp, message });
            message = rest;
        }
        state.add(InputLogEvent { timestamp, message });
        let full = state.bytes >= BATCH;
        drop(state);
        self.wake.notify_one();
        if full {
            self.hurry.notify_one();
        }
    }

    /// Adds what the function printed.
    pub fn print(&self, lines: &mut Vec<Vec<u8>>) {
        for line in lines.drain(..) {
            for message in super::messages(&line) {
                self.push(message);
            }
        }
    }

    /// Whether there is room for more output.
    pub fn has_room(&self) -> bool {
        self.state().bytes < ROOM
    }

    /// Forgets the tail: an invocation begins.
    pub fn start_tail(&self) {
        self.state().tail.clear();
    }

    /// The last four kilobytes since [`Journal::start_tail`].
    pub fn tail(&self) -> Vec<u8> {
        let state = self.state();
        state.tail[state.tail.len().saturating_sub(TAIL)..].to_vec()
    }

    /// Has everything written at once.
    pub fn flush(&self) {
        self.state().urgent = true;
        self.wake.notify_one();
    }

    /// Has everything written, after which the writer ends.
    pub fn close(&self) {
        let mut state = self.state();
        state.urgent = true;
        state.closed = true;
        drop(state);
        self.wake.notify_one();
        self.hurry.notify_one();
    }

    pub(super) fn is_urgent(&self) -> bool {
        self.state().urgent
    }

    pub(super) fn is_closed(&self) -> bool {
        self.state().closed
    }

    /// The next events to write together; empty when none wait.
    pub(super) fn take(&self) -> Vec<InputLogEvent> {
        let mut state = self.state();
        let (mut batch, mut bytes) = (Vec::new(), 0);
        while let Some(event) = state.waiting.front() {
            let size = event.message.len() + OVERHEAD;
            if batch.len() == EVENTS || bytes + size > BATCH {
                break;
            }
            bytes += size;
            batch.extend(state.waiting.pop_front());
        }
        state.bytes -= bytes;
        if batch.is_empty() {
            state.urgent = state.closed;
        }
        batch
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn add(&mut self, event: InputLogEvent) {
        self.bytes += event.message.len() + OVERHEAD;
        self.waiting.push_back(event);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_no_larger_than_cloudwatch_takes() {
        let journal = Journal::default();
        for _ in 0..5 {
            journal.push("x".repeat(262_000));
        }
        assert_eq!((journal.take().len(), journal.take().len(), journal.take().len()), (4, 1, 0));
    }

    #[test]
    fn a_message_that_is_too_long_is_cut_between_characters() {
        let journal = Journal::default();
        journal.push("é".repeat(MESSAGE / 2 + 1));
        let lengths: Vec<_> = journal.take().iter().map(|event| event.message.len()).collect();
        assert_eq!(lengths, [MESSAGE, 2]);
    }

    #[test]
    fn the_tail_is_the_last_four_kilobytes() {
        let journal = Journal::default();
        journal.push("before");
        journal.start_tail();
        journal.push("a".repeat(5000));
        journal.push("end");
        let tail = journal.tail();
        assert_eq!((tail.len(), tail.ends_with(b"aend")), (TAIL, true));
    }
}
