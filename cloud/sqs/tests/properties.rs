//! Queues against a small model: whatever is sent, received, deleted and waited for, in any order.
//!
//! The model is a list of messages with their times. It says which messages may be received, how many must be, in which order those of a
//! FIFO queue come, whose turn it is in a fair queue, and what is counted.
#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

use proptest::prelude::*;
use slam_cloud_core::Clock;
use slam_cloud_testing::TestCloud;
use slam_cloud_wire::sqs as wire;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};

/// What is done to a queue. Times are in seconds.
#[derive(Clone, Debug)]
enum Step {
    /// To a group, with a delay in a standard queue or a deduplication id in a FIFO queue.
    Send {
        group: u8,
        delay: i64,
        id: u8,
    },
    Receive {
        count: i64,
        visibility: i64,
    },
    /// By the handle of one of the receipts so far.
    Delete {
        receipt: usize,
    },
    Change {
        receipt: usize,
        visibility: i64,
    },
    Wait {
        seconds: i64,
    },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..4_u8, 0..3_i64, 0..40_u8).prop_map(|(group, delay, id)| Step::Send { group, delay: delay * 5, id }),
        4 => (1..=10_i64, 0..5_i64).prop_map(|(count, visibility)| Step::Receive { count, visibility: visibility * 7 }),
        2 => (0..64_usize).prop_map(|receipt| Step::Delete { receipt }),
        1 => (0..64_usize, 0..4_i64).prop_map(|(receipt, visibility)| Step::Change { receipt, visibility: visibility * 6 }),
        2 => prop_oneof![3 => 1..20_i64, 1 => 100..400_i64].prop_map(|seconds| Step::Wait { seconds }),
    ]
}

/// A message as the model knows it, in the order of sending.
#[derive(Clone, Debug)]
struct Message {
    id: String,
    group: String,
    /// Until when it cannot be received.
    until: i64,
    receives: u32,
    /// Its last receipt's handle.
    handle: String,
}

#[derive(Debug, Default)]
struct Model {
    messages: Vec<Message>,
    /// Deduplication ids with their ends and messages.
    known: BTreeMap<String, (i64, String)>,
    /// All handles, with the message of each.
    receipts: Vec<(String, String)>,
}

impl Model {
    /// The positions of the messages that may be received.
    fn receivable(&self, now: i64, fifo: bool) -> Vec<usize> {
        let is_ready = |message: &Message| message.until <= now;
        let is_held = |index: usize| {
            let group = &self.messages[index].group;
            fifo && self.messages[..index].iter().any(|other| other.group == *group && !is_ready(other))
        };
        (0..self.messages.len()).filter(|index| is_ready(&self.messages[*index]) && !is_held(*index)).collect()
    }

    fn in_flight(&self, group: &str, now: i64) -> usize {
        let is_counted = |message: &&Message| message.group == group && message.until > now && message.receives > 0;
        self.messages.iter().filter(is_counted).count()
    }
}

/// A queue and its model.
struct Run {
    cloud: TestCloud,
    time: &'static AtomicI64,
    fifo: bool,
    url: &'static str,
    model: Model,
}

impl Run {
    fn now(&self) -> i64 {
        self.time.load(Ordering::Relaxed) / 1000
    }

    async fn new(fifo: bool) -> Self {
        // Each run has a clock of its own, which lives as long as the test.
        let time: &'static AtomicI64 = Box::leak(Box::new(AtomicI64::new(1_800_000_000_000)));
        let (cloud, _) = TestCloud::timed(Clock::by_hand(time), slam_cloud_sqs::register);
        let url = if fifo { "q.fifo" } else { "q" };
        let attributes = fifo.then(|| BTreeMap::from([("FifoQueue".to_owned(), "true".to_owned())]));
        let queue_name = url.to_owned();
        cloud.call(wire::CreateQueue { queue_name, attributes, ..Default::default() }).await.unwrap();
        Self { cloud, time, fifo, url, model: Model::default() }
    }

    async fn send(&mut self, group: u8, delay: i64, id: u8) {
        let (now, id) = (self.now(), format!("d{id}"));
        // In a standard queue, one of the groups is none.
        let group = if !self.fifo && group == 0 { String::new() } else { format!("g{group}") };
        let sent = wire::SendMessage {
            queue_url: self.url.to_owned(),
            message_body: "m".to_owned(),
            delay_seconds: (!self.fifo).then_some(delay),
            message_group_id: (!group.is_empty()).then(|| group.clone()),
            message_deduplication_id: self.fifo.then(|| id.clone()),
            ..Default::default()
        };
        let told = self.cloud.call(sent).await.unwrap().message_id.unwrap();
        if self.fifo {
            match self.model.known.get(&id) {
                Some((until, message)) if *until > now => return assert_eq!(&told, message),
                _ => drop(self.model.known.insert(id, (now + 300, told.clone()))),
            }
        }
        let until = now + if self.fifo { 0 } else { delay };
        self.model.messages.push(Message { id: told, group, until, receives: 0, handle: String::new() });
    }

