//! What is looked at of whoever has shown a password: whether they may sign in, and what they must do before.

use super::{Place, Step};
use crate::CognitoService;
use crate::error::not_authorized;
use crate::model::{Status, User, schema};
use crate::tokens::issue::issue;
use crate::tokens::sealed::{self, Session};
use jiff::SignedDuration;
use serde_json::{Value, json};
use slam_cloud_core::{AwsError, AwsResult};

/// The challenge to set another password than the temporary one.
pub const NEW_PASSWORD: &str = "NEW_PASSWORD_REQUIRED";

/// Refuses users who were shut out.
///
/// # Errors
/// When it is one.
pub fn check_enabled(user: &User) -> AwsResult<()> {
    if user.enabled { Ok(()) } else { Err(not_authorized("User is disabled.")) }
}

/// Tokens, or the challenge that stands before them.
///
/// # Errors
/// Why the user may not sign in.
pub async fn admit(service: &CognitoService, place: &Place, user: &User) -> AwsResult<Step> {
    check_enabled(user)?;
    match user.status {
        Status::Unconfirmed => Err(AwsError::bad_request("UserNotConfirmedException", "User is not confirmed.")),
        Status::ForceChangePassword => new_password(service, place, user),
        Status::Confirmed => {
            let tokens = issue(service, (&place.scope, &place.pool), &place.client, user, None).await?;
            Ok(Step::tokens(tokens))
        }
    }
}

fn new_password(service: &CognitoService, place: &Place, user: &User) -> AwsResult<Step> {
    let days = SignedDuration::from_hours(24 * place.pool.temporary_days());
    let ends = user.temporary.and_then(|set| set.checked_add(days).ok());
    if ends.is_some_and(|ends| ends <= service.now()) {
        return Err(not_authorized("Temporary password has expired and must be reset by an administrator."));
    }
    let minutes = place.client.settings.auth_session_validity.unwrap_or(3);
    let session = Session {
        sub: user.sub.clone(),
        client: place.client.id.clone(),
        expires: service.now().as_second() + minutes * 60,
    };
    let lacking = schema::lacking(&place.pool.settings, |name| user.attribute(name).is_some());
    let lacking: Value = lacking.into_iter().map(|name| format!("userAttributes.{name}")).collect();
    let parameters = [
        ("USER_ID_FOR_SRP", user.username.clone()),
        ("requiredAttributes", lacking.to_string()),
        ("userAttributes", json!(user.attributes).to_string()),
    ];
    Ok(Step {
        challenge: Some(NEW_PASSWORD),
        parameters: Some(parameters.map(|(name, value)| (name.to_owned(), value)).into()),
        session: sealed::seal(&place.pool, &session),
        result: None,
    })
}
