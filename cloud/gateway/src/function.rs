//! Functions as integrations and authorizers name them, and stage variables in such names.

use slam_cloud_core::Arn;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A function that may be invoked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// The ARN without a qualifier.
    pub arn: String,
    /// An alias or version.
    pub qualifier: Option<String>,
    /// The function's account.
    pub account: Arc<str>,
    /// The function's region.
    pub region: Arc<str>,
}

impl Function {
    /// The function of an ARN, with an alias or without.
    pub fn parse(arn: &str) -> Option<Self> {
        let parsed = Arn::parse(arn).filter(|arn| arn.service == "lambda")?;
        let function = parsed.resource.strip_prefix("function:")?;
        let (name, qualifier) = match function.split_once(':') {
            Some((name, qualifier)) => (name, Some(qualifier.to_owned()).filter(|qualifier| !qualifier.is_empty())),
            None => (function, None),
        };
        let (account, region) = (parsed.account.as_str().into(), parsed.region.as_str().into());
        let arn = Arn { resource: format!("function:{name}"), ..parsed }.to_string();
        Some(Self { arn, qualifier, account, region })
    }
}

/// `${stageVariables.x}` becomes the variable's value, nothing where there is none.
pub fn substitute(text: &str, variables: &BTreeMap<String, String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${stageVariables.") {
        out.push_str(before);
        let Some((name, after)) = after.split_once('}') else { break };
        out.push_str(variables.get(name).map_or("", String::as_str));
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stage_variables_stand_for_any_part() {
        let variables = BTreeMap::from([("alias".to_owned(), "dev".to_owned()), ("f".to_owned(), "tasks".to_owned())]);
        for (text, expected) in [
            ("plain", "plain"),
            ("a:${stageVariables.f}:${stageVariables.alias}/x", "a:tasks:dev/x"),
            ("a${stageVariables.none}b", "ab"),
        ] {
            assert_eq!(substitute(text, &variables), expected);
        }
    }

    #[test]
    fn a_function_is_named_with_or_without_an_alias() {
        let arn = "arn:aws:lambda:eu-west-1:123456789012:function:tasks";
        for (text, qualifier) in
            [(arn.to_owned(), None), (format!("{arn}:dev"), Some("dev")), (format!("{arn}:"), None)]
        {
            let expected = Function {
                arn: arn.into(),
                qualifier: qualifier.map(str::to_owned),
                account: "123456789012".into(),
                region: "eu-west-1".into(),
            };
            assert_eq!(Function::parse(&text), Some(expected), "{text}");
        }
        assert_eq!(Function::parse("arn:aws:s3:::b"), None);
    }
}
