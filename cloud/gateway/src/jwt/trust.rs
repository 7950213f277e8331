//! Whose tokens are taken, what they must say, and why one is not taken.

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
    /// `aud` is or has one of these, or `client_id` is one of these where there is no `aud`, as in access tokens of user pools: "API
    /// Gateway validates client_id only if aud is not present." AWS says so of HTTP APIs; REST APIs take such tokens, too
    /// (<https://dev.classmethod.jp/articles/api-gateway-rest-jwt-authorizer/>).
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
    /// Its time is over.
    pub fn expired() -> Self {
        Self("the token has expired".to_owned())
    }
}
