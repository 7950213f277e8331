//! Which operation of S3's model a request is.
//!
//! s3s knows the operations that it was made with and takes a request for any other for the nearest of those: `PUT
//! key?annotation` for PutObject, which overwrites the object. So each request is looked for in AWS's model first, and goes
//! on only as the operation that it is.
//!
//! "Measured" refers to what the project brekkylab/backlot, on GitHub, saw of S3 itself in September 2026 and wrote beside
//! its own answers (`backlot/routers/s3.py`, issues 103 and 267).

mod model;

use super::wire::CARRIED_OUT;
use crate::error::{Answer, Fault, METHOD_NOT_ALLOWED};
use ::http::request::Parts;
use ::http::{Method, Uri};
use model::{At, Entry, MODEL, OF_THE_BUCKET_AT_A_KEY};
use percent_encoding::percent_decode_str;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// An operation that was found; travels in the request's extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation(pub &'static str);

/// A request as the model sees it.
struct Request<'r> {
    parts: &'r Parts,
    at: At,
    query: Vec<(String, String)>,
}

impl Request<'_> {
    fn value(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn fits(&self, entry: &Entry, selector: Option<&str>) -> bool {
        entry.method == self.parts.method.as_str()
            && entry.at == self.at
            && entry.selector == selector
            && entry.needs.parameters.iter().all(|name| self.value(name).is_some())
            && entry.needs.header.is_none_or(|header| self.parts.headers.contains_key(header))
            && (selector.is_some() || entry.fixed.is_none_or(|(name, value)| self.value(name) == Some(value)))
    }

    /// The entry of the model that fits best.
    fn find(&self, selector: Option<&str>) -> Answer<&'static Entry> {
        let fitting = MODEL.iter().filter(|entry| self.fits(entry, selector));
        fitting.max_by_key(|entry| entry.weight()).ok_or_else(|| self.not_allowed(selector))
    }

    /// What AWS answers to a method that a path or a sub-resource does not have (measured; for POST recorded:
    /// test_post_object_with_wrong_content_type).
    fn not_allowed(&self, selector: Option<&str>) -> Fault {
        let Self { parts, at, .. } = self;
        if parts.method == Method::POST && *at == At::Bucket && selector.is_none() {
            return Fault::precondition_failed("Bucket POST must be of the enclosure-type multipart/form-data");
        }
        let alike = MODEL.iter().filter(|entry| entry.at == *at && entry.selector == selector);
        let methods: BTreeSet<&str> = alike.map(|entry| entry.method).collect();
        Fault::new("MethodNotAllowed", 405, METHOD_NOT_ALLOWED)
            .with("Method", parts.method.as_str())
            .header("allow", &methods.into_iter().collect::<Vec<_>>().join(", "))
    }

    /// Refuses parameters that say that something else is meant.
    ///
    /// AWS ignores those that it does not know (measured), so they may stand in any URL; but what it will know tomorrow is a
    /// sub-resource first of all, and a request that changes something is not guessed at: one without a value is refused, and
    /// so is one that tells other operations apart. "Amazon S3 ignores query-string parameters that begin with `x-`" (S3 User
    /// Guide, "Custom access log information").
    fn check_parameters(&self, entry: &Entry) -> Answer<()> {
        let reads = matches!(self.parts.method, Method::GET | Method::HEAD);
        for (name, value) in self.query.iter().filter(|(name, _)| !entry.takes(name)) {
            if name == "versionId" {
                let message = "This operation does not accept a version-id.";
                return Err(Fault::invalid_argument(message, "versionId", value.as_str()));
            }
            let is_ignored = reads || name.get(..2).is_some_and(|prefix| prefix.eq_ignore_ascii_case("x-"));
            if !is_ignored && (value.is_empty() || is_telling(name)) {
                return Err(Fault::unsupported(format_args!("the query parameter {name} of {}", entry.name)));
            }
        }
        Ok(())
    }

    /// The sub-resources that the query names, in AWS's order.
    fn selectors(&self) -> BTreeSet<&'static str> {
        let of_the_path = MODEL.iter().filter(|entry| entry.at == self.at).filter_map(|entry| entry.selector);
        let of_the_bucket = OF_THE_BUCKET_AT_A_KEY.iter().copied().filter(|_| self.at == At::Object);
        of_the_path.chain(of_the_bucket).filter(|selector| self.value(selector).is_some()).collect()
    }
}

