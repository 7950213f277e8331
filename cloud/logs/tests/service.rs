//! The service through the door, as the account's root user calls it.
#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

use slam_cloud_core::{AwsResult, Operation};
use slam_cloud_testing::TestCloud;
use slam_cloud_wire::logs;

struct Fixture {
    test: TestCloud,
}

impl Fixture {
    fn new() -> Self {
        let (test, _) = TestCloud::new(slam_cloud_logs::register);
        Self { test }
    }

    async fn call<O: Operation>(&self, input: O) -> AwsResult<O::Output> {
        self.test.call(input).await
    }

    async fn group(&self, name: &str) {
        self.call(logs::CreateLogGroup { log_group_name: name.into(), ..Default::default() }).await.unwrap();
    }

    async fn stream(&self, group: &str, name: &str) {
        self.call(logs::CreateLogStream { log_group_name: group.into(), log_stream_name: name.into() }).await.unwrap();
    }

    async fn put(&self, group: &str, stream: &str, events: &[(i64, &str)]) -> AwsResult<logs::PutLogEventsResponse> {
        let event = |(timestamp, message): &(i64, &str)| logs::InputLogEvent {
            timestamp: *timestamp,
            message: (*message).to_owned(),
        };
        self.call(logs::PutLogEvents {
            log_group_name: group.into(),
            log_stream_name: stream.into(),
            log_events: events.iter().map(event).collect(),
            ..Default::default()
        })
        .await
    }

    async fn get(&self, input: logs::GetLogEvents) -> (Vec<String>, String, String) {
        let input = logs::GetLogEvents { log_group_name: Some("g".into()), log_stream_name: "s".into(), ..input };
        let page = self.call(input).await.unwrap();
        let messages = page.events.unwrap().into_iter().map(|event| event.message.unwrap()).collect();
        (messages, page.next_forward_token.unwrap(), page.next_backward_token.unwrap())
    }

    async fn filter(&self, input: logs::FilterLogEvents) -> (Vec<String>, Option<String>) {
        let page = self.call(logs::FilterLogEvents { log_group_name: Some("g".into()), ..input }).await.unwrap();
        (page.events.unwrap().into_iter().map(|event| event.message.unwrap()).collect(), page.next_token)
    }
}

fn now() -> i64 {
    slam_cloud_core::Timestamp::now().as_millisecond()
}

#[track_caller]
fn check_error<T: std::fmt::Debug>(result: AwsResult<T>, code: &str, message: &str) {
    let error = result.unwrap_err();
    assert_eq!((&*error.code, error.message.as_str(), error.status), (code, message, 400));
}

// Messages: recorded in test_resource_does_not_exist, test_create_log_group_duplicate_error,
// test_create_log_stream_duplicate_error, test_put_log_events_to_invalid_stream and test_get_log_events_invalid_token.
#[tokio::test]
async fn what_exists_or_does_not_is_told_as_aws_tells_it() {
    let f = Fixture::new();
    let missing = logs::DeleteLogGroup { log_group_name: "g".into() };
    check_error(f.call(missing).await, "ResourceNotFoundException", "The specified log group does not exist.");
    f.group("g").await;
    let again = logs::CreateLogGroup { log_group_name: "g".into(), ..Default::default() };
    check_error(f.call(again).await, "ResourceAlreadyExistsException", "The specified log group already exists");
    f.stream("g", "s").await;
    let again = logs::CreateLogStream { log_group_name: "g".into(), log_stream_name: "s".into() };
    check_error(f.call(again).await, "ResourceAlreadyExistsException", "The specified log stream already exists");
    let no_stream = f.put("g", "other", &[(now(), "m")]).await;
    check_error(no_stream, "ResourceNotFoundException", "The specified log stream does not exist.");
    let bad_token = logs::GetLogEvents {
        log_group_name: Some("g".into()),
        log_stream_name: "s".into(),
        next_token: Some("foo".into()),
        ..Default::default()
    };
    check_error(f.call(bad_token).await, "InvalidParameterException", "The specified nextToken is invalid.");
}

