//! What a document defines.
//!
//! - [`settings`]: what holds for the API as a whole. [`base_path`]: the path before all paths.
//! - [`operations`]: paths and their methods; of a method [`parameters`], [`responses`] and the [`integration`].
//! - [`security`]: authorizers, and which method asks for what.
//! - [`gateway_responses`]: what API Gateway answers itself.
//! - [`models`]: schemas. [`documentation`]: what is said about the parts.
//! - [`reader`]: what is known while a document is read; [`values`]: values in the types that operations take.
//!
//! What AWS does not know is a warning, as there; an extension of AWS's that is not carried out is refused by its name.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html>

mod base_path;
mod documentation;
mod gateway_responses;
mod integration;
mod models;
mod operations;
mod parameters;
mod reader;
mod responses;
mod security;
mod settings;
mod values;

pub use base_path::BasePath;
pub use documentation::parts as documentation_parts;

use super::definition::Definition;
use super::document::Document;
use reader::Reader;
use security::Security;
use serde_json::Value;
use slam_cloud_core::AwsResult;

/// Reads a definition for the API with this id.
///
/// # Errors
/// What is refused by its name, and what is no definition.
pub fn read(document: &Document, api_id: &str, base_path: BasePath, documented: bool) -> AwsResult<Definition> {
    let mut reader = Reader::new(document, api_id);
    let root = document.root();
    let info = |name: &str| root.get("info").and_then(|info| info.get(name)).and_then(values::text);
    let settings = settings::read(document)?;
    let models = models::named(&mut reader);
    let validators = settings::validators(root)?;
    let (security, authorizers) = Security::read(&mut reader)?;
    let gateway_responses = gateway_responses::read(&mut reader)?;
    let before = base_path.segments(document);
    let mut paths = Vec::new();
    let mut operations = Vec::new();
    for (path, item) in root.get("paths").and_then(Value::as_object).into_iter().flatten() {
        if path.starts_with("x-") {
            continue;
        }
        let Some(rest) = path.strip_prefix('/') else {
            reader.warn(format!("Parse issue: attribute paths. Resource {path} should start with /"));
            continue;
        };
        let rest = rest.split('/').filter(|segment| !segment.is_empty()).map(str::to_owned);
        let segments: Vec<String> = before.iter().cloned().chain(rest).collect();
        operations.extend(operations::of_path(&mut reader, &security, &segments, item)?);
        paths.push(segments);
    }
    let documentation = if documented { documentation::parts(document)? } else { Vec::new() };
    let (inline, warnings) = reader.end();
    Ok(Definition {
        name: info("title").filter(|title| !title.is_empty()),
        description: info("description").filter(|description| !description.is_empty()),
        version: info("version").filter(|version| !version.is_empty()),
        settings,
        models: models.into_iter().chain(inline).collect(),
        validators,
        authorizers,
        gateway_responses,
        paths,
        operations,
        documentation,
        warnings,
    })
}
