//! Who is told of what happens to a bucket's objects.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html>

use crate::error::{Answer, Fault};
use s3s::dto;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use slam_cloud_core::Arn;
use slam_cloud_core::arn::partition_of;

/// How many a bucket may have.
const MOST: usize = 100;

/// The event types that may be asked for. Those of replication, restoring, transitions, annotations and retention are taken and
/// never happen here, as the operations behind them are refused.
const EVENTS: [&str; 31] = [
    "s3:ReducedRedundancyLostObject",
    "s3:ObjectCreated:*",
    "s3:ObjectCreated:Put",
    "s3:ObjectCreated:Post",
    "s3:ObjectCreated:Copy",
    "s3:ObjectCreated:CompleteMultipartUpload",
    "s3:ObjectRemoved:*",
    "s3:ObjectRemoved:Delete",
    "s3:ObjectRemoved:DeleteMarkerCreated",
    "s3:ObjectRestore:*",
    "s3:ObjectRestore:Post",
    "s3:ObjectRestore:Completed",
    "s3:ObjectRestore:Delete",
    "s3:Replication:*",
    "s3:Replication:OperationFailedReplication",
    "s3:Replication:OperationNotTracked",
    "s3:Replication:OperationMissedThreshold",
    "s3:Replication:OperationReplicatedAfterThreshold",
    "s3:LifecycleTransition",
    "s3:IntelligentTiering",
    "s3:ObjectAcl:Put",
    "s3:LifecycleExpiration:*",
    "s3:LifecycleExpiration:Delete",
    "s3:LifecycleExpiration:DeleteMarkerCreated",
    "s3:ObjectTagging:*",
    "s3:ObjectTagging:Put",
    "s3:ObjectTagging:Delete",
    "s3:ObjectAnnotation:*",
    "s3:ObjectAnnotation:Put",
    "s3:ObjectAnnotation:Delete",
    "s3:ObjectRetention:Put",
];

/// Of which service a destination is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// A function.
    Function,
    /// A queue.
    Queue,
    /// A topic.
    Topic,
    /// The bus of the bucket's account and region, which is told of everything.
    Bus,
}

impl Kind {
    /// The element that names it.
    fn element(self) -> &'static str {
        match self {
            Self::Function => "CloudFunction",
            Self::Queue => "Queue",
            Self::Topic => "Topic",
            Self::Bus => "EventBridgeConfiguration",
        }
    }

    fn service(self) -> &'static str {
        match self {
            Self::Function => "lambda",
            Self::Queue => "sqs",
            Self::Topic => "sns",
            Self::Bus => "events",
        }
    }
}

/// Somebody who is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// Its id, given or made.
    pub id: String,
    /// Of which service the destination is.
    pub kind: Kind,
    /// The destination.
    pub arn: String,
    /// The event types, with their `s3:`.
    pub events: Vec<String>,
    /// The rules as they were given: names and values.
    pub rules: Vec<(String, String)>,
}

impl Notification {
    /// The id of one that has none: the same for the same.
    fn own_id(&self) -> String {
        hex::encode(&Sha256::digest(format!("{} {:?} {:?}", self.arn, self.events, self.rules))[..16])
    }

    /// Whether it wants an event (`ObjectCreated:Put`) of a key.
    pub fn wants(&self, event: &str, key: &str) -> bool {
        self.kind == Kind::Bus
            || self.events.iter().any(|wanted| is_of(wanted, event))
                && key.starts_with(self.rule("prefix"))
                && key.ends_with(self.rule("suffix"))
    }

    /// The value of a rule, whose name may be written in any case; nothing where there is none, which fits all keys.
    fn rule(&self, name: &str) -> &str {
        let rule = self.rules.iter().find(|(given, _)| given.eq_ignore_ascii_case(name));
        rule.map_or("", |(_, value)| value.as_str())
    }

    /// The first event types of both that share an event.
    fn common<'n>(&'n self, other: &'n Self) -> Option<(&'n str, &'n str)> {
        let pairs = self.events.iter().flat_map(|one| other.events.iter().map(move |two| (one.as_str(), two.as_str())));
        pairs.into_iter().find(|(one, two)| is_of(one, bare(two)) || is_of(two, bare(one)))
    }

    /// Whether one event of one key could be told to both ("Configuring event notifications using object key name filtering").
    fn overlaps(&self, other: &Self) -> bool {
        let (prefixes, suffixes) =
            ((self.rule("prefix"), other.rule("prefix")), (self.rule("suffix"), other.rule("suffix")));
        self.common(other).is_some()
            && (prefixes.0.starts_with(prefixes.1) || prefixes.1.starts_with(prefixes.0))
            && (suffixes.0.ends_with(suffixes.1) || suffixes.1.ends_with(suffixes.0))
    }
}

