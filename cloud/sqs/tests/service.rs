//! What is seen by several callers at once, and over time.
#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

use slam_cloud_core::{AwsResult, Clock};
use slam_cloud_testing::TestCloud;
use slam_cloud_wire::sqs as wire;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// A cloud with a queue `q`, and its time.
async fn cloud() -> (Arc<TestCloud>, &'static AtomicI64) {
    let time: &'static AtomicI64 = Box::leak(Box::new(AtomicI64::new(1_800_000_000_000)));
    let (cloud, _) = TestCloud::timed(Clock::by_hand(time), slam_cloud_sqs::register);
    cloud.call(wire::CreateQueue { queue_name: "q".into(), ..Default::default() }).await.unwrap();
    (Arc::new(cloud), time)
}

async fn send(cloud: &TestCloud, body: &str, delay: Option<i64>) {
    let (queue_url, message_body, delay_seconds) = ("q".into(), body.into(), delay);
    cloud.call(wire::SendMessage { queue_url, message_body, delay_seconds, ..Default::default() }).await.unwrap();
}

async fn receive(cloud: &TestCloud, visibility: i64, wait: i64) -> AwsResult<Option<String>> {
    let asked = wire::ReceiveMessage {
        queue_url: "q".into(),
        visibility_timeout: Some(visibility),
        wait_time_seconds: Some(wait),
        ..Default::default()
    };
    let messages = cloud.call(asked).await?.messages.unwrap_or_default();
    Ok(messages.into_iter().next().and_then(|message| message.body))
}

/// A receiver that waits, once it does.
async fn waiting(cloud: &Arc<TestCloud>) -> tokio::task::JoinHandle<AwsResult<Option<String>>> {
    let own = Arc::clone(cloud);
    let receiver = tokio::spawn(async move { receive(&own, 30, 20).await });
    // It looks once: when a later job of the writer is done, that one is, too.
    tokio::task::yield_now().await;
    for _ in 0..3 {
        receive(cloud, 0, 0).await.unwrap();
    }
    receiver
}

#[tokio::test]
async fn a_waiting_receiver_gets_what_another_lets_go() {
    let (cloud, time) = cloud().await;
    let receiver = waiting(&cloud).await;
    send(&cloud, "m", Some(1)).await;
    time.fetch_add(1000, Ordering::Relaxed);
    assert_eq!(receiver.await.unwrap().unwrap().as_deref(), Some("m"));
    // It is in flight; whoever waits now gets it when that ends, which began before or after the waiting.
    time.fetch_add(25_000, Ordering::Relaxed);
    let receiver = waiting(&cloud).await;
    time.fetch_add(5_000, Ordering::Relaxed);
    assert_eq!(receiver.await.unwrap().unwrap().as_deref(), Some("m"));
    time.fetch_add(30_000, Ordering::Relaxed);
    assert_eq!(receive(&cloud, 5, 0).await.unwrap().as_deref(), Some("m"));
    let receiver = waiting(&cloud).await;
    time.fetch_add(5_000, Ordering::Relaxed);
    assert_eq!(receiver.await.unwrap().unwrap().as_deref(), Some("m"));
}

#[tokio::test]
async fn waiting_ends_with_its_time_and_with_its_queue() {
    let (cloud, time) = cloud().await;
    let receiver = waiting(&cloud).await;
    time.fetch_add(20_000, Ordering::Relaxed);
    assert_eq!(receiver.await.unwrap().unwrap(), None);
    let receiver = waiting(&cloud).await;
    cloud.call(wire::DeleteQueue { queue_url: "q".into() }).await.unwrap();
    assert_eq!(receiver.await.unwrap().unwrap_err().code, "QueueDoesNotExist");
}

#[tokio::test]
async fn a_receiver_that_waits_through_a_purge_gets_what_comes_after() {
    let (cloud, _) = cloud().await;
    send(&cloud, "before", Some(10)).await;
    let receiver = waiting(&cloud).await;
    cloud.call(wire::PurgeQueue { queue_url: "q".into() }).await.unwrap();
    send(&cloud, "after", None).await;
    assert_eq!(receiver.await.unwrap().unwrap().as_deref(), Some("after"));
}
