//! What is told of an event.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>

use crate::call::host_id;
use crate::model::bucket::Bucket;
use crate::model::object::NULL_VERSION;
use serde_json::{Value, json};
use slam_cloud_core::arn::partition_of;
use slam_cloud_core::{Context, Timestamp};
use slam_cloud_wire::timestamp::iso8601;

/// What is the same for all that a call does.
pub struct Facts {
    bucket: String,
    /// The bucket's account.
    pub owner: String,
    /// The bucket's region.
    pub region: String,
    principal: String,
    requester: String,
    address: String,
    request_id: String,
}

/// An object that something happened to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Subject<'s> {
    /// Its key.
    pub key: &'s str,
    /// How large it is, unless it is removed.
    pub size: Option<u64>,
    /// Its entity tag without quotes, unless it is removed.
    pub etag: Option<&'s str>,
    /// The id of the version, where there are any.
    pub version: Option<&'s str>,
    /// How it was removed: `Delete` or `DeleteMarkerCreated`.
    pub removal: Option<&'static str>,
}

impl Subject<'_> {
    /// The version's id, unless it is `null` as those of suspended versioning (recorded: `test_object_created_put_versioned`).
    fn own_version(&self) -> Option<&str> {
        self.version.filter(|version| *version != NULL_VERSION)
    }
}

/// What happened.
pub struct Happened<'h> {
    /// `ObjectCreated:Put`
    pub event: &'h str,
    /// When.
    pub at: Timestamp,
    /// Its place among the events of the key.
    pub sequencer: &'h str,
    /// The id of the configuration that asks for it.
    pub configuration: &'h str,
    /// To which object.
    pub subject: &'h Subject<'h>,
}

impl Facts {
    /// The facts of a call; without one it is S3 itself that acts.
    pub fn of(bucket: &Bucket, context: Option<&Context>) -> Self {
        let s3 = || "s3.amazonaws.com".to_owned();
        let address = context.and_then(|context| context.source_ip).map(|address| address.to_string());
        let request = context.map(|context| context.request_id.to_string());
        Self {
            bucket: bucket.name.clone(),
            owner: bucket.owner.clone(),
            region: bucket.region.clone(),
            principal: context.map_or_else(s3, |context| format!("AWS:{}", context.principal.user_id())),
            requester: context.map_or_else(s3, |context| context.account.to_string()),
            address: address.unwrap_or_else(s3),
            request_id: request.unwrap_or_else(slam_cloud_core::id::request_id),
        }
    }

    /// The bucket's ARN.
    pub fn bucket_arn(&self) -> String {
        format!("arn:{}:s3:::{}", partition_of(&self.region), self.bucket)
    }

    /// The message that tells a queue of a configuration.
    pub fn test_event(&self, now: Timestamp) -> Value {
        json!({
            "Service": "Amazon S3",
            "Event": "s3:TestEvent",
            "Time": iso8601(now),
            "Bucket": self.bucket,
            "RequestId": self.request_id,
            "HostId": host_id(&self.request_id),
        })
    }

    /// The event (recorded: `test_create_object_put_via_dynamodb`).
    pub fn event(&self, happened: &Happened<'_>) -> Value {
        let Happened { event, at, sequencer, configuration, subject } = happened;
        let mut object = json!({ "key": encoded(subject.key) });
        if let Some(size) = subject.size {
            object["size"] = json!(size);
        }
        if let Some(etag) = subject.etag {
            object["eTag"] = json!(etag);
        }
        if let Some(version) = subject.own_version() {
            object["versionId"] = json!(version);
        }
        object["sequencer"] = json!(sequencer);
        json!({ "Records": [{
            "eventVersion": version_of(event),
            "eventSource": "aws:s3",
            "awsRegion": self.region,
            "eventTime": iso8601(*at),
            "eventName": event,
            "userIdentity": { "principalId": self.principal },
            "requestParameters": { "sourceIPAddress": self.address },
            "responseElements": {
                "x-amz-request-id": self.request_id,
                "x-amz-id-2": host_id(&self.request_id),
            },
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": configuration,
                "bucket": {
                    "name": self.bucket,
                    "ownerIdentity": { "principalId": self.owner },
                    "arn": self.bucket_arn(),
                },
                "object": object,
            },
        }] })
    }
}

impl Facts {
    /// The event as a bus has it (recorded: `test_object_created_put`, `test_object_put_acl`).
    pub fn detail(&self, happened: &Happened<'_>) -> Value {
        let Happened { event, sequencer, subject, .. } = happened;
        let is_told_of_itself =
            ["ObjectCreated:", "ObjectRemoved:", "LifecycleExpiration:"].iter().any(|kind| event.starts_with(kind));
        let mut object = json!({ "key": subject.key });
        if let Some(size) = subject.size.filter(|_| is_told_of_itself) {
            object["size"] = json!(size);
        }
        if let Some(etag) = subject.etag {
            object["etag"] = json!(etag);
        }
        if let Some(version) = subject.own_version() {
            object["version-id"] = json!(version);
        }
        if is_told_of_itself {
            object["sequencer"] = json!(sequencer);
        }
        let mut detail = json!({
            "version": "0",
            "bucket": { "name": self.bucket },
            "object": object,
            "request-id": self.request_id,
            "requester": self.requester,
            "source-ip-address": self.address,
        });
        let reason = match *event {
            "ObjectCreated:Put" => Some("PutObject"),
            "ObjectCreated:Copy" => Some("CopyObject"),
            "ObjectCreated:CompleteMultipartUpload" => Some("CompleteMultipartUpload"),
            event if event.starts_with("ObjectRemoved:") => Some("DeleteObject"),
            event if event.starts_with("LifecycleExpiration:") => Some("Lifecycle Expiration"),
            _ => None,
        };
        if let Some(reason) = reason {
            detail["reason"] = json!(reason);
        }
        match subject.removal {
            Some("DeleteMarkerCreated") => detail["deletion-type"] = json!("Delete Marker Created"),
            Some(_) => detail["deletion-type"] = json!("Permanently Deleted"),
            None => {}
        }
        detail
    }
}

/// The name of an event on a bus.
pub fn detail_type(event: &str) -> &'static str {
    match event.split_once(':') {
        Some(("ObjectCreated", _)) => "Object Created",
        Some(("ObjectTagging", "Put")) => "Object Tags Added",
        Some(("ObjectTagging", _)) => "Object Tags Deleted",
        Some(("ObjectAcl", _)) => "Object ACL Updated",
        _ => "Object Deleted",
    }
}

/// "2.3" of the types that came later: lifecycle, ACLs and tags among them ("Event message structure").
fn version_of(event: &str) -> &'static str {
    if event.starts_with("ObjectCreated:") || event.starts_with("ObjectRemoved:") { "2.1" } else { "2.3" }
}

/// "The s3 key … the object key name value is URL encoded": as forms are, but for slashes.
fn encoded(key: &str) -> String {
    let mut encoded = String::with_capacity(key.len());
    for byte in key.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' | b'/' => {
                encoded.push(char::from(byte))
            }
            b' ' => encoded.push('+'),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_encoded_as_in_forms() {
        assert_eq!(encoded("a folder/red+flower (1).jpg"), "a+folder/red%2Bflower+%281%29.jpg");
        assert_eq!(encoded("ü"), "%C3%BC");
    }
}
