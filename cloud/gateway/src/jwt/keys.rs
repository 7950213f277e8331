//! An issuer's public keys, a JSON Web Key Set (RFC 7517), and what they verify.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, EcdsaVerificationAlgorithm, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde_json::Value;
use std::collections::HashMap;

/// How a token is signed (RFC 7518). `none` and the algorithms of shared secrets are not known here, so that nothing can
/// confuse a public key with a secret. Of those that REST APIs take, `ES512` is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// With SHA-384.
    Rs384,
    /// With SHA-512.
    Rs512,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
}

impl Algorithm {
    /// Those of HTTP APIs' authorizers: "Currently, only RSA-based algorithms are supported."
    pub const RSA: [Self; 3] = [Self::Rs256, Self::Rs384, Self::Rs512];

    /// The algorithm of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Rs256, Self::Rs384, Self::Rs512, Self::Es256, Self::Es384].into_iter().find(|one| one.name() == name)
    }

    /// Its name: `RS256`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
        }
    }

    /// How ring calls it, with RSA.
    fn rsa(self) -> Option<&'static RsaParameters> {
        match self {
            Self::Rs256 => Some(&RSA_PKCS1_2048_8192_SHA256),
            Self::Rs384 => Some(&RSA_PKCS1_2048_8192_SHA384),
            Self::Rs512 => Some(&RSA_PKCS1_2048_8192_SHA512),
            Self::Es256 | Self::Es384 => None,
        }
    }

    /// The same with a curve.
    fn ecdsa(self) -> Option<(Curve, &'static EcdsaVerificationAlgorithm)> {
        match self {
            Self::Es256 => Some((Curve::P256, &ECDSA_P256_SHA256_FIXED)),
            Self::Es384 => Some((Curve::P384, &ECDSA_P384_SHA384_FIXED)),
            Self::Rs256 | Self::Rs384 | Self::Rs512 => None,
        }
    }
}

/// The keys of an issuer that may sign, by `kid`.
#[derive(Clone, Debug, Default)]
pub struct Keys(HashMap<String, PublicKey>);

/// A key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    numbers: Numbers,
    /// The only algorithm that it is for, where it says so.
    algorithm: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Numbers {
    /// Of 2048 bits at least; what is shorter verifies nothing.
    Rsa { modulus: Vec<u8>, exponent: Vec<u8> },
    /// The point, uncompressed.
    Ec { curve: Curve, point: Vec<u8> },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Curve {
    P256,
    P384,
}

impl Keys {
    /// Reads a key set; keys that are not for signatures of ours are passed over. `None` for what is no key set.
    pub fn parse(document: &[u8]) -> Option<Self> {
        let document: Value = serde_json::from_slice(document).ok()?;
        let keys = document.get("keys")?.as_array()?.iter();
        Some(Self(
            keys.filter_map(|key| Some((key.get("kid")?.as_str()?.to_owned(), PublicKey::parse(key)?))).collect(),
        ))
    }

    /// A key by its id.
    pub fn get(&self, id: &str) -> Option<&PublicKey> {
        self.0.get(id)
    }
}

impl PublicKey {
    fn parse(key: &Value) -> Option<Self> {
        let text = |name: &str| key.get(name).and_then(Value::as_str);
        let number = |name: &str| URL_SAFE_NO_PAD.decode(text(name)?.trim_end_matches('=')).ok();
        if text("use").is_some_and(|purpose| purpose != "sig") {
            return None;
        }
        let numbers = match (text("kty")?, text("crv")) {
            ("RSA", _) => {
                let without_zeros = |bytes: Vec<u8>| bytes.into_iter().skip_while(|byte| *byte == 0).collect();
                Numbers::Rsa { modulus: without_zeros(number("n")?), exponent: without_zeros(number("e")?) }
            }
            ("EC", Some("P-256")) => Numbers::Ec { curve: Curve::P256, point: point(number("x")?, number("y")?) },
            ("EC", Some("P-384")) => Numbers::Ec { curve: Curve::P384, point: point(number("x")?, number("y")?) },
            _ => return None,
        };
        Some(Self { numbers, algorithm: text("alg").map(str::to_owned) })
    }

    /// Whether this key signed a message.
    pub fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        if self.algorithm.as_deref().is_some_and(|own| own != algorithm.name()) {
            return false;
        }
        match &self.numbers {
            Numbers::Rsa { modulus, exponent } => algorithm.rsa().is_some_and(|parameters| {
                RsaPublicKeyComponents { n: modulus, e: exponent }.verify(parameters, message, signature).is_ok()
            }),
            Numbers::Ec { curve, point } => algorithm.ecdsa().is_some_and(|(needed, parameters)| {
                needed == *curve && UnparsedPublicKey::new(parameters, point).verify(message, signature).is_ok()
            }),
        }
    }
}

/// As SEC 1, 2.3.3, writes it.
fn point(x: Vec<u8>, y: Vec<u8>) -> Vec<u8> {
    [vec![4], x, y].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_for_other_things_are_passed_over() {
        let keys = br#"{"keys":[
            {"kid":"a","kty":"RSA","n":"AQAB","e":"AQAB","use":"sig","alg":"RS256"},
            {"kid":"b","kty":"RSA","n":"AQAB","e":"AQAB"},
            {"kid":"c","kty":"RSA","n":"AQAB","e":"AQAB","use":"enc"},
            {"kid":"d","kty":"EC","crv":"P-256","x":"AQAB","y":"AQAB"},
            {"kid":"e","kty":"oct","k":"AQAB"},
            {"kty":"RSA","n":"AQAB","e":"AQAB"},
            {"kid":"f","kty":"RSA","n":"?","e":"AQAB"},
            {"kid":"g","kty":"EC","crv":"P-521","x":"AQAB","y":"AQAB"}
        ]}"#;
        let keys = Keys::parse(keys).unwrap();
        for (id, is_there) in
            [("a", true), ("b", true), ("c", false), ("d", true), ("e", false), ("f", false), ("g", false)]
        {
            assert_eq!(keys.get(id).is_some(), is_there, "{id}");
        }
        for document in [&b"{}"[..], b"[]", b"", b"{\"keys\":1}"] {
            assert!(Keys::parse(document).is_none());
        }
    }

    #[test]
    fn small_keys_verify_nothing() {
        let numbers = Numbers::Rsa { modulus: vec![1], exponent: vec![1] };
        let key = PublicKey { numbers, algorithm: None };
        assert!(!key.verifies(Algorithm::Rs256, b"x", b"x"));
    }
}
