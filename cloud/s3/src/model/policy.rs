//! What S3 itself asks of a bucket's policy; IAM evaluates it.

use crate::error::{Answer, Fault};
use slam_cloud_kit::policy::{self, Malformed};

/// The size AWS allows.
const MAX_BYTES: usize = 20 * 1024;
/// S3's own condition by which a policy is not public ("The meaning of 'public'").
const NARROWING: [&str; 1] = ["s3:x-amz-server-side-encryption-aws-kms-key-id"];

/// Checks a policy's form.
///
/// # Errors
/// As recorded in `test_bucket_policy_exc`.
pub fn check(policy: &str) -> Answer<()> {
    if policy.len() > MAX_BYTES {
        return Err(Fault::new("PolicyTooLarge", 400, "Policy exceeds the maximum allowed document size."));
    }
    policy::check(policy).map_err(|malformed| {
        let message = match malformed {
            Malformed::Json => "Policies must be valid JSON and the first byte must be '{'".to_owned(),
            Malformed::Missing(field) => format!("Missing required field {field}"),
            Malformed::Effect => "Invalid effect: the Effect of a statement must be Allow or Deny".to_owned(),
        };
        Fault::new("MalformedPolicy", 400, message)
    })
}

/// Whether a policy lets everybody in.
pub fn is_public(policy: &str) -> bool {
    policy::is_public(policy, &NARROWING)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Recorded: test_bucket_policy_exc.
    #[test]
    fn a_policy_must_have_its_form() {
        let check_refused = |policy: &str, message: &str| {
            assert_eq!(check(policy).unwrap_err().error.message, message, "{policy}");
        };
        check_refused("", "Policies must be valid JSON and the first byte must be '{'");
        check_refused("invalid json", "Policies must be valid JSON and the first byte must be '{'");
        check_refused("{}", "Missing required field Statement");
    }
}
