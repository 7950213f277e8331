//! Botocore's service models and our selection from them.

use super::selection::{Members, Selection};
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;

/// A service with its whole model.
pub struct Service {
    /// Our name of it.
    pub name: String,
    model: Model,
    selected: BTreeMap<String, Members>,
}

#[derive(Deserialize)]
struct Model {
    metadata: Metadata,
    operations: BTreeMap<String, Operation>,
    shapes: BTreeMap<String, Shape>,
}

/// The model's head.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Metadata {
    pub api_version: String,
    /// There where the service still takes the query protocol that it spoke before.
    pub aws_query_compatible: Option<serde_json::Value>,
    pub endpoint_prefix: String,
    pub json_version: Option<String>,
    pub protocol: String,
    #[serde(default)]
    pub protocols: Vec<String>,
    pub service_full_name: String,
    pub signing_name: Option<String>,
    pub target_prefix: Option<String>,
    pub xml_namespace: Option<String>,
}

/// One operation of the model.
#[derive(Deserialize)]
pub struct Operation {
    pub http: Http,
    pub authtype: Option<String>,
    pub input: Option<ShapeRef>,
    pub output: Option<ShapeRef>,
}

/// Method, URI and status.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Http {
    pub method: String,
    pub request_uri: String,
    pub response_code: Option<u16>,
}

/// A reference to a shape, with the traits that a member adds.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShapeRef {
    pub shape: String,
    pub location: Option<String>,
    pub location_name: Option<String>,
    pub result_wrapper: Option<String>,
    pub flattened: Option<bool>,
    pub timestamp_format: Option<String>,
    #[serde(default)]
    pub eventpayload: bool,
}

/// A shape.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Shape {
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default)]
    pub members: serde_json::Map<String, serde_json::Value>,
    #[serde(default)]
    pub required: Vec<String>,
    pub payload: Option<String>,
    #[serde(default)]
    pub union: bool,
    #[serde(default)]
    pub document: bool,
    #[serde(default)]
    pub eventstream: bool,
    pub member: Option<ShapeRef>,
    pub key: Option<ShapeRef>,
    pub value: Option<ShapeRef>,
    #[serde(default)]
    pub flattened: bool,
    #[serde(default)]
    pub sensitive: bool,
    pub min: Option<f64>,
    pub max: Option<f64>,
    pub pattern: Option<String>,
    #[serde(rename = "enum", default)]
    pub values: Vec<String>,
    pub timestamp_format: Option<String>,
}

impl Shape {
    /// Members in the model's order.
    pub fn members(&self) -> Result<Vec<(String, ShapeRef)>> {
        let parse = |value: &serde_json::Value| serde_json::from_value::<ShapeRef>(value.clone());
        self.members.iter().map(|(name, value)| Ok((name.clone(), parse(value)?))).collect()
    }

    /// Whether it is a structure with members of its own, rather than any JSON.
    pub fn is_structure(&self) -> bool {
        self.kind == "structure" && !self.document
    }
}

impl Metadata {
    /// How signatures name the service.
    pub fn signing_name(&self) -> &str {
        self.signing_name.as_ref().unwrap_or(&self.endpoint_prefix)
    }
}

/// The newest version of a service's model.
pub fn newest(botocore: &Path, folder: &str) -> Result<String> {
    let folder = botocore.join("data").join(folder);
    let mut versions: Vec<_> = std::fs::read_dir(&folder)
        .with_context(|| format!("{} is missing", folder.display()))?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.join("service-2.json.gz").is_file())
        .collect();
    versions.sort();
    let newest = versions.last().with_context(|| format!("{} has no service model", folder.display()))?;
    let file = std::fs::File::open(newest.join("service-2.json.gz"))?;
    let mut text = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text)?;
    Ok(text)
}

impl Service {
    /// Loads the newest version of a service's model.
    pub fn load(botocore: &Path, selection: &Selection) -> Result<Self> {
        let text = newest(botocore, &selection.folder)?;
        let model: Model = serde_json::from_str(&text)?;
        if let Some(unknown) = selection.operations.keys().find(|name| !model.operations.contains_key(*name)) {
            bail!("{} has no operation {unknown}", selection.name);
        }
        Ok(Self { name: selection.name.clone(), model, selected: selection.operations.clone() })
    }

    /// "AWS Lambda"
    pub fn full_name(&self) -> &str {
        &self.model.metadata.service_full_name
    }

    /// "2015-03-31"
    pub fn api_version(&self) -> &str {
        &self.model.metadata.api_version
    }

    /// The model's head.
    pub fn metadata(&self) -> &Metadata {
        &self.model.metadata
    }

    /// The selected operations.
    pub fn operations(&self) -> impl Iterator<Item = (&String, &Operation)> {
        self.model.operations.iter().filter(|(name, _)| self.selected.contains_key(*name))
    }

    /// What was written down about the members of an operation.
    pub fn members(&self, operation: &str) -> &Members {
        &self.selected[operation]
    }

    /// What AWS has beside the selection.
    pub fn others(&self) -> impl Iterator<Item = (&String, &Operation)> {
        self.model.operations.iter().filter(|(name, _)| !self.selected.contains_key(*name))
    }

    /// A shape by name.
    pub fn shape(&self, name: &str) -> Result<&Shape> {
        self.model.shapes.get(name).with_context(|| format!("{} has no shape {name}", self.name))
    }

    /// The names of all shapes that the selected operations reach, inputs and outputs included.
    pub fn reached(&self) -> Result<BTreeSet<String>> {
        let mut reached = BTreeSet::new();
        let mut waiting: Vec<String> = self
            .operations()
            .flat_map(|(_, operation)| [&operation.input, &operation.output])
            .flatten()
            .map(|reference| reference.shape.clone())
            .collect();
        while let Some(name) = waiting.pop() {
            let shape = self.shape(&name)?;
            if reached.insert(name) {
                let parts = [&shape.member, &shape.key, &shape.value];
                waiting.extend(parts.into_iter().flatten().map(|reference| reference.shape.clone()));
                if shape.is_structure() {
                    waiting.extend(shape.members()?.into_iter().map(|(_, reference)| reference.shape));
                }
            }
        }
        Ok(reached)
    }

    /// The input shapes of selected operations with the operations' names: these structures are named after them.
    pub fn inputs(&self) -> BTreeMap<&str, &str> {
        self.operations()
            .filter_map(|(name, operation)| Some((operation.input.as_ref()?.shape.as_str(), name.as_str())))
            .collect()
    }
}
