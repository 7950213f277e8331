//! Lifecycle rules: what may be put, what they apply to and when they are due.

use super::tags;
use crate::error::{Answer, Fault};
use s3s::dto::{BucketLifecycleConfiguration, LifecycleRule, LifecycleRuleFilter, Tag};
use slam_cloud_core::Timestamp as Moment;
use std::collections::BTreeSet;

/// Milliseconds of a day.
pub const DAY: i64 = 24 * 60 * 60 * 1000;
/// The most rules a bucket may have.
const MAX_RULES: usize = 1000;
/// The characters that the id of a rule may have.
const MAX_ID: usize = 255;

/// Checks rules, and gives an id to those that have none.
///
/// # Errors
/// As recorded in `test_put_bucket_lifecycle_conf_exc`; transitions are refused by name.
pub fn check(mut configuration: BucketLifecycleConfiguration) -> Answer<BucketLifecycleConfiguration> {
    if configuration.rules.is_empty() || configuration.rules.len() > MAX_RULES {
        return Err(Fault::malformed_xml());
    }
    let mut ids = BTreeSet::new();
    for rule in &mut configuration.rules {
        check_rule(rule)?;
        let given = rule.id.take().filter(|id| !id.is_empty());
        let id = rule.id.insert(given.unwrap_or_else(slam_cloud_core::id::request_id));
        if !ids.insert(id.clone()) {
            return Err(invalid_id("Rule ID must be unique. Found same ID for more than one rule", id));
        }
    }
    Ok(configuration)
}

fn invalid_id(message: &str, id: &str) -> Fault {
    Fault::invalid_argument(message, "ID", id)
}

fn check_rule(rule: &LifecycleRule) -> Answer<()> {
    let moves =
        rule.transitions.iter().flatten().count() + rule.noncurrent_version_transitions.iter().flatten().count();
    if moves > 0 {
        return Err(Fault::unsupported("the Transition of a lifecycle rule"));
    }
    if !matches!(rule.status.as_str(), "Enabled" | "Disabled") || rule.filter.is_some() == rule.prefix.is_some() {
        return Err(Fault::malformed_xml());
    }
    if let Some(filter) = &rule.filter {
        check_filter(filter)?;
    }
    if let Some(id) = rule.id.as_deref().filter(|id| id.chars().count() > MAX_ID) {
        return Err(invalid_id("ID length should not exceed allowed limit of 255", id));
    }
    let mut actions = 0;
    if let Some(expiration) = &rule.expiration {
        actions += 1;
        let told =
            [expiration.date.is_some(), expiration.days.is_some(), expiration.expired_object_delete_marker.is_some()];
        if told.into_iter().filter(|told| *told).count() != 1 {
            return Err(Fault::malformed_xml());
        }
        expiration.days.map_or(Ok(()), |days| check_days(days, "Days", "Expiration"))?;
        if let Some(date) = &expiration.date
            && milliseconds(date) % DAY != 0
        {
            // Recorded: test_put_bucket_lifecycle_conf_exc.
            let moment = Moment::from_millisecond(milliseconds(date)).unwrap_or_default();
            let told = moment.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string();
            return Err(Fault::invalid_argument("'Date' must be at midnight GMT", "Date", told));
        }
    }
    if let Some(expiration) = &rule.noncurrent_version_expiration {
        actions += 1;
        let days = expiration.noncurrent_days.ok_or_else(Fault::malformed_xml)?;
        check_days(days, "NoncurrentDays", "NoncurrentVersionExpiration")?;
    }
    if let Some(abort) = &rule.abort_incomplete_multipart_upload {
        actions += 1;
        let days = abort.days_after_initiation.ok_or_else(Fault::malformed_xml)?;
        check_days(days, "DaysAfterInitiation", "AbortIncompleteMultipartUpload")?;
    }
    if actions == 0 {
        return Err(Fault::invalid_request("At least one action needs to be specified in a rule."));
    }
    Ok(())
}

fn check_days(days: i32, name: &str, action: &str) -> Answer<()> {
    match days {
        1.. => Ok(()),
        _ => {
            let message = format!("'{name}' for {action} action must be a positive integer");
            Err(Fault::new("InvalidArgument", 400, message))
        }
    }
}

