//! Everything that is asked of a token, in AWS's order: it is taken apart, its signature verified, its claims looked at.

use super::claims::{self, Claims};
use super::issuers::Issuers;
use super::keys::Algorithm;
use super::token::Token;
use serde_json::Value;

/// An issuer whose tokens are taken, and what they must say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trusted {
    /// `iss`, letter for letter; its discovery document is below it.
    pub issuer: String,
    /// For whom they are.
    pub audience: Audience,
    /// What else they must say.
    pub required: Vec<Required>,
}

/// For whom tokens must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audience {
    /// For anybody: authorizers of user pools do not ask.
    Any,
    /// `aud` is or has one of these (authorizers of REST APIs).
    Aud(Vec<String>),
    /// The same, or `client_id` is one of these where there is no `aud`, as in access tokens of user pools (authorizers of HTTP
    /// APIs). "API Gateway validates client_id only if aud is not present."
    AudOrClient(Vec<String>),
}

/// A claim with one text, which an authorizer of a REST API may ask for (`JwtAdditionalClaim`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Required {
    /// Its name.
    pub name: String,
    /// Whether it must be there.
    pub is_required: bool,
    /// What it may be where it is there; anything where this is empty.
    pub values: Vec<String>,
}

/// Why a token is not taken: told to the client in `www-authenticate`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid(pub String);

impl Invalid {
    /// `www-authenticate` of an HTTP API's answer, for a route that asks for scopes.
    pub fn challenge(&self, scopes: &[String]) -> String {
        format!(r#"Bearer scope="{}" error="invalid_token" error_description="{}""#, scopes.join(" "), self.0)
    }
}

/// What a token says that was taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Verified {
    /// Its claims.
    pub claims: Claims,
    /// Those of `scope`, or of `scp`.
    pub scopes: Vec<String>,
}

impl Verified {
    /// "The token must include at least one of the scopes in the route's authorizationScopes": whether it may pass there.
    pub fn has_one_of(&self, scopes: &[String]) -> bool {
        scopes.is_empty() || self.scopes.iter().any(|scope| scopes.contains(scope))
    }
}

/// A token without the `Bearer` that may stand before it.
pub fn bare(credentials: &str) -> &str {
    match credentials.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => credentials.trim(),
    }
}

impl Issuers {
    /// Verifies a token by the keys of one of the issuers that are trusted.
    ///
    /// # Errors
    /// Why it is not taken.
    pub async fn verify(
        &self,
        token: &str,
        trusted: &[Trusted],
        algorithms: &[Algorithm],
    ) -> Result<Verified, Invalid> {
        let token = Token::parse(token)?;
        if !algorithms.contains(&token.algorithm) {
            return Err(Invalid(format!("signing method {} is invalid", token.algorithm.name())));
        }
        // Whose key is asked for is the token's word, but only among those that are trusted; the signature proves it then.
        let issuer = token.claims.get("iss").and_then(Value::as_str);
        let trusted = trusted.iter().find(|one| issuer == Some(&*one.issuer));
        let trusted = trusted.ok_or_else(|| Invalid("the token does not have a valid issuer".to_owned()))?;
        token.verify(&self.key(&trusted.issuer, &token.key_id).await?)?;
        claims::check(&token.claims, trusted, self.now())?;
        let scopes = claims::scopes(&token.claims);
        Ok(Verified { claims: token.claims, scopes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bearer_may_stand_before_a_token() {
        for (credentials, expected) in
            [("a.b.c", "a.b.c"), ("Bearer a.b.c", "a.b.c"), ("bearer  a.b.c ", "a.b.c"), ("Basic a.b.c", "Basic a.b.c")]
        {
            assert_eq!(bare(credentials), expected);
        }
    }

    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-jwt.html>
    #[test]
    fn a_client_is_told_what_is_wrong() {
        let invalid = Invalid("the token does not have a valid audience".to_owned());
        let expected =
            r#"Bearer scope="" error="invalid_token" error_description="the token does not have a valid audience""#;
        assert_eq!(invalid.challenge(&[]), expected);
        assert!(invalid.challenge(&["a".to_owned(), "b".to_owned()]).starts_with(r#"Bearer scope="a b" error="#));
    }
}
