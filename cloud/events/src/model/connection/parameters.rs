//! With what a connection authorizes: read from requests, told without what is secret, and whole in the connection's secret.

use super::Kind;
use super::http::HttpParameters;
use serde::{Deserialize, Serialize};
use slam_cloud_core::{AwsError, AwsResult};
use slam_cloud_wire::events as wire;

/// What a connection authorizes with. This is the JSON of its secret (recorded: `test_connection_secrets`, `test_update_connection`); where it
/// is told, what is secret is left out ([`Parameters::shown`]).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameters {
    /// That of the connection's kind.
    #[serde(flatten)]
    pub credentials: Credentials,
    /// What is added to each invocation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invocation_http_parameters: Option<HttpParameters>,
}

/// The parameters of a kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Credentials {
    /// `BasicAuthParameters`
    Basic {
        /// `Username`
        username: String,
        /// `Password`
        #[serde(default, skip_serializing_if = "Option::is_none")]
        password: Option<String>,
    },
    /// `ApiKeyAuthParameters`
    ApiKey {
        /// `ApiKeyName`
        api_key_name: String,
        /// `ApiKeyValue`
        #[serde(default, skip_serializing_if = "Option::is_none")]
        api_key_value: Option<String>,
    },
    /// `OAuthParameters`
    OAuth(OAuth),
}

/// `OAuthParameters`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OAuth {
    /// `ClientParameters.ClientID`
    pub client_id: String,
    /// `ClientParameters.ClientSecret`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
    /// `AuthorizationEndpoint`
    pub authorization_endpoint: String,
    /// `HttpMethod`
    pub http_method: String,
    /// `OAuthHttpParameters`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oauth_http_parameters: Option<HttpParameters>,
}

/// A parameter that must be there, given now or before.
fn need(name: &str, given: Option<String>, before: Option<&String>) -> AwsResult<String> {
    let missing = || AwsError::validation(format!("Parameter(s) {name} must be specified."));
    given.or_else(|| before.cloned()).ok_or_else(missing)
}

impl Parameters {
    /// Reads what a request says, over what was so before, if anything was: AWS lets requests leave out what stays.
    ///
    /// # Errors
    /// When parameters are of another kind than the connection's, or some are missing.
    pub fn read(
        kind: Kind,
        before: Option<&Self>,
        given: wire::UpdateConnectionAuthRequestParameters,
    ) -> AwsResult<Self> {
        let wire::UpdateConnectionAuthRequestParameters {
            basic_auth_parameters: basic,
            api_key_auth_parameters: api_key,
            o_auth_parameters: oauth,
            invocation_http_parameters: invocation,
            ..
        } = given;
        for (name, of, is_given) in [
            ("BasicAuthParameters", Kind::Basic, basic.is_some()),
            ("ApiKeyAuthParameters", Kind::ApiKey, api_key.is_some()),
            ("OAuthParameters", Kind::OAuth, oauth.is_some()),
        ] {
            // (API reference, CreateConnection: "You must include only authorization parameters for the AuthorizationType you specify".)
            if is_given && of != kind {
                let message = format!("Parameter {name} is not valid for the authorization type {}.", kind.told());
                return Err(AwsError::validation(message));
            }
            if !is_given && of == kind && before.is_none_or(|before| before.kind() != kind) {
                return Err(AwsError::validation(format!("Parameter(s) {name} must be specified.")));
            }
        }
        let was = before.map(|before| &before.credentials);
        let credentials = match kind {
            Kind::Basic => {
                let given = basic.unwrap_or_default();
                let (username, password) = match was {
                    Some(Credentials::Basic { username, password }) => (Some(username), password.as_ref()),
                    _ => (None, None),
                };
                Credentials::Basic {
                    username: need("Username", given.username, username)?,
                    password: need("Password", given.password, password).map(Some)?,
                }
            }
            Kind::ApiKey => {
                let given = api_key.unwrap_or_default();
                let (name, value) = match was {
                    Some(Credentials::ApiKey { api_key_name, api_key_value }) => {
                        (Some(api_key_name), api_key_value.as_ref())
                    }
                    _ => (None, None),
                };
                Credentials::ApiKey {
                    api_key_name: need("ApiKeyName", given.api_key_name, name)?,
                    api_key_value: need("ApiKeyValue", given.api_key_value, value).map(Some)?,
                }
            }
            Kind::OAuth => {
                let was = match was {
                    Some(Credentials::OAuth(oauth)) => Some(oauth),
                    _ => None,
                };
                Credentials::OAuth(OAuth::read(was, oauth.unwrap_or_default())?)
            }
        };
        let invocation_http_parameters = match invocation {
            Some(given) => Some(HttpParameters::read(given)?),
            None => before.and_then(|before| before.invocation_http_parameters.clone()),
        };
        Ok(Self { credentials, invocation_http_parameters })
    }

