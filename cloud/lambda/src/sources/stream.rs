//! Streams of DynamoDB are read.
//!
//! A reader of each shard takes records in their order and brings them to the function batch by batch; how far it came is stored
//! after each, so that the next process goes on there: each record reaches the function at least once. Changes of an item stay in
//! order: without a parallelisation factor all do, with one there are that many lanes, and the next records are read when all
//! lanes are done.
//!
//! AWS asks each shard four times a second. Here a reader looks as soon as somebody writes to a table, as seldom as that only while
//! it is other tables that are written to, and from time to time for what nobody wrote, as items that expire.
//! <https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html>

use super::batch::{self, End};
use super::filter::Filters;
use super::pause::Pause;
use super::reading::Reading;
use super::stream_record::{self, Record};
use crate::model::checkpoint::Position;
use crate::model::limits::REQUEST;
use futures_util::future::join_all;
use slam_cloud_core::{AwsResult, Timestamp};
use slam_cloud_wire::dynamodbstreams as streams;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// The most records of a GetRecords.
const AT_ONCE: usize = 1000;
/// How long after a look the next one is, at the least: twice as long after each for which there was nothing.
const LOOKS: [Duration; 2] = [Duration::from_millis(10), Duration::from_millis(250)];
/// How long nobody looks if nobody writes.
const SILENCE: Duration = Duration::from_secs(10);
/// How many records are passed over before it is stored that they were.
const PASSED: usize = 1000;

/// Who reads a stream.
pub struct Reader {
    reading: Reading,
    filters: Filters,
    written: Arc<Notify>,
}

/// What a reader has taken from a shard.
#[derive(Debug, Default)]
struct Taken {
    records: Vec<Record>,
    bytes: usize,
    /// When the first of them was.
    since: Option<Timestamp>,
    /// The last one that was looked at, and how many were passed over since a place was stored.
    seen: Option<String>,
    passed: usize,
}

impl Reader {
    /// Of a mapping; `written` tells of writes to tables.
    pub fn new(reading: Reading, written: &Arc<Notify>) -> Self {
        // They were read when they were set.
        let filters = Filters::read(&reading.mapping.filters).unwrap_or_default();
        Self { reading, filters, written: Arc::clone(written) }
    }

    /// Reads until the mapping is changed.
    pub async fn read(&self) {
        let mut pause = Pause::default();
        while !self.reading.is_changed() {
            match self.shards().await {
                Ok(shards) => {
                    let ends = join_all(shards.into_iter().map(|(shard, place)| self.shard(shard, place))).await;
                    match ends.into_iter().find_map(Result::err) {
                        None => pause = Pause::default(),
                        Some(error) => {
                            tracing::warn!(stream = self.reading.mapping.source, %error, "a shard cannot be read");
                        }
                    }
                }
                Err(error) => tracing::warn!(stream = self.reading.mapping.source, %error, "a stream cannot be read"),
            }
            self.reading.rest(pause.next()).await;
        }
    }

    /// The shards, with the places to go on. Of one that began later everything is read.
    async fn shards(&self) -> AwsResult<Vec<(String, Position)>> {
        let stream = streams::DescribeStream {
            stream_arn: self.reading.mapping.source.clone(),
            ..streams::DescribeStream::default()
        };
        let described = self.reading.target.call(stream).await?.stream_description.unwrap_or_default();
        let known = self.reading.store.checkpoints.get(&self.reading.scope, &self.reading.id);
        let mut shards = Vec::new();
        for shard in described.shards.unwrap_or_default().into_iter().filter_map(|shard| shard.shard_id) {
            let place = match known.as_ref().and_then(|known| known.shards.get(&shard)) {
                Some(place) => place.clone(),
                None => Position::Iterator(self.iterator(&shard, "TRIM_HORIZON", None).await?),
            };
            shards.push((shard, place));
        }
        Ok(shards)
    }

    async fn iterator(&self, shard: &str, kind: &str, after: Option<String>) -> AwsResult<String> {
        let iterator = streams::GetShardIterator {
            stream_arn: self.reading.mapping.source.clone(),
            shard_id: shard.to_owned(),
            shard_iterator_type: kind.to_owned(),
            sequence_number: after,
            ..streams::GetShardIterator::default()
        };
        Ok(self.reading.target.call(iterator).await?.shard_iterator.unwrap_or_default())
    }