    async fn receive(&mut self, count: i64, visibility: i64) {
        let now = self.now();
        let asked = wire::ReceiveMessage {
            queue_url: self.url.to_owned(),
            max_number_of_messages: Some(count),
            visibility_timeout: Some(visibility),
            ..Default::default()
        };
        let expected = self.model.receivable(now, self.fifo).len().min(usize::try_from(count).unwrap());
        let received = self.cloud.call(asked).await.unwrap().messages.unwrap_or_default();
        assert_eq!(received.len(), expected, "as many as there are");
        let mut hidden = Vec::new();
        for message in received {
            let (id, handle) = (message.message_id.unwrap(), message.receipt_handle.unwrap());
            let receivable = self.model.receivable(now, self.fifo);
            let found = receivable.iter().copied().find(|index| self.model.messages[*index].id == id);
            // Those of the same answer, which are hidden no longer than a moment, are not received twice.
            let index = found.filter(|index| !hidden.contains(index)).expect("only what may be received");
            let group = self.model.messages[index].group.clone();
            if self.fifo {
                let first = receivable
                    .iter()
                    .find(|other| self.model.messages[**other].group == group && !hidden.contains(*other));
                assert_eq!(first, Some(&index), "in the order of the group");
            } else {
                let load = |group: &str| {
                    let others = hidden.iter().filter(|other| {
                        let message = &self.model.messages[**other];
                        message.group == group && message.until <= now
                    });
                    if group.is_empty() { 0 } else { self.model.in_flight(group, now) + others.count() }
                };
                let waiting = receivable.iter().filter(|other| !hidden.contains(*other));
                let least = waiting.map(|other| load(&self.model.messages[*other].group)).min();
                // Those of a neighbour who has more in flight come after those of others.
                assert_eq!(Some(load(&group)), least, "fair to {group:?}");
            }
            let message = &mut self.model.messages[index];
            message.until = now + visibility;
            message.receives += 1;
            message.handle.clone_from(&handle);
            hidden.push(index);
            // In a FIFO queue the next of the group would be held by this one; of one answer it is not.
            if self.fifo && visibility > 0 {
                self.model.messages[index].until = now;
            }
            self.model.receipts.push((handle, id));
        }
        for index in hidden {
            self.model.messages[index].until = now + visibility;
        }
    }

    /// Whether a receipt still counts: in a FIFO queue the last one, for as long as it holds the message.
    fn is_current(&self, receipt: usize) -> Option<(String, Option<usize>, bool)> {
        let (handle, id) = self.model.receipts.get(receipt % self.model.receipts.len().max(1))?.clone();
        let index = self.model.messages.iter().position(|message| message.id == id);
        let counts = index.is_some_and(|index| {
            let message = &self.model.messages[index];
            !self.fifo || (message.handle == handle && message.until > self.now())
        });
        Some((handle, index, counts))
    }

    async fn delete(&mut self, receipt: usize) {
        let Some((handle, index, counts)) = self.is_current(receipt) else { return };
        let (queue_url, receipt_handle) = (self.url.to_owned(), handle);
        let deleted = self.cloud.call(wire::DeleteMessage { queue_url, receipt_handle }).await;
        match index {
            None => assert!(deleted.is_ok(), "what is gone is deleted again"),
            Some(index) if counts => {
                deleted.unwrap();
                self.model.messages.remove(index);
            }
            Some(_) => assert_eq!(deleted.unwrap_err().code, "InvalidParameterValueException"),
        }
    }

    async fn change(&mut self, receipt: usize, visibility: i64) {
        let Some((handle, index, counts)) = self.is_current(receipt) else { return };
        let (queue_url, receipt_handle, visibility_timeout) = (self.url.to_owned(), handle, visibility);
        let change = wire::ChangeMessageVisibility { queue_url, receipt_handle, visibility_timeout };
        let changed = self.cloud.call(change).await;
        match index.filter(|_| counts) {
            Some(index) => {
                changed.unwrap();
                self.model.messages[index].until = self.now() + visibility;
            }
            None => assert_eq!(changed.unwrap_err().code, "InvalidParameterValueException"),
        }
    }

    async fn check_numbers(&self) {
        let (now, queue_url) = (self.now(), self.url.to_owned());
        let attribute_names = Some(vec!["All".to_owned()]);
        let asked = wire::GetQueueAttributes { queue_url, attribute_names };
        let told = self.cloud.call(asked).await.unwrap().attributes.unwrap();
        let count = |is_counted: fn(&Message, i64) -> bool| {
            self.model.messages.iter().filter(|message| is_counted(message, now)).count().to_string()
        };
        for (name, expected) in [
            ("", count(|message, now| message.until <= now)),
            ("NotVisible", count(|message, now| message.until > now && message.receives > 0)),
            ("Delayed", count(|message, now| message.until > now && message.receives == 0)),
        ] {
            assert_eq!(told[&format!("ApproximateNumberOfMessages{name}")], expected, "{name}");
        }
    }
}

fn check(fifo: bool, steps: Vec<Step>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut run = Run::new(fifo).await;
        for step in steps {
            match step {
                Step::Send { group, delay, id } => run.send(group, delay, id).await,
                Step::Receive { count, visibility } => run.receive(count, visibility).await,
                Step::Delete { receipt } => run.delete(receipt).await,
                Step::Change { receipt, visibility } => run.change(receipt, visibility).await,
                Step::Wait { seconds } => drop(run.time.fetch_add(seconds * 1000, Ordering::Relaxed)),
            }
            run.check_numbers().await;
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_standard_queue_is_as_its_model(steps in prop::collection::vec(step(), 1..80)) {
        check(false, steps);
    }

    #[test]
    fn a_fifo_queue_is_as_its_model(steps in prop::collection::vec(step(), 1..80)) {
        check(true, steps);
    }
}
