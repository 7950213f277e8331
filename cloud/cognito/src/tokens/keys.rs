//! The two pairs of keys of a pool: "Amazon Cognito signs access tokens with a different key from the key that signs ID tokens."
//! <https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html>
//!
//! They are made when they are first asked for, as that takes a second or two.

use crate::store::Pools;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{
    KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, RsaPublicKeyComponents, UnparsedPublicKey,
};
use rsa::PrivateKey;
use rsa::pkcs8::EncodePrivateKey as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use slam_cloud_core::collection::{Collection, Scope};
use slam_cloud_core::{AwsError, AwsResult, Store, StoreError};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// As AWS's.
const BITS: usize = 2048;
/// Pools whose keys are in memory; more are forgotten together, and read again.
const REMEMBERED: usize = 256;

/// How they are kept: PKCS #8, in base 64.
#[derive(Clone, Serialize, Deserialize)]
struct Stored {
    id: String,
    access: String,
}

/// The keys of a pool.
pub struct PoolKeys {
    /// What signs identity tokens.
    pub id: Pair,
    /// What signs access tokens.
    pub access: Pair,
}

/// A pair of keys.
pub struct Pair {
    /// What the header of a token names.
    kid: String,
    pair: RsaKeyPair,
}

/// The keys of all pools.
pub struct Keys {
    stored: Collection<Stored>,
    known: Mutex<HashMap<String, Arc<PoolKeys>>>,
    /// One makes keys at a time.
    making: tokio::sync::Mutex<()>,
}

impl Keys {
    /// Loads them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn open(store: &Arc<Store>) -> Result<Self, StoreError> {
        let stored = Collection::open(store, "cognito.keys")?;
        Ok(Self { stored, known: Mutex::default(), making: tokio::sync::Mutex::default() })
    }

    /// Those of a pool, which are made where there are none.
    ///
    /// # Errors
    /// When they cannot be read or made, or the pool is gone.
    pub async fn of(&self, pools: &Pools, scope: &Scope, pool: &str) -> AwsResult<Arc<PoolKeys>> {
        if let Some(keys) = self.remembered(pool) {
            return Ok(keys);
        }
        let _one_at_a_time = self.making.lock().await;
        if let Some(keys) = self.remembered(pool) {
            return Ok(keys);
        }
        let stored = match self.stored.get(scope, pool) {
            Some(stored) => stored,
            None => {
                let made = tokio::task::spawn_blocking(|| Ok::<_, AwsError>(Stored { id: new()?, access: new()? }));
                let made = made.await.map_err(AwsError::internal)??;
                // Whoever deleted the pool meanwhile removes its keys after these, or has found none.
                pools.get(scope, pool)?;
                self.stored.put(scope, pool, made).await?
            }
        };
        let keys = Arc::new(PoolKeys { id: Pair::read(&stored.id)?, access: Pair::read(&stored.access)? });
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(pool.to_owned(), Arc::clone(&keys));
        Ok(keys)
    }

    fn remembered(&self, pool: &str) -> Option<Arc<PoolKeys>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(pool).map(Arc::clone)
    }

    /// Removes those of pools that are gone.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn sweep(&self, pools: &Pools) -> Result<(), StoreError> {
        for (scope, pool, _) in self.stored.all() {
            if pools.find(&scope, &pool).is_none() {
                self.remove(&scope, &pool).await?;
            }
        }
        Ok(())
    }

    /// Removes those of a pool, which is gone.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn remove(&self, scope: &Scope, pool: &str) -> Result<(), StoreError> {
        let _none_is_made = self.making.lock().await;
        self.stored.remove(scope, pool).await?;
        self.known.lock().unwrap_or_else(PoisonError::into_inner).remove(pool);
        Ok(())
    }

    /// Removes all, after the pools.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn clear(&self) -> Result<(), StoreError> {
        let _none_is_made = self.making.lock().await;
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.stored.clear().await
    }
}

impl PoolKeys {
    /// The key set that a pool publishes.
    pub fn set(&self) -> Value {
        json!({ "keys": [self.id.public(), self.access.public()] })
    }
}

impl Pair {
    fn read(text: &str) -> AwsResult<Self> {
        let der = STANDARD.decode(text).map_err(AwsError::internal)?;
        let pair = RsaKeyPair::from_pkcs8(&der).map_err(AwsError::internal)?;
        let kid = STANDARD.encode(Sha256::digest(pair.public_key().as_ref()));
        Ok(Self { kid, pair })
    }

    fn public(&self) -> Value {
        let key = RsaPublicKeyComponents::<Vec<u8>>::from(self.pair.public_key());
        let (n, e) = (URL_SAFE_NO_PAD.encode(key.n), URL_SAFE_NO_PAD.encode(key.e));
        json!({ "alg": "RS256", "e": e, "kid": self.kid, "kty": "RSA", "n": n, "use": "sig" })
    }

    /// A token of these claims.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn sign(&self, claims: &Value) -> AwsResult<String> {
        let header = json!({ "kid": self.kid, "alg": "RS256" });
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(claims));
        let mut signature = vec![0; self.pair.public().modulus_len()];
        let random = SystemRandom::new();
        let done = self.pair.sign(&RSA_PKCS1_SHA256, &random, signed.as_bytes(), &mut signature);
        done.map_err(|_| AwsError::internal("a token cannot be signed"))?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    /// The claims of a token that these keys signed.
    pub fn verified(&self, token: &str) -> Option<Value> {
        let (signed, signature) = token.rsplit_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, self.pair.public_key().as_ref());
        key.verify(signed.as_bytes(), &signature).ok()?;
        claims(token)
    }
}

/// What a token says, whoever made it.
pub fn claims(token: &str) -> Option<Value> {
    let mut parts = token.split('.');
    let (_, claims, _) = (parts.next()?, parts.next()?, parts.next()?);
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
}

fn new() -> AwsResult<String> {
    let key = PrivateKey::new(&mut getrandom::SysRng, BITS).map_err(AwsError::internal)?;
    let der = key.to_pkcs8_der().map_err(AwsError::internal)?;
    Ok(STANDARD.encode(der.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use slam_cloud_core::durability::Durability;

    #[tokio::test]
    async fn nothing_is_kept_of_a_pool_that_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("slam.db"), Durability::Process).unwrap();
        let (pools, keys, scope) = (Pools::open(&store).unwrap(), Keys::open(&store).unwrap(), Scope::everywhere());
        // As whoever has looked at the pool before it was deleted.
        assert!(keys.of(&pools, &scope, "us-east-1_a").await.is_err());
        assert!(keys.stored.all().is_empty());
        // As a deletion that was cut short.
        let stored = Stored { id: String::new(), access: String::new() };
        keys.stored.put(&scope, "us-east-1_a", stored).await.unwrap();
        keys.sweep(&pools).await.unwrap();
        assert!(keys.stored.all().is_empty());
    }
}