fn bare(event: &str) -> &str {
    event.strip_prefix("s3:").unwrap_or(event)
}

fn is_of(wanted: &str, event: &str) -> bool {
    let wanted = bare(wanted);
    wanted == event || wanted.strip_suffix('*').is_some_and(|group| event.starts_with(group))
}

/// Reads and checks a configuration for a bucket of that region.
///
/// # Errors
/// In AWS's words.
pub fn read(configuration: dto::NotificationConfiguration, region: &str, owner: &str) -> Answer<Vec<Notification>> {
    let functions = configuration.lambda_function_configurations.unwrap_or_default().into_iter();
    let functions = functions.map(|one| (Kind::Function, one.id, one.lambda_function_arn, one.events, one.filter));
    let queues = configuration.queue_configurations.unwrap_or_default().into_iter();
    let queues = queues.map(|one| (Kind::Queue, one.id, one.queue_arn, one.events, one.filter));
    let topics = configuration.topic_configurations.unwrap_or_default().into_iter();
    let topics = topics.map(|one| (Kind::Topic, one.id, one.topic_arn, one.events, one.filter));
    let mut notifications: Vec<Notification> = Vec::new();
    for (kind, id, arn, events, filter) in functions.chain(queues).chain(topics) {
        let events = events.into_iter().map(String::from).collect();
        let mut notification = Notification { id: String::new(), kind, arn, events, rules: rules(filter)? };
        notification.id = id.unwrap_or_else(|| notification.own_id());
        check(&notification, region)?;
        if let Some(other) = notifications.iter().find(|other| other.overlaps(&notification)) {
            return Err(overlap(other, &notification));
        }
        notifications.push(notification);
    }
    if notifications.len() > MOST {
        return Err(Fault::malformed_xml());
    }
    if configuration.event_bridge_configuration.is_some() {
        let arn = format!("arn:{}:events:{region}:{owner}:event-bus/default", partition_of(region));
        notifications.push(Notification {
            id: String::new(),
            kind: Kind::Bus,
            arn,
            events: Vec::new(),
            rules: Vec::new(),
        });
    }
    Ok(notifications)
}

fn rules(filter: Option<dto::NotificationConfigurationFilter>) -> Answer<Vec<(String, String)>> {
    let rules = filter.and_then(|filter| filter.key).and_then(|key| key.filter_rules).unwrap_or_default();
    let mut read: Vec<(String, String)> = Vec::new();
    for rule in rules {
        let (Some(name), Some(value)) = (rule.name, rule.value) else { return Err(Fault::malformed_xml()) };
        let name = name.as_str().to_owned();
        if !["prefix", "suffix"].iter().any(|known| name.eq_ignore_ascii_case(known)) {
            let message = "filter rule name must be either prefix or suffix";
            return Err(Fault::invalid_argument(message, "FilterRule.Name", name));
        }
        if read.iter().any(|(other, _)| other.eq_ignore_ascii_case(&name)) {
            let message = format!("Cannot specify more than one {} rule in a filter.", name.to_ascii_lowercase());
            return Err(Fault::invalid_argument(message, "FilterRule.Name", name));
        }
        read.push((name, value));
    }
    Ok(read)
}

/// Recorded: `test_invalid_lambda_arn`. The text about regions is quoted in
/// <https://github.com/cloud-custodian/cloud-custodian/issues/297>, without the argument.
fn check(notification: &Notification, region: &str) -> Answer<()> {
    let Notification { kind, arn, events, .. } = notification;
    let Some(parsed) = Arn::parse(arn).filter(|parsed| parsed.service == kind.service()) else {
        return Err(Fault::invalid_argument("The ARN could not be parsed", kind.element(), arn.as_str()));
    };
    if parsed.region != region {
        let message = "The notification destination service region is not valid for the bucket location constraint";
        return Err(Fault::invalid_argument(message, kind.element(), arn.as_str()));
    }
    if events.is_empty() {
        return Err(Fault::malformed_xml());
    }
    match events.iter().find(|event| !EVENTS.contains(&event.as_str())) {
        Some(event) => {
            let message = "A specified event is not supported for notifications.";
            Err(Fault::invalid_argument(message, "Event", event.as_str()))
        }
        None => Ok(()),
    }
}

