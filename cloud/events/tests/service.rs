//! What happens over time, and what a new process takes up.
#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

use slam_cloud_core::{Clock, Cloud, Registry, Service, Store, StoreError};
use slam_cloud_events::EventsService;
use slam_cloud_testing::TestCloud;
use slam_cloud_wire::{events as wire, sqs};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

const DAY: i64 = 86_400_000;
const BUS: &str = "arn:aws:events:us-east-1:000000000000:event-bus/default";
const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:q";
const POLICY: &str = r#"{"Statement":{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"*"}}"#;

fn compose(cloud: &Cloud, store: &Arc<Store>, registry: &mut Registry) -> Result<Arc<EventsService>, StoreError> {
    slam_cloud_iam::register(cloud, store, registry)?;
    slam_cloud_sqs::register(cloud, store, registry)?;
    slam_cloud_events::register(cloud, store, registry)
}

async fn put(cloud: &TestCloud, count: usize) {
    for _ in 0..count.div_ceil(10) {
        let entry = wire::PutEventsRequestEntry {
            source: Some("s".into()),
            detail_type: Some("d".into()),
            detail: Some("{}".into()),
            ..Default::default()
        };
        let answer = cloud.call(wire::PutEvents { entries: vec![entry; 10], endpoint_id: None }).await.unwrap();
        assert_eq!(answer.failed_entry_count, Some(0));
    }
}

async fn until(mut reached: impl AsyncFnMut() -> bool) {
    while !reached().await {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn messages(cloud: &TestCloud) -> usize {
    let asked = sqs::GetQueueAttributes { queue_url: "q".into(), attribute_names: Some(vec!["All".into()]) };
    let attributes = cloud.call(asked).await.unwrap().attributes.unwrap_or_default();
    attributes["ApproximateNumberOfMessages"].parse().unwrap()
}

/// More than may be under way at once: the others are rows, which the next process finds, too.
#[tokio::test]
async fn what_waits_is_delivered_by_the_next_process() {
    let (cloud, service) = TestCloud::new(compose);
    let attributes = [("Policy".to_owned(), POLICY.to_owned())].into();
    let queue = sqs::CreateQueue { queue_name: "q".into(), attributes: Some(attributes), ..Default::default() };
    cloud.call(queue).await.unwrap();
    let pattern = Some(r#"{"source":["s"]}"#.to_owned());
    cloud.call(wire::PutRule { name: "r".into(), event_pattern: pattern, ..Default::default() }).await.unwrap();
    let target = wire::Target { id: "t".into(), arn: QUEUE.into(), ..Default::default() };
    let targets = wire::PutTargets { rule: "r".into(), event_bus_name: None, targets: vec![target] };
    cloud.call(targets).await.unwrap();
    // Nobody begins what waits in this process.
    put(&cloud, 200).await;
    drop(service);
    let (again, service) = cloud.again(compose);
    service.start().await.unwrap();
    until(async || messages(&again).await >= 200).await;
    put(&again, 200).await;
    until(async || messages(&again).await >= 400).await;
}

#[tokio::test]
async fn an_archive_forgets_what_is_too_old() {
    let time: &'static AtomicI64 = Box::leak(Box::new(AtomicI64::new(1_800_000_000_000)));
    let (cloud, service) = TestCloud::timed(Clock::by_hand(time), compose);
    let archive = |name: &str, retention_days| wire::CreateArchive {
        archive_name: name.into(),
        event_source_arn: BUS.into(),
        retention_days,
        ..Default::default()
    };
    cloud.call(archive("short", Some(1))).await.unwrap();
    cloud.call(archive("long", None)).await.unwrap();
    put(&cloud, 10).await;
    let count = async |name: &str| {
        let told = cloud.call(wire::DescribeArchive { archive_name: name.into() }).await.unwrap();
        (told.event_count.unwrap(), told.size_bytes.unwrap())
    };
    assert_eq!((count("short").await, count("long").await), ((10, 40), (10, 40)));
    time.fetch_add(DAY / 2, Ordering::Relaxed);
    put(&cloud, 10).await;
    time.fetch_add(DAY * 3 / 4, Ordering::Relaxed);
    service.start().await.unwrap();
    until(async || count("short").await == (10, 40)).await;
    assert_eq!(count("long").await, (20, 80));
}