#[tokio::test]
async fn a_stream_is_read_page_by_page_in_both_directions() {
    let f = Fixture::new();
    f.group("g").await;
    f.stream("g", "s").await;
    let start = now() - 1000;
    f.put("g", "s", &[(start, "1"), (start + 1, "2"), (start + 1, "3")]).await.unwrap();
    f.put("g", "s", &[(start + 2, "4"), (start + 3, "5")]).await.unwrap();
    let with = |token: Option<String>, head: Option<bool>, limit: i64| logs::GetLogEvents {
        next_token: token,
        start_from_head: head,
        limit: Some(limit),
        ..Default::default()
    };
    let (messages, forward, _) = f.get(with(None, Some(true), 2)).await;
    assert_eq!(messages, ["1", "2"]);
    let (messages, forward, _) = f.get(with(Some(forward), Some(true), 3)).await;
    assert_eq!(messages, ["3", "4", "5"]);
    let (messages, again, backward) = f.get(with(Some(forward.clone()), Some(true), 3)).await;
    assert!(messages.is_empty());
    assert_eq!(forward, again, "at the end the same token comes back");
    f.put("g", "s", &[(start + 4, "6")]).await.unwrap();
    assert_eq!(f.get(with(Some(again), Some(true), 3)).await.0, ["6"]);
    drop(backward);
    let (messages, _, backward) = f.get(with(None, None, 2)).await;
    assert_eq!(messages, ["5", "6"]);
    let (messages, _, _) = f.get(with(Some(backward), None, 2)).await;
    assert_eq!(messages, ["3", "4"]);
    let between = logs::GetLogEvents { start_time: Some(start + 1), end_time: Some(start + 2), ..Default::default() };
    assert_eq!(f.get(between).await.0, ["2", "3"]);
}

#[tokio::test]
async fn a_group_is_filtered_over_its_streams() {
    let f = Fixture::new();
    f.group("g").await;
    for stream in ["a/1", "a/2", "b"] {
        f.stream("g", stream).await;
    }
    let start = now() - 1000;
    f.put("g", "a/1", &[(start, "ERROR one"), (start + 4, "fine")]).await.unwrap();
    f.put("g", "a/2", &[(start + 1, "ERROR two")]).await.unwrap();
    f.put("g", "b", &[(start + 2, "ERROR three")]).await.unwrap();
    let errors = logs::FilterLogEvents { filter_pattern: Some("ERROR".into()), ..Default::default() };
    assert_eq!(f.filter(errors.clone()).await.0, ["ERROR one", "ERROR two", "ERROR three"]);
    let prefix = logs::FilterLogEvents { log_stream_name_prefix: Some("a/".into()), ..errors.clone() };
    assert_eq!(f.filter(prefix).await.0, ["ERROR one", "ERROR two"]);
    let named = logs::FilterLogEvents { log_stream_names: Some(vec!["b".into(), "a/1".into()]), ..errors.clone() };
    assert_eq!(f.filter(named).await.0, ["ERROR one", "ERROR three"]);
    let end = logs::FilterLogEvents { end_time: Some(start + 1), ..errors.clone() };
    assert_eq!(f.filter(end).await.0, ["ERROR one", "ERROR two"]);
    let (messages, token) = f.filter(logs::FilterLogEvents { limit: Some(2), ..errors.clone() }).await;
    assert_eq!(messages, ["ERROR one", "ERROR two"]);
    let (messages, token) = f.filter(logs::FilterLogEvents { next_token: token, ..errors }).await;
    assert_eq!((messages, token), (vec!["ERROR three".to_owned()], None));
    let latest = logs::FilterLogEvents { start_from_head: Some(false), limit: Some(1), ..Default::default() };
    assert_eq!(f.filter(latest).await.0, ["fine"]);
}

