//! Passwords that are proved without being sent: the Secure Remote Password protocol, version 6a, in the group of 3072 bits, as
//! Cognito's own clients speak it.
//!
//! RFC 5054 has the protocol, and RFC 3526 the group (number 15). What Cognito has of its own: a user's name is hashed with the
//! second half of the pool's id before it, numbers are written with a zero before a leading bit, and the key is derived by HKDF
//! with the info "Caldera Derived Key" (<https://github.com/aws-amplify/amplify-js>, Apache-2.0,
//! `packages/auth/src/providers/cognito/utils/srp`).
//!
//! What is kept of a password is the verifier of this protocol alone: a power of a hash with a salt. A password that is sent is held
//! against the same.

use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, Odd};
use hmac::{Hmac, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::sync::LazyLock;
use subtle::ConstantTimeEq as _;

const BITS: u32 = 3072;
/// The prime.
const PRIME: &str = "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD\
                     EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED\
                     EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F\
                     83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B\
                     E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510\
                     15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7\
                     ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C\
                     BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF";
const GENERATOR: u8 = 2;
/// Is in the first byte of every salt. Some clients take a salt for a number, others for digits: without zeros at its beginning both
/// are the same.
const FIRST: u8 = 1;
const INFO: &[u8] = b"Caldera Derived Key\x01";

/// The group, and the multiplier that the protocol makes of it.
struct Group {
    prime: BoxedUint,
    params: BoxedMontyParams,
    multiplier: BoxedMontyForm,
}

static GROUP: LazyLock<Option<Group>> = LazyLock::new(|| {
    let bytes = hex::decode(PRIME).ok()?;
    let prime = BoxedUint::from_be_slice(&bytes, BITS).ok()?;
    let params = BoxedMontyParams::new(Odd::new(prime.clone()).into_option()?);
    let hash = Sha256::new().chain_update(padded(&bytes)).chain_update([GENERATOR]).finalize();
    let multiplier = BoxedMontyForm::new(number(&hash)?, &params);
    Some(Group { prime, params, multiplier })
});

/// What is kept of a password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verifier {
    /// Sixteen bytes, in hexadecimal digits.
    pub salt: String,
    verifier: String,
}

/// Whose password it is: the second half of the pool's id, and the name.
#[derive(Clone, Copy, Debug)]
pub struct Identity<'a> {
    /// Of `us-east-1_abc`, `abc`.
    pub pool: &'a str,
    /// The user's name in the pool.
    pub username: &'a str,
}

/// What a client must send to prove that it knows a password, and what it is proved over.
pub struct Proof<'a> {
    /// `SRP_A`, in hexadecimal digits.
    pub public: &'a str,
    /// What the client was sent as `SECRET_BLOCK`.
    pub block: &'a [u8],
    /// `TIMESTAMP`
    pub timestamp: &'a str,
    /// `PASSWORD_CLAIM_SIGNATURE`
    pub signature: &'a [u8],
}

impl Verifier {
    /// That of a new password. `None` where there is no random number.
    pub fn new(identity: Identity<'_>, password: &str) -> Option<Self> {
        let mut salt = [0; 16];
        getrandom::fill(&mut salt).ok()?;
        salt[0] |= FIRST;
        let verifier = verifier(identity, password, &salt)?;
        Some(Self { salt: hex::encode(salt), verifier })
    }

    /// One that no password fits, for a user who is not there: always the same of one name.
    pub fn of_nobody(seed: &[u8]) -> Self {
        let mut hash = Sha256::digest(seed);
        let verifier = hex::encode(Sha256::digest(hash));
        hash[0] |= FIRST;
        Self { salt: hex::encode(&hash[..16]), verifier }
    }

    /// Whether a password is this one.
    pub fn fits(&self, identity: Identity<'_>, password: &str) -> bool {
        let given = hex::decode(&self.salt).ok().and_then(|salt| verifier(identity, password, &salt));
        given.is_some_and(|given| bool::from(given.as_bytes().ct_eq(self.verifier.as_bytes())))
    }

    /// `SRP_B` of a server's secret, in hexadecimal digits.
    pub fn public(&self, secret: &[u8]) -> Option<String> {
        let group = GROUP.as_ref()?;
        let base = BoxedMontyForm::new(number(&[GENERATOR])?, &group.params);
        let power = base.pow(&exponent(secret)?);
        let verifier = BoxedMontyForm::new(number(&digits(&self.verifier)?)?, &group.params);
        Some(written(&group.multiplier.mul(&verifier).add(&power)))
    }

    /// Whether a client knows the password, by what it was sent for a server's secret.
    pub fn proves(&self, identity: Identity<'_>, secret: &[u8], proof: &Proof<'_>) -> bool {
        self.signature(identity, secret, proof).is_some_and(|own| bool::from(own.ct_eq(proof.signature)))
    }

