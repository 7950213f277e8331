//! What a parameter's value may be: its size by tier, its pattern, its data type.

use slam_cloud_core::java::Pattern;
use slam_cloud_core::{AwsError, AwsResult};

/// The default tier.
pub const STANDARD: &str = "Standard";
/// The tier of larger values.
pub const ADVANCED: &str = "Advanced";
/// The one data type that is here, which demands nothing.
pub const TEXT: &str = "text";
/// The type whose values are only told `WithDecryption`.
pub const SECURE_STRING: &str = "SecureString";
/// The one key of KMS that is here: AWS's own.
pub const KEY: &str = "alias/aws/ssm";

/// The bytes of a standard parameter's value (User Guide, "Managing parameter tiers").
const STANDARD_BYTES: usize = 4096;
/// The bytes of an advanced parameter's value.
const ADVANCED_BYTES: usize = 8192;
/// The longest text that AWS takes for a value at all, which its model does not say. It tells of that as of the other
/// demands of a model, and before any tier's; its users report "Value at 'value' failed to satisfy constraint: Member must
/// have length less than or equal to 32768".
const LONGEST: usize = 32_768;

/// The tier of a value: as asked for, or what the parameter has; an advanced parameter stays one. `Intelligent-Tiering`
/// takes the advanced one where the value needs it, or where a region is full of standard parameters (API reference,
/// PutParameter).
///
/// # Errors
/// When the value is too large for it, or the parameter would become a standard one.
pub fn tier(asked: Option<&str>, current: Option<&str>, value: &str, is_full: bool) -> AwsResult<&'static str> {
    let is_advanced = current == Some(ADVANCED);
    let tier = match asked {
        Some(STANDARD) if is_advanced => {
            return Err(AwsError::validation(
                "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the \
                 advanced-parameter tier to the standard-parameter tier. If necessary, you can delete the advanced \
                 parameter and recreate it as a standard parameter.",
            ));
        }
        Some(ADVANCED) => ADVANCED,
        _ if is_advanced => ADVANCED,
        Some("Intelligent-Tiering") if value.len() > STANDARD_BYTES || is_full => ADVANCED,
        _ => STANDARD,
    };
    match tier {
        STANDARD if value.len() > STANDARD_BYTES => Err(AwsError::validation(
            "Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger \
             parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see \
             https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html",
        )),
        _ if value.len() > ADVANCED_BYTES => {
            Err(AwsError::validation("Advanced tier parameters support a maximum parameter value of 8192 characters."))
        }
        tier => Ok(tier),
    }
}

/// Checks what every value must be.
///
/// # Errors
/// When it is empty or far too long, or names another parameter (API reference, PutParameter).
pub fn check(value: &str) -> AwsResult<()> {
    let bound = match value.encode_utf16().count() {
        0 => Some("greater than or equal to 1".to_owned()),
        length if length > LONGEST => Some(format!("less than or equal to {LONGEST}")),
        _ => None,
    };
    if let Some(bound) = bound {
        return Err(AwsError::validation(format!(
            "1 validation error detected: Value at 'value' failed to satisfy constraint: Member must have length {bound}"
        )));
    }
    // Nothing but text between the braces: JSON may close several objects at once.
    let nests = value
        .match_indices("}}")
        .map(|(end, _)| &value[..end])
        .any(|before| before.rfind(['{', '}']).is_some_and(|brace| before[..=brace].ends_with("{{")));
    if nests {
        return Err(AwsError::validation(
            "Parameter value can't nest another parameter. Do not use \"{{}}\" in the value.",
        ));
    }
    Ok(())
}

/// Checks a value against its parameter's pattern.
///
/// # Errors
/// When the pattern is none, or the value does not match it.
pub fn check_pattern(value: &str, pattern: &str) -> AwsResult<()> {
    let compiled = Pattern::whole(pattern).map_err(|_| {
        AwsError::bad_request(
            "InvalidAllowedPatternException",
            "The request does not meet the regular expression requirement.",
        )
    })?;
    match compiled.is_match(value) {
        Ok(true) => Ok(()),
        _ => Err(AwsError::bad_request(
            "ParameterPatternMismatchException",
            format!("Parameter value, cannot be validated against allowedPattern: {pattern}"),
        )),
    }
}

/// Checks a data type.
///
/// # Errors
/// For one that AWS does not have, and by name for one that is not here: AWS checks their values.
pub fn check_data_type(data_type: &str) -> AwsResult<()> {
    match data_type {
        TEXT => Ok(()),
        "aws:ec2:image"
        | "aws:ssm:integration"
        | "aws:region"
        | "aws:account:id"
        | "boolean"
        | "integer"
        | "float"
        | "binary"
        | "hostname"
        | "email"
        | "ipv4-address"
        | "ipv6-address"
        | "url"
        | "json"
        | "jsonc" => Err(AwsError::unsupported(format!("the data type {data_type} of a parameter"))),
        _ => Err(AwsError::validation(format!(
            "The following data type is not supported: {data_type} (Data type names are all lowercase.)"
        ))),
    }
}

/// Checks the key that a value is encrypted with.
///
/// # Errors
/// By name for any but AWS's own, and for a key where nothing is encrypted.
pub fn check_key(key: Option<&str>, is_secure: bool) -> AwsResult<()> {
    match key {
        None => Ok(()),
        Some(_) if !is_secure => Err(AwsError::validation("KeyId is required for SecureString type parameter only.")),
        Some(key) if key == KEY || key.ends_with(&format!(":{KEY}")) => Ok(()),
        Some(key) => Err(AwsError::unsupported(format!("the KMS key {key} of a parameter (only {KEY} is here)"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiers() {
        let (small, large, huge) = ("x".repeat(4096), "x".repeat(4097), "x".repeat(8193));
        let check = |asked, current, value: &str, expected: Option<&str>| {
            assert_eq!(tier(asked, current, value, false).ok(), expected, "{asked:?} {current:?} {}", value.len());
        };
        check(None, None, &small, Some(STANDARD));
        check(None, None, &large, None);
        check(Some(ADVANCED), None, &large, Some(ADVANCED));
        check(Some(ADVANCED), None, &huge, None);
        check(Some("Intelligent-Tiering"), None, &small, Some(STANDARD));
        check(Some("Intelligent-Tiering"), Some(STANDARD), &large, Some(ADVANCED));
        check(None, Some(ADVANCED), &small, Some(ADVANCED));
        check(Some(STANDARD), Some(ADVANCED), &small, None);
        check(Some(STANDARD), Some(STANDARD), &small, Some(STANDARD));
        assert_eq!(tier(Some("Intelligent-Tiering"), None, &small, true), Ok(ADVANCED));
        assert_eq!(tier(None, None, &small, true), Ok(STANDARD));
    }

    #[test]
    fn values_may_not_name_parameters() {
        for fine in ["x", r#"{"a":{"b":{"c":1}}}"#, "{{ {", "}}{{", "{{a}"] {
            assert!(check(fine).is_ok(), "{fine}");
        }
        let (longest, longer) = ("x".repeat(LONGEST), "x".repeat(LONGEST + 1));
        assert!(check(&longest).is_ok());
        assert!(!check(&longer).unwrap_err().message.contains("xx"));
        for wrong in ["", &longer, "{{ssm:p}}", "a {{ b }} c", "{{}}", "{{{a}}"] {
            assert!(check(wrong).is_err(), "{wrong}");
        }
    }
}