/// The operation that a request is, which is carried out here. The signature's traces are off it already.
///
/// # Errors
/// `NotImplemented` with the name of an operation that AWS has and this cloud has not; AWS's error for a request that is
/// none.
pub fn of(parts: &Parts, bucket_in_host: bool) -> Answer<Operation> {
    let request = Request { parts, at: at(parts.uri.path(), bucket_in_host), query: parameters(&parts.uri) };
    let selectors = request.selectors();
    let has_part = request.at == At::Object && request.value("partNumber").is_some();
    if selectors.len() > 1 || (has_part && selectors.iter().any(|selector| *selector != "uploadId")) {
        return Err(conflict(selectors, has_part));
    }
    let selector = selectors.first().copied();
    if request.at == At::Object && selector.is_some_and(|selector| OF_THE_BUCKET_AT_A_KEY.contains(&selector)) {
        let of_the_bucket = Request { at: At::Bucket, ..request };
        let entry = of_the_bucket.find(selector)?;
        return Err(Fault::unsupported(format_args!("the operation {} of s3 at an object's path", entry.name)));
    }
    let entry = request.find(selector)?;
    if !CARRIED_OUT.contains(&entry.name) {
        return Err(unsupported(entry.name));
    }
    request.check_parameters(entry)?;
    Ok(Operation(entry.name))
}

/// `NotImplemented` for an operation of AWS's.
pub fn unsupported(operation: &str) -> Fault {
    Fault::unsupported(format_args!("the operation {operation} of s3"))
}

