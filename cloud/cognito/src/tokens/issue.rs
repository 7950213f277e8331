//! Identity, access and refresh tokens.
//! <https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html>
//! <https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html>

use super::sealed::{self, Refresh};
use crate::CognitoService;
use crate::model::{Client, Pool, User};
use serde_json::{Map, Value, json};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, id};
use slam_cloud_wire::cognito as wire;
use std::time::Duration;

/// How often, and how many times, it is looked whether the second of a sign-out is over.
const PAUSE: Duration = Duration::from_millis(20);
const LOOKS: u32 = 60;
/// The scope of access tokens that are got by these operations.
pub const SELF_SERVICE: &str = "aws.cognito.signin.user.admin";

/// The sign-in that tokens come from.
#[derive(Clone, Debug)]
pub struct Origin {
    /// When it was, in seconds since 1970.
    pub signed_in: i64,
    /// `origin_jti`
    pub id: String,
}

/// Tokens tell whole seconds: in the second of a sign-out, new ones could not be told from those that it ended.
async fn wait_after_sign_out(service: &CognitoService, user: &User) {
    let is_over = || user.signed_out.is_none_or(|out| out.as_second() < service.now().as_second());
    for _ in 0..LOOKS {
        if is_over() {
            return;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// The tokens of a user; a refresh token, too, where they come from a new sign-in.
///
/// # Errors
/// When they cannot be signed.
pub async fn issue(
    service: &CognitoService,
    (scope, pool): (&Scope, &Pool),
    client: &Client,
    user: &User,
    earlier: Option<Origin>,
) -> AwsResult<wire::AuthenticationResultType> {
    let is_new = earlier.is_none();
    if is_new {
        wait_after_sign_out(service, user).await;
    }
    let now = service.now().as_second();
    let origin = earlier.unwrap_or_else(|| Origin { signed_in: now, id: id::request_id() });
    let validity = client.validity();
    let common = |kind: &str, seconds: i64| {
        let claims = json!({
            "sub": user.sub, "iss": pool.issuer(scope), "origin_jti": origin.id, "event_id": id::request_id(),
            "token_use": kind, "auth_time": origin.signed_in, "exp": now + seconds, "iat": now, "jti": id::request_id(),
        });
        match claims {
            Value::Object(claims) => claims,
            _ => Map::new(),
        }
    };
    let groups = service.pools.groups_of(scope, &pool.id, user);
    let mut identity = common("id", validity.id);
    identity.insert("aud".to_owned(), client.id.clone().into());
    identity.insert("cognito:username".to_owned(), user.username.clone().into());
    for (name, value) in user.attributes.iter().filter(|(name, _)| client.reads(name)) {
        let is_flag = matches!(&**name, "email_verified" | "phone_number_verified");
        identity.insert(name.clone(), if is_flag { (value == "true").into() } else { value.clone().into() });
    }
    let mut access = common("access", validity.access);
    access.insert("client_id".to_owned(), client.id.clone().into());
    access.insert("scope".to_owned(), SELF_SERVICE.into());
    access.insert("username".to_owned(), user.username.clone().into());
    if !groups.is_empty() {
        let names: Value = groups.iter().map(|group| group.settings.group_name.clone()).collect();
        identity.insert("cognito:groups".to_owned(), names.clone());
        access.insert("cognito:groups".to_owned(), names);
        let roles: Vec<_> = groups.iter().filter_map(|group| group.settings.role_arn.clone()).collect();
        if let [first, ..] = &roles[..] {
            identity.insert("cognito:preferred_role".to_owned(), first.clone().into());
            identity.insert("cognito:roles".to_owned(), roles.into());
        }
    }
    let refresh = Refresh {
        sub: user.sub.clone(),
        client: client.id.clone(),
        signed_in: origin.signed_in,
        origin: origin.id,
        expires: now + validity.refresh,
    };
    let refresh = is_new.then(|| sealed::seal(pool, &refresh)).flatten().map(|text| sealed::in_url(&text));
    let keys = service.keys.of(&service.pools, scope, &pool.id).await?;
    let sign = move || -> AwsResult<(String, String)> {
        Ok((keys.id.sign(&identity.into())?, keys.access.sign(&access.into())?))
    };
    let (id_token, access_token) = tokio::task::spawn_blocking(sign).await.map_err(AwsError::internal)??;
    Ok(wire::AuthenticationResultType {
        access_token: Some(access_token),
        expires_in: Some(validity.access),
        token_type: Some("Bearer".to_owned()),
        refresh_token: refresh,
        id_token: Some(id_token),
        new_device_metadata: None,
    })
}
