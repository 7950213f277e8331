//! Conditional requests (RFC 9110, section 13, as S3 applies it).

use super::bucket::Versioning;
use super::object::Version;
use crate::error::{Answer, Fault};
use s3s::dto::{ETag, ETagCondition, Timestamp};

/// The conditions on what is read.
#[derive(Default)]
pub struct ReadConditions {
    /// `If-Match`
    pub if_match: Option<ETagCondition>,
    /// `If-None-Match`
    pub if_none_match: Option<ETagCondition>,
    /// `If-Modified-Since`
    pub if_modified_since: Option<Timestamp>,
    /// `If-Unmodified-Since`
    pub if_unmodified_since: Option<Timestamp>,
}

/// Which of them failed.
enum Failed {
    Match,
    NoneMatch,
    ModifiedSince,
    UnmodifiedSince,
}

impl ReadConditions {
    fn failed(&self, version: &Version, now: i64) -> Option<Failed> {
        // HTTP dates have no fractions; neither have our moments.
        let modified = super::object::timestamp(version.modified);
        let now = super::object::timestamp(now);
        let matches = |condition: &ETagCondition| match condition {
            ETagCondition::Any => true,
            ETagCondition::ETag(etag) => etag.weak_cmp(&ETag::Strong(version.etag.clone())),
        };
        match (&self.if_match, &self.if_unmodified_since) {
            (Some(condition), _) if !matches(condition) => return Some(Failed::Match),
            (None, Some(moment)) if modified > *moment => return Some(Failed::UnmodifiedSince),
            _ => {}
        }
        match (&self.if_none_match, &self.if_modified_since) {
            (Some(condition), _) if matches(condition) => Some(Failed::NoneMatch),
            // A date in the future is ignored (recorded: test_s3_copy_object_preconditions).
            (None, Some(moment)) if modified <= *moment && *moment <= now => Some(Failed::ModifiedSince),
            _ => None,
        }
    }

    /// For GET and HEAD.
    ///
    /// # Errors
    /// 412 or 304.
    pub fn check(&self, version: &Version, versioning: Versioning, now: i64) -> Answer<()> {
        match self.failed(version, now) {
            None => Ok(()),
            Some(Failed::Match) => Err(Fault::precondition_failed("If-Match")),
            Some(Failed::UnmodifiedSince) => Err(Fault::precondition_failed("If-Unmodified-Since")),
            Some(Failed::NoneMatch | Failed::ModifiedSince) => {
                let fault = Fault::new("NotModified", 304, "Not Modified");
                let fault = fault.header("etag", &format!("\"{}\"", version.etag));
                Err(match version.told_version(versioning) {
                    Some(id) => fault.header("x-amz-version-id", &id),
                    None => fault,
                })
            }
        }
    }

    /// For the source of a copy.
    ///
    /// # Errors
    /// 412.
    pub fn check_source(&self, version: &Version, now: i64) -> Answer<()> {
        let condition = match self.failed(version, now) {
            None => return Ok(()),
            Some(Failed::Match) => "x-amz-copy-source-If-Match",
            Some(Failed::NoneMatch) => "x-amz-copy-source-If-None-Match",
            Some(Failed::ModifiedSince) => "x-amz-copy-source-If-Modified-Since",
            Some(Failed::UnmodifiedSince) => "x-amz-copy-source-If-Unmodified-Since",
        };
        Err(Fault::precondition_failed(condition))
    }
}

/// The condition on what is there before a write; checked in the write's own transaction.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum WriteCondition {
    /// None.
    #[default]
    None,
    /// `If-None-Match: *`
    Absent,
    /// `If-Match: "…"`
    Is(String),
}

