//! What tests of the language have in common.

use slam_project::{Defaults, Project, ProjectError};
use std::path::Path;

/// What a slam.yaml says.
pub fn parse(text: &str) -> Result<Project, ProjectError> {
    Project::parse(text, Path::new("slam.yaml"), &Defaults::default())
}

/// A slam.yaml is refused: by the first error's message, the text it points at, and its hints.
pub fn refused(text: &str, message: &str, place: &str, hint: &str) {
    let error = parse(text).expect_err(text);
    let first = &error.diagnostics[0];
    assert_eq!(first.message, message, "{error}");
    let found = first.span.clone().map_or("", |span| text[span].lines().next().unwrap_or_default());
    assert_eq!(found, place, "{error}");
    assert!(first.hints.join("\n").contains(hint), "{error}");
}
