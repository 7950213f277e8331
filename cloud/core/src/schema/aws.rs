//! What is known of every service of AWS, whether this cloud has it or not. Generated from the service models.

use super::Protocol;

/// A service of AWS, whether this cloud has it or not.
#[derive(Debug)]
pub struct AwsService {
    /// The folder of its model, which is how boto3 calls it.
    pub name: &'static str,
    /// How signatures name it. Several may share that.
    pub signing_name: &'static str,
    /// The first part of its endpoint's name.
    pub endpoint_prefix: &'static str,
    /// The part of `X-Amz-Target` before the dot, or the service in a path of `rpc-v2-cbor`.
    pub target_prefix: &'static str,
    /// What its own clients speak, what they prefer first.
    pub protocols: &'static [Protocol],
    /// With what the paths of its operations begin, where that tells it from others that sign alike.
    pub roots: &'static [&'static str],
}

/// A service that has its name in signatures and host names too.
pub const fn aws(name: &'static str, protocols: &'static [Protocol]) -> AwsService {
    AwsService { name, signing_name: name, endpoint_prefix: name, target_prefix: "", protocols, roots: &[] }
}

impl AwsService {
    /// What stands before the dot in its targets.
    pub const fn target(mut self, prefix: &'static str) -> Self {
        self.target_prefix = prefix;
        self
    }

    /// Another name in signatures.
    pub const fn signed(mut self, name: &'static str) -> Self {
        self.signing_name = name;
        self.endpoint_prefix = name;
        self
    }

    /// Another name in host names.
    pub const fn host(mut self, prefix: &'static str) -> Self {
        self.endpoint_prefix = prefix;
        self
    }

    /// With what its paths begin.
    pub const fn roots(mut self, roots: &'static [&'static str]) -> Self {
        self.roots = roots;
        self
    }
}
