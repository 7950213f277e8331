//! Turns what s3s writes of every operation into AWS's where it differs.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use percent_encoding::percent_decode_str;

/// Begins every document that s3s writes.
const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";

/// The declaration stands on a line of its own (asserted on AWS: test_response_structure).
pub fn declaration(xml: &[u8]) -> Option<String> {
    let rest = std::str::from_utf8(xml).ok()?.strip_prefix(DECLARATION)?;
    (!rest.starts_with('\n')).then(|| format!("{DECLARATION}\n{rest}"))
}

/// User metadata beyond ASCII: S3 encodes it as RFC 2047's Q where most of it is ASCII, s3s always as B (recorded:
/// test_user_metadata_rfc2047_encoded; the rule is that of `encodeText` of Java's mail library).
pub fn encoded_words(value: &str) -> Option<String> {
    let mut bytes = Vec::new();
    for word in value.split(' ') {
        let inner = word.strip_prefix("=?UTF-8?B?")?.strip_suffix("?=")?;
        bytes.extend(BASE64.decode(inner).ok()?);
    }
    let text = String::from_utf8_lossy(&bytes);
    let is_plain = |c: &char| matches!(c, ' '..='~' | '\r' | '\n' | '\t');
    if text.chars().filter(is_plain).count() * 2 <= text.chars().count() {
        return Some(format!("=?UTF-8?B?{}?=", BASE64.encode(&bytes)));
    }
    let mut quoted = "=?UTF-8?Q?".to_owned();
    for byte in bytes {
        match byte {
            b' ' => quoted.push('_'),
            b'_' | b'?' | b'=' => quoted.push_str(&format!("={byte:02X}")),
            b'!'..=b'~' => quoted.push(char::from(byte)),
            _ => quoted.push_str(&format!("={byte:02X}")),
        }
    }
    quoted.push_str("?=");
    Some(quoted)
}

/// User metadata that looks like encoded words and is none, encoded as the text that it is; `None` for all other.
pub fn undecodable(value: &str) -> Option<String> {
    let is_word = |word: &&str| word.starts_with("=?") && word.ends_with("?=") && word.len() > 3;
    if !is_word(&value.trim()) {
        return None;
    }
    let words: Vec<&str> = value.split_whitespace().filter(is_word).collect();
    let whole = [value.trim()];
    let words = if words.len() > 1 { &words[..] } else { &whole };
    let decodes = words.iter().all(|word| decoded(word).is_some());
    (!decodes).then(|| format!("=?UTF-8?B?{}?=", BASE64.encode(value)))
}

/// The text of an encoded word (RFC 2047, section 2), whose character set is taken for UTF-8.
fn decoded(word: &str) -> Option<String> {
    let mut parts = word.strip_prefix("=?")?.strip_suffix("?=")?.splitn(3, '?').skip(1);
    let bytes = match (parts.next()?, parts.next()?) {
        ("B" | "b", text) => BASE64.decode(text).ok()?,
        ("Q" | "q", text) => {
            let is_hex = |escape: &str| escape.get(..2).is_some_and(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
            if !text.split('=').skip(1).all(is_hex) {
                return None;
            }
            percent_decode_str(&text.replace('%', "%25").replace('=', "%")).collect()
        }
        _ => return None,
    };
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_quoted() {
        assert_eq!(
            encoded_words("=?UTF-8?B?w4RNw4Raw5XDkSBTMw==?=").unwrap(),
            "=?UTF-8?Q?=C3=84M=C3=84Z=C3=95=C3=91_S3?="
        );
        assert_eq!(encoded_words("=?UTF-8?B?AAECAw==?=").unwrap(), "=?UTF-8?B?AAECAw==?=");
        assert_eq!(encoded_words("=?UTF-8?B?77+9?= =?UTF-8?B?77+9?=").unwrap(), "=?UTF-8?B?77+977+9?=");
        assert_eq!(encoded_words("plain"), None);
    }

    #[test]
    fn a_declaration_stands_on_its_line() {
        assert_eq!(declaration(format!("{DECLARATION}<A/>").as_bytes()), Some(format!("{DECLARATION}\n<A/>")));
        assert_eq!(declaration(b"<A/>"), None);
    }
}
