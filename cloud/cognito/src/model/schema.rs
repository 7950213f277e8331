//! The attributes that the users of a pool may have.
//! <https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html>

use super::user::User;
use crate::error::invalid_parameter;
use slam_cloud_core::{AwsError, AwsResult};
use slam_cloud_wire::cognito as wire;

/// The standard attributes, and what each holds.
const STANDARD: [(&str, &str); 20] = [
    ("sub", "String"),
    ("name", "String"),
    ("given_name", "String"),
    ("family_name", "String"),
    ("middle_name", "String"),
    ("nickname", "String"),
    ("preferred_username", "String"),
    ("profile", "String"),
    ("picture", "String"),
    ("website", "String"),
    ("email", "String"),
    ("email_verified", "Boolean"),
    ("gender", "String"),
    ("birthdate", "String"),
    ("zoneinfo", "String"),
    ("locale", "String"),
    ("phone_number", "String"),
    ("phone_number_verified", "Boolean"),
    ("address", "String"),
    ("updated_at", "Number"),
];
/// What every pool has beside the standard attributes of OpenID.
const CUSTOM: &str = "custom:";

/// All attributes of a pool, the standard ones first.
pub fn all(settings: &wire::CreateUserPool) -> Vec<wire::SchemaAttributeType> {
    let asked = || settings.schema.iter().flatten();
    let standard = STANDARD.iter().map(|(name, kind)| {
        let own = asked().find(|one| one.name.as_deref() == Some(name));
        let (least, most) = match *name {
            "sub" => ("1", "2048"),
            "birthdate" => ("10", "10"),
            _ => ("0", "2048"),
        };
        let of_text = wire::StringAttributeConstraintsType {
            min_length: Some(least.to_owned()),
            max_length: Some(most.to_owned()),
        };
        let of_number = wire::NumberAttributeConstraintsType { min_value: Some("0".to_owned()), max_value: None };
        wire::SchemaAttributeType {
            name: Some((*name).to_owned()),
            attribute_data_type: Some((*kind).to_owned()),
            developer_only_attribute: Some(false),
            mutable: Some(own.and_then(|own| own.mutable).unwrap_or(*name != "sub")),
            required: Some(own.and_then(|own| own.required).unwrap_or(*name == "sub")),
            string_attribute_constraints: own
                .and_then(|own| own.string_attribute_constraints.clone())
                .or_else(|| (*kind == "String").then_some(of_text)),
            number_attribute_constraints: own
                .and_then(|own| own.number_attribute_constraints.clone())
                .or_else(|| (*kind == "Number").then_some(of_number)),
        }
    });
    let custom = asked().filter(|one| !is_standard(one.name.as_deref())).map(|one| wire::SchemaAttributeType {
        name: one.name.as_ref().map(|name| format!("{CUSTOM}{name}")),
        attribute_data_type: one.attribute_data_type.clone().or_else(|| Some("String".to_owned())),
        developer_only_attribute: Some(false),
        mutable: Some(one.mutable.unwrap_or(true)),
        required: Some(false),
        ..one.clone()
    });
    standard.chain(custom).collect()
}

fn is_standard(name: Option<&str>) -> bool {
    STANDARD.iter().any(|(standard, _)| name == Some(*standard))
}

/// Checks the attributes that a pool is to have.
///
/// # Errors
/// What cannot be, or is not here.
pub fn check(settings: &wire::CreateUserPool) -> AwsResult<()> {
    for attribute in settings.schema.iter().flatten() {
        let name = attribute.name.as_deref().ok_or_else(|| invalid_parameter("An attribute needs a Name."))?;
        if attribute.developer_only_attribute == Some(true) {
            return Err(AwsError::unsupported("DeveloperOnlyAttribute of a user pool's attribute"));
        }
        if !is_standard(Some(name)) && attribute.required == Some(true) {
            return Err(invalid_parameter("Required custom attributes are not supported currently."));
        }
    }
    Ok(())
}

fn refused(what: String) -> AwsError {
    invalid_parameter(format!("Attributes did not conform to the schema: {what}"))
}

/// Checks attributes that a user of a pool is to have, of which some may be there already.
///
/// # Errors
/// The first that cannot be.
pub fn check_values(
    settings: &wire::CreateUserPool,
    values: &[(String, String)],
    user: Option<&User>,
) -> AwsResult<()> {
    let schema = all(settings);
    for (name, value) in values {
        let known = schema.iter().find(|one| one.name.as_ref() == Some(name));
        let Some(known) = known else {
            return Err(refused(format!("Type for attribute {{{name}}} could not be determined")));
        };
        let is_there = user.is_some_and(|user| user.attribute(name).is_some());
        if name == "sub" || (is_there && known.mutable == Some(false)) {
            return Err(invalid_parameter(format!("user.{name}: Attribute cannot be updated.")));
        }
        check_value(known, name, value)?;
    }
    Ok(())
}

