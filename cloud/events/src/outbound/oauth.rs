//! Tokens of connections that authorize with OAuth: asked for once, and used until they are about to expire or a server refuses them.
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-target-connection-auth.html>
//!
//! The client's id and secret are members of the form that is posted, as RFC 6749 (section 2.3.1) has it, or of the query where the method
//! is GET; a `grant_type` is sent by whoever configures it as a body parameter, as AWS's examples do.

use super::request::{PATIENCE, READ, form, request, set_header, with_query};
use crate::model::connection::http::{HttpParameters, pairs};
use crate::model::connection::parameters::OAuth;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body_util::Full;
use serde::Deserialize;
use serde_json::Value;
use slam_cloud_core::{AwsResult, Clock, Timestamp};
use slam_cloud_kit::outside::{Outside, Unanswered};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long before its end a token is about to expire, in seconds, or half of its life, if that is shorter.
const BEFORE_END: u64 = 30;
/// Connections whose tokens are remembered; more are forgotten together.
const REMEMBERED: usize = 1024;

/// The tokens, by the connection's ARN. One that is asked for is waited for by all who need it.
#[derive(Default)]
pub struct Tokens(Mutex<HashMap<String, Arc<tokio::sync::Mutex<Option<Token>>>>>);

struct Token {
    /// The header's value.
    header: String,
    /// From when on another one is asked for, if it says how long it lives.
    end: Option<Timestamp>,
    /// The version of the secret that it was asked for with.
    version: String,
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum NoToken {
    /// The server gives none: what is configured has to change.
    #[error("{0}")]
    Refused(String),
    /// It may give one later.
    #[error("{0}")]
    NotNow(String),
}

/// What the server answers (RFC 6749, section 5.1).
#[derive(Deserialize)]
struct Granted {
    access_token: String,
    token_type: Option<String>,
    /// A number, which some servers write as a text.
    expires_in: Option<Value>,
}

impl Tokens {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<tokio::sync::Mutex<Option<Token>>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The value of the header `Authorization` for a connection whose secret has this version.
    ///
    /// # Errors
    /// When the server gives none.
    pub async fn header(
        &self,
        (outside, clock): (&Outside, Clock),
        connection: &str,
        (oauth, version): (&OAuth, &str),
    ) -> Result<String, NoToken> {
        let place = {
            let mut places = self.lock();
            if places.len() >= REMEMBERED {
                places.clear();
            }
            Arc::clone(places.entry(connection.to_owned()).or_default())
        };
        let mut known = place.lock().await;
        let is_good = |token: &&Token| token.version == version && token.end.is_none_or(|end| clock.now() < end);
        if let Some(token) = known.as_ref().filter(is_good) {
            return Ok(token.header.clone());
        }
        let token = asked(outside, clock, oauth, version).await?;
        let header = token.header.clone();
        *known = Some(token);
        Ok(header)
    }

    /// Forgets the token of a connection that a server refused, unless there is another one already.
    pub async fn refused(&self, connection: &str, header: &str) {
        let place = self.lock().get(connection).cloned();
        if let Some(place) = place {
            place.lock().await.take_if(|token| token.header == header);
        }
    }

    /// Forgets the token of a connection that is gone.
    pub fn forget(&self, connection: &str) {
        self.lock().remove(connection);
    }

