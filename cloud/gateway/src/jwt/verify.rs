//! Everything that is asked of a token, in AWS's order: it is taken apart, its signature verified, its claims looked at.

use super::claims::{self, Claims};
use super::issuers::Issuers;
use super::keys::Algorithm;
use super::token::Token;
use super::trust::{Invalid, Trusted};
use serde_json::Value;

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
}
