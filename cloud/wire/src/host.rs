//! What host names say.

/// The bucket in a virtual-host style name: `BUCKET.s3.REGION.amazonaws.com`, `BUCKET.s3.localhost`,
/// `BUCKET.localhost`. Takes a Host header, with or without its port.
pub fn bucket(host: &str) -> Option<&str> {
    let host = host.split_once(':').map_or(host, |(name, _)| name);
    let ends = [".s3.", ".s3-"].iter().filter_map(|separator| host.find(separator)).min();
    let bucket = match ends {
        Some(end) => &host[..end],
        None => host.strip_suffix(".localhost").filter(|name| *name != "s3" && !name.starts_with("s3."))?,
    };
    (!bucket.is_empty()).then_some(bucket)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_in_front_of_s3() {
        let check = |host, expected| assert_eq!(bucket(host), expected, "{host}");
        check("b.s3.us-east-1.amazonaws.com", Some("b"));
        check("a.b.s3.amazonaws.com:443", Some("a.b"));
        check("b.s3.localhost.localstack.cloud:4566", Some("b"));
        check("b.s3.localhost:4566", Some("b"));
        check("b.localhost:4566", Some("b"));
        check("s3.localhost:4566", None);
        check("s3.us-east-1.amazonaws.com", None);
        check("127.0.0.1:4566", None);
        check("localhost", None);
    }
}
