//! App clients.

use super::kept;
use crate::error::{invalid_parameter, not_authorized};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use slam_cloud_core::{AwsError, AwsResult, Timestamp};
use slam_cloud_wire::cognito as wire;
use subtle::ConstantTimeEq as _;

/// The flows of a client that names none (API reference, CreateUserPoolClient).
const FLOWS: [&str; 3] = ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH"];
/// What a user is, and what the pool knows of it: never a client's to write.
const POOLS_OWN: [&str; 3] = ["sub", "email_verified", "phone_number_verified"];

/// An app client.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Client {
    /// Its id, which is unique everywhere.
    pub id: String,
    /// Its secret, where it has one.
    pub secret: Option<String>,
    /// What it was asked to be.
    #[serde(with = "kept")]
    pub settings: wire::CreateUserPoolClient,
    /// When it was created.
    pub created: Timestamp,
    /// When it was changed last.
    pub changed: Timestamp,
}

/// For how many seconds each of a client's tokens is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// Access tokens.
    pub access: i64,
    /// Identity tokens.
    pub id: i64,
    /// Refresh tokens.
    pub refresh: i64,
}

impl Client {
    /// Whether a flow may be begun with it. The names without `ALLOW_` are older ones of the same.
    pub fn allows(&self, flow: &str) -> bool {
        let flows = self.settings.explicit_auth_flows.as_ref().filter(|flows| !flows.is_empty());
        let is_it = |name: &str| name.trim_start_matches("ALLOW_") == flow;
        match flows {
            Some(flows) => flows.iter().any(|name| is_it(name)),
            None => FLOWS.iter().any(|name| is_it(name)),
        }
    }

    /// Whether tokens may be refreshed with it. "ALLOW_REFRESH_TOKEN_AUTH: Enable authentication with refresh tokens"
    /// (API reference, CreateUserPoolClient); the older names, which a list may not have beside these, have none for it.
    pub fn refreshes(&self) -> bool {
        let mut flows = self.settings.explicit_auth_flows.iter().flatten();
        self.allows("REFRESH_TOKEN_AUTH") || flows.all(|flow| !flow.starts_with("ALLOW_"))
    }

