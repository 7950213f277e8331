//! Which users ListUsers tells: `email = "a@example.com"`, `name ^= "J"`.
//! <https://docs.aws.amazon.com/cognito/latest/developerguide/how-to-manage-user-accounts.html>

use super::user::User;
use crate::error::invalid_parameter;
use slam_cloud_core::AwsResult;

/// What can be asked for.
const ATTRIBUTES: [&str; 10] = [
    "username",
    "email",
    "phone_number",
    "name",
    "given_name",
    "family_name",
    "preferred_username",
    "cognito:user_status",
    "status",
    "sub",
];

/// A filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    attribute: String,
    begins: bool,
    value: String,
}

impl Filter {
    /// Reads one; an empty text asks for nothing.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(text: &str) -> AwsResult<Option<Self>> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let wrong = || invalid_parameter("Error while parsing filter.");
        let (left, value) = text.split_once('=').ok_or_else(wrong)?;
        let (left, begins) = left.strip_suffix('^').map_or((left, false), |left| (left, true));
        let attribute = left.trim().trim_matches('"').to_owned();
        if !ATTRIBUTES.contains(&&*attribute) {
            return Err(wrong());
        }
        let value = value.trim().strip_prefix('"').and_then(|value| value.strip_suffix('"')).ok_or_else(wrong)?;
        Ok(Some(Self { attribute, begins, value: value.replace("\\\"", "\"").replace("\\\\", "\\") }))
    }

    /// Whether a user is asked for.
    pub fn takes(&self, user: &User) -> bool {
        let own = match &*self.attribute {
            "username" => Some(user.username.as_str()),
            "cognito:user_status" => return self.fits(&user.status.name().to_lowercase(), &self.value.to_lowercase()),
            "status" => Some(if user.enabled { "Enabled" } else { "Disabled" }),
            name => user.attribute(name),
        };
        own.is_some_and(|own| self.fits(own, &self.value))
    }

    fn fits(&self, own: &str, value: &str) -> bool {
        if self.begins { own.starts_with(value) } else { own == value }
    }
}