/// Checks how a user's attributes are to change. An empty value removes one.
///
/// # Errors
/// The first that cannot be.
pub fn check_change(settings: &wire::CreateUserPool, values: &[(String, String)], user: &User) -> AwsResult<()> {
    let (removed, given): (Vec<_>, Vec<_>) = values.iter().cloned().partition(|(_, value)| value.is_empty());
    check_values(settings, &given, Some(user))?;
    check_removed(settings, removed.iter().map(|(name, _)| &**name))
}

/// Refuses to remove what users must have, and what stays as it was set first.
///
/// # Errors
/// Which attribute it is.
pub fn check_removed<'n>(settings: &wire::CreateUserPool, mut names: impl Iterator<Item = &'n str>) -> AwsResult<()> {
    let stays = |one: &wire::SchemaAttributeType| one.mutable == Some(false) || one.required == Some(true);
    let staying: Vec<_> = all(settings).into_iter().filter(stays).filter_map(|one| one.name).collect();
    match names.find(|name| staying.iter().any(|one| one == name)) {
        Some(name) => Err(invalid_parameter(format!("user.{name}: Attribute cannot be updated."))),
        None => Ok(()),
    }
}

/// The attributes that a pool demands and a user lacks.
pub fn lacking(settings: &wire::CreateUserPool, has: impl Fn(&str) -> bool) -> Vec<String> {
    let required = all(settings).into_iter().filter(|one| one.required == Some(true));
    required.filter_map(|one| one.name).filter(|name| name != "sub" && !has(name)).collect()
}

/// Refuses users who lack an attribute.
///
/// # Errors
/// Which one.
pub fn check_required(settings: &wire::CreateUserPool, has: impl Fn(&str) -> bool) -> AwsResult<()> {
    let lacking = lacking(settings, has);
    let told: Vec<_> = lacking.iter().map(|name| format!("{name}: The attribute is required")).collect();
    if told.is_empty() { Ok(()) } else { Err(refused(told.join("\n"))) }
}

fn check_value(known: &wire::SchemaAttributeType, name: &str, value: &str) -> AwsResult<()> {
    match name {
        "email" if !is_email(value) => return Err(invalid_parameter("Invalid email address format.")),
        "phone_number" if !is_phone_number(value) => return Err(invalid_parameter("Invalid phone number format.")),
        _ => {}
    }
    let limit = |text: &Option<String>| text.as_ref().and_then(|text| text.parse::<i64>().ok());
    match known.attribute_data_type.as_deref() {
        Some("Number") => {
            let number = value
                .parse::<i64>()
                .map_err(|_| refused(format!("{name}: Attribute does not conform to the type Number.")))?;
            let limits = known.number_attribute_constraints.as_ref();
            let (least, most) =
                (limits.and_then(|it| limit(&it.min_value)), limits.and_then(|it| limit(&it.max_value)));
            if least.is_some_and(|least| number < least) || most.is_some_and(|most| number > most) {
                return Err(refused(format!("{name}: Attribute is not within its limits.")));
            }
        }
        Some("Boolean") if value != "true" && value != "false" => {
            return Err(refused(format!("{name}: Attribute does not conform to the type Boolean.")));
        }
        Some("String") => {
            let length = i64::try_from(value.chars().count()).unwrap_or(i64::MAX);
            let limits = known.string_attribute_constraints.as_ref();
            if limits.and_then(|it| limit(&it.min_length)).is_some_and(|least| length < least) {
                return Err(refused(format!("{name}: String must be longer than minimum length.")));
            }
            if limits.and_then(|it| limit(&it.max_length)).is_some_and(|most| length > most) {
                return Err(refused(format!("{name}: String must be shorter than maximum length.")));
            }
        }
        _ => {}
    }
    Ok(())
}

/// An address, as far as it is looked at.
pub fn is_email(value: &str) -> bool {
    let parts = value.split_once('@');
    parts.is_some_and(|(name, domain)| !name.is_empty() && domain.contains('.') && !value.contains(char::is_whitespace))
}

/// A number as E.164 writes it.
pub fn is_phone_number(value: &str) -> bool {
    let digits = value.strip_prefix('+').unwrap_or_default();
    (1..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stays_is_not_removed() {
        let attribute = |name: &str, mutable, required| wire::SchemaAttributeType {
            name: Some(name.to_owned()),
            mutable: Some(mutable),
            required: Some(required),
            ..Default::default()
        };
        let schema = vec![attribute("name", true, true), attribute("tenant", false, false)];
        let settings = wire::CreateUserPool { schema: Some(schema), ..Default::default() };
        for (name, may) in [("sub", false), ("name", false), ("custom:tenant", false), ("nickname", true)] {
            assert_eq!(check_removed(&settings, [name].into_iter()).is_ok(), may, "{name}");
        }
    }
}
