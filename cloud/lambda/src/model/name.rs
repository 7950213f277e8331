//! Function names as requests carry them: `name`, `name:qualifier`, `account:function:name` or a whole ARN.

use crate::error::invalid_parameter;
use slam_cloud_core::{AwsError, AwsResult, Context};

/// What a `FunctionName` (with a `Qualifier` beside it) names, in the caller's account and region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionName {
    /// The function's name alone.
    pub name: String,
    /// The version or alias that was named; `None` when none was.
    pub qualifier: Option<String>,
}

/// The longest function name; the wire's pattern allows more because it allows ARNs.
const LONGEST: usize = 64;

impl FunctionName {
    /// Takes a `FunctionName` apart.
    ///
    /// # Errors
    /// When it names another region or account, or the two qualifiers differ.
    pub fn parse(context: &Context, text: &str, qualifier: Option<&str>) -> AwsResult<Self> {
        let parts = Parts::of(text).ok_or_else(|| {
            AwsError::validation(format!(
                "1 validation error detected: Value '{text}' at 'functionName' failed to satisfy constraint: Member \
                 must satisfy regular expression pattern: {PATTERN}"
            ))
        })?;
        if let Some(region) = parts.region.filter(|region| **region != *context.region) {
            let here = &context.region;
            let message = format!("Functions from '{region}' are not reachable in this region ('{here}')");
            return Err(crate::error::not_found(message));
        }
        if parts.account.is_some_and(|account| *account != *context.account) {
            // A function of another account is invoked through its policy, and that in its account ([`Self::at_home`]); whatever
            // else names one is refused without a word (recorded: `test_function_arns`).
            return Err(AwsError::new("AccessDeniedException", 403, ""));
        }
        let qualifier = match (parts.qualifier, qualifier) {
            (Some(derived), Some(given)) if derived != given => {
                return Err(invalid_parameter(
                    "The derived qualifier from the function name does not match the specified qualifier.",
                ));
            }
            (derived, given) => derived.or(given).map(str::to_owned),
        };
        Ok(Self { name: parts.name.to_owned(), qualifier })
    }

    /// A call in the account of the function that it names, where the name tells another than the caller's.
    pub fn at_home(context: &Context, text: &str) -> Context {
        let mut context = context.clone();
        if let Some(account) = Parts::of(text).and_then(|parts| parts.account) {
            context.account = account.into();
        }
        context
    }

    /// Checks the name of a function that is to be made. Who asks for one with a longer name learns that there is none
    /// (recorded: `test_function_name_and_qualifier_validation`).
    ///
    /// # Errors
    /// When it is too long.
    pub fn check_length(&self) -> AwsResult<()> {
        if self.name.len() <= LONGEST {
            return Ok(());
        }
        Err(invalid_parameter(format!(
            "1 validation error detected: Value '{}' at 'functionName' failed to satisfy constraint: Member must have \
             length less than or equal to {LONGEST}",
            self.name
        )))
    }

    /// The function's ARN, without a qualifier.
    pub fn arn(&self, context: &Context) -> String {
        function_arn(context, &self.name)
    }

    /// The ARN with the qualifier that was named, if one was.
    pub fn qualified_arn(&self, context: &Context) -> String {
        match &self.qualifier {
            Some(qualifier) => format!("{}:{qualifier}", self.arn(context)),
            None => self.arn(context),
        }
    }
}

/// `arn:aws:lambda:REGION:ACCOUNT:function:NAME`
pub fn function_arn(context: &Context, name: &str) -> String {
    context.arn("lambda", format!("function:{name}"))
}

const PATTERN: &str = "(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?\
                       (\\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?";

struct Parts<'a> {
    region: Option<&'a str>,
    account: Option<&'a str>,
    name: &'a str,
    qualifier: Option<&'a str>,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let mut rest: Vec<&str> = text.split(':').collect();
        if rest.first() == Some(&"arn") {
            if rest.len() < 6 || rest[2] != "lambda" || rest[5] != "function" {
                return None;
            }
            rest.drain(..3);
        }
        let mut rest = rest.into_iter().peekable();
        let region = rest.next_if(|part| is_region(part));
        let account = rest.next_if(|part| part.len() == 12 && part.bytes().all(|byte| byte.is_ascii_digit()));
        // "function" may be a function's own name.
        let mut name = rest.next()?;
        if name == "function"
            && let Some(next) = rest.next()
        {
            name = next;
        }
        let qualifier = rest.next();
        if rest.next().is_some() || !is_word(name) || qualifier.is_some_and(|text| text != "$LATEST" && !is_word(text))
        {
            return None;
        }
        Some(Self { region, account, name, qualifier })
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// `us-east-1`, `us-gov-west-1`: letters and dashes, then one digit.
fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let letters = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    match parts.as_slice() {
        [words @ .., number] if words.len() >= 2 => {
            words.iter().all(letters) && number.len() == 1 && number.bytes().all(|byte| byte.is_ascii_digit())
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use slam_cloud_core::Principal;

    fn check(text: &str, qualifier: Option<&str>, expected: Result<(&str, Option<&str>), &str>) {
        let context = Context::new("000000000000", "us-east-1", Principal::Anonymous);
        let found = FunctionName::parse(&context, text, qualifier);
        match (found, expected) {
            (Ok(found), Ok((name, qualifier))) => {
                assert_eq!((found.name.as_str(), found.qualifier.as_deref()), (name, qualifier), "{text}");
            }
            (Err(error), Err(code)) => assert_eq!(error.code, code, "{text}: {error}"),
            (found, expected) => panic!("{text}: expected {expected:?}, found {found:?}"),
        }
    }

    #[test]
    fn every_form_of_a_name_is_understood() {
        check("tasks", None, Ok(("tasks", None)));
        check("tasks:prod", None, Ok(("tasks", Some("prod"))));
        check("tasks", Some("$LATEST"), Ok(("tasks", Some("$LATEST"))));
        check("function:tasks", None, Ok(("tasks", None)));
        check("000000000000:function:tasks:1", None, Ok(("tasks", Some("1"))));
        check("us-east-1:000000000000:function:tasks", None, Ok(("tasks", None)));
        check("arn:aws:lambda:us-east-1:000000000000:function:tasks", None, Ok(("tasks", None)));
        check("arn:aws:lambda:us-east-1:000000000000:function:tasks:prod", Some("prod"), Ok(("tasks", Some("prod"))));
        check("function", None, Ok(("function", None)));
        // As recorded on AWS (`test_function_name_and_qualifier_validation`).
        check("arn:aws:lambda:us-east-1:000000000000:function", None, Ok(("function", None)));
        let long = "a".repeat(65);
        check(&long, None, Ok((&long, None)));
    }

    /// As recorded on AWS (`test_ops_with_arn_qualifier_mismatch`, `test_function_arns`).
    #[test]
    fn what_names_nothing_here_is_refused() {
        check("tasks:1", Some("2"), Err("InvalidParameterValueException"));
        check("arn:aws:lambda:ap-southeast-1:000000000000:function:tasks", None, Err("ResourceNotFoundException"));
        check("arn:aws:lambda:us-east-1:123456789012:function:tasks", None, Err("AccessDeniedException"));
        check("invalid:function:name", None, Err("ValidationException"));
        check("arn:aws:ec2:us-east-1:000000000000:instance:i-1", None, Err("ValidationException"));
        check("my-function!", None, Err("ValidationException"));
    }
}