fn check_filter(filter: &LifecycleRuleFilter) -> Answer<()> {
    let told = [
        filter.and.is_some(),
        filter.prefix.is_some(),
        filter.tag.is_some(),
        filter.object_size_greater_than.is_some(),
        filter.object_size_less_than.is_some(),
    ];
    if told.into_iter().filter(|told| *told).count() > 1 {
        return Err(Fault::malformed_xml());
    }
    let several = filter.and.as_ref().and_then(|and| and.tags.as_ref());
    let keys: Vec<&str> = several.into_iter().flatten().filter_map(|tag| tag.key.as_deref()).collect();
    if keys.iter().enumerate().any(|(index, key)| keys[..index].contains(key)) {
        return Err(Fault::invalid_request("Duplicate Tag Keys are not allowed."));
    }
    Ok(())
}

/// What a rule's filter is held against.
pub struct Subject<'s> {
    /// The object's key.
    pub key: &'s str,
    /// Its size.
    pub size: u64,
    /// Its tags.
    pub tags: &'s [(String, String)],
}

/// Whether a rule is on and applies to an object.
pub fn applies(rule: &LifecycleRule, subject: &Subject<'_>) -> bool {
    let has_prefix =
        |prefix: &Option<String>| prefix.as_ref().is_none_or(|prefix| subject.key.starts_with(prefix.as_str()));
    let has_tag = |tag: &Tag| {
        subject.tags.iter().any(|(key, value)| Some(key) == tag.key.as_ref() && Some(value) == tag.value.as_ref())
    };
    let size = i64::try_from(subject.size).unwrap_or(i64::MAX);
    let fits = |above: Option<i64>, below: Option<i64>| {
        above.is_none_or(|above| size > above) && below.is_none_or(|below| size < below)
    };
    rule.status.as_str() == "Enabled"
        && has_prefix(&rule.prefix)
        && rule.filter.as_ref().is_none_or(|filter| {
            has_prefix(&filter.prefix)
                && filter.tag.as_ref().is_none_or(has_tag)
                && fits(filter.object_size_greater_than, filter.object_size_less_than)
                && filter.and.as_ref().is_none_or(|and| {
                    has_prefix(&and.prefix)
                        && and.tags.iter().flatten().all(has_tag)
                        && fits(and.object_size_greater_than, and.object_size_less_than)
                })
        })
}

/// When something of that moment is due after so many days: at the midnight after.
pub fn due(moment: i64, days: i32) -> i64 {
    ((moment + i64::from(days) * DAY) / DAY + 1) * DAY
}

/// When an object's current version expires, and by which rule.
pub fn expiration<'c>(
    configuration: &'c BucketLifecycleConfiguration,
    subject: &Subject<'_>,
    modified: i64,
) -> Option<(i64, &'c str)> {
    let rules = configuration.rules.iter().filter(|rule| applies(rule, subject));
    let expirations = rules.filter_map(|rule| {
        let expiration = rule.expiration.as_ref()?;
        let moment = match (expiration.days, &expiration.date) {
            (Some(days), _) => due(modified, days),
            (None, Some(date)) => milliseconds(date),
            (None, None) => return None,
        };
        Some((moment, rule.id.as_deref().unwrap_or_default()))
    });
    expirations.min_by_key(|(moment, _)| *moment)
}

/// The `x-amz-expiration` header of an object.
pub fn expiration_header(
    configuration: Option<&BucketLifecycleConfiguration>,
    key: &str,
    size: u64,
    tags: &tags::Tags,
    modified: i64,
) -> Option<String> {
    let (moment, rule) = expiration(configuration?, &Subject { key, size, tags }, modified)?;
    let moment = slam_cloud_core::Timestamp::from_millisecond(moment).ok()?;
    let date = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&moment).ok()?;
    Some(format!("expiry-date=\"{date}\", rule-id=\"{rule}\""))
}

