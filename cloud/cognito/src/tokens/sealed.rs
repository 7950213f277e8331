//! What only the pool itself reads: refresh tokens, sessions between the steps of a sign-in, blocks of the SRP protocol. They carry
//! what they say, and a code over it by the pool's secret, so that nothing is kept of those that are never used, and they
//! are good after a restart. What they say is no secret: whose they are, and until when.

use crate::model::Pool;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac as _};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// The length of the code.
const CODE: usize = 32;

/// A refresh token.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Refresh {
    /// The user's id.
    pub sub: String,
    /// The client's.
    pub client: String,
    /// When the user signed in, in seconds since 1970.
    pub signed_in: i64,
    /// What all tokens of this sign-in have in common.
    pub origin: String,
    /// Until when it is good.
    pub expires: i64,
}

/// A sign-in that waits for a new password.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Session {
    /// The user's id.
    pub sub: String,
    /// The client's.
    pub client: String,
    /// Until when it is good.
    pub expires: i64,
}

/// What a client proves a password over.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Block {
    /// The user's name, whether it is there or not.
    pub username: String,
    /// The client's id.
    pub client: String,
    /// The client's public number.
    pub public: String,
    /// What the server's secret is made of.
    pub nonce: String,
    /// Until when it is good.
    pub expires: i64,
}

/// What is sealed, by a word that keeps one kind from being taken for another.
pub trait Sealed: Serialize + DeserializeOwned {
    /// The word.
    const KIND: &'static str;
}

impl Sealed for Refresh {
    const KIND: &'static str = "refresh";
}

impl Sealed for Session {
    const KIND: &'static str = "session";
}

impl Sealed for Block {
    const KIND: &'static str = "block";
}

/// The code of a pool's secret over some bytes.
pub fn code(pool: &Pool, kind: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    let secret = hex::decode(&pool.secret).ok()?;
    let mut mac = <Hmac<Sha256> as hmac::Mac>::new_from_slice(&secret).ok()?;
    mac.update(kind.as_bytes());
    mac.update(&[0]);
    mac.update(bytes);
    Some(mac.finalize().into_bytes().to_vec())
}

/// Seals something, in base 64.
pub fn seal<T: Sealed>(pool: &Pool, what: &T) -> Option<String> {
    let bytes = serde_json::to_vec(what).ok()?;
    let code = code(pool, T::KIND, &bytes)?;
    Some(STANDARD.encode([code, bytes].concat()))
}

/// What was sealed, if it was by this pool.
pub fn open<T: Sealed>(pool: &Pool, text: &str) -> Option<T> {
    let bytes = STANDARD.decode(text).ok()?;
    let (given, bytes) = bytes.split_at_checked(CODE)?;
    let own = code(pool, T::KIND, bytes)?;
    if !bool::from(subtle::ConstantTimeEq::ct_eq(&*own, given)) {
        return None;
    }
    serde_json::from_slice(bytes).ok()
}

/// Refresh tokens are of letters that no URL changes (`TokenModelType`).
pub fn in_url(text: &str) -> String {
    text.replace('+', "-").replace('/', "_")
}

/// The same as it was before.
pub fn from_url(text: &str) -> String {
    text.replace('-', "+").replace('_', "/")
}