    /// Refuses attributes that its users may not change.
    ///
    /// # Errors
    /// When there is one.
    pub fn check_writes<'n>(&self, mut names: impl Iterator<Item = &'n String>) -> AwsResult<()> {
        match names.all(|name| self.writes(name)) {
            true => Ok(()),
            false => Err(not_authorized("A client attempted to write unauthorized attribute")),
        }
    }

    /// For how long its tokens are good: hours, and 30 days of refresh tokens, unless something else is said.
    pub fn validity(&self) -> Validity {
        let units = self.settings.token_validity_units.as_ref();
        let access = units.and_then(|units| units.access_token.as_deref());
        let id = units.and_then(|units| units.id_token.as_deref());
        let refresh = units.and_then(|units| units.refresh_token.as_deref());
        let seconds =
            |asked: Option<i64>, unit: &str| asked.filter(|asked| *asked > 0).map(|asked| asked * in_seconds(unit));
        Validity {
            access: seconds(self.settings.access_token_validity, access.unwrap_or("hours")).unwrap_or(3600),
            id: seconds(self.settings.id_token_validity, id.unwrap_or("hours")).unwrap_or(3600),
            refresh: seconds(self.settings.refresh_token_validity, refresh.unwrap_or("days")).unwrap_or(30 * 86_400),
        }
    }

    /// Checks what it was asked to be, but for what needs a look at its pool.
    ///
    /// # Errors
    /// What cannot be, or is not here.
    pub fn check(&self) -> AwsResult<()> {
        if self.settings.write_attributes.iter().flatten().any(|name| POOLS_OWN.contains(&&**name)) {
            return Err(invalid_parameter("Invalid write attributes specified while creating a client"));
        }
        let exchange = |flow: &&String| flow.starts_with("ALLOW_TOKEN_EXCHANGE");
        if let Some(flow) = self.settings.explicit_auth_flows.iter().flatten().find(exchange) {
            return Err(AwsError::unsupported(format_args!("the flow {flow} of a user pool client")));
        }
        let Validity { access, id, refresh } = self.validity();
        let day = 300..=86_400;
        if !day.contains(&access) || !day.contains(&id) || !(3600..=315_360_000).contains(&refresh) {
            return Err(invalid_parameter("Invalid range for token validity."));
        }
        if access > refresh || id > refresh {
            return Err(invalid_parameter(
                "Access Token and Id Token validity must not be longer than the validity of the Refresh Token.",
            ));
        }
        Ok(())
    }

    /// Whether who is no user is told apart from who has another password: that is so unless the client forbids it.
    pub fn hides_users(&self) -> bool {
        self.settings.prevent_user_existence_errors.as_deref() == Some("ENABLED")
    }

    /// Checks the proof that a request has the client's secret, over the username that it gives or one that means the same.
    ///
    /// # Errors
    /// When it is not there, or another one.
    pub fn prove(&self, given: Option<&str>, usernames: &[&str]) -> AwsResult<()> {
        let Some(secret) = &self.secret else { return Ok(()) };
        let Some(given) = given else {
            let message = format!("Client {} is configured with secret but SECRET_HASH was not received", self.id);
            return Err(not_authorized(message));
        };
        let hash = |username: &str| {
            // Any key is one of HMAC's.
            let mut mac = <Hmac<Sha256> as hmac::Mac>::new_from_slice(secret.as_bytes()).ok()?;
            mac.update(username.as_bytes());
            mac.update(self.id.as_bytes());
            Some(STANDARD.encode(mac.finalize().into_bytes()))
        };
        let is_same = |hash: String| bool::from(hash.as_bytes().ct_eq(given.as_bytes()));
        match usernames.iter().filter_map(|username| hash(username)).any(is_same) {
            true => Ok(()),
            false => Err(not_authorized(format!("Unable to verify secret hash for client {}", self.id))),
        }
    }

    /// Whether its users may read an attribute of theirs.
    pub fn reads(&self, attribute: &str) -> bool {
        match &self.settings.read_attributes {
            Some(list) if !list.is_empty() => attribute == "sub" || list.iter().any(|one| one == attribute),
            _ => !attribute.contains(':'),
        }
    }

    /// Whether its users may change an attribute of theirs. That an address is verified they may not say
    /// (<https://github.com/aws/aws-sdk-js/issues/3603>).
    pub fn writes(&self, attribute: &str) -> bool {
        if POOLS_OWN.contains(&attribute) {
            return false;
        }
        match &self.settings.write_attributes {
            Some(list) if !list.is_empty() => list.iter().any(|one| one == attribute),
            _ => !attribute.contains(':'),
        }
    }

    /// As DescribeUserPoolClient tells it.
    pub fn shape(&self) -> wire::UserPoolClientType {
        let settings = self.settings.clone();
        let flows = settings.explicit_auth_flows.filter(|flows| !flows.is_empty());
        wire::UserPoolClientType {
            user_pool_id: Some(settings.user_pool_id),
            client_name: Some(settings.client_name),
            client_id: Some(self.id.clone()),
            client_secret: self.secret.clone(),
            last_modified_date: Some(self.changed),
            creation_date: Some(self.created),
            refresh_token_validity: Some(settings.refresh_token_validity.filter(|days| *days > 0).unwrap_or(30)),
            access_token_validity: settings.access_token_validity,
            id_token_validity: settings.id_token_validity,
            token_validity_units: settings.token_validity_units,
            read_attributes: settings.read_attributes,
            write_attributes: settings.write_attributes,
            explicit_auth_flows: flows.or_else(|| Some(FLOWS.map(str::to_owned).into())),
            supported_identity_providers: settings.supported_identity_providers,
            callback_ur_ls: settings.callback_ur_ls,
            logout_ur_ls: settings.logout_ur_ls,
            default_redirect_uri: settings.default_redirect_uri,
            allowed_o_auth_flows: settings.allowed_o_auth_flows,
            allowed_o_auth_scopes: settings.allowed_o_auth_scopes,
            allowed_o_auth_flows_user_pool_client: Some(
                settings.allowed_o_auth_flows_user_pool_client.unwrap_or(false),
            ),
            prevent_user_existence_errors: settings.prevent_user_existence_errors,
            enable_token_revocation: Some(settings.enable_token_revocation.unwrap_or(true)),
            enable_propagate_additional_user_context_data: Some(false),
            auth_session_validity: Some(settings.auth_session_validity.unwrap_or(3)),
            ..Default::default()
        }
    }
}

fn in_seconds(unit: &str) -> i64 {
    match unit {
        "seconds" => 1,
        "minutes" => 60,
        "hours" => 3600,
        _ => 86_400,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(flows: &[&str]) -> Client {
        let flows = flows.iter().map(|flow| (*flow).to_owned()).collect();
        let settings = wire::CreateUserPoolClient { explicit_auth_flows: Some(flows), ..Default::default() };
        let moment = Timestamp::UNIX_EPOCH;
        Client { id: "c".to_owned(), secret: None, settings, created: moment, changed: moment }
    }

    #[test]
    fn tokens_are_refreshed_where_the_list_of_flows_says_so() {
        for (flows, may) in [
            (&[][..], true),
            (&["ADMIN_NO_SRP_AUTH"], true),
            (&["ALLOW_USER_SRP_AUTH"], false),
            (&["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"], true),
        ] {
            assert_eq!(client(flows).refreshes(), may, "{flows:?}");
        }
    }

    #[test]
    fn what_is_verified_is_not_a_clients_to_say() {
        for (name, may) in
            [("sub", false), ("email_verified", false), ("phone_number_verified", false), ("email", true)]
        {
            assert_eq!(client(&[]).writes(name), may, "{name}");
        }
    }
}
