//! Virtual-hosted-style requests: the bucket in the host's name.

use s3s::S3Result;
use s3s::host::{S3Host, VirtualHost};

/// AWS's host names, and the same under `localhost`.
pub struct Hosts;

impl S3Host for Hosts {
    fn parse_host_header<'a>(&'a self, host: &'a str) -> S3Result<VirtualHost<'a>> {
        let (bucket, region) = parse(host);
        let mut virtual_host = VirtualHost::new(host);
        if let Some(bucket) = bucket {
            virtual_host = virtual_host.with_bucket(bucket);
        }
        if let Some(region) = region {
            virtual_host = virtual_host.with_region(region);
        }
        Ok(virtual_host)
    }
}

/// The bucket whose website a host's name stands for.
pub fn website(host: &str) -> Option<&str> {
    let at = host.find(".s3-website")?;
    let rest = &host[at + ".s3-website".len()..];
    (rest.starts_with(['.', '-'])).then(|| &host[..at])
}

/// The bucket and the region in a host's name.
pub fn parse(host: &str) -> (Option<&str>, Option<&str>) {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let is_local = name.ends_with(".localhost");
    let domains = [".amazonaws.com", ".amazonaws.com.cn", ".localhost.localstack.cloud", ".localhost"];
    let Some(labels) = domains.iter().find_map(|domain| name.strip_suffix(domain)) else { return (None, None) };
    // From the right: at most a region and `dualstack` stand behind the service's label.
    let mut end = labels.len();
    for _ in 0..3 {
        let begin = labels[..end].rfind('.').map_or(0, |dot| dot + 1);
        let label = &labels[begin..end];
        if label == "s3" || label.starts_with("s3-") {
            let bucket = labels[..begin].strip_suffix('.').filter(|bucket| !bucket.is_empty());
            let behind = labels[end..].trim_start_matches('.');
            let region = behind.strip_prefix("dualstack.").unwrap_or(behind);
            let region = if region.is_empty() { label.strip_prefix("s3-").unwrap_or_default() } else { region };
            return (bucket, Some(region).filter(|region| !region.is_empty()));
        }
        if begin == 0 {
            break;
        }
        end = begin - 1;
    }
    (is_local.then_some(labels), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn websites_have_hosts_of_their_own() {
        let check = |host: &str, expected| assert_eq!(website(host), expected, "{host}");
        check("my.bucket.s3-website-us-east-1.amazonaws.com", Some("my.bucket"));
        check("b.s3-website.eu-central-1.amazonaws.com", Some("b"));
        check("b.s3-website.localhost:4566", Some("b"));
        check("b.s3-websites.localhost", None);
        check("b.s3.localhost", None);
    }

    #[test]
    fn the_bucket_stands_before_the_service() {
        let check = |host: &str, expected| assert_eq!(parse(host), expected, "{host}");
        check("127.0.0.1:4566", (None, None));
        check("localhost:4566", (None, None));
        check("s3.localhost:4566", (None, None));
        check("s3.amazonaws.com", (None, None));
        check("s3.eu-west-1.amazonaws.com", (None, Some("eu-west-1")));
        check("b.s3.amazonaws.com", (Some("b"), None));
        check("my.bucket.s3.eu-west-1.amazonaws.com", (Some("my.bucket"), Some("eu-west-1")));
        check("b.s3.dualstack.eu-west-1.amazonaws.com", (Some("b"), Some("eu-west-1")));
        check("b.s3-eu-west-1.amazonaws.com", (Some("b"), Some("eu-west-1")));
        check("b.s3.us-east-1.localhost:4566", (Some("b"), Some("us-east-1")));
        check("b.s3.localhost", (Some("b"), None));
        check("my.bucket.localhost:4566", (Some("my.bucket"), None));
        check("host.docker.internal:4566", (None, None));
    }
}
