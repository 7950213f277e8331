//! The language of IAM policies: read, validated and evaluated, without any I/O.
//!
//! - [`document`]: a policy's text becomes a [`Policy`].
//! - [`identity`], [`validate`]: what IAM refuses to store (`MalformedPolicyDocument`).
//! - [`pattern`]: wildcards and policy variables.
//! - [`condition`]: the `Condition` element.
//! - [`keys`]: which condition keys requests here carry, and which policies are refused for theirs.
//! - [`principal`]: the `Principal` element. [`request`]: what is asked.
//! - [`mod@evaluate`]: AWS's evaluation order over all the policies that bear on a request.

pub mod condition;
pub mod document;
pub mod evaluate;
pub mod identity;
pub mod keys;
pub mod pattern;
pub mod principal;
pub mod request;
mod texts;
pub mod validate;

pub use document::Policy;
pub use evaluate::{Policies, Refusal, Source, evaluate};
pub use request::Request;

use std::borrow::Cow;

/// Where conditions and policy variables find the values of condition keys.
pub trait Keys {
    /// The values of a key, given in lower case; `None` when the request does not carry it.
    fn values(&self, key: &str) -> Option<Vec<Cow<'_, str>>>;
}

impl Keys for std::collections::BTreeMap<String, Vec<String>> {
    fn values(&self, key: &str) -> Option<Vec<Cow<'_, str>>> {
        self.get(key).map(|values| values.iter().map(|value| Cow::Borrowed(value.as_str())).collect())
    }
}