    /// Forgets all.
    pub fn clear(&self) {
        self.lock().clear();
    }
}

async fn asked(outside: &Outside, clock: Clock, oauth: &OAuth, version: &str) -> Result<Token, NoToken> {
    // AWS takes any endpoint when the connection is made (recorded: `test_api_destinations`).
    if !oauth.authorization_endpoint.starts_with("https://") {
        return Err(NoToken::Refused("The authorization endpoint is no URL that uses HTTPS.".to_owned()));
    }
    let request = to_server(oauth).map_err(|error| NoToken::Refused(error.message))?;
    let answer = outside.ask(request, PATIENCE, READ).await.map_err(|error| match error {
        Unanswered::Own(own) => NoToken::Refused(own.to_string()),
        error => NoToken::NotNow(error.to_string()),
    })?;
    let now = clock.now();
    granted(&answer).map(|(header, life)| Token {
        header,
        end: life.and_then(|life| now.checked_add(Duration::from_secs(life - BEFORE_END.min(life / 2))).ok()),
        version: version.to_owned(),
    })
}

fn to_server(oauth: &OAuth) -> AwsResult<Request<Full<Bytes>>> {
    let none = HttpParameters::default();
    let added = oauth.oauth_http_parameters.as_ref().unwrap_or(&none);
    let mut headers = HeaderMap::new();
    for (name, value) in pairs(&added.header_parameters) {
        set_header(&mut headers, name, value)?;
    }
    headers.entry(http::header::ACCEPT).or_insert(HeaderValue::from_static("application/json"));
    let secret = oauth.client_secret.as_deref().unwrap_or_default();
    let client = [("client_id", oauth.client_id.as_str()), ("client_secret", secret)];
    let members = client.into_iter().chain(pairs(&added.body_parameters));
    let url = with_query(&oauth.authorization_endpoint, pairs(&added.query_string_parameters));
    let method = oauth.http_method.to_ascii_uppercase();
    let (url, body) = match method.as_str() {
        "GET" => (with_query(&url, members), String::new()),
        _ => (url, form(members)),
    };
    request(&method, &url, headers, ("application/x-www-form-urlencoded", body))
}

/// The header that an answer means, and how long its token lives.
fn granted(answer: &Response<Bytes>) -> Result<(String, Option<u64>), NoToken> {
    match answer.status().as_u16() {
        200..=299 => {}
        429 | 500.. => {
            return Err(NoToken::NotNow(format!("the authorization server answered {}", answer.status().as_u16())));
        }
        status => return Err(NoToken::Refused(format!("The authorization endpoint answered {status}."))),
    }
    // What it says instead of a token may be a secret of its own.
    let no_token = |_| NoToken::Refused("The authorization endpoint answered without an access token.".to_owned());
    let granted: Granted = serde_json::from_slice(answer.body()).map_err(no_token)?;
    let kind = match granted.token_type.as_deref() {
        Some(kind) if !kind.eq_ignore_ascii_case("bearer") => kind,
        _ => "Bearer",
    };
    let life = granted.expires_in.and_then(|life| life.as_u64().or_else(|| life.as_str()?.parse().ok()));
    Ok((format!("{kind} {}", granted.access_token), life))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt as _;

    #[test]
    fn a_token_is_what_the_server_grants() {
        let check = |status: u16, body: &'static str, expected: Result<(&str, Option<u64>), bool>| {
            let mut answer = Response::new(Bytes::from_static(body.as_bytes()));
            *answer.status_mut() = status.try_into().unwrap();
            let granted = granted(&answer);
            let granted = granted
                .as_ref()
                .map(|(header, life)| (header.as_str(), *life))
                .map_err(|error| matches!(error, NoToken::Refused(_)));
            assert_eq!(granted, expected, "{status} {body}");
        };
        check(200, r#"{"access_token":"t","token_type":"bearer","expires_in":60}"#, Ok(("Bearer t", Some(60))));
        check(201, r#"{"access_token":"t","token_type":"MAC","expires_in":"60"}"#, Ok(("MAC t", Some(60))));
        check(200, r#"{"access_token":"t"}"#, Ok(("Bearer t", None)));
        check(200, r#"{"error":"no"}"#, Err(true));
        check(200, "<html>", Err(true));
        check(401, "", Err(true));
        check(302, "", Err(true));
        check(429, "", Err(false));
        check(503, "", Err(false));
    }

    #[tokio::test]
    async fn the_client_is_told_in_a_form_or_in_the_query() {
        let check = async |method: &str, uri: &str, body: &str| {
            let oauth: OAuth = serde_json::from_value(serde_json::json!({
                "client_id": "i", "client_secret": "s&", "authorization_endpoint": "https://h/t", "http_method": method,
                "oauth_http_parameters": {
                    "body_parameters": [{"key": "grant_type", "value": "client_credentials", "is_value_secret": false}],
                    "query_string_parameters": [{"key": "q", "value": "1", "is_value_secret": false}],
                },
            }))
            .unwrap();
            let request = to_server(&oauth).unwrap();
            assert_eq!(
                (request.method().as_str(), request.uri().to_string()),
                (&*method.to_uppercase(), uri.to_owned())
            );
            assert_eq!(request.into_body().collect().await.unwrap().to_bytes(), body);
        };
        let form = "client_id=i&client_secret=s%26&grant_type=client_credentials";
        check("post", "https://h/t?q=1", form).await;
        check("PUT", "https://h/t?q=1", form).await;
        check("GET", &format!("https://h/t?q=1&{form}"), "").await;
    }
}
