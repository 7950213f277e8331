//! OpenAPI documents: what an API is, in a file.
//!
//! - [`document`]: a text as a document of OpenAPI 2 or 3; [`mod@yaml`]: those that are written in YAML.
//! - [`mod@read`]: what a document defines, as [`definition`] has it.
//! - [`mod@write`]: an API as a document.
//!
//! Nothing here changes an API: definitions are the inputs of the operations that make an API part by part, so that these decide
//! about what is imported as about everything else.

mod definition;
mod document;
mod read;
mod write;
mod yaml;

pub use definition::{Definition, Operation, Settings};
pub use document::Document;
pub use read::{BasePath, documentation_parts, read};
pub use write::{Export, Form, write, yaml as to_yaml};
