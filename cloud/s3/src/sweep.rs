//! Executes lifecycle rules, and removes bodies that a crash has left behind.

use crate::backend::{Backend, now};
use crate::error::Answer;
use crate::model::bucket::{Bucket, Versioning};
use crate::model::conditions::WriteCondition;
use crate::model::lifecycle::{Subject, applies, due, expiration};
use crate::model::object::{Upload, Version};
use crate::store::{Entry, Listing, Start};
use s3s::dto::BucketLifecycleConfiguration;
use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// AWS looks once a day; here whoever waits for a rule need not wait so long.
const PERIOD: Duration = Duration::from_secs(60 * 60);
/// Versions looked at in one step.
const STEP: usize = 1000;

/// Sweeps now and then for as long as the backend lives, if there is a runtime to do it on.
pub fn start(backend: &Arc<Backend>) {
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        let backend: Weak<Backend> = Arc::downgrade(backend);
        runtime.spawn(async move {
            if let Some(backend) = backend.upgrade() {
                report(remove_orphans(&backend).await);
            }
            while let Some(backend) = backend.upgrade() {
                report(execute_rules(&backend, now()).await);
                drop(backend);
                tokio::time::sleep(PERIOD).await;
            }
        });
    }
}

/// What fails now is tried again in the next round.
fn report(result: Answer<()>) {
    if let Err(fault) = result {
        tracing::warn!(error = %fault.error, "S3's sweep did not finish");
    }
}

async fn remove_orphans(backend: &Backend) -> Answer<()> {
    for id in backend.bodies.older_than_process().await? {
        if !backend.objects.has_body(id.clone()).await? {
            backend.bodies.remove([id]).await;
        }
    }
    Ok(())
}

async fn execute_rules(backend: &Backend, now: i64) -> Answer<()> {
    for bucket in backend.buckets() {
        if let Some(rules) = &bucket.lifecycle {
            expire_versions(backend, &bucket, rules, now).await?;
            abort_uploads(backend, &bucket, rules, now).await?;
        }
    }
    Ok(())
}

/// What a rule does to a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    /// Deletes the object, which leaves a marker where there is versioning.
    Object,
    /// Deletes this version for good.
    Version,
}

/// The versions of a key newer than the one at hand.
#[derive(Clone, Copy, Default)]
struct Newer {
    /// How many that are not the latest.
    noncurrent: i32,
    /// When the next newer was written, from which on the one at hand is not current.
    since: i64,
}

async fn expire_versions(
    backend: &Backend,
    bucket: &Bucket,
    rules: &BucketLifecycleConfiguration,
    now: i64,
) -> Answer<()> {
    let mut start = Start { bucket: bucket.key, max: STEP, ..Start::default() };
    let mut newer: HashMap<String, Newer> = HashMap::new();
    loop {
        let Some(Listing { entries, truncated }) = backend.objects.list_versions(start.clone()).await? else {
            return Ok(());
        };
        let versions: Vec<Version> = items(entries);
        let Some(last) = versions.last() else { return Ok(()) };
        (start.after, start.after_id) = (Some(last.key.clone()), Some(last.version.clone()));
        let (last_key, last_sequence) = (last.key.clone(), last.sequence);
        for (index, version) in versions.iter().enumerate() {
            let before = newer.get(&version.key).copied().unwrap_or_default();
            let alone = version.latest && versions.get(index + 1).is_none_or(|next| next.key != version.key);
            let next = Newer { noncurrent: before.noncurrent + i32::from(!version.latest), since: version.modified };
            newer.insert(version.key.clone(), next);
            // Whether a marker at the end of a step is alone is seen in the next round at the latest.
            let alone = alone && !(truncated && index + 1 == versions.len());
            if let Some(due) = what_is_due(rules, version, before, alone, now) {
                let id =
                    (due == Due::Version || bucket.versioning == Versioning::Never).then(|| version.version.clone());
                let announcer = backend.notifier.announcer(bucket, None, "LifecycleExpiration");
                let (key, none) = (version.key.clone(), WriteCondition::None);
                let deleted =
                    backend.objects.delete(bucket.key, bucket.versioning, key, id, none, now, announcer).await??;
                backend.bodies.remove(deleted.bodies).await;
                if version.key == last_key && version.sequence == last_sequence {
                    // What is gone cannot be continued after; what is left of its key is looked at in the next round.
                    start.after_id = None;
                }
            }
        }
        newer.retain(|key, _| *key == last_key);
        if !truncated {
            return Ok(());
        }
    }
}

fn what_is_due(
    rules: &BucketLifecycleConfiguration,
    version: &Version,
    newer: Newer,
    alone: bool,
    now: i64,
) -> Option<Due> {
    let subject = Subject { key: &version.key, size: version.size, tags: &version.details.tags };
    let mut applying = rules.rules.iter().filter(|rule| applies(rule, &subject));
    if version.latest && !version.marker {
        let (moment, _) = expiration(rules, &subject, version.modified)?;
        return (moment <= now).then_some(Due::Object);
    }
    if version.latest {
        // A marker with nothing behind it serves nobody.
        let expired = applying.any(|rule| {
            rule.expiration.as_ref().is_some_and(|expiration| {
                expiration.expired_object_delete_marker == Some(true)
                    || expiration.days.is_some_and(|days| due(version.modified, days) <= now)
            })
        });
        return (alone && expired).then_some(Due::Version);
    }
    let expired = applying.any(|rule| {
        rule.noncurrent_version_expiration.as_ref().is_some_and(|expiration| {
            let kept = expiration.newer_noncurrent_versions.unwrap_or(0);
            newer.noncurrent >= kept && expiration.noncurrent_days.is_some_and(|days| due(newer.since, days) <= now)
        })
    });
    expired.then_some(Due::Version)
}