#[tokio::test]
async fn groups_and_streams_are_described() {
    let f = Fixture::new();
    for name in ["/aws/lambda/a", "/aws/lambda/b", "other"] {
        f.group(name).await;
    }
    let retention = |days| logs::PutRetentionPolicy { log_group_name: "other".into(), retention_in_days: days };
    f.call(retention(7)).await.unwrap();
    assert_eq!(&*f.call(retention(2)).await.unwrap_err().code, "InvalidParameterException");
    let describe = |prefix: &str, token, limit| logs::DescribeLogGroups {
        log_group_name_prefix: Some(prefix.into()),
        next_token: token,
        limit,
        ..Default::default()
    };
    let page = f.call(describe("/aws/", None, Some(1))).await.unwrap();
    let group = &page.log_groups.unwrap()[0];
    assert_eq!(group.arn.as_deref(), Some("arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/a:*"));
    assert_eq!(group.stored_bytes, Some(0));
    let page = f.call(describe("/aws/", page.next_token, None)).await.unwrap();
    assert_eq!(page.log_groups.unwrap()[0].log_group_name.as_deref(), Some("/aws/lambda/b"));
    assert_eq!(page.next_token, None);

    for stream in ["s1", "s2", "s3"] {
        f.stream("other", stream).await;
    }
    f.put("other", "s2", &[(now() + 5000, "later")]).await.unwrap();
    f.put("other", "s1", &[(now() + 9000, "latest")]).await.unwrap();
    let streams = |order: &str, token| logs::DescribeLogStreams {
        log_group_name: Some("other".into()),
        order_by: Some(order.into()),
        descending: Some(true),
        next_token: token,
        limit: Some(2),
        ..Default::default()
    };
    for (order, expected) in [("LastEventTime", ["s1", "s2", "s3"]), ("LogStreamName", ["s3", "s2", "s1"])] {
        let first = f.call(streams(order, None)).await.unwrap();
        let second = f.call(streams(order, first.next_token)).await.unwrap();
        let all = first.log_streams.unwrap().into_iter().chain(second.log_streams.unwrap());
        let names: Vec<String> = all.map(|stream| stream.log_stream_name.unwrap()).collect();
        assert_eq!(names, expected, "{order}");
    }
    let page = f.call(describe("other", None, None)).await.unwrap();
    let group = &page.log_groups.unwrap()[0];
    assert_eq!((group.stored_bytes, group.retention_in_days), (Some(5 + 6 + 2 * 26), Some(7)));
}

// Steps: recorded in test_tag_resource_api.
#[tokio::test]
async fn tags_are_the_same_by_arn_and_by_name() {
    let f = Fixture::new();
    let pairs =
        |pairs: &[(&str, &str)]| pairs.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
    let arn = "arn:aws:logs:us-east-1:000000000000:log-group:g";
    let create = logs::CreateLogGroup {
        log_group_name: "g".into(),
        tags: Some(pairs(&[("env", "testing1")])),
        ..Default::default()
    };
    f.call(create).await.unwrap();
    let tags = pairs(&[("test1", "val1"), ("test2", "val2")]);
    f.call(logs::TagResource { resource_arn: format!("{arn}:*"), tags }).await.unwrap();
    let untag = logs::UntagLogGroup { log_group_name: "g".into(), tags: vec!["env".into(), "test1".into()] };
    f.call(untag).await.unwrap();
    let left = f.call(logs::ListTagsForResource { resource_arn: arn.into() }).await.unwrap().tags;
    assert_eq!(left, Some(pairs(&[("test2", "val2")])));
}

#[tokio::test]
async fn a_group_created_again_is_empty() {
    let f = Fixture::new();
    for _ in 0..2 {
        f.group("g").await;
        f.stream("g", "s").await;
        assert!(f.get(logs::GetLogEvents::default()).await.0.is_empty());
        f.put("g", "s", &[(now(), "m")]).await.unwrap();
        f.call(logs::DeleteLogGroup { log_group_name: "g".into() }).await.unwrap();
    }
}
