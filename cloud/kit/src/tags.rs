//! Tags with AWS's limits.
//! <https://docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html> ("Tag naming limits and requirements")

use std::collections::BTreeMap;
use std::fmt;

/// A resource's tags.
pub type Tags = BTreeMap<String, String>;

/// The most tags that a resource may have.
pub const MOST: usize = 50;
/// The longest key, in characters.
pub const KEY: usize = 128;
/// The longest value, in characters.
pub const VALUE: usize = 256;

/// Why tags cannot be a resource's. Services have words of their own for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// There are more than [`MOST`].
    TooMany,
    /// A key is empty or longer than [`KEY`].
    Key(String),
    /// The value of this key is longer than [`VALUE`].
    Value(String),
    /// The key begins with `aws:`, which only AWS's own may.
    Reserved(String),
}

/// Checks tags. `own` are the prefixes under `aws:` that may be there: CloudFormation's, where it marks what it makes.
///
/// # Errors
/// The first thing that is wrong.
pub fn check(tags: &Tags, own: &[&str]) -> Result<(), Refused> {
    for (key, value) in tags {
        if key.is_empty() || key.chars().count() > KEY {
            return Err(Refused::Key(key.clone()));
        }
        if value.chars().count() > VALUE {
            return Err(Refused::Value(key.clone()));
        }
        let reserved = key.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:"));
        if reserved && !own.iter().any(|own| key.starts_with(own)) {
            return Err(Refused::Reserved(key.clone()));
        }
    }
    // What AWS adds by itself does not count.
    let counted = tags.keys().filter(|key| !own.iter().any(|own| key.starts_with(own))).count();
    if counted > MOST { Err(Refused::TooMany) } else { Ok(()) }
}

/// Takes tags away.
pub fn remove(tags: &mut Tags, keys: &[String]) {
    tags.retain(|key, _| !keys.contains(key));
}

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMany => write!(formatter, "a resource can have at most {MOST} tags"),
            Self::Key(key) => write!(formatter, "the tag key '{key}' must have 1 to {KEY} characters"),
            Self::Value(key) => write!(formatter, "the value of the tag '{key}' has more than {VALUE} characters"),
            Self::Reserved(key) => write!(formatter, "the tag key '{key}' begins with aws:, which is reserved"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aws_limits_hold() {
        let check = |tags: &[(&str, &str)], expected: Result<(), Refused>| {
            let tags = tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
            assert_eq!(check(&tags, &["aws:cloudformation:"]), expected);
        };
        check(&[("a", ""), ("aws:cloudformation:stack-name", "s")], Ok(()));
        check(&[("", "x")], Err(Refused::Key(String::new())));
        check(&[("AWS:x", "x")], Err(Refused::Reserved("AWS:x".into())));
        let (key, value) = ("k".repeat(KEY + 1), "v".repeat(VALUE + 1));
        check(&[(&key, "")], Err(Refused::Key(key.clone())));
        check(&[("a", &value)], Err(Refused::Value("a".into())));
        let many: Vec<_> = (0..=MOST).map(|number| number.to_string()).collect();
        let many: Vec<_> = many.iter().map(|key| (key.as_str(), "")).collect();
        check(&many, Err(Refused::TooMany));
        check(&many[..MOST], Ok(()));
    }
}
