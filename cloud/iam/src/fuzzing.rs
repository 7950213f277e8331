//! What `fuzz/` may give anything to.

use crate::policy::{Policy, identity, validate};

/// A policy document, as identities, roles and resources have it.
pub fn policy(text: &str) {
    let _ = identity::check(text, identity::Kind::Managed);
    let _ = validate::trust(text);
    let _ = Policy::parse(text);
}