/// A moment of s3s in milliseconds since 1970.
fn milliseconds(moment: &s3s::dto::Timestamp) -> i64 {
    let mut text = Vec::new();
    let formatted = moment.format(s3s::dto::TimestampFormat::DateTime, &mut text);
    let parsed = formatted.ok().and_then(|()| std::str::from_utf8(&text).ok()?.parse().ok());
    parsed.map_or(0, |moment: slam_cloud_core::Timestamp| moment.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;
    use s3s::dto::{ExpirationStatus, LifecycleExpiration};

    fn rule(filter: LifecycleRuleFilter) -> LifecycleRule {
        LifecycleRule {
            abort_incomplete_multipart_upload: None,
            expiration: Some(LifecycleExpiration { days: Some(1), ..Default::default() }),
            filter: Some(filter),
            id: Some("r".into()),
            noncurrent_version_expiration: None,
            noncurrent_version_transitions: None,
            prefix: None,
            status: ExpirationStatus::from_static("Enabled"),
            transitions: None,
        }
    }

    #[test]
    fn a_rule_applies_by_its_filter() {
        let check = |filter: LifecycleRuleFilter, expected: bool| {
            let tags = vec![("a".to_owned(), "b".to_owned())];
            let subject = Subject { key: "logs/1", size: 100, tags: &tags };
            assert_eq!(applies(&rule(filter), &subject), expected);
        };
        let prefix = |prefix: &str| LifecycleRuleFilter { prefix: Some(prefix.into()), ..Default::default() };
        check(LifecycleRuleFilter::default(), true);
        check(prefix("logs/"), true);
        check(prefix("other/"), false);
        check(LifecycleRuleFilter { object_size_greater_than: Some(100), ..Default::default() }, false);
        let tag = Tag { key: Some("a".into()), value: Some("b".into()) };
        check(LifecycleRuleFilter { tag: Some(tag), ..Default::default() }, true);
    }

    #[test]
    fn an_object_expires_at_the_midnight_after_its_days() {
        assert_eq!(due(DAY + 1, 1), 3 * DAY);
        let configuration = BucketLifecycleConfiguration { rules: vec![rule(LifecycleRuleFilter::default())] };
        let header = expiration_header(Some(&configuration), "k", 1, &Vec::new(), 0);
        assert_eq!(header.as_deref(), Some("expiry-date=\"Sat, 03 Jan 1970 00:00:00 GMT\", rule-id=\"r\""));
    }

    // ceph/s3-tests: test_lifecycle_same_id, test_lifecycle_id_too_long.
    #[test]
    fn ids_are_short_and_unique() {
        let check_refused = |ids: [&str; 2], message: &str| {
            let rules = ids.map(|id| LifecycleRule { id: Some(id.into()), ..rule(LifecycleRuleFilter::default()) });
            let Err(fault) = check(BucketLifecycleConfiguration { rules: rules.into() }) else { panic!("{message}") };
            assert_eq!((&*fault.error.code, fault.error.message.as_str()), ("InvalidArgument", message));
        };
        check_refused(["a", "a"], "Rule ID must be unique. Found same ID for more than one rule");
        check_refused(["a", &"b".repeat(256)], "ID length should not exceed allowed limit of 255");
        let unnamed = LifecycleRule { id: Some(String::new()), ..rule(LifecycleRuleFilter::default()) };
        let rules = vec![unnamed.clone(), unnamed, rule(LifecycleRuleFilter::default())];
        let rules = check(BucketLifecycleConfiguration { rules }).expect("ids are given").rules;
        assert!(rules.iter().all(|rule| rule.id.as_ref().is_some_and(|id| !id.is_empty())));
    }

    #[test]
    fn days_are_positive() {
        let check_refused = |rule: LifecycleRule, message: &str| {
            let Err(fault) = check(BucketLifecycleConfiguration { rules: vec![rule] }) else { panic!("{message}") };
            assert_eq!((&*fault.error.code, fault.error.message.as_str()), ("InvalidArgument", message));
        };
        let plain = || rule(LifecycleRuleFilter::default());
        let expiration = Some(LifecycleExpiration { days: Some(0), ..Default::default() });
        check_refused(
            LifecycleRule { expiration, ..plain() },
            "'Days' for Expiration action must be a positive integer",
        );
        let abort = s3s::dto::AbortIncompleteMultipartUpload { days_after_initiation: Some(0) };
        check_refused(
            LifecycleRule { abort_incomplete_multipart_upload: Some(abort), ..plain() },
            "'DaysAfterInitiation' for AbortIncompleteMultipartUpload action must be a positive integer",
        );
        let noncurrent =
            s3s::dto::NoncurrentVersionExpiration { noncurrent_days: Some(0), newer_noncurrent_versions: None };
        check_refused(
            LifecycleRule { noncurrent_version_expiration: Some(noncurrent), ..plain() },
            "'NoncurrentDays' for NoncurrentVersionExpiration action must be a positive integer",
        );
    }

    #[test]
    fn what_cannot_be_executed_is_refused() {
        let mut with_transition = rule(LifecycleRuleFilter::default());
        with_transition.transitions = Some(vec![s3s::dto::Transition::default()]);
        let fault = check(BucketLifecycleConfiguration { rules: vec![with_transition] }).err().unwrap();
        assert_eq!(fault.error.status, 501);
    }
}
