//! A batch of a stream's records is brought to its function, again and in parts until it is done or given up.

use super::answer::Answer;
use super::failure::{Attempt, Condition, GivenUp};
use super::pause::Pause;
use super::reading::Reading;
use super::stream_record::{self, Record};
use super::target::Batch;
use bytes::Bytes;
use jiff::SignedDuration;
use slam_cloud_core::observer;
use std::collections::VecDeque;

/// What is told of a batch whose function failed.
const FAILED: &str = "PROBLEM: Function call failed";
/// Seconds after which a stream has a record no longer.
const RETENTION: i64 = 86_400;

/// Records that are together in an invocation, and what became of it until now.
#[derive(Debug)]
struct Piece {
    records: Vec<Record>,
    /// Attempts that count: all but those after which it was split.
    attempts: i64,
    invoked: i64,
    last: Option<Attempt>,
}

/// Whether all records are done with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// They are.
    Done,
    /// The mapping was changed before.
    Changed,
}

impl Piece {
    fn new(records: Vec<Record>) -> Self {
        Self { records, attempts: 0, invoked: 0, last: None }
    }

    /// The two halves, in order.
    fn halves(mut self) -> [Self; 2] {
        let second = self.records.split_off(self.records.len() / 2);
        let second = Self { records: second, attempts: self.attempts, invoked: self.invoked, last: self.last.clone() };
        [self, second]
    }

    fn event(&self) -> Bytes {
        Bytes::from(stream_record::event(&self.records))
    }
}

/// What came of a piece.
enum Outcome {
    Done,
    Split([Piece; 2]),
    Changed,
}

/// Brings records to the function, in their order. `progress` is told the sequence number of the last one that is done.
pub async fn process<P: Future<Output = ()> + Send>(
    reading: &Reading,
    shard: &str,
    batches: Vec<Vec<Record>>,
    progress: impl Fn(String) -> P,
) -> End {
    let mut pieces: VecDeque<Piece> = batches.into_iter().map(Piece::new).collect();
    while let Some(piece) = pieces.pop_front() {
        let last = piece.records.last().map(|record| record.sequence.clone());
        match bring(reading, shard, piece, &progress).await {
            Outcome::Done => {
                if let Some(last) = last {
                    progress(last).await;
                }
            }
            Outcome::Split([first, second]) => {
                pieces.push_front(second);
                pieces.push_front(first);
            }
            Outcome::Changed => return End::Changed,
        }
    }
    End::Done
}

/// Invokes the function with a piece until it is done, given up, or to be split.
async fn bring<P: Future<Output = ()> + Send>(
    reading: &Reading,
    shard: &str,
    mut piece: Piece,
    progress: &impl Fn(String) -> P,
) -> Outcome {
    let mut pause = Pause::default();
    loop {
        if reading.is_changed() {
            return Outcome::Changed;
        }
        give_up_old(reading, shard, &mut piece).await;
        if piece.records.is_empty() {
            return Outcome::Done;
        }
        let batch = Batch {
            source: &reading.mapping.source,
            event: piece.event(),
            identifiers: piece.records.iter().map(|record| record.sequence.as_str()).collect(),
            traces: Vec::new(),
            partial: reading.mapping.partial,
        };
        let answer = match reading.target.bring(&batch).await {
            (id, Ok((execution, answer))) => {
                let failed = execution.failed;
                piece.last = Some(Attempt { id, version: execution.version, failed });
                answer
            }
            // It was not let run, which is no attempt.
            (_, Err(error)) => {
                tracing::warn!(stream = reading.mapping.source, %error, "a batch of records waits for its function");
                reading.rest(pause.next()).await;
                continue;
            }
        };
        piece.invoked += 1;
        // Of several failures the one with the lowest sequence number is where the batch goes on (AWS: "Configuring partial batch
        // response with DynamoDB and Lambda").
        let done = match &answer {
            Answer::Done => return Outcome::Done,
            Answer::Whole => 0,
            Answer::Failed(failed) => {
                piece.records.iter().position(|record| failed.contains(&record.sequence)).unwrap_or(0)
            }
        };
        let done: Vec<Record> = piece.records.drain(..done).collect();
        if let Some(record) = done.last() {
            progress(record.sequence.clone()).await;
        }
        // To split a batch takes up no retry (AWS: "Handling errors for DynamoDB event sources"); one that says where it failed is
        // split there.
        if reading.settings.bisect && answer == Answer::Whole && piece.records.len() > 1 {
            return Outcome::Split(piece.halves());
        }
        piece.attempts += 1;
        let retries = reading.settings.retries;
        if retries >= 0 && piece.attempts > retries {
            give_up(reading, shard, &piece, &piece.records, Condition::RetryAttemptsExhausted).await;
            return Outcome::Done;
        }
        reading.note(FAILED).await;
        reading.rest(pause.next()).await;
    }
}

/// Gives up the records that are too old (API reference, MaximumRecordAgeInSeconds).
async fn give_up_old(reading: &Reading, shard: &str, piece: &mut Piece) {
    let age = if reading.settings.age < 0 { RETENTION } else { reading.settings.age.min(RETENTION) };
    let oldest = reading.target.clock().now() - SignedDuration::from_secs(age);
    let old = piece.records.iter().take_while(|record| record.created < oldest).count();
    let old: Vec<Record> = piece.records.drain(..old).collect();
    if !old.is_empty() {
        give_up(reading, shard, piece, &old, Condition::RecordAgeExceeded).await;
    }
}

async fn give_up(reading: &Reading, shard: &str, piece: &Piece, records: &[Record], condition: Condition) {
    let stream = reading.mapping.source.as_str();
    let why = match condition {
        Condition::RetryAttemptsExhausted => "it was tried as often as may be",
        Condition::RecordAgeExceeded => "it is older than may be",
    };
    let id = piece.last.as_ref().map_or("", |last| &last.id);
    reading.target.told(stream, records.len(), id, observer::Outcome::GivenUp { why });
    let Some(destination) = &reading.settings.on_failure else { return };
    let last = piece.last.as_ref();
    let given_up = GivenUp { mapping: &reading.id, shard, stream, records, condition, invoked: piece.invoked, last };
    let told = given_up.tell(&reading.target, destination).await;
    reading.target.told_destination(destination, &told);
    if let Err(error) = told {
        tracing::warn!(stream, destination, %error, "a destination was not told of records that were given up");
    }
}
