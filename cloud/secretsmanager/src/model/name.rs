//! How requests name secrets: by name, by ARN, or by an ARN without the six characters at its end.

use crate::error::no_such_secret;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{Arn, AwsError, AwsResult, Context};

/// The characters that an ARN has after the name and a hyphen.
const SUFFIX: usize = 6;
/// What a name with wrong characters is told (recorded: `test_invalid_secret_name`).
const INVALID: &str = "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: \
                       -/_+=.@!";

/// The six characters that make an ARN another one when a secret of the same name is created again.
pub fn suffix() -> AwsResult<String> {
    slam_cloud_core::id::letters(SUFFIX).map_err(AwsError::internal)
}

/// Checks a name.
///
/// # Errors
/// When it has characters that it cannot have.
pub fn check(name: &str) -> AwsResult<()> {
    let is_fine = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-/_+=.@!".contains(&byte));
    if is_fine { Ok(()) } else { Err(AwsError::validation(INVALID)) }
}

/// What a request calls a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The account and region in which it is.
    pub scope: Scope,
    /// The name, or what follows `secret:` in an ARN: a name that the six characters may follow.
    pub text: String,
    /// Whether it is an ARN's.
    pub is_arn: bool,
}

impl Reference {
    /// Reads a `SecretId`, whatever is wrong with it: permissions are asked for before that is told.
    pub fn parse(context: &Context, id: &str) -> Self {
        let of_arn = Arn::parse(id).filter(|arn| arn.service == "secretsmanager");
        let of_arn = of_arn.and_then(|arn| {
            let text = arn.resource.strip_prefix("secret:")?.to_owned();
            let scope = Scope { account: arn.account.into(), region: arn.region.into() };
            Some(Self { scope, text, is_arn: true })
        });
        of_arn.unwrap_or_else(|| Self { scope: Scope::regional(context), text: id.to_owned(), is_arn: false })
    }

    /// Refuses what cannot be the name of a secret of this region.
    ///
    /// # Errors
    /// AWS's, for a name with wrong characters and for an ARN of something else.
    pub fn check(&self, context: &Context) -> AwsResult<()> {
        match self.is_arn {
            true if *self.scope.region == *context.region => Ok(()),
            true => Err(no_such_secret()),
            false if self.text.starts_with("arn:") => Err(no_such_secret()),
            false => check(&self.text),
        }
    }

    /// Whether it is of another account.
    pub fn is_foreign(&self, context: &Context) -> bool {
        *self.scope.account != *context.account
    }

    /// The names that it can mean, each with the suffix that the secret must then have.
    pub fn candidates(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        let split = self.text.rsplit_once('-').filter(|(_, suffix)| self.is_arn && suffix.len() == SUFFIX);
        let whole = split.map(|(name, suffix)| (name, Some(suffix)));
        whole.into_iter().chain([(self.text.as_str(), None)])
    }

    /// The ARN that it would be, as far as it is known.
    pub fn arn(&self, context: &Context) -> String {
        let mut context = context.clone();
        (context.account, context.region) = (self.scope.account.clone(), self.scope.region.clone());
        context.arn("secretsmanager", format!("secret:{}", self.text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use slam_cloud_core::Principal;

    fn context() -> Context {
        Context::new("000000000000", "us-east-1", Principal::Root { account: "000000000000".into() })
    }

    #[test]
    fn names_and_arns_are_told_apart() {
        let check = |id: &str, expected: &[(&str, Option<&str>)]| {
            let reference = Reference::parse(&context(), id);
            assert_eq!(reference.candidates().collect::<Vec<_>>(), expected, "{id}");
        };
        let arn = |text: &str| format!("arn:aws:secretsmanager:us-east-1:000000000000:secret:{text}");
        check("a/b", &[("a/b", None)]);
        // A name may look as if it had a suffix.
        check("a-b1c2d3", &[("a-b1c2d3", None)]);
        check(&arn("a"), &[("a", None)]);
        check(&arn("a-AbCdEf"), &[("a", Some("AbCdEf")), ("a-AbCdEf", None)]);
        check(&arn("a-b1c2d3-AbCdEf"), &[("a-b1c2d3", Some("AbCdEf")), ("a-b1c2d3-AbCdEf", None)]);
    }

    #[test]
    fn what_is_no_name_is_refused() {
        let check = |id: &str, code: Option<&str>| {
            let checked = Reference::parse(&context(), id).check(&context());
            assert_eq!(checked.err().map(|error| error.code.into_owned()).as_deref(), code, "{id}");
        };
        check("Valid/_+=.@-Name!", None);
        for wrong in ["a b", "é", "a*", "a:b"] {
            check(wrong, Some("ValidationException"));
        }
        check("arn:aws:secretsmanager:us-east-1:111111111111:secret:a", None);
        check("arn:aws:secretsmanager:eu-west-1:000000000000:secret:a", Some("ResourceNotFoundException"));
        check("arn:aws:ssm:us-east-1:000000000000:parameter/a", Some("ResourceNotFoundException"));
    }
}