    /// Reads a shard until its end, or until the mapping is changed.
    async fn shard(&self, shard: String, place: Position) -> AwsResult<()> {
        let mut iterator = match place {
            Position::Iterator(iterator) => iterator,
            Position::After(sequence) => self.iterator(&shard, "AFTER_SEQUENCE_NUMBER", Some(sequence)).await?,
        };
        let clock = self.reading.target.clock();
        let window = jiff::SignedDuration::from_secs(self.reading.mapping.window);
        let batch = usize::try_from(self.reading.mapping.batch).unwrap_or(1);
        let most = batch * usize::try_from(self.reading.settings.parallel).unwrap_or(1);
        let mut taken = Taken::default();
        let [soon, late] = LOOKS;
        let mut apart = soon;
        while !self.reading.is_changed() {
            // Before it looks, so that nothing is written unheard between that and the waiting.
            let written = self.written.notified();
            tokio::pin!(written);
            written.as_mut().enable();
            let looked = Instant::now();
            let limit = (most - taken.records.len()).min(AT_ONCE);
            let records = streams::GetRecords { shard_iterator: iterator.clone(), limit: i64::try_from(limit).ok() };
            let answer = self.reading.target.call(records).await?;
            let next = answer.next_shard_iterator.clone();
            let is_still = next.as_ref() == Some(&iterator);
            let records = stream_record::read(answer, &self.reading.mapping.source)?;
            if !records.is_empty() {
                apart = soon;
            }
            self.take(&mut taken, records);
            let is_full = taken.records.len() >= most || taken.bytes >= REQUEST / 2;
            let end = taken.since.map(|since| since + window);
            let is_over = end.is_some_and(|end| clock.now() >= end);
            if !taken.records.is_empty() && (is_full || is_over || next.is_none()) {
                let records = std::mem::take(&mut taken.records);
                if self.process(&shard, records, batch).await == End::Changed {
                    return Ok(());
                }
                self.reading.store_place(&shard, taken.seen.take()).await;
                taken = Taken::default();
            } else if taken.records.is_empty() && taken.passed >= PASSED {
                self.reading.store_place(&shard, taken.seen.take()).await;
                taken.passed = 0;
            }
            let Some(next) = next else { return Ok(()) };
            iterator = next;
            if is_still {
                let window = async {
                    match end.filter(|_| !taken.records.is_empty()) {
                        Some(end) => clock.sleep_until(end).await,
                        None => std::future::pending().await,
                    }
                };
                let mut changes = self.reading.changes.clone();
                tokio::select! {
                    () = written => {
                        tokio::time::sleep_until(looked + apart).await;
                        apart = (apart * 2).min(late);
                    }
                    () = window => {}
                    () = tokio::time::sleep(SILENCE) => {}
                    _ = changes.changed() => {}
                }
            }
        }
        Ok(())
    }

    /// Takes the records that meet the filters.
    fn take(&self, taken: &mut Taken, records: Vec<Record>) {
        for record in records {
            taken.seen = Some(record.sequence.clone());
            if self.filters.pass(&record.text) {
                taken.since.get_or_insert_with(|| self.reading.target.clock().now());
                taken.bytes += record.text.len();
                taken.records.push(record);
            } else {
                taken.passed += 1;
            }
        }
    }

    /// Brings records to the function, in one lane or several.
    async fn process(&self, shard: &str, records: Vec<Record>, batch: usize) -> End {
        let lanes = u64::try_from(self.reading.settings.parallel).unwrap_or(1).max(1);
        let ends = if lanes == 1 {
            let progress = |sequence| self.reading.store_place(shard, Some(sequence));
            vec![batch::process(&self.reading, shard, in_batches(records, batch), progress).await]
        } else {
            // A place in the shard is stored when all lanes have passed it.
            let progress = |_| std::future::ready(());
            let lane = |number| records.iter().filter(move |record| record.lane % lanes == number).cloned();
            let lanes = (0..lanes).map(|number| in_batches(lane(number).collect(), batch));
            join_all(lanes.map(|batches| batch::process(&self.reading, shard, batches, progress))).await
        };
        let is_done = ends.iter().all(|end| *end == End::Done);
        if is_done {
            self.reading.note("OK").await;
        }
        if is_done { End::Done } else { End::Changed }
    }
}

/// Divides records into batches, which end where an invocation does, too.
fn in_batches(records: Vec<Record>, most: usize) -> Vec<Vec<Record>> {
    let mut batches: Vec<Vec<Record>> = Vec::new();
    let mut bytes = 0;
    for record in records {
        bytes += record.text.len() + 1;
        match batches.last_mut() {
            Some(batch) if batch.len() < most && bytes + 16 <= REQUEST => batch.push(record),
            _ => {
                bytes = record.text.len() + 1;
                batches.push(vec![record]);
            }
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_end_at_their_size_and_where_an_invocation_does() {
        let check = |lengths: &[usize], most: usize, expected: &[usize]| {
            let record = |length: &usize| Record {
                sequence: "1".into(),
                created: Timestamp::UNIX_EPOCH,
                lane: 0,
                text: "x".repeat(*length),
            };
            let batches = in_batches(lengths.iter().map(record).collect(), most);
            assert_eq!(batches.iter().map(Vec::len).collect::<Vec<_>>(), expected, "{lengths:?}");
        };
        check(&[], 10, &[]);
        check(&[1; 5], 2, &[2, 2, 1]);
        check(&[REQUEST / 2, REQUEST / 2, 1], 10, &[1, 2]);
    }
}
