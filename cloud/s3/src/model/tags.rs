//! Tags of buckets and objects.

use crate::error::{Answer, Fault};
use percent_encoding::percent_decode_str;
use s3s::dto;

/// Tags in the order they were given.
pub type Tags = Vec<(String, String)>;

/// How many tags an object may have.
pub const OBJECT_TAGS: usize = 10;
/// How many tags a bucket may have.
pub const BUCKET_TAGS: usize = 50;

/// Checks and takes a set of tags.
///
/// # Errors
/// As recorded in `test_tagging_validation`. `system_prefix` is what is said of keys that AWS keeps for itself.
pub fn of_set(set: &[dto::Tag], system_prefix: &'static str, most: usize) -> Answer<Tags> {
    let mut tags = Tags::new();
    for tag in set {
        let (Some(key), Some(value)) = (&tag.key, &tag.value) else { return Err(Fault::malformed_xml()) };
        if tags.iter().any(|(existing, _)| existing == key) {
            return Err(invalid("Cannot provide multiple Tags with the same key").with("TagKey", key.as_str()));
        }
        if key.starts_with("aws:") {
            return Err(invalid(system_prefix).with("TagKey", key.as_str()));
        }
        if key.is_empty() || key.encode_utf16().count() > 128 || !key.chars().all(is_allowed) {
            return Err(invalid("The TagKey you have provided is invalid").with("TagKey", key.as_str()));
        }
        if value.encode_utf16().count() > 256 || !value.chars().all(is_allowed) {
            let fault = invalid("The TagValue you have provided is invalid");
            return Err(fault.with("TagKey", key.as_str()).with("TagValue", value.as_str()));
        }
        tags.push((key.clone(), value.clone()));
    }
    if tags.len() > most {
        let what = if most == OBJECT_TAGS { "Object" } else { "Bucket" };
        return Err(Fault::new("BadRequest", 400, format!("{what} tags cannot be greater than {most}")));
    }
    Ok(tags)
}

/// Tags that came in a header, as a query string.
///
/// # Errors
/// When a key comes twice or a tag breaks the rules.
pub fn of_header(header: &str) -> Answer<Tags> {
    let mut set = Vec::new();
    for pair in header.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        // Further tags after a comma are none.
        let is_list = value.contains(['=', ',']);
        let (key, value) = (decode(key), decode(value));
        if is_list || set.iter().any(|tag: &dto::Tag| tag.key.as_ref() == Some(&key)) {
            return Err(Fault::invalid_argument(
                "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without \
                 tag name duplicates.",
                "x-amz-tagging",
                header,
            ));
        }
        set.push(dto::Tag { key: Some(key), value: Some(value) });
    }
    of_set(&set, "Your TagKey cannot be prefixed with aws:", OBJECT_TAGS)
}

fn decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

/// As s3s has them, by key as AWS answers them.
pub fn to_set(tags: &[(String, String)]) -> Vec<dto::Tag> {
    let mut set: Vec<dto::Tag> =
        tags.iter().map(|(key, value)| dto::Tag { key: Some(key.clone()), value: Some(value.clone()) }).collect();
    set.sort_by(|a, b| a.key.cmp(&b.key));
    set
}

fn invalid(message: &str) -> Fault {
    Fault::new("InvalidTag", 400, message)
}

/// "letters, spaces, and numbers representable in UTF-8, and + - = . _ : / @"
fn is_allowed(character: char) -> bool {
    character.is_alphanumeric() || character.is_whitespace() || "+-=._:/@".contains(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_holds_tags_as_a_query_string() {
        let check = |header: &str, expected: Result<&[(&str, &str)], &str>| {
            let found = of_header(header).map_err(|fault| fault.error.code.into_owned());
            let expected = expected
                .map(|tags| tags.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect())
                .map_err(str::to_owned);
            assert_eq!(found, expected, "{header}");
        };
        check("tag1=a%20b&tag2=c+d&tag", Ok(&[("tag1", "a b"), ("tag2", "c d"), ("tag", "")]));
        check("key1=val1&key1=val2", Err("InvalidArgument"));
        check("key1=val1,key2=val2", Err("InvalidArgument"));
        check("aws:x=1", Err("InvalidTag"));
        check("a=%2C", Err("InvalidTag"));
    }
}
