//! How topics and subscriptions are named.

use crate::error::{invalid, invalid_because};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{Arn, AwsResult, Context, arn};

/// The end of a FIFO topic's name, and of a FIFO queue's.
pub const FIFO: &str = ".fifo";
/// The longest name (recorded: `test_create_topic_name_constraints`).
const LONGEST: usize = 256;
/// The elements of an ARN.
const ELEMENTS: usize = 6;

/// Checks the name of a new topic (recorded: `test_create_topic_name_constraints`, `test_create_topic_different_attrs`).
///
/// # Errors
/// When it is none of a topic of its kind.
pub fn check(name: &str, fifo: bool) -> AwsResult<()> {
    let stem = name.strip_suffix(FIFO).filter(|_| fifo).unwrap_or(name);
    let is_fine = !stem.is_empty()
        && name.len() <= LONGEST
        && fifo == name.ends_with(FIFO)
        && stem.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if is_fine { Ok(()) } else { Err(invalid("Topic Name")) }
}

/// A topic: where it is, and its name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Reference {
    /// The account and region.
    pub scope: Scope,
    /// The name.
    pub name: String,
}

impl Reference {
    /// A topic of the caller's.
    pub fn here(context: &Context, name: String) -> Self {
        Self { scope: Scope::regional(context), name }
    }

    /// The topic of an ARN, which must be one of the region of the request (recorded: `test_publish_wrong_arn_format`,
    /// `test_cross_region_access`).
    ///
    /// # Errors
    /// When it is none.
    pub fn of_arn(context: &Context, text: &str) -> AwsResult<Self> {
        elements(text, "TopicArn")?;
        Self::read(text).filter(|topic| topic.scope.region == context.region).ok_or_else(|| invalid("TopicArn"))
    }

    /// The topic of an ARN, wherever it is.
    pub fn read(text: &str) -> Option<Self> {
        let arn = Arn::parse(text).filter(|arn| arn.service == "sns" && !arn.resource.contains([':', '/']))?;
        let is_whole = !arn.region.is_empty() && !arn.account.is_empty() && !arn.resource.is_empty();
        is_whole.then(|| Self {
            scope: Scope { account: arn.account.into(), region: arn.region.into() },
            name: arn.resource,
        })
    }

    /// Its ARN.
    pub fn arn(&self) -> String {
        of_sns(&self.scope, self.name.clone())
    }

    /// The ARN of a subscription of it.
    pub fn subscription(&self, id: &str) -> String {
        of_sns(&self.scope, format!("{}:{id}", self.name))
    }

    /// Whether it is a FIFO topic.
    pub fn is_fifo(&self) -> bool {
        self.name.ends_with(FIFO)
    }
}

fn of_sns(scope: &Scope, resource: String) -> String {
    Arn {
        partition: arn::partition_of(&scope.region).to_owned(),
        service: "sns".to_owned(),
        region: scope.region.to_string(),
        account: scope.account.to_string(),
        resource,
    }
    .to_string()
}

/// Refuses what has too few elements to be an ARN.
///
/// # Errors
/// How many are missing.
pub fn elements(text: &str, parameter: &str) -> AwsResult<()> {
    let count = text.split(':').count();
    if count >= ELEMENTS {
        return Ok(());
    }
    Err(invalid_because(parameter, format_args!("An ARN must have at least {ELEMENTS} elements, not {count}")))
}

/// The id of a subscription, by its ARN (recorded: `test_unsubscribe_from_deleted_topic`).
///
/// # Errors
/// When it is no subscription's of the region of the request.
pub fn subscription_id<'a>(context: &Context, text: &'a str) -> AwsResult<&'a str> {
    elements(text, "SubscriptionArn")?;
    let found = text.rsplit_once(':').filter(|(topic, id)| {
        let is_here = |topic: Reference| topic.scope.region == context.region;
        !id.is_empty() && Reference::read(topic).is_some_and(is_here)
    });
    found.map(|(_, id)| id).ok_or_else(|| invalid("SubscriptionArn"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_their_kind() {
        let expect = |name: &str, fifo: bool, expected: bool| {
            assert_eq!(check(name, fifo).is_ok(), expected, "{name} {fifo}");
        };
        expect("a-B_9", false, true);
        expect(&"a".repeat(256), false, true);
        expect(&"a".repeat(257), false, false);
        expect("a.fifo", true, true);
        for (name, fifo) in [("", false), ("a.b", false), ("a.fifo", false), ("a", true), (".fifo", true), ("é", false)]
        {
            expect(name, fifo, false);
        }
    }

    #[test]
    fn arns_are_those_of_topics() {
        let topic = Reference::read("arn:aws:sns:eu-west-1:111111111111:t").unwrap();
        assert_eq!(topic.arn(), "arn:aws:sns:eu-west-1:111111111111:t");
        assert_eq!(topic.subscription("i"), "arn:aws:sns:eu-west-1:111111111111:t:i");
        for wrong in ["t", "arn:aws:sqs:us-east-1:111111111111:t", "arn:aws:sns:us-east-1::t", "arn:aws:sns:a:1:t:i"] {
            assert_eq!(Reference::read(wrong), None, "{wrong}");
        }
    }
}
