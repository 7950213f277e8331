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

/// An endpoint of AWS, as its name tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint<'a> {
    /// The service, as botocore calls it in endpoints: `dynamodb`, `streams.dynamodb`.
    pub prefix: &'a str,
    /// Its region, if it is of one.
    pub region: Option<&'a str>,
    /// Whether the name is AWS's own, and not one of this machine.
    pub is_public: bool,
}

/// What ends the names of endpoints: AWS's, and those that lead to this machine.
const SUFFIXES: [(&str, bool); 4] = [
    (".amazonaws.com", true),
    (".amazonaws.com.cn", true),
    (".localhost", false),
    (".localhost.localstack.cloud", false),
];

/// The endpoint that a Host header names: `SERVICE.REGION.amazonaws.com`, `SERVICE.localhost`. A bucket before it makes it
/// another name, which is no service's.
pub fn endpoint(host: &str) -> Option<Endpoint<'_>> {
    let host = host.split_once(':').map_or(host, |(name, _)| name);
    let host = host.strip_suffix('.').unwrap_or(host);
    let (name, is_public) = SUFFIXES.iter().find_map(|(suffix, is_public)| {
        let (name, end) = host.split_at_checked(host.len().checked_sub(suffix.len())?)?;
        end.eq_ignore_ascii_case(suffix).then_some((name, *is_public))
    })?;
    let (prefix, region) = match name.rsplit_once('.') {
        Some((prefix, region)) if is_region(region) => (prefix, Some(region)),
        _ => (name, None),
    };
    (!prefix.is_empty()).then_some(Endpoint { prefix, region, is_public })
}

/// `eu-central-1`, `us-gov-west-1`
fn is_region(label: &str) -> bool {
    let parts: Vec<_> = label.split('-').collect();
    let [words @ .., number] = &parts[..] else { return false };
    let is_word = |word: &&str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphabetic());
    words.len() >= 2 && words.iter().all(is_word) && number.parse::<u8>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_name_services() {
        let check = |host, expected: Option<(&str, Option<&str>)>| {
            let found = endpoint(host).map(|found| (found.prefix, found.region));
            assert_eq!(found, expected, "{host}");
        };
        check("dynamodb.us-east-1.amazonaws.com", Some(("dynamodb", Some("us-east-1"))));
        check("dynamodb.us-gov-west-1.amazonaws.com:443", Some(("dynamodb", Some("us-gov-west-1"))));
        check("dynamodb.cn-north-1.amazonaws.com.cn", Some(("dynamodb", Some("cn-north-1"))));
        check("streams.dynamodb.eu-central-1.localhost:4566", Some(("streams.dynamodb", Some("eu-central-1"))));
        check("DynamoDB.LocalHost:4566", Some(("DynamoDB", None)));
        check("logs.localhost.localstack.cloud", Some(("logs", None)));
        check("sts.amazonaws.com.", Some(("sts", None)));
        check("logs.s3.us-east-1.amazonaws.com", Some(("logs.s3", Some("us-east-1"))));
        check("logs.s3.localhost", Some(("logs.s3", None)));
        check("localhost:4566", None);
        check(".localhost", None);
        check("127.0.0.1", None);
    }

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
