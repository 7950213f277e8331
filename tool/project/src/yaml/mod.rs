//! YAML as a tree of nodes that know their place in the file.

mod cloudformation;
mod document;
mod json;

pub use cloudformation::to_cloudformation;
pub use document::parse;
pub use json::{tagged, to_json};

use std::ops::Range;

/// A value and its place.
#[derive(Clone, Debug)]
pub struct Node {
    /// Bytes of the file.
    pub span: Range<usize>,
    /// The tag as it was written, such as `!GetAtt`; tags of YAML's own schema are not kept.
    pub tag: Option<String>,
    pub kind: Kind,
}

#[derive(Clone, Debug)]
pub enum Kind {
    /// The text is what was written: what it means (`010`, `yes`) is for the reader to say.
    Scalar {
        text: String,
        plain: bool,
    },
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
}

impl Node {
    /// Nothing was written: `environment:` with only comments below it.
    pub fn is_null(&self) -> bool {
        let null = |text: &str| matches!(text, "" | "~" | "null" | "Null" | "NULL");
        self.tag.is_none() && matches!(&self.kind, Kind::Scalar { text, plain: true } if null(text))
    }

    /// The text of a scalar that is not null.
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar { text, .. } if !self.is_null() => Some(text),
            _ => None,
        }
    }

    /// A whole number in plain decimal.
    pub fn integer(&self) -> Option<u64> {
        let text = self.text()?;
        let canonical = text == "0" || !text.starts_with('0');
        (canonical && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
    }

    /// A yes or no, in the words of YAML 1.1, which the original read.
    pub fn flag(&self) -> Option<bool> {
        match &self.kind {
            Kind::Scalar { text, plain: true } => boolean(text),
            _ => None,
        }
    }

    /// The items of a list; none of anything else.
    pub fn items(&self) -> &[Node] {
        match &self.kind {
            Kind::List(items) => items,
            _ => &[],
        }
    }

    /// A list's items, or the one scalar that stands for a list of one.
    pub fn one_or_many(&self) -> &[Node] {
        match &self.kind {
            Kind::List(items) => items,
            Kind::Scalar { .. } if !self.is_null() => std::slice::from_ref(self),
            _ => &[],
        }
    }

    /// The entries of a mapping; none of anything else.
    pub fn entries(&self) -> &[(Node, Node)] {
        match &self.kind {
            Kind::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The key and value of an entry, even when the value is null.
    pub fn entry(&self, key: &str) -> Option<(&Node, &Node)> {
        self.entries().iter().find(|(name, _)| name.key() == key).map(|(name, value)| (name, value))
    }

    /// A value that was given: a null is as good as none.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|(_, value)| value).filter(|value| !value.is_null())
    }

    /// The value at a dotted path of keys.
    pub fn find(&self, path: &str) -> Option<&Node> {
        path.split('.').try_fold(self, Node::get)
    }

    /// The text of this node as a mapping's key.
    pub fn key(&self) -> &str {
        match &self.kind {
            Kind::Scalar { text, .. } => text,
            _ => "",
        }
    }

    /// What a person would call this.
    pub fn describe(&self) -> &'static str {
        match &self.kind {
            _ if self.is_null() => "nothing",
            Kind::Scalar { .. } => "a single value",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a mapping",
        }
    }
}

/// YAML 1.1's words for a boolean, as the original and CloudFormation read them.
pub fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Some(true),
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Some(false),
        _ => None,
    }
}
