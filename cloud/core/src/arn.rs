//! Amazon Resource Names.

use std::fmt;

/// `arn:partition:service:region:account:resource`, taken apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Arn {
    /// `aws`, `aws-cn`, `aws-us-gov` …
    pub partition: String,
    /// The service's namespace, `lambda`.
    pub service: String,
    /// Empty for global resources.
    pub region: String,
    /// Empty where the resource alone is unique, as S3's are.
    pub account: String,
    /// Everything after the fifth colon, colons included.
    pub resource: String,
}

impl Arn {
    /// Takes a name apart; `None` when it is not an ARN.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        if parts.next()? != "arn" {
            return None;
        }
        let mut next = || parts.next().map(str::to_owned);
        Some(Self { partition: next()?, service: next()?, region: next()?, account: next()?, resource: next()? })
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { partition, service, region, account, resource } = self;
        write!(formatter, "arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}

/// The partition a region belongs to.
pub fn partition_of(region: &str) -> &'static str {
    match region {
        _ if region.starts_with("cn-") => "aws-cn",
        _ if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_keeps_its_colons() {
        let arn = Arn::parse("arn:aws:lambda:us-east-1:000000000000:function:f:prod").unwrap();
        assert_eq!(arn.resource, "function:f:prod");
        assert_eq!(arn.to_string(), "arn:aws:lambda:us-east-1:000000000000:function:f:prod");
    }

    #[test]
    fn what_is_no_arn_is_none() {
        assert_eq!(Arn::parse("tasks"), None);
        assert_eq!(Arn::parse("arn:aws:s3"), None);
    }
}
