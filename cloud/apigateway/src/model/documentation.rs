//! What an owner says about the parts of an API.

use serde::{Deserialize, Serialize};

/// Which part of an API something is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    /// `API`, `METHOD`, `MODEL`, …
    pub kind: String,
    /// A resource's.
    pub path: Option<String>,
    /// A verb; every one where there is none.
    pub method: Option<String>,
    /// Of a response; every one where there is none.
    pub status_code: Option<String>,
    /// A parameter's, header's, model's or authorizer's.
    pub name: Option<String>,
}

/// What is said about one part of an API.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DocumentationPart {
    /// Six characters.
    pub id: String,
    /// What it is about.
    pub location: Location,
    /// A JSON text.
    pub properties: String,
}

/// What was said about an API when the version was made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DocumentationVersion {
    /// The owner's name for it.
    pub version: String,
    /// The owner's words.
    pub description: Option<String>,
    /// Seconds since 1970.
    pub created: i64,
    /// The parts as they were.
    pub parts: Vec<DocumentationPart>,
}
