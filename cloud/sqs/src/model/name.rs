//! How requests name queues: by URL, by name, by ARN.

use crate::error::invalid;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{Arn, AwsResult, Context, Settings, arn};

/// The end of a FIFO queue's name.
pub const FIFO: &str = ".fifo";
/// The longest name, its end included.
const LONGEST: usize = 80;

/// Whether that is a FIFO queue's name.
pub fn is_fifo(name: &str) -> bool {
    name.ends_with(FIFO)
}

/// Checks the name of a new queue.
///
/// # Errors
/// When it is none of a queue of its kind.
pub fn check(name: &str, fifo: bool) -> AwsResult<()> {
    let stem = name.strip_suffix(FIFO).filter(|_| fifo).unwrap_or(name);
    let is_fine = !stem.is_empty()
        && name.len() <= LONGEST
        && stem.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    match (is_fine, fifo == is_fifo(name)) {
        (true, true) => Ok(()),
        (_, _) if fifo => Err(invalid(
            "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with \
             .fifo suffix and be 1 to 80 in length",
        )),
        _ => Err(invalid("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")),
    }
}

/// A queue's URL on this machine.
pub fn url(settings: &Settings, account: &str, name: &str) -> String {
    format!("http://localhost:{}/{account}/{name}", settings.port)
}

/// A queue's ARN.
pub fn arn(scope: &Scope, name: &str) -> String {
    Arn {
        partition: arn::partition_of(&scope.region).to_owned(),
        service: "sqs".to_owned(),
        region: scope.region.to_string(),
        account: scope.account.to_string(),
        resource: name.to_owned(),
    }
    .to_string()
}

/// Where a queue is, and its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The account and region.
    pub scope: Scope,
    /// The name.
    pub name: String,
}

impl Reference {
    /// A `QueueUrl`. As AWS does, only its path is read: `/ACCOUNT/NAME`, whatever the host; the region is the request's. A name
    /// alone is that of a queue of the caller's (asserted on AWS: `test_set_empty_redrive_policy`).
    pub fn of_url(context: &Context, url: &str) -> Self {
        let path = match url.split_once("://") {
            Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
            None => url,
        };
        let path = path.split(['?', '#']).next().unwrap_or_default().trim_matches('/');
        let mut parts = path.rsplit('/');
        let name = parts.next().unwrap_or_default().to_owned();
        let mut scope = Scope::regional(context);
        if let Some(account) = parts.next() {
            scope.account = account.into();
        }
        Self { scope, name }
    }

    /// A queue's ARN; `None` for any other text.
    pub fn of_arn(text: &str) -> Option<Self> {
        let arn = Arn::parse(text).filter(|arn| arn.service == "sqs" && !arn.resource.contains([':', '/']))?;
        let is_whole = !arn.region.is_empty() && !arn.account.is_empty() && !arn.resource.is_empty();
        is_whole.then(|| Self {
            scope: Scope { account: arn.account.into(), region: arn.region.into() },
            name: arn.resource,
        })
    }

    /// The ARN that it has.
    pub fn arn(&self) -> String {
        arn(&self.scope, &self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use slam_cloud_core::Principal;

    #[test]
    fn urls_are_read_by_their_paths() {
        let context = Context::new("000000000000", "us-east-1", Principal::Root { account: "000000000000".into() });
        let check = |url: &str, account: &str, name: &str| {
            let found = Reference::of_url(&context, url);
            assert_eq!((&*found.scope.account, &*found.name), (account, name), "{url}");
        };
        check("http://localhost:4566/000000000000/q", "000000000000", "q");
        check("https://sqs.us-east-1.amazonaws.com/111111111111/q.fifo", "111111111111", "q.fifo");
        check("http://sqs.eu-west-1.localhost.localstack.cloud:4566/111111111111/q/", "111111111111", "q");
        check("http://localhost:4566/queue/us-east-1/111111111111/q", "111111111111", "q");
        check("/111111111111/q", "111111111111", "q");
        check("q", "000000000000", "q");
        check("http://localhost:4566", "000000000000", "");
    }

    #[test]
    fn names_are_those_of_their_kind() {
        let expect = |name: &str, fifo: bool, expected: bool| {
            assert_eq!(check(name, fifo).is_ok(), expected, "{name} {fifo}");
        };
        expect("a-B_9", false, true);
        expect(&"a".repeat(80), false, true);
        expect("a.fifo", true, true);
        expect(&format!("{}.fifo", "a".repeat(75)), true, true);
        for (name, fifo) in [("", false), ("a.b", false), ("a.fifo", false), ("a", true), (".fifo", true), ("é", false)]
        {
            expect(name, fifo, false);
        }
        expect(&"a".repeat(81), false, false);
        expect(&format!("{}.fifo", "a".repeat(76)), true, false);
    }

    #[test]
    fn arns_are_those_of_queues() {
        let found = Reference::of_arn("arn:aws:sqs:eu-west-1:111111111111:q").unwrap();
        assert_eq!(found.arn(), "arn:aws:sqs:eu-west-1:111111111111:q");
        for wrong in ["q", "arn:aws:sns:us-east-1:111111111111:q", "arn:aws:sqs:us-east-1::q", "arn:aws:sqs:a:1:q:r"] {
            assert_eq!(Reference::of_arn(wrong), None, "{wrong}");
        }
    }
}
