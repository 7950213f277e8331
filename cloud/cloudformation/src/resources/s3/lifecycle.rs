//! The rules of a bucket's life cycle: properties have their conditions side by side, operations in a filter.

use crate::resources::Properties;
use slam_cloud_core::Timestamp;
use slam_cloud_wire::s3 as wire;

pub(super) fn configuration(given: Properties<'_>) -> wire::BucketLifecycleConfiguration {
    wire::BucketLifecycleConfiguration { rules: given.objects("Rules").into_iter().map(rule).collect() }
}

fn rule(rule: Properties<'_>) -> wire::LifecycleRule {
    let size = |name: &str| rule.text(name).and_then(|text| text.parse().ok());
    let tags: Vec<wire::Tag> = rule
        .objects("TagFilters")
        .into_iter()
        .filter_map(|tag| Some(wire::Tag { key: tag.text("Key")?, value: tag.text("Value")? }))
        .collect();
    let and = wire::LifecycleRuleAndOperator {
        prefix: rule.text("Prefix"),
        tags: Some(tags.clone()).filter(|tags| !tags.is_empty()),
        object_size_greater_than: size("ObjectSizeGreaterThan"),
        object_size_less_than: size("ObjectSizeLessThan"),
    };
    let conditions = usize::from(and.prefix.is_some())
        + tags.len()
        + usize::from(and.object_size_greater_than.is_some())
        + usize::from(and.object_size_less_than.is_some());
    // One condition stands alone, several stand in an And.
    let filter = if conditions > 1 {
        wire::LifecycleRuleFilter { and: Some(and), ..Default::default() }
    } else if conditions == 1 {
        wire::LifecycleRuleFilter {
            prefix: and.prefix,
            tag: tags.into_iter().next(),
            object_size_greater_than: and.object_size_greater_than,
            object_size_less_than: and.object_size_less_than,
            and: None,
        }
    } else {
        wire::LifecycleRuleFilter { prefix: Some(String::new()), ..Default::default() }
    };
    let expiration = wire::LifecycleExpiration {
        date: rule.text("ExpirationDate").and_then(|date| date.parse::<Timestamp>().ok()),
        days: rule.integer("ExpirationInDays"),
        expired_object_delete_marker: rule.boolean("ExpiredObjectDeleteMarker"),
    };
    let noncurrent = rule.object("NoncurrentVersionExpiration");
    let noncurrent_days = noncurrent
        .and_then(|noncurrent| noncurrent.integer("NoncurrentDays"))
        .or_else(|| rule.integer("NoncurrentVersionExpirationInDays"));
    wire::LifecycleRule {
        expiration: Some(expiration).filter(|expiration| *expiration != wire::LifecycleExpiration::default()),
        id: rule.text("Id"),
        prefix: None,
        filter: Some(filter),
        status: rule.text("Status").unwrap_or_default(),
        transitions: None,
        noncurrent_version_transitions: None,
        noncurrent_version_expiration: noncurrent_days.map(|days| wire::NoncurrentVersionExpiration {
            noncurrent_days: Some(days),
            newer_noncurrent_versions: noncurrent.and_then(|one| one.integer("NewerNoncurrentVersions")),
        }),
        abort_incomplete_multipart_upload: rule.object("AbortIncompleteMultipartUpload").map(|abort| {
            wire::AbortIncompleteMultipartUpload { days_after_initiation: abort.integer("DaysAfterInitiation") }
        }),
    }
}
