//! New users, whoever makes them, and what they are told.

use crate::CognitoService;
use crate::error::invalid_parameter;
use crate::messages::Message;
use crate::model::{Code, Pool, Purpose, Status, User, schema};
use slam_cloud_core::{AwsError, AwsResult, id};
use slam_cloud_wire::cognito as wire;
use std::collections::BTreeMap;

/// A new user as somebody wants it, without a password.
///
/// # Errors
/// When the name or an attribute cannot be.
pub fn wanted(
    service: &CognitoService,
    pool: &Pool,
    name: &str,
    attributes: Option<Vec<wire::AttributeType>>,
) -> AwsResult<User> {
    let attributes = pairs(attributes);
    schema::check_values(&pool.settings, &attributes, None)?;
    let mut attributes: BTreeMap<String, String> = attributes.into_iter().collect();
    let sub = id::request_id();
    let username = if pool.names_users() {
        let attribute = attribute_of(pool, name)?;
        attributes.insert(attribute.to_owned(), name.to_owned());
        sub.clone()
    } else {
        if pool.takes("email") && schema::is_email(name) {
            return Err(invalid_parameter(
                "Username cannot be of email format, since user pool is configured for email alias.",
            ));
        }
        if pool.takes("phone_number") && schema::is_phone_number(name) {
            return Err(invalid_parameter(
                "Username cannot be of phone number format, since user pool is configured for phone number alias.",
            ));
        }
        name.to_owned()
    };
    schema::check_required(&pool.settings, |name| attributes.contains_key(name))?;
    let now = service.now();
    Ok(User {
        username,
        sub,
        attributes,
        password: None,
        temporary: None,
        status: Status::Unconfirmed,
        enabled: true,
        groups: Default::default(),
        code: None,
        signed_out: None,
        created: now,
        changed: now,
    })
}

/// The names and values of attributes.
pub fn pairs(attributes: Option<Vec<wire::AttributeType>>) -> Vec<(String, String)> {
    let attributes = attributes.into_iter().flatten();
    attributes.map(|attribute| (attribute.name, attribute.value.unwrap_or_default())).collect()
}

/// Which attribute a name is that stands for a username.
fn attribute_of(pool: &Pool, name: &str) -> AwsResult<&'static str> {
    match (pool.takes("email"), pool.takes("phone_number")) {
        (true, _) if schema::is_email(name) => Ok("email"),
        (_, true) if schema::is_phone_number(name) => Ok("phone_number"),
        (true, true) => Err(invalid_parameter("Username should be either an email or a phone number.")),
        (true, false) => Err(invalid_parameter("Username should be an email.")),
        _ => Err(invalid_parameter("Username should be a phone number.")),
    }
}

/// Where a user can be reached: the attributes that are told codes, the first that the user has.
pub fn reached_by<'u>(pool: &Pool, user: &'u User, only_verified: bool) -> Option<(&'static str, &'u str)> {
    let way = |attribute: &'static str| {
        let is_good = if only_verified { user.is_verified(attribute) } else { pool.verifies(attribute) };
        user.attribute(attribute).filter(|_| is_good).map(|value| (attribute, value))
    };
    way("phone_number").filter(|_| !only_verified).or_else(|| way("email")).or_else(|| way("phone_number"))
}

/// Tells a user a code, and says so to whoever asked for it.
///
/// # Errors
/// When there is no random number.
pub fn send_code(
    service: &CognitoService,
    pool: &Pool,
    user: &mut User,
    purpose: Purpose,
    (attribute, destination): (&'static str, String),
) -> AwsResult<wire::CodeDeliveryDetailsType> {
    let code = Code::new(purpose, attribute, service.now()).map_err(AwsError::internal)?;
    let by_mail = attribute == "email";
    let (subject, text) = crate::messages::of_code(pool, by_mail, &code.digits);
    tell(service, pool, user, (by_mail, &destination), (subject, text, &code.digits));
    user.code = Some(code);
    Ok(wire::CodeDeliveryDetailsType {
        destination: Some(masked(&destination)),
        delivery_medium: Some(medium(by_mail).to_owned()),
        attribute_name: Some(attribute.to_owned()),
    })
}

/// What whoever asks for a code is told where nobody is sent one and that is not to be known: "Account confirmation and password
/// recovery return a response indicating a code was sent to a simulated destination" (API reference, `PreventUserExistenceErrors`).
pub fn simulated() -> wire::CodeDeliveryDetailsType {
    wire::CodeDeliveryDetailsType {
        destination: Some("h***@e***".to_owned()),
        delivery_medium: Some(medium(true).to_owned()),
        attribute_name: Some("email".to_owned()),
    }
}

/// Tells a user something.
pub fn tell(
    service: &CognitoService,
    pool: &Pool,
    user: &User,
    (by_mail, destination): (bool, &str),
    (subject, text, code): (Option<String>, String, &str),
) {
    service.messages.tell(Message {
        at: service.now(),
        user_pool_id: pool.id.clone(),
        username: user.username.clone(),
        delivery_medium: medium(by_mail),
        destination: destination.to_owned(),
        subject,
        text,
        code: code.to_owned(),
    });
}

fn medium(by_mail: bool) -> &'static str {
    if by_mail { "EMAIL" } else { "SMS" }
}

/// As AWS tells it to whoever only knows the username: `j***@e***`, `+*******1234`.
fn masked(destination: &str) -> String {
    let first = |text: &str| text.chars().next().map(String::from).unwrap_or_default();
    match destination.split_once('@') {
        Some((name, domain)) => format!("{}***@{}***", first(name), first(domain)),
        None => {
            let digits: Vec<char> = destination.chars().collect();
            let shown: String = digits[digits.len().saturating_sub(4)..].iter().collect();
            format!("+{}{shown}", "*".repeat(digits.len().saturating_sub(5)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn destinations_are_told_to_whoever_knows_them() {
        for (destination, expected) in
            [("jane@example.com", "j***@e***"), ("+12065551234", "+*******1234"), ("é@x", "é***@x***"), ("1", "+1")]
        {
            assert_eq!(masked(destination), expected);
        }
    }
}