impl WriteCondition {
    /// The condition that a request's headers make.
    ///
    /// # Errors
    /// For what AWS itself does not implement (recorded: `test_put_object_if_match_validation`).
    pub fn of(if_match: Option<&ETagCondition>, if_none_match: Option<&ETagCondition>) -> Answer<Self> {
        const MORE: &str = "additionalMessage";
        match (if_match, if_none_match) {
            (None, None) => Ok(Self::None),
            (Some(_), Some(_)) => Err(Fault::header_not_implemented("If-Match,If-None-Match")
                .with(MORE, "Multiple conditional request headers present in the request")),
            (None, Some(ETagCondition::Any)) => Ok(Self::Absent),
            (None, Some(ETagCondition::ETag(_))) => Err(Fault::header_not_implemented("If-None-Match")
                .with(MORE, "We don't accept the provided value of If-None-Match header for this API")),
            (Some(ETagCondition::ETag(etag)), None) => Ok(Self::Is(etag.value().to_owned())),
            (Some(ETagCondition::Any), None) => Err(Fault::header_not_implemented("If-Match")
                .with(MORE, "We don't accept the provided value of If-Match header for this API")),
        }
    }

    /// Checks it against the latest version, of which delete markers count as nothing.
    ///
    /// # Errors
    /// 412, or 404 when there is nothing to match.
    pub fn check(&self, key: &str, etag: Option<&str>) -> Answer<()> {
        match (self, etag) {
            (Self::None, _) | (Self::Absent, None) => Ok(()),
            (Self::Absent, Some(_)) => Err(Fault::precondition_failed("If-None-Match")),
            (Self::Is(_), None) => Err(Fault::no_such_key(key)),
            (Self::Is(expected), Some(found)) if expected == found => Ok(()),
            (Self::Is(_), Some(_)) => Err(Fault::precondition_failed("If-Match")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::object::{Details, timestamp};
    use super::*;

    fn version(modified: i64) -> Version {
        Version {
            key: "k".into(),
            sequence: 1,
            version: "null".into(),
            latest: true,
            marker: false,
            size: 0,
            etag: "abc".into(),
            modified,
            body: String::new(),
            details: Details::default(),
        }
    }

    #[test]
    fn reads_are_conditional_as_http_has_it() {
        let check = |conditions: ReadConditions, expected: Option<u16>| {
            let found =
                conditions.check(&version(10_500), Versioning::Never, 100_000).err().map(|fault| fault.error.status);
            assert_eq!(found, expected);
        };
        let etag = |value: &str| Some(ETagCondition::ETag(ETag::Strong(value.into())));
        let at = |seconds: i64| Some(timestamp(seconds * 1000));
        check(ReadConditions::default(), None);
        check(ReadConditions { if_match: etag("abc"), ..Default::default() }, None);
        check(ReadConditions { if_match: etag("x"), ..Default::default() }, Some(412));
        check(ReadConditions { if_none_match: etag("abc"), ..Default::default() }, Some(304));
        check(ReadConditions { if_none_match: Some(ETagCondition::Any), ..Default::default() }, Some(304));
        check(ReadConditions { if_modified_since: at(10), ..Default::default() }, Some(304));
        check(ReadConditions { if_modified_since: at(9), ..Default::default() }, None);
        check(ReadConditions { if_modified_since: at(200), ..Default::default() }, None);
        check(ReadConditions { if_unmodified_since: at(9), ..Default::default() }, Some(412));
        check(ReadConditions { if_match: etag("abc"), if_unmodified_since: at(9), ..Default::default() }, None);
        check(ReadConditions { if_none_match: etag("x"), if_modified_since: at(10), ..Default::default() }, None);
    }

    #[test]
    fn writes_are_conditional_on_what_is_there() {
        let check = |condition: WriteCondition, etag, expected: Option<&str>| {
            let found = condition.check("k", etag).err().map(|fault| fault.error.code.into_owned());
            assert_eq!(found.as_deref(), expected, "{condition:?} {etag:?}");
        };
        check(WriteCondition::Absent, None, None);
        check(WriteCondition::Absent, Some("a"), Some("PreconditionFailed"));
        check(WriteCondition::Is("a".into()), Some("a"), None);
        check(WriteCondition::Is("a".into()), Some("b"), Some("PreconditionFailed"));
        check(WriteCondition::Is("a".into()), None, Some("NoSuchKey"));
    }
}
