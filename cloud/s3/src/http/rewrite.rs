//! Turns s3s's documents into AWS's where they differ.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

/// Begins every document that s3s writes.
const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";

/// The declaration stands on a line of its own (recorded: test_response_structure).
pub fn declaration(xml: &[u8]) -> Option<String> {
    let rest = std::str::from_utf8(xml).ok()?.strip_prefix(DECLARATION)?;
    (!rest.starts_with('\n')).then(|| format!("{DECLARATION}\n{rest}"))
}

/// GetBucketLocation: an element without content is written as one tag (recorded:
/// test_response_structure_get_bucket_location).
pub fn location(xml: &str) -> String {
    xml.replace("></LocationConstraint>", "/>")
}

/// GetObjectAttributes: its order, on which Java's SDK depends (recorded: test_response_structure_get_obj_attrs), and
/// entity tags without quotes.
pub fn attributes(xml: &str) -> String {
    let mut rest = xml.replace("<ETag>\"", "<ETag>").replace("\"</ETag>", "</ETag>");
    let mut ordered = String::new();
    for name in ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"] {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        if let Some(begin) = rest.find(&open)
            && let Some(length) = rest[begin..].find(&close)
        {
            ordered.extend(rest.drain(begin..begin + length + close.len()));
        }
    }
    match rest.find("</GetObjectAttributesResponse>") {
        Some(end) => rest.insert_str(end, &ordered),
        // Nothing was asked for that this object has: the element is one tag.
        None => return rest,
    }
    rest
}

/// User metadata beyond ASCII: S3 encodes it as RFC 2047's Q, s3s as B (recorded: test_user_metadata_rfc2047_encoded).
pub fn encoded_words(value: &str) -> Option<String> {
    let mut bytes = Vec::new();
    for word in value.split(' ') {
        let inner = word.strip_prefix("=?UTF-8?B?")?.strip_suffix("?=")?;
        bytes.extend(BASE64.decode(inner).ok()?);
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

/// ListBuckets: the ARNs, which s3s's shapes lack (recorded: test_list_buckets_with_max_buckets).
pub fn bucket_arns(xml: &str, partition: &str) -> String {
    let mut parts = xml.split("</Name>").peekable();
    let mut told = String::with_capacity(xml.len());
    while let Some(part) = parts.next() {
        told.push_str(part);
        if parts.peek().is_some() {
            let name = part.rsplit_once("<Name>").map_or("", |(_, name)| name);
            told.push_str(&format!("</Name><BucketArn>arn:{partition}:s3:::{name}</BucketArn>"));
        }
    }
    told
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
        assert_eq!(encoded_words("plain"), None);
    }

    #[test]
    fn documents_become_those_of_aws() {
        assert_eq!(declaration(format!("{DECLARATION}<A/>").as_bytes()), Some(format!("{DECLARATION}\n<A/>")));
        assert_eq!(declaration(b"<A/>"), None);
        assert_eq!(location("<LocationConstraint></LocationConstraint>"), "<LocationConstraint/>");
        assert_eq!(
            location("<LocationConstraint>EU</LocationConstraint>"),
            "<LocationConstraint>EU</LocationConstraint>"
        );
        assert_eq!(
            attributes(
                "<GetObjectAttributesResponse><Checksum>c</Checksum><ETag>\"e\"</ETag><ObjectSize>1</ObjectSize>\
                 <StorageClass>s</StorageClass></GetObjectAttributesResponse>"
            ),
            "<GetObjectAttributesResponse><ETag>e</ETag><Checksum>c</Checksum><StorageClass>s</StorageClass>\
             <ObjectSize>1</ObjectSize></GetObjectAttributesResponse>"
        );
        assert_eq!(
            bucket_arns("<Bucket><Name>a</Name></Bucket><Bucket><Name>b</Name></Bucket>", "aws"),
            "<Bucket><Name>a</Name><BucketArn>arn:aws:s3:::a</BucketArn></Bucket>\
             <Bucket><Name>b</Name><BucketArn>arn:aws:s3:::b</BucketArn></Bucket>"
        );
    }
}
