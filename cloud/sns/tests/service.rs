//! What is seen over time, and in the next process.
#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

use slam_cloud_core::{Access, Authorizer, Clock, Cloud, Context, Denial, Registry, Store, StoreError};
use slam_cloud_testing::TestCloud;
use slam_cloud_wire::{sns, sqs};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:q.fifo";
const TOPIC: &str = "arn:aws:sns:us-east-1:000000000000:t.fifo";

/// Lets everybody do everything.
struct Everybody;

impl Authorizer for Everybody {
    fn authorize(&self, _: &Context, _: &Access) -> Result<(), Denial> {
        Ok(())
    }
}

fn compose(cloud: &Cloud, store: &Arc<Store>, registry: &mut Registry) -> Result<(), StoreError> {
    registry.authorizer(Arc::new(Everybody));
    slam_cloud_sqs::register(cloud, store, registry)?;
    slam_cloud_sns::register(cloud, store, registry).map(drop)
}

fn attributes(name: &str) -> Option<std::collections::BTreeMap<String, String>> {
    let deduplication = ("ContentBasedDeduplication".to_owned(), "true".to_owned());
    Some([(name.to_owned(), "true".to_owned()), deduplication].into())
}

/// A cloud with a FIFO topic, and a subscription of a FIFO queue that is not there yet.
async fn cloud() -> (TestCloud, &'static AtomicI64) {
    let time: &'static AtomicI64 = Box::leak(Box::new(AtomicI64::new(1_800_000_000_000)));
    let (cloud, ()) = TestCloud::timed(Clock::by_hand(time), compose);
    let topic = sns::CreateTopic { name: "t.fifo".into(), attributes: attributes("FifoTopic"), ..Default::default() };
    cloud.call(topic).await.unwrap();
    let raw = Some([("RawMessageDelivery".to_owned(), "true".to_owned())].into());
    let (protocol, endpoint) = ("sqs".into(), Some(QUEUE.into()));
    let subscribe =
        sns::Subscribe { topic_arn: TOPIC.into(), protocol, endpoint, attributes: raw, ..Default::default() };
    cloud.call(subscribe).await.unwrap();
    (cloud, time)
}

async fn publish(cloud: &TestCloud, message: &str) -> sns::PublishResponse {
    let (topic_arn, message_group_id) = (Some(TOPIC.into()), Some("g".into()));
    let message = message.into();
    cloud.call(sns::Publish { topic_arn, message, message_group_id, ..Default::default() }).await.unwrap()
}

async fn make_queue(cloud: &TestCloud) {
    let queue =
        sqs::CreateQueue { queue_name: "q.fifo".into(), attributes: attributes("FifoQueue"), ..Default::default() };
    cloud.call(queue).await.unwrap();
}

/// The next messages, as many as are waited for.
async fn received(cloud: &TestCloud, count: usize) -> Vec<String> {
    let mut bodies = Vec::new();
    while bodies.len() < count {
        let ask =
            sqs::ReceiveMessage { queue_url: "q.fifo".into(), max_number_of_messages: Some(10), ..Default::default() };
        for message in cloud.call(ask).await.unwrap().messages.unwrap_or_default() {
            bodies.extend(message.body);
            let (queue_url, receipt_handle) = ("q.fifo".into(), message.receipt_handle.unwrap());
            cloud.call(sqs::DeleteMessage { queue_url, receipt_handle }).await.unwrap();
        }
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    bodies
}

#[tokio::test]
async fn a_message_is_known_again_for_five_minutes() {
    let (cloud, time) = cloud().await;
    let first = publish(&cloud, "m").await;
    time.fetch_add(5 * 60 * 1000 - 1, Ordering::Relaxed);
    assert_eq!(publish(&cloud, "m").await, first);
    time.fetch_add(1, Ordering::Relaxed);
    let later = publish(&cloud, "m").await;
    assert_ne!(later.message_id, first.message_id);
    assert!(later.sequence_number > first.sequence_number);
}

#[test]
fn what_one_process_accepted_the_next_delivers_in_order() {
    let runtime = || tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let messages: Vec<String> = (0..50).map(|number| number.to_string()).collect();
    let process = runtime();
    let first = process.block_on(async {
        let (first, _) = cloud().await;
        make_queue(&first).await;
        for message in &messages {
            publish(&first, message).await;
        }
        first
    });
    // With it ends whatever it was about to deliver; what it has delivered and not noted, the queue knows again.
    drop(process);
    let told = runtime().block_on(async {
        let (second, ()) = first.again(compose);
        second.cloud.start().await.unwrap();
        received(&second, messages.len()).await
    });
    assert_eq!(told, messages);
}
