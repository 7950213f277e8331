//! Names of parameters.
//!
//! A parameter's key is its name without the slash that it begins with, as in its ARN: `p` and `/p` are one parameter,
//! and a name with levels always begins with one (asserted on AWS: `test_put_parameters`).

use slam_cloud_core::{Arn, AwsError, AwsResult, Context};

/// The most levels of a name (User Guide, "Requirements and constraints for parameter names").
const LEVELS: usize = 15;
/// The longest name together with what stands before it in its ARN (API reference, PutParameter).
const LENGTH: usize = 1011;
/// What a name with wrong characters is told, whatever is wrong with it (asserted on AWS: `test_hierarchical_parameter`).
const SUB_PATHS: &str = "Parameter name: can't be prefixed with \"ssm\" (case-insensitive). If formed as a path, it can \
                         consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, \
                         numbers and the following 3 symbols .-_";

/// The path under which the secrets of Secrets Manager are read.
const SECRETS: &str = "/aws/reference/secretsmanager/";

/// A parameter's ARN, of its key.
pub fn arn(context: &Context, key: &str) -> String {
    context.arn("ssm", format!("parameter/{key}"))
}

/// The key of a name, whether or not it could be one.
pub fn key(name: &str) -> &str {
    name.strip_prefix('/').unwrap_or(name)
}

fn is_well_formed(key: &str) -> bool {
    key.split('/').all(|level| {
        !level.is_empty() && level.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
    })
}

/// Checks the name of a new parameter; answers it without spaces around it.
///
/// # Errors
/// Why a parameter cannot have it.
pub fn check_new<'a>(context: &Context, name: &'a str) -> AwsResult<&'a str> {
    let name = name.trim();
    let key = key(name);
    if key.contains('/') && !name.starts_with('/') {
        return Err(AwsError::validation("Parameter name must be a fully qualified name."));
    }
    if !is_well_formed(key) {
        return Err(AwsError::validation(SUB_PATHS));
    }
    let lower = key.to_ascii_lowercase();
    if lower.starts_with("aws") && key.contains('/') {
        let message = format!("No access to reserved parameter name: {name}.");
        return Err(AwsError::bad_request("AccessDeniedException", message));
    }
    if lower.starts_with("aws") || lower.starts_with("ssm") {
        return Err(AwsError::validation(if key.contains('/') {
            SUB_PATHS
        } else {
            "Parameter name: can't be prefixed with \"aws\" or \"ssm\" (case-insensitive)."
        }));
    }
    if key.split('/').count() > LEVELS {
        return Err(AwsError::bad_request(
            "HierarchyLevelLimitExceededException",
            "A hierarchy can have a maximum of 15 levels. For more information, see Requirements and constraints for \
             parameter names in the Amazon Web Services Systems Manager User Guide.",
        ));
    }
    let length = arn(context, key).len();
    if length > LENGTH {
        return Err(AwsError::validation(format!(
            "Parameter name: its ARN has {length} characters, and can have {LENGTH} at most."
        )));
    }
    Ok(name)
}

/// How a request refers to a parameter: by name or ARN, of a version or of the latest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The parameter's key.
    pub key: String,
    /// The name as the request has it; `None` for an ARN.
    pub name: Option<String>,
    /// The version's number or label.
    pub selector: Option<String>,
}

impl Reference {
    /// Reads `name`, `name:version`, `name:label`, or an ARN in a name's place.
    ///
    /// # Errors
    /// What is wrong with the name; that it is a parameter of AWS's or of somebody else's, which are not here.
    pub fn parse(context: &Context, text: &str) -> AwsResult<Self> {
        let text = text.trim();
        let (resource, is_arn) = match Arn::parse(text) {
            Some(arn) => (own_resource(context, &arn)?, true),
            None => (text.to_owned(), false),
        };
        let (name, selector) = match resource.split_once(':') {
            Some((name, selector)) => (name, Some(selector.to_owned())),
            None => (resource.as_str(), None),
        };
        let key = key(name);
        let is_qualified = is_arn || name.starts_with('/') || !key.contains('/');
        let is_selected = selector.as_ref().is_none_or(|selector| !selector.is_empty() && !selector.contains(':'));
        if !is_well_formed(key) || !is_qualified || !is_selected {
            return Err(AwsError::validation(SUB_PATHS));
        }
        refuse_public(name)?;
        Ok(Self { key: key.to_owned(), name: (!is_arn).then(|| name.to_owned()), selector })
    }