    /// The kind of connection that they are of.
    pub fn kind(&self) -> Kind {
        match self.credentials {
            Credentials::Basic { .. } => Kind::Basic,
            Credentials::ApiKey { .. } => Kind::ApiKey,
            Credentials::OAuth(_) => Kind::OAuth,
        }
    }

    /// Without what is secret in them.
    pub fn shown(&self) -> Self {
        let mut shown = self.clone();
        match &mut shown.credentials {
            Credentials::Basic { password: secret, .. } | Credentials::ApiKey { api_key_value: secret, .. } => {
                *secret = None
            }
            Credentials::OAuth(oauth) => {
                oauth.client_secret = None;
                oauth.oauth_http_parameters = oauth.oauth_http_parameters.as_ref().map(HttpParameters::shown);
            }
        }
        shown.invocation_http_parameters = shown.invocation_http_parameters.as_ref().map(HttpParameters::shown);
        shown
    }

    /// As they are told, without what is secret.
    pub fn told(&self) -> wire::ConnectionAuthResponseParameters {
        let mut told = wire::ConnectionAuthResponseParameters {
            invocation_http_parameters: self.invocation_http_parameters.as_ref().map(HttpParameters::told),
            ..Default::default()
        };
        match &self.credentials {
            Credentials::Basic { username, .. } => {
                let username = Some(username.clone());
                told.basic_auth_parameters = Some(wire::ConnectionBasicAuthResponseParameters { username });
            }
            Credentials::ApiKey { api_key_name, .. } => {
                let api_key_name = Some(api_key_name.clone());
                told.api_key_auth_parameters = Some(wire::ConnectionApiKeyAuthResponseParameters { api_key_name });
            }
            Credentials::OAuth(oauth) => {
                let client_id = Some(oauth.client_id.clone());
                told.o_auth_parameters = Some(wire::ConnectionOAuthResponseParameters {
                    client_parameters: Some(wire::ConnectionOAuthClientResponseParameters { client_id }),
                    authorization_endpoint: Some(oauth.authorization_endpoint.clone()),
                    http_method: Some(oauth.http_method.clone()),
                    o_auth_http_parameters: oauth.oauth_http_parameters.as_ref().map(HttpParameters::told),
                });
            }
        }
        told
    }
}

impl OAuth {
    fn read(was: Option<&Self>, given: wire::UpdateConnectionOAuthRequestParameters) -> AwsResult<Self> {
        let client = given.client_parameters.unwrap_or_default();
        let endpoint = given.authorization_endpoint;
        let http_method = need("HttpMethod", given.http_method, was.map(|was| &was.http_method))?;
        // AWS takes it in small letters, too, so it is not the model that is enforced (recorded: `test_api_destinations`, with `put`).
        if !["GET", "POST", "PUT"].contains(&http_method.to_ascii_uppercase().as_str()) {
            return Err(AwsError::validation(format!(
                "1 validation error detected: Value '{http_method}' at 'authParameters.oAuthParameters.httpMethod' failed to satisfy \
                 constraint: Member must satisfy enum value set: [POST, GET, PUT]"
            )));
        }
        Ok(Self {
            client_id: need("ClientID", client.client_id, was.map(|was| &was.client_id))?,
            client_secret: need("ClientSecret", client.client_secret, was.and_then(|was| was.client_secret.as_ref()))
                .map(Some)?,
            authorization_endpoint: need(
                "AuthorizationEndpoint",
                endpoint,
                was.map(|was| &was.authorization_endpoint),
            )?,
            http_method,
            oauth_http_parameters: match given.o_auth_http_parameters {
                Some(given) => Some(HttpParameters::read(given)?),
                None => was.and_then(|was| was.oauth_http_parameters.clone()),
            },
        })
    }
}

