//! A token, taken apart.

use super::claims::Claims;
use super::keys::{Algorithm, PublicKey};
use super::trust::Invalid;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

/// A longer one fits into no header.
const LONGEST: usize = 16 * 1024;

/// A token whose signature is not verified yet.
#[derive(Clone, Debug)]
pub struct Token<'t> {
    /// The key that signed it, by its own word.
    pub key_id: String,
    /// `RS256`, by its own word.
    pub algorithm: Algorithm,
    /// What it says.
    pub claims: Claims,
    signed: &'t str,
    signature: Vec<u8>,
}

impl<'t> Token<'t> {
    /// Takes a token apart.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &'t str) -> Result<Self, Invalid> {
        let invalid = |what: &str| Invalid(what.to_owned());
        if text.len() > LONGEST {
            return Err(invalid("the token is too long"));
        }
        let (signed, signature) =
            text.rsplit_once('.').ok_or_else(|| invalid("token contains an invalid number of segments"))?;
        let (header, claims) = signed
            .split_once('.')
            .filter(|(_, claims)| !claims.contains('.'))
            .ok_or_else(|| invalid("token contains an invalid number of segments"))?;
        let header = object(header).ok_or_else(|| invalid("the header of the token cannot be decoded"))?;
        let name = header.get("alg").and_then(Value::as_str).unwrap_or_default();
        let algorithm =
            Algorithm::parse(name).ok_or_else(|| Invalid(format!("signing method {} is invalid", printable(name))))?;
        let key_id = header.get("kid").and_then(Value::as_str).ok_or_else(|| invalid("the token has no kid"))?;
        // "crit" names what whoever takes the token must understand (RFC 7515, 4.1.11).
        if header.contains_key("crit") {
            return Err(invalid("the token has critical headers that are not supported"));
        }
        Ok(Self {
            key_id: key_id.to_owned(),
            algorithm,
            claims: object(claims).ok_or_else(|| invalid("the claims of the token cannot be decoded"))?,
            signed,
            signature: URL_SAFE_NO_PAD.decode(signature).map_err(|_| invalid("the signature cannot be decoded"))?,
        })
    }

    /// Whether a key signed it.
    ///
    /// # Errors
    /// When it did not.
    pub fn verify(&self, key: &PublicKey) -> Result<(), Invalid> {
        match key.verifies(self.algorithm, self.signed.as_bytes(), &self.signature) {
            true => Ok(()),
            false => Err(Invalid("the signature of the token is not valid".to_owned())),
        }
    }
}

fn object(segment: &str) -> Option<Map<String, Value>> {
    match serde_json::from_slice(&URL_SAFE_NO_PAD.decode(segment).ok()?).ok()? {
        Value::Object(members) => Some(members),
        _ => None,
    }
}

/// Of a client's text, what may stand in a header between quotation marks.
fn printable(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_graphic() && *c != '"' && *c != '\\').take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(header: &str, rest: &str, expected: &str) {
        let token = format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header));
        let said = Token::parse(&token).map_or_else(|Invalid(said)| said, |_| "fine".to_owned());
        assert_eq!(said, expected, "{header} {rest}");
    }

    #[test]
    fn what_is_forged_does_not_get_far() {
        let claims = URL_SAFE_NO_PAD.encode("{}");
        let rest = format!("{claims}.AA");
        check(r#"{"alg":"RS256","kid":"k"}"#, &rest, "fine");
        check(r#"{"alg":"RS512","kid":"k","typ":"JWT"}"#, &rest, "fine");
        check(r#"{"alg":"none","kid":"k"}"#, &format!("{claims}."), "signing method none is invalid");
        check(r#"{"alg":"HS256","kid":"k"}"#, &rest, "signing method HS256 is invalid");
        check(r#"{"alg":"PS256","kid":"k"}"#, &rest, "signing method PS256 is invalid");
        check(r#"{"alg":"rs256","kid":"k"}"#, &rest, "signing method rs256 is invalid");
        check(r#"{"kid":"k"}"#, &rest, "signing method  is invalid");
        check(r#"{"alg":"a\"\r\nb","kid":"k"}"#, &rest, "signing method ab is invalid");
        check(r#"{"alg":"RS256"}"#, &rest, "the token has no kid");
        check(
            r#"{"alg":"RS256","kid":"k","crit":["x"]}"#,
            &rest,
            "the token has critical headers that are not supported",
        );
        check("[]", &rest, "the header of the token cannot be decoded");
        check(r#"{"alg":"RS256","kid":"k"}"#, "AA", "token contains an invalid number of segments");
        check(
            r#"{"alg":"RS256","kid":"k"}"#,
            &format!("{claims}.AA.AA"),
            "token contains an invalid number of segments",
        );
        check(r#"{"alg":"RS256","kid":"k"}"#, &format!("{claims}.?"), "the signature cannot be decoded");
        assert!(Token::parse("abc").is_err());
        assert!(Token::parse(&"a.".repeat(LONGEST)).is_err());
    }
}