    /// Reads a name where no version can be told and no ARN be given; answers its key.
    ///
    /// # Errors
    /// What is wrong with the name.
    pub fn plain(context: &Context, text: &str) -> AwsResult<String> {
        match Self::parse(context, text)? {
            Self { key, name: Some(_), selector: None } => Ok(key),
            _ => Err(AwsError::validation(SUB_PATHS)),
        }
    }
}

/// What an ARN names, if it is of this account and region.
fn own_resource(context: &Context, arn: &Arn) -> AwsResult<String> {
    let Some(key) = arn.resource.strip_prefix("parameter/").filter(|_| arn.service == "ssm") else {
        return Err(AwsError::validation(format!("Invalid parameter ARN: {arn}.")));
    };
    if *arn.account != *context.account || *arn.region != *context.region {
        return Err(AwsError::unsupported("reading a parameter of another account or region"));
    }
    Ok(key.to_owned())
}

/// A secret of Secrets Manager under the name that Parameter Store has for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretReference {
    /// The parameter's name, `/aws/reference/secretsmanager/…`.
    pub name: String,
    /// The secret's name.
    pub secret: String,
    /// A staging label, or a version's id.
    pub selector: Option<String>,
}

impl SecretReference {
    /// Reads `name` or `name:label`; `None` for what is no secret's name.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, selector) = match text.trim().split_once(':') {
            Some((name, selector)) => (name, Some(selector.to_owned())),
            None => (text.trim(), None),
        };
        let secret = name.strip_prefix(SECRETS)?.to_owned();
        Some(Self { name: name.to_owned(), secret, selector })
    }
}

/// Refuses what AWS itself keeps under `/aws/`: there is none of it here, but secrets, which only GetParameter and
/// GetParameters read (User Guide, "Referencing AWS Secrets Manager secrets from Parameter Store parameters").
fn refuse_public(name: &str) -> AwsResult<()> {
    if name.starts_with(SECRETS) {
        return Err(AwsError::validation(
            "Parameters that reference Secrets Manager secrets can be read by GetParameter and GetParameters only.",
        ));
    }
    if name.starts_with("/aws/") {
        return Err(AwsError::unsupported(format!("the public parameter {name}")));
    }
    Ok(())
}

/// A path of GetParametersByPath or of a filter, as the beginning of keys: empty, or with a slash at its end.
///
/// # Errors
/// What is wrong with it.
pub fn path(text: &str) -> AwsResult<String> {
    let text = text.trim();
    let inner = key(text).trim_end_matches('/');
    let is_path = text.starts_with('/') && (inner.is_empty() || is_well_formed(inner));
    if !is_path || text.ends_with("//") {
        return Err(AwsError::validation(
            "The parameter doesn't meet the parameter name requirements. The parameter name must begin with a forward \
             slash \"/\". It can't be prefixed with \\\"aws\\\" or \\\"ssm\\\" (case-insensitive). It must use only \
             letters, numbers, or the following symbols: . (period), - (hyphen), _ (underscore). Special characters \
             are not allowed. All sub-paths, if specified, must use the forward slash symbol \"/\". Valid example: \
             /get/parameters2-/by1./path0_.",
        ));
    }
    refuse_public(&format!("/{inner}/"))?;
    Ok(if inner.is_empty() { String::new() } else { format!("{inner}/") })
}