/// What CreateConnection says, as UpdateConnection says it.
pub fn of_creation(input: wire::CreateConnectionAuthRequestParameters) -> wire::UpdateConnectionAuthRequestParameters {
    wire::UpdateConnectionAuthRequestParameters {
        basic_auth_parameters: input.basic_auth_parameters.map(|given| {
            let (username, password) = (Some(given.username), Some(given.password));
            wire::UpdateConnectionBasicAuthRequestParameters { username, password }
        }),
        api_key_auth_parameters: input.api_key_auth_parameters.map(|given| {
            let (api_key_name, api_key_value) = (Some(given.api_key_name), Some(given.api_key_value));
            wire::UpdateConnectionApiKeyAuthRequestParameters { api_key_name, api_key_value }
        }),
        o_auth_parameters: input.o_auth_parameters.map(|given| {
            let client = given.client_parameters;
            let (client_id, client_secret) = (Some(client.client_id), Some(client.client_secret));
            wire::UpdateConnectionOAuthRequestParameters {
                client_parameters: Some(wire::UpdateConnectionOAuthClientRequestParameters {
                    client_id,
                    client_secret,
                }),
                authorization_endpoint: Some(given.authorization_endpoint),
                http_method: Some(given.http_method),
                o_auth_http_parameters: given.o_auth_http_parameters,
            }
        }),
        invocation_http_parameters: input.invocation_http_parameters,
        connectivity_parameters: input.connectivity_parameters,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn given(json: serde_json::Value) -> wire::UpdateConnectionAuthRequestParameters {
        let text = |name: &str| json[name].as_str().map(str::to_owned);
        let header = json["header"].as_str().map(|value| wire::ConnectionHeaderParameter {
            key: Some("h".into()),
            value: Some(value.into()),
            is_value_secret: json["hidden"].as_bool(),
        });
        wire::UpdateConnectionAuthRequestParameters {
            basic_auth_parameters: (json.get("Username").is_some() || json.get("Password").is_some()).then(|| {
                wire::UpdateConnectionBasicAuthRequestParameters {
                    username: text("Username"),
                    password: text("Password"),
                }
            }),
            invocation_http_parameters: header.map(|header| wire::ConnectionHttpParameters {
                header_parameters: Some(vec![header]),
                ..Default::default()
            }),
            ..Default::default()
        }
    }

    #[test]
    fn what_is_left_out_stays_and_what_is_secret_is_not_told() {
        let first = given(json!({"Username": "u", "Password": "p", "header": "v", "hidden": true}));
        let made = Parameters::read(Kind::Basic, None, first).unwrap();
        let header = json!([{"key": "h", "value": "v", "is_value_secret": true}]);
        assert_eq!(
            serde_json::to_value(&made).unwrap(),
            json!({"username": "u", "password": "p", "invocation_http_parameters": {"header_parameters": header}})
        );
        let told = json!({"username": "u", "invocation_http_parameters": {"header_parameters": [{"key": "h", "is_value_secret": true}]}});
        assert_eq!(serde_json::to_value(made.shown()).unwrap(), told);
        let changed = Parameters::read(Kind::Basic, Some(&made), given(json!({"Password": "q"}))).unwrap();
        assert_eq!(changed.invocation_http_parameters, made.invocation_http_parameters);
        let credentials = Credentials::Basic { username: "u".into(), password: Some("q".into()) };
        assert_eq!(changed.credentials, credentials);
    }

    #[test]
    fn what_the_secret_has_is_read_again() {
        for secret in [
            json!({"username": "u", "password": "p"}),
            json!({"api_key_name": "n", "api_key_value": "v", "invocation_http_parameters": {}}),
            json!({"client_id": "i", "client_secret": "s", "authorization_endpoint": "e", "http_method": "POST"}),
        ] {
            let read: Parameters = serde_json::from_value(secret.clone()).unwrap();
            assert_eq!(serde_json::to_value(read).unwrap(), secret);
        }
    }

    #[test]
    fn parameters_are_those_of_the_kind() {
        let check = |kind: Kind, json: serde_json::Value, expected: &str| {
            let refused = Parameters::read(kind, None, given(json)).unwrap_err();
            assert_eq!(refused.message, expected);
        };
        check(Kind::Basic, json!({}), "Parameter(s) BasicAuthParameters must be specified.");
        check(Kind::Basic, json!({"Username": "u"}), "Parameter(s) Password must be specified.");
        let other = json!({"Username": "u", "Password": "p"});
        check(Kind::ApiKey, other, "Parameter BasicAuthParameters is not valid for the authorization type API_KEY.");
    }
}
