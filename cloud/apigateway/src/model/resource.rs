//! One node of an API's tree of paths.

use super::Method;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A path of an API.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Resource {
    /// Ten characters for the root, six for the others.
    pub id: String,
    /// None for the root.
    pub parent_id: Option<String>,
    /// The last segment: `users`, `{id}`, `{proxy+}`. None for the root.
    pub path_part: Option<String>,
    /// The whole path: `/users/{id}`.
    pub path: String,
    /// By verb, `ANY` among them.
    pub methods: BTreeMap<String, Method>,
}

impl Resource {
    /// Whether the last segment is a variable, greedy or not.
    pub fn is_variable(&self) -> bool {
        self.path_part.as_deref().is_some_and(|part| part.starts_with('{'))
    }

    /// Whether the last segment takes the rest of the path.
    pub fn is_greedy(&self) -> bool {
        self.path_part.as_deref().is_some_and(|part| part.ends_with("+}"))
    }
}

/// Whether AWS takes this as the last segment of a path.
pub fn is_valid_path_part(part: &str) -> bool {
    let inner = match part.strip_prefix('{') {
        Some(variable) => match variable.strip_suffix('}') {
            Some(name) => name.strip_suffix('+').unwrap_or(name),
            None => return false,
        },
        None => part,
    };
    !inner.is_empty() && inner.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-:".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_part_is_a_word_or_a_variable() {
        for valid in ["users", "{id}", "{proxy+}", "a.b_c-d:e"] {
            assert!(is_valid_path_part(valid), "{valid}");
        }
        for invalid in ["", "{}", "{+}", "a/b", "a{b}", "{a", "a}", "{a}b", "a b", "ä"] {
            assert!(!is_valid_path_part(invalid), "{invalid}");
        }
    }
}
