//! What happens to objects of buckets.

use super::{Reader, reference};
use crate::language::did_you_mean;
use crate::model::{BucketTrigger, Reference, Trigger};
use crate::yaml::Node;

/// What S3 tells functions of, without `s3:`.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html>
const EVENTS: &[&str] = &[
    "IntelligentTiering",
    "LifecycleExpiration:*",
    "LifecycleExpiration:Delete",
    "LifecycleExpiration:DeleteMarkerCreated",
    "LifecycleTransition",
    "ObjectAcl:Put",
    "ObjectCreated:*",
    "ObjectCreated:CompleteMultipartUpload",
    "ObjectCreated:Copy",
    "ObjectCreated:Post",
    "ObjectCreated:Put",
    "ObjectRemoved:*",
    "ObjectRemoved:Delete",
    "ObjectRemoved:DeleteMarkerCreated",
    "ObjectRestore:*",
    "ObjectRestore:Completed",
    "ObjectRestore:Delete",
    "ObjectRestore:Post",
    "ObjectTagging:*",
    "ObjectTagging:Delete",
    "ObjectTagging:Put",
    "ReducedRedundancyLostObject",
];

impl Reader<'_, '_> {
    pub(super) fn bucket(&mut self) -> Option<Trigger> {
        let node = self.entry.get("bucket")?;
        let bucket = match reference::read(self.reading, node, reference::BUCKET)? {
            Reference::Own(name) => name,
            // The notifications of a bucket are its owner's to configure, in the template that makes it.
            Reference::Arn(_) => {
                self.reading
                    .error(node, "only the stack that makes a bucket can have it tell of its objects")
                    .hints
                    .push("name one of `buckets`; another bucket can send to EventBridge, for `on: {event: {source: [aws.s3], …}}`".to_owned());
                return None;
            }
        };
        let mut events = Vec::new();
        for item in self.entry.get("events").map(Node::one_or_many).unwrap_or_default() {
            let text = item.text().unwrap_or_default();
            let word = text.strip_prefix("s3:").unwrap_or(text);
            if !EVENTS.contains(&word) {
                let close = did_you_mean(word, EVENTS.iter().copied()).unwrap_or("ObjectCreated:*");
                self.reading.error(item, format!("`{text}` is nothing that S3 tells a function of")).hints.push(
                    format!(
                        "did you mean `{close}`? S3's events are like `ObjectCreated:*` and `ObjectRemoved:Delete`"
                    ),
                );
            }
            events.push(format!("s3:{word}"));
        }
        if events.is_empty() {
            events.push("s3:ObjectCreated:*".to_owned());
        }
        Some(Trigger::Bucket(BucketTrigger {
            bucket,
            prefix: self.text("prefix"),
            suffix: self.text("suffix"),
            events,
        }))
    }
}