async fn abort_uploads(
    backend: &Backend,
    bucket: &Bucket,
    rules: &BucketLifecycleConfiguration,
    now: i64,
) -> Answer<()> {
    let mut start = Start { bucket: bucket.key, max: STEP, ..Start::default() };
    loop {
        let Some(Listing { entries, truncated }) = backend.objects.list_uploads(start.clone()).await? else {
            return Ok(());
        };
        let uploads: Vec<Upload> = items(entries);
        let Some(last) = uploads.last() else { return Ok(()) };
        // The next step begins after a whole key, so that an id that is gone by then is not needed.
        start.after = Some(last.key.clone());
        for upload in uploads {
            let subject = Subject { key: &upload.key, size: 0, tags: &upload.details.tags };
            let is_due = rules.rules.iter().filter(|rule| applies(rule, &subject)).any(|rule| {
                let days =
                    rule.abort_incomplete_multipart_upload.as_ref().and_then(|abort| abort.days_after_initiation);
                days.is_some_and(|days| due(upload.initiated, days) <= now)
            });
            if is_due {
                let bodies = backend.objects.abort(upload.id).await?.unwrap_or_default();
                backend.bodies.remove(bodies).await;
            }
        }
        if !truncated {
            return Ok(());
        }
    }
}

fn items<T>(entries: Vec<Entry<T>>) -> Vec<T> {
    let item = |entry| match entry {
        Entry::Item(item) => Some(item),
        Entry::Prefix(_) => None,
    };
    entries.into_iter().filter_map(item).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api;
    use crate::call::Call;
    use crate::model::lifecycle::DAY;
    use s3s::dto;
    use slam_cloud_testing::TestCloud;

    async fn put(backend: &Backend, call: &Call, key: &str) {
        let body = crate::Body::from(key.to_owned());
        let input = dto::PutObjectInput {
            bucket: "bbb".into(),
            key: key.into(),
            content_length: i64::try_from(key.len()).ok(),
            body: Some(body.into()),
            ..Default::default()
        };
        api::put_object::put(backend, call, input).await.unwrap();
    }

    async fn keys(backend: &Backend) -> Vec<(String, bool)> {
        let bucket = backend.bucket("bbb").unwrap();
        let start = Start { bucket: bucket.key, max: 100, ..Start::default() };
        let versions: Vec<Version> = items(backend.objects.list_versions(start).await.unwrap().unwrap().entries);
        versions.into_iter().map(|version| (version.key, version.marker)).collect()
    }

    #[tokio::test]
    async fn rules_are_executed_when_they_are_due() {
        let (test, backend) = TestCloud::new(|cloud, store, _| Backend::open(cloud, store));
        let call = Call::new(test.root());
        let create = dto::CreateBucketInput { bucket: "bbb".into(), ..Default::default() };
        api::buckets::create(&backend, &call, create).await.unwrap();
        let rule = dto::LifecycleRule {
            abort_incomplete_multipart_upload: None,
            expiration: Some(dto::LifecycleExpiration { days: Some(1), ..Default::default() }),
            filter: Some(dto::LifecycleRuleFilter { prefix: Some("logs/".into()), ..Default::default() }),
            id: Some("r".into()),
            noncurrent_version_expiration: Some(dto::NoncurrentVersionExpiration {
                noncurrent_days: Some(1),
                newer_noncurrent_versions: None,
            }),
            noncurrent_version_transitions: None,
            prefix: None,
            status: dto::ExpirationStatus::from_static("Enabled"),
            transitions: None,
        };
        let rules = BucketLifecycleConfiguration { rules: vec![rule] };
        backend
            .configure("bbb", |bucket| {
                bucket.lifecycle = Some(rules);
                bucket.versioning = Versioning::Enabled;
            })
            .await
            .unwrap();
        for key in ["keep", "logs/1"] {
            put(&backend, &call, key).await;
        }
        let told =
            |keys: &[(&str, bool)]| keys.iter().map(|(key, marker)| ((*key).to_owned(), *marker)).collect::<Vec<_>>();
        execute_rules(&backend, now()).await.unwrap();
        assert_eq!(keys(&backend).await, told(&[("keep", false), ("logs/1", false)]));
        execute_rules(&backend, now() + 3 * DAY).await.unwrap();
        assert_eq!(keys(&backend).await, told(&[("keep", false), ("logs/1", true), ("logs/1", false)]));
        // The marker was written three days from now; another three later the version behind it goes, then the marker.
        execute_rules(&backend, now() + 6 * DAY).await.unwrap();
        execute_rules(&backend, now() + 7 * DAY).await.unwrap();
        assert_eq!(keys(&backend).await, told(&[("keep", false)]));
    }
}