    fn signature(&self, identity: Identity<'_>, secret: &[u8], proof: &Proof<'_>) -> Option<Vec<u8>> {
        let group = GROUP.as_ref()?;
        let client = digits(proof.public)?;
        let server = digits(&self.public(secret)?)?;
        let scramble = Sha256::new().chain_update(padded(&client)).chain_update(padded(&server)).finalize();
        let verifier = BoxedMontyForm::new(number(&digits(&self.verifier)?)?, &group.params);
        let client = BoxedMontyForm::new(public(group, &client)?, &group.params);
        let shared = client.mul(&verifier.pow(&exponent(&scramble)?)).pow(&exponent(secret)?);
        let shared = shared.retrieve().to_be_bytes();
        let key = mac(&padded(&scramble), &[&padded(&shared)])?;
        let key = mac(&key, &[INFO])?;
        let parts = [identity.pool.as_bytes(), identity.username.as_bytes(), proof.block, proof.timestamp.as_bytes()];
        mac(&key[..16], &parts)
    }
}

/// Whether a client's public number is one: not a multiple of the prime, with which any password would be right.
pub fn is_public(text: &str) -> bool {
    let found = || public(GROUP.as_ref()?, &digits(text)?);
    found().is_some()
}

fn public(group: &Group, bytes: &[u8]) -> Option<BoxedUint> {
    let number = number(bytes)?;
    (!bool::from(number.is_zero()) && number < group.prime).then_some(number)
}

fn verifier(identity: Identity<'_>, password: &str, salt: &[u8]) -> Option<String> {
    let inner = Sha256::new()
        .chain_update(identity.pool)
        .chain_update(identity.username)
        .chain_update(":")
        .chain_update(password)
        .finalize();
    let private = Sha256::new().chain_update(padded(salt)).chain_update(inner).finalize();
    let group = GROUP.as_ref()?;
    let base = BoxedMontyForm::new(number(&[GENERATOR])?, &group.params);
    Some(written(&base.pow(&exponent(&private)?)))
}

fn number(bytes: &[u8]) -> Option<BoxedUint> {
    BoxedUint::from_be_slice(without_zeros(bytes), BITS).ok()
}

/// As wide as it is, which is much less than the group: that is how long a power takes.
fn exponent(bytes: &[u8]) -> Option<BoxedUint> {
    BoxedUint::from_be_slice(bytes, u32::try_from(bytes.len() * 8).ok()?).ok()
}

fn written(number: &BoxedMontyForm) -> String {
    let text = hex::encode(number.retrieve().to_be_bytes());
    text.trim_start_matches('0').to_owned()
}

fn digits(text: &str) -> Option<Vec<u8>> {
    if text.len() > BITS as usize / 4 + 2 {
        return None;
    }
    hex::decode(if text.len() % 2 == 1 { format!("0{text}") } else { text.to_owned() }).ok()
}

fn without_zeros(bytes: &[u8]) -> &[u8] {
    &bytes[bytes.iter().take_while(|byte| **byte == 0).count()..]
}

/// A number as Java's `BigInteger` writes it: with a zero before a leading bit.
fn padded(bytes: &[u8]) -> Vec<u8> {
    let bytes = without_zeros(bytes);
    let sign = bytes.first().is_none_or(|first| *first >= 0x80);
    [if sign { &[0_u8][..] } else { &[] }, bytes].concat()
}

fn mac(key: &[u8], parts: &[&[u8]]) -> Option<Vec<u8>> {
    let mut mac = <Hmac<Sha256> as hmac::Mac>::new_from_slice(key).ok()?;
    parts.iter().for_each(|part| mac.update(part));
    Some(mac.finalize().into_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALICE: Identity<'_> = Identity { pool: "abc123def", username: "alice" };

    #[test]
    fn a_password_is_known_by_its_verifier() {
        let verifier = Verifier::new(ALICE, "Passw0rd!").unwrap();
        assert!(verifier.fits(ALICE, "Passw0rd!"));
        assert!(!verifier.fits(ALICE, "passw0rd!"));
        assert!(!verifier.fits(Identity { username: "bob", ..ALICE }, "Passw0rd!"));
        assert_ne!(verifier, Verifier::new(ALICE, "Passw0rd!").unwrap());
        assert!(!Verifier::of_nobody(b"bob").fits(ALICE, ""));
        // Nor are salts told apart.
        for seed in 0..64 {
            let salt = hex::decode(Verifier::of_nobody(&[seed]).salt).unwrap();
            assert_eq!((salt.len(), salt[0] & FIRST), (16, FIRST));
        }
    }

    /// One in sixteen begins with a zero, which is not written.
    #[test]
    fn a_verifier_with_an_odd_number_of_digits_is_one() {
        let verifier = Verifier { salt: "01".repeat(16), verifier: "abc".to_owned() };
        assert!(verifier.public(&[7; 32]).is_some());
        let proof = Proof { public: "2", block: b"block", timestamp: "now", signature: &[] };
        assert!(verifier.signature(ALICE, &[7; 32], &proof).is_some());
    }

    #[test]
    fn numbers_that_any_password_fits_are_refused() {
        for (text, is_public_number) in
            [("0", false), ("00", false), (PRIME, false), ("2", true), ("x", false), ("", false)]
        {
            assert_eq!(is_public(text), is_public_number, "{text}");
        }
        assert!(!is_public(&"F".repeat(800)));
    }
}