/// The parameters of a query, decoded.
pub fn parameters(uri: &Uri) -> Vec<(String, String)> {
    let decode = |text: &str| -> String {
        let text: Cow<'_, str> = if text.contains('+') { text.replace('+', " ").into() } else { text.into() };
        percent_decode_str(&text).decode_utf8_lossy().into_owned()
    };
    let pairs = uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

/// What a path names, as s3s splits it: decoded first, at its first slash.
fn at(path: &str, bucket_in_host: bool) -> At {
    let path = percent_decode_str(path).decode_utf8_lossy();
    let path = path.strip_prefix('/').unwrap_or(&path);
    let key = if bucket_in_host { Some(path) } else { path.split_once('/').map(|(_, key)| key) };
    match key {
        Some(key) if !key.is_empty() => At::Object,
        None if path.is_empty() => At::Service,
        _ => At::Bucket,
    }
}

/// Whether a parameter says by itself which operation is meant.
fn is_telling(parameter: &str) -> bool {
    ["annotationName", "partNumber"].contains(&parameter) || MODEL.iter().any(|entry| entry.selector == Some(parameter))
}

/// Two sub-resources at once (measured).
fn conflict(mut selectors: BTreeSet<&'static str>, has_part: bool) -> Fault {
    selectors.extend(has_part.then_some("partNumber"));
    let first = selectors.first().copied().unwrap_or_default();
    let names = selectors.into_iter().collect::<Vec<_>>().join(", ");
    Fault::invalid_argument(format!("Conflicting query string parameters: {names}"), "ResourceType", first)
}

#[cfg(test)]
mod tests {
    use super::model::{NEEDS, OF_VERSIONS, OLDER_NAMES};
    use super::*;
    use slam_cloud_wire::s3;

    /// `METHOD target name: value…` → the operation, or the error's code and what it names.
    fn found(request: &str) -> String {
        let mut words = request.split_whitespace();
        let mut builder = ::http::Request::builder().method(words.next().unwrap()).uri(words.next().unwrap());
        while let Some(name) = words.next() {
            builder = builder.header(name.trim_end_matches(':'), words.next().unwrap());
        }
        let (parts, ()) = builder.body(()).unwrap().into_parts();
        match of(&parts, false) {
            Ok(Operation(name)) => name.to_owned(),
            Err(fault) => format!("{} {}", fault.error.code, fault.error.message),
        }
    }

    #[test]
    fn every_line_of_the_model_is_its_operation() {
        for entry in MODEL.iter() {
            let mut target = match entry.at {
                At::Service => "/?".to_owned(),
                At::Bucket => "/bbb?".to_owned(),
                At::Object => "/bbb/a%2Fb/c?".to_owned(),
            };
            let fixed = entry.fixed.map(|(name, value)| format!("{name}={value}"));
            let needed = entry.needs.parameters.iter().map(|name| format!("{name}=1"));
            let selector = entry.selector.filter(|name| *name != "uploadId").map(str::to_owned);
            target += &selector.into_iter().chain(fixed).chain(needed).collect::<Vec<_>>().join("&");
            let header = entry.needs.header.map(|name| format!(" {name}: bbb/k")).unwrap_or_default();
            let found = found(&format!("{} {target}{header}", entry.method));
            let expected = match CARRIED_OUT.contains(&entry.name) {
                true => entry.name.to_owned(),
                false => format!("NotImplemented {}", unsupported(entry.name).error.message),
            };
            assert_eq!(found, expected, "{} {target}{header}", entry.method);
        }
        assert_eq!(MODEL.len() + OLDER_NAMES.len(), s3::SERVICE.operations.len() + s3::SERVICE.others.len());
    }

    #[test]
    fn the_tables_name_what_the_model_has() {
        let is_known = |name: &str| {
            s3::SERVICE.operations.iter().any(|operation| operation.name == name)
                || s3::SERVICE.others.iter().any(|(other, ..)| *other == name)
        };
        let tables = NEEDS.iter().map(|(name, ..)| *name).chain(OF_VERSIONS).chain(CARRIED_OUT.iter().copied());
        for name in tables.chain(OLDER_NAMES.iter().flat_map(|(older, newer)| [*older, *newer])) {
            assert!(is_known(name), "{name}");
        }
        for selector in OF_THE_BUCKET_AT_A_KEY {
            assert!(MODEL.iter().any(|entry| entry.at == At::Bucket && entry.selector == Some(selector)), "{selector}");
        }
    }

    #[test]
    fn no_request_is_taken_for_another() {
        let check = |request: &str, expected: &str| {
            let found = found(request);
            assert!(found.contains(expected), "{request}: {found}, not {expected}");
        };
        check("PUT /bbb/k?annotation&annotationName=a", "NotImplemented the operation PutObjectAnnotation");
        check("PUT /bbb/k?annotation", "PutObjectAnnotation");
        check("GET /bbb/k?annotation=", "ListObjectAnnotations");
        check("GET /bbb/k?annotation&annotationName=a", "GetObjectAnnotation");
        check("DELETE /bbb/k?annotation&annotationName=a", "DeleteObjectAnnotation");
        check("PUT /bbb/k?encryption", "UpdateObjectEncryption");
        check("PUT /bbb/k?renameObject x-amz-rename-source: l", "RenameObject");
        check("DELETE /bbb?metadataConfiguration", "DeleteBucketMetadataConfiguration");
        check("GET /bbb?abac", "GetBucketAbac");
        check("PUT /bbb/k?uploadId=u", "MethodNotAllowed");
        check("PUT /bbb/k?partNumber=1", "NotImplemented the query parameter partNumber of PutObject");
        check("DELETE /bbb?uploadId=u", "NotImplemented the query parameter uploadId of DeleteBucket");
        check("PUT /bbb?retention", "NotImplemented the query parameter retention of CreateBucket");
        check("PUT /bbb/k?cors", "NotImplemented the operation PutBucketCors of s3 at an object's path");
        check(
            "DELETE /bbb/k?publicAccessBlock",
            "NotImplemented the query parameter publicAccessBlock of DeleteObject",
        );
        check("PUT /bbb/k?tomorrow", "NotImplemented the query parameter tomorrow of PutObject");
        check("PUT /bbb/k?versionId=v", "InvalidArgument This operation does not accept a version-id.");
        check("GET /bbb?versionId=v", "InvalidArgument This operation does not accept a version-id.");
        check("PUT /bbb/k?acl&tagging", "InvalidArgument Conflicting query string parameters: acl, tagging");
        check(
            "GET /bbb/k?partNumber=1&tagging",
            "InvalidArgument Conflicting query string parameters: partNumber, tagging",
        );
        check("HEAD /bbb?versioning", "MethodNotAllowed");
        check("POST /bbb/k", "MethodNotAllowed");
        check("POST /bbb", "PreconditionFailed");
        check("DELETE /", "MethodNotAllowed");
    }

    #[test]
    fn what_aws_ignores_is_ignored() {
        let check = |request: &str, expected: &str| assert_eq!(found(request), expected, "{request}");
        check("GET /bbb/k?12345", "GetObject");
        check("GET /bbb/k?v=2&Tagging", "GetObject");
        check("GET /bbb/k?metrics", "GetObject");
        check("PUT /bbb/k?x-id=PutObject&customer=5&id=6", "PutObject");
        check("PUT /bbb/k?x-note", "PutObject");
        check("GET /bbb?x-id=ListObjects", "ListObjects");
        check("GET /bbb?list-type=2&prefix=a", "ListObjectsV2");
        check("GET /bbb?versioning=1", "GetBucketVersioning");
        check("DELETE /bbb/k?versionId=v", "DeleteObject");
    }

    #[test]
    fn paths_are_split_as_s3s_splits_them() {
        let check = |path, in_host, expected| assert_eq!(at(path, in_host), expected, "{path} {in_host}");
        check("/", false, At::Service);
        check("/bbb", false, At::Bucket);
        check("/bbb/", false, At::Bucket);
        check("/bbb//", false, At::Object);
        check("/bbb%2Fk", false, At::Object);
        check("/", true, At::Bucket);
        check("/bbb", true, At::Object);
    }
}
