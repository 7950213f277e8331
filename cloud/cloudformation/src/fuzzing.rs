//! What `fuzz/` may give anything to.

use crate::template::{Template, trial};

/// A template, read and evaluated.
pub fn template(text: &str) {
    if let Ok(template) = Template::parse(text) {
        let _ = trial::evaluate_all(&template);
    }
}
