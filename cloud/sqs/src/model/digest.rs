//! The MD5s by which clients check what arrived (Developer Guide, "Calculating the MD5 message digest for message attributes").

use super::content::{Attribute, Value};
use md5::{Digest as _, Md5};

/// A body's.
pub fn of_body(body: &str) -> String {
    hex::encode(Md5::digest(body.as_bytes()))
}

/// That of attributes; `None` where there are none. A map has them in the order of their names, as it must be.
pub fn of_attributes<'a>(attributes: impl IntoIterator<Item = (&'a String, &'a Attribute)>) -> Option<String> {
    let mut digest = Md5::new();
    let mut is_empty = true;
    for (name, Attribute { kind, value }) in attributes {
        is_empty = false;
        add(&mut digest, name.as_bytes());
        add(&mut digest, kind.as_bytes());
        match value {
            Value::Text(text) => {
                digest.update([1]);
                add(&mut digest, text.as_bytes());
            }
            Value::Binary(bytes) => {
                digest.update([2]);
                add(&mut digest, bytes);
            }
        }
    }
    (!is_empty).then(|| hex::encode(digest.finalize()))
}

fn add(digest: &mut Md5, part: &[u8]) {
    // No part is longer than a message.
    digest.update((part.len() as u32).to_be_bytes());
    digest.update(part);
}

#[cfg(test)]
mod tests {
    use super::super::content::Attributes;
    use super::*;

    fn check(attributes: &[(&str, &str, Value)], expected: Option<&str>) {
        let attributes: Attributes = attributes
            .iter()
            .map(|(name, kind, value)| ((*name).to_owned(), Attribute { kind: (*kind).into(), value: value.clone() }))
            .collect();
        assert_eq!(of_attributes(&attributes).as_deref(), expected);
    }

    #[test]
    fn the_digests_are_those_of_aws() {
        assert_eq!(of_body("message"), "78e731027d8fd50ed642340b7c9a63b3");
        let text = |text: &str| Value::Text(text.into());
        check(&[], None);
        // Recorded: `test_receive_message_message_attribute_names_filters`.
        let (hello, general) = (("Hello", "String", text("There")), ("General", "String", text("Kenobi")));
        let help = ("Help.Me", "String", text("Me"));
        check(&[hello.clone(), general.clone(), help.clone()], Some("4c360f3fdafd970e05fae2f149d997f5"));
        check(&[hello.clone(), general], Some("fca026605781cb4126a1e9044df24232"));
        check(std::slice::from_ref(&hello), Some("a311262e065454b75da111d535b8dacd"));
        check(&[hello, help], Some("83fee93c1bcd8b9a5a923ffacdc636c7"));
        // Recorded: `test_send_message_with_binary_attributes`.
        let bytes = b"traceparent\x1e00-774062d6c37081a5a0b9b5b88e30627c-2d2482211f6489da-01".to_vec();
        check(&[("attr1", "Binary", Value::Binary(bytes))], Some("8cbe4db156db8a94db8b801b7addb984"));
    }
}