/// Whether a key lies under a path: right below it, or anywhere `recursive`ly.
pub fn is_under(key: &str, path: &str, recursive: bool) -> bool {
    key.strip_prefix(path).is_some_and(|rest| recursive || !rest.contains('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use slam_cloud_core::Principal;

    fn context() -> Context {
        Context::new("000000000000", "us-east-1", Principal::Root { account: "000000000000".into() })
    }

    #[test]
    fn new_names() {
        let check = |name: &str, expected: Result<&str, &str>| {
            let checked = check_new(&context(), name).map_err(|error| error.message);
            assert_eq!(checked.as_ref().copied().map_err(String::as_str), expected, "{name}");
        };
        check(" /a/b.c_d-E ", Ok("/a/b.c_d-E"));
        check("p", Ok("p"));
        check("a/b", Err("Parameter name must be a fully qualified name."));
        for name in ["/a//b", "/a/", "a b", "/a/é", "/ssm/a", "/", "a:1"] {
            check(name, Err(SUB_PATHS));
        }
        let prefix = "Parameter name: can't be prefixed with \"aws\" or \"ssm\" (case-insensitive).";
        for name in ["awsTest", "SSM-test", "/AWS"] {
            check(name, Err(prefix));
        }
        check("/aws/a", Err("No access to reserved parameter name: /aws/a."));
        check(&"/a".repeat(15), Ok(&"/a".repeat(15)));
        assert_eq!(check_new(&context(), &"/a".repeat(16)).unwrap_err().code, "HierarchyLevelLimitExceededException");
        // What stands before the name in the ARN counts, too: 45 characters in this region.
        let prefix = "arn:aws:ssm:us-east-1:000000000000:parameter/".len();
        assert!(check_new(&context(), &"a".repeat(LENGTH - prefix)).is_ok());
        assert!(check_new(&context(), &"a".repeat(LENGTH - prefix + 1)).is_err());
    }

    #[test]
    fn references() {
        let check = |text: &str, expected: Option<(&str, Option<&str>, Option<&str>)>| {
            let read = Reference::parse(&context(), text).ok();
            let parts = read.as_ref().map(|read| (read.key.as_str(), read.name.as_deref(), read.selector.as_deref()));
            assert_eq!(parts, expected, "{text}");
        };
        check("p", Some(("p", Some("p"), None)));
        check("/p:3", Some(("p", Some("/p"), Some("3"))));
        check("/a/b:prod", Some(("a/b", Some("/a/b"), Some("prod"))));
        check("arn:aws:ssm:us-east-1:000000000000:parameter/a/b:2", Some(("a/b", None, Some("2"))));
        for wrong in ["a/b", "/a//b", "p:", "p:1:2", "arn:aws:ssm:us-east-1:000000000000:document/d", ""] {
            check(wrong, None);
        }
        for (text, code) in [
            ("arn:aws:ssm:us-east-1:111111111111:parameter/p", "NotImplemented"),
            ("/aws/service/ami-amazon-linux-latest/al2023", "NotImplemented"),
            ("/aws/reference/secretsmanager/s", "ValidationException"),
        ] {
            assert_eq!(Reference::parse(&context(), text).unwrap_err().code, code, "{text}");
        }
    }

    #[test]
    fn references_to_secrets() {
        let check = |text: &str, expected: Option<(&str, Option<&str>)>| {
            let read = SecretReference::parse(text);
            let parts = read.as_ref().map(|read| (read.secret.as_str(), read.selector.as_deref()));
            assert_eq!(parts, expected, "{text}");
        };
        check("/aws/reference/secretsmanager/a/b+c", Some(("a/b+c", None)));
        check("/aws/reference/secretsmanager/s:AWSPREVIOUS", Some(("s", Some("AWSPREVIOUS"))));
        check("/aws/reference/other/s", None);
        check("p", None);
    }

    #[test]
    fn paths() {
        let check = |key: &str, below: &str, recursive: bool, expected: bool| {
            assert_eq!(is_under(key, &path(below).unwrap(), recursive), expected, "{key} {below}");
        };
        check("a/b", "/a", false, true);
        check("a/b", "/a/", false, true);
        check("a/b/c", "/a", false, false);
        check("a/b/c", "/a", true, true);
        check("ab", "/a", true, false);
        check("a", "/a", true, false);
        check("p", "/", false, true);
        check("a/b", "/", false, false);
        for wrong in ["a", "/a//b", "//", "/a b", "/a//"] {
            assert!(path(wrong).is_err(), "{wrong}");
        }
    }
}
