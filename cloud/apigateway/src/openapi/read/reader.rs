//! What is known while a document is read.

use crate::openapi::document::Document;
use slam_cloud_wire::apigateway as wire;
use std::collections::BTreeMap;

/// A document on its way into a definition.
pub struct Reader<'a> {
    /// The document.
    pub document: &'a Document,
    /// The API that it defines.
    pub api_id: &'a str,
    inline: BTreeMap<String, wire::CreateModel>,
    warnings: Vec<String>,
}

impl<'a> Reader<'a> {
    /// Begins.
    pub fn new(document: &'a Document, api_id: &'a str) -> Self {
        Self { document, api_id, inline: BTreeMap::new(), warnings: Vec::new() }
    }

    /// Notes what is left out of the definition.
    pub fn warn(&mut self, warning: impl Into<String>) {
        self.warnings.push(warning.into());
    }

    /// Notes a model of a schema that has no name of its own.
    pub fn note(&mut self, model: wire::CreateModel) {
        self.inline.insert(model.name.clone(), model);
    }

    /// The models of schemas without names, and the warnings.
    pub fn end(self) -> (impl Iterator<Item = wire::CreateModel>, Vec<String>) {
        (self.inline.into_values(), self.warnings)
    }
}
