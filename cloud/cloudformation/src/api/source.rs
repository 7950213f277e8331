//! Where a request's template comes from.

use crate::CloudFormation;
use crate::error::invalid;
use crate::model::Stack;
use crate::stack::engine::SERVICE;
use crate::template::MAX_TEMPLATE;
use percent_encoding::percent_decode_str;
use slam_cloud_core::{AwsResult, Context};
use slam_cloud_wire::s3;
use std::sync::Arc;

/// The longest template in a request (the service model's documentation).
const MAX_BODY: usize = 51_200;

/// The template's text: from the request, from S3, or the stack's own.
///
/// # Errors
/// When there is none, more than one, or it cannot be read.
pub async fn template(
    service: &CloudFormation,
    context: &Context,
    body: Option<&str>,
    url: Option<&str>,
    previous: Option<&Stack>,
) -> AwsResult<Arc<str>> {
    match (body, url, previous) {
        (Some(body), None, None) => {
            if body.len() > MAX_BODY {
                return Err(invalid(format!(
                    "1 validation error detected: Value '{body}' at 'templateBody' failed to satisfy constraint: \
                     Member must have length less than or equal to {MAX_BODY}"
                )));
            }
            Ok(body.into())
        }
        (None, Some(url), None) => fetch(service, context, url).await,
        (None, None, Some(stack)) => service
            .engine
            .store
            .template(&stack.id, &stack.deployment.template)
            .ok_or_else(|| invalid("The previous template is missing")),
        (None, None, None) => Err(invalid("Either Template URL or Template Body must be specified.")),
        (Some(_), Some(_), None) => {
            Err(invalid("Template URL and Template Body are mutually exclusive: specify one of them."))
        }
        _ => Err(invalid("You cannot specify both usePreviousTemplate and Template Body/Template URL.")),
    }
}

async fn fetch(service: &CloudFormation, context: &Context, url: &str) -> AwsResult<Arc<str>> {
    let Location { bucket, key, version } = locate(url)?;
    let request = s3::GetObject { bucket, key, version_id: version, ..s3::GetObject::default() };
    let object = service.engine.cloud.call(context.via(SERVICE), request).await.map_err(|error| {
        invalid(format!(
            "S3 error: {}\nFor more information check http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html",
            error.message.trim_end_matches('.')
        ))
    })?;
    let body = object.body.unwrap_or_default();
    if body.len() > MAX_TEMPLATE {
        return Err(invalid(format!("Template may not exceed {MAX_TEMPLATE} bytes in size.")));
    }
    match std::str::from_utf8(&body) {
        Ok(text) => Ok(text.into()),
        Err(_) => Err(invalid("Template format error: unsupported structure.")),
    }
}

/// Where an object lies.
#[derive(Debug, PartialEq, Eq)]
struct Location {
    bucket: String,
    key: String,
    version: Option<String>,
}

/// Takes an S3 URL apart, in path style or virtual-host style, of AWS or of this cloud.
fn locate(url: &str) -> AwsResult<Location> {
    let unsupported = || invalid("TemplateURL must be a supported URL.");
    if let Some(rest) = url.strip_prefix("s3://") {
        let bucket = rest.split('/').next().unwrap_or_default();
        return Err(invalid(format!("S3 error: Domain name specified in {bucket} is not a valid S3 domain")));
    }
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).ok_or_else(unsupported)?;
    let (authority, path) = rest.split_once('/').ok_or_else(unsupported)?;
    let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
    let host = authority.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
    let host = host.map_or(authority, |(host, _)| host).to_ascii_lowercase();
    let (bucket, key) = match bucket_of(&host).ok_or_else(unsupported)? {
        Some(bucket) => (bucket, path),
        None => {
            let (bucket, key) = path.split_once('/').ok_or_else(unsupported)?;
            (bucket.to_owned(), key)
        }
    };
    if bucket.is_empty() || key.is_empty() {
        return Err(unsupported());
    }
    let key = percent_decode_str(key).decode_utf8().map_err(|_| unsupported())?.into_owned();
    let version = query.into_iter().flat_map(|query| query.split('&')).find_map(|pair| pair.strip_prefix("versionId="));
    Ok(Location { bucket, key, version: version.map(str::to_owned) })
}

/// The bucket in a host name: `None` when the host is none of S3's, `Some(None)` for path style.
fn bucket_of(host: &str) -> Option<Option<String>> {
    let here = ["localhost", "localhost.localstack.cloud", "host.docker.internal"];
    if here.contains(&host) || host.parse::<std::net::IpAddr>().is_ok() {
        return Some(None);
    }
    let local = here.iter().find_map(|suffix| host.strip_suffix(suffix)?.strip_suffix('.'));
    let aws = ["amazonaws.com", "amazonaws.com.cn"];
    let name = local.or_else(|| aws.iter().find_map(|suffix| host.strip_suffix(suffix)?.strip_suffix('.')))?;
    let labels: Vec<&str> = name.split('.').collect();
    // The last label that is S3's: `s3`, `s3-eu-west-1`, then perhaps `dualstack` and the region.
    match labels.iter().rposition(|label| *label == "s3" || label.starts_with("s3-")) {
        Some(0) => Some(None),
        Some(place) => Some(Some(labels[..place].join("."))),
        None => local.map(|bucket| Some(bucket.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, bucket: &str, key: &str) {
        let expected = Location { bucket: bucket.into(), key: key.into(), version: None };
        assert_eq!(locate(url), Ok(expected), "{url}");
    }

    #[test]
    fn every_form_of_an_s3_url_is_understood() {
        check("https://s3.amazonaws.com/bucket/a/t.json", "bucket", "a/t.json");
        check("https://s3.eu-west-1.amazonaws.com/bucket/t.json", "bucket", "t.json");
        check("https://s3-eu-west-1.amazonaws.com/bucket/t.json", "bucket", "t.json");
        check("https://bucket.s3.amazonaws.com/t.json", "bucket", "t.json");
        check("https://my.dotted.bucket.s3.us-east-1.amazonaws.com/t%20x.json", "my.dotted.bucket", "t x.json");
        check("https://bucket.s3-us-west-2.amazonaws.com/t.json", "bucket", "t.json");
        check("https://bucket.s3.dualstack.us-west-2.amazonaws.com/t.json", "bucket", "t.json");
        check("http://localhost:4566/bucket/t.json", "bucket", "t.json");
        check("http://127.0.0.1:4566/bucket/t.json", "bucket", "t.json");
        check("http://bucket.s3.localhost:4566/t.json", "bucket", "t.json");
        check("https://s3.us-east-1.localhost:4566/bucket/t.json", "bucket", "t.json");
        check("https://bucket.s3.us-east-1.localhost:4566/t.json", "bucket", "t.json");
        check("http://bucket.localhost:4566/t.json", "bucket", "t.json");
    }

    /// Recorded: `test_create_stack_from_s3_template_url`.
    #[test]
    fn other_urls_are_refused_in_awss_words() {
        let message = |url: &str| locate(url).unwrap_err().message;
        assert_eq!(message("https://example.com/t.json"), "TemplateURL must be a supported URL.");
        assert_eq!(message("s3://b/t.json"), "S3 error: Domain name specified in b is not a valid S3 domain");
    }
}