/// Nothing of it is recorded. AWS's answer to configurations without filters, with its argument, is quoted whole in
/// <https://github.com/minio/minio/issues/2472>; that to one with and one without in <https://github.com/aws/aws-cli/issues/2387>.
fn overlap(one: &Notification, two: &Notification) -> Fault {
    if one.rules.is_empty() && two.rules.is_empty() {
        let message = "Configurations overlap. Configurations on the same bucket cannot share a common event type.";
        let (first, second) = one.common(two).unwrap_or_default();
        return Fault::invalid_argument(message, "Event", format!("{first}, {second}"));
    }
    let message = "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are \
                   overlapping for the same event type.";
    Fault::new("InvalidArgument", 400, message)
}

/// The configuration as it is told.
pub fn told(notifications: &[Notification]) -> dto::GetBucketNotificationConfigurationOutput {
    let of = |kind: Kind| notifications.iter().filter(move |one| one.kind == kind);
    let events = |one: &Notification| one.events.iter().cloned().map(dto::Event::from).collect();
    let functions: Vec<_> = of(Kind::Function)
        .map(|one| dto::LambdaFunctionConfiguration {
            events: events(one),
            filter: filter(one),
            id: Some(one.id.clone()),
            lambda_function_arn: one.arn.clone(),
        })
        .collect();
    let queues: Vec<_> = of(Kind::Queue)
        .map(|one| dto::QueueConfiguration {
            events: events(one),
            filter: filter(one),
            id: Some(one.id.clone()),
            queue_arn: one.arn.clone(),
        })
        .collect();
    let topics: Vec<_> = of(Kind::Topic)
        .map(|one| dto::TopicConfiguration {
            events: events(one),
            filter: filter(one),
            id: Some(one.id.clone()),
            topic_arn: one.arn.clone(),
        })
        .collect();
    dto::GetBucketNotificationConfigurationOutput {
        event_bridge_configuration: of(Kind::Bus).next().map(|_| dto::EventBridgeConfiguration {}),
        lambda_function_configurations: (!functions.is_empty()).then_some(functions),
        queue_configurations: (!queues.is_empty()).then_some(queues),
        topic_configurations: (!topics.is_empty()).then_some(topics),
    }
}

fn filter(notification: &Notification) -> Option<dto::NotificationConfigurationFilter> {
    let rule = |(name, value): &(String, String)| dto::FilterRule {
        name: Some(dto::FilterRuleName::from(name.clone())),
        value: Some(value.clone()),
    };
    let rules: Vec<_> = notification.rules.iter().map(rule).collect();
    let key = dto::S3KeyFilter { filter_rules: Some(rules) };
    (!notification.rules.is_empty()).then_some(dto::NotificationConfigurationFilter { key: Some(key) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notification(events: &[&str], prefix: &str, suffix: &str) -> Notification {
        let rules = [("Prefix", prefix), ("suffix", suffix)].into_iter().filter(|(_, value)| !value.is_empty());
        Notification {
            id: "i".into(),
            kind: Kind::Queue,
            arn: "arn:aws:sqs:us-east-1:000000000000:q".into(),
            events: events.iter().map(|event| format!("s3:{event}")).collect(),
            rules: rules.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        }
    }

    #[test]
    fn events_and_keys_are_chosen() {
        let one = notification(&["ObjectCreated:*", "ObjectAcl:Put"], "images/", ".jpg");
        assert!(one.wants("ObjectCreated:Put", "images/a.jpg") && one.wants("ObjectAcl:Put", "images/.jpg"));
        assert!(!one.wants("ObjectCreated:Put", "images/a.png") && !one.wants("ObjectCreated:Put", "a.jpg"));
        assert!(!one.wants("ObjectRemoved:Delete", "images/a.jpg"));
        assert!(notification(&["ObjectRemoved:Delete"], "", "").wants("ObjectRemoved:Delete", "ü"));
    }

    /// The examples of "Configuring event notifications using object key name filtering".
    #[test]
    fn overlaps_are_found() {
        let check = |one: (&[&str], &str, &str), two: (&[&str], &str, &str), expected: bool| {
            let (one, two) = (notification(one.0, one.1, one.2), notification(two.0, two.1, two.2));
            assert_eq!((one.overlaps(&two), two.overlaps(&one)), (expected, expected), "{one:?} {two:?}");
        };
        let (all, put, delete) = (&["ObjectCreated:*"][..], &["ObjectCreated:Put"][..], &["ObjectRemoved:Delete"][..]);
        check((all, "images", ""), (all, "logs", ""), false);
        check((all, "", ".jpg"), (all, "", ".png"), false);
        check((all, "images", ".jpg"), (all, "images", ".png"), false);
        check((put, "images", "jpg"), (delete, "images", "jpg"), false);
        check((all, "", ""), (put, "images", ""), true);
        check((all, "images", ""), (put, "images/one", ""), true);
        check((all, "", "jpg"), (all, "", "pg"), true);
        check((all, "images", "jpg"), (all, "", "jpg"), true);
    }
}
