//! A text as a document.

use super::yaml;
use crate::error::{bad_request, invalid_openapi};
use serde_json::{Map, Value};
use slam_cloud_core::{AwsResult, Context};
use std::collections::BTreeSet;

/// "The maximum size of the API definition file is 6MB" (API reference, `ImportRestApi`).
const LENGTH: usize = 6 * 1024 * 1024;
/// References to references that are followed.
const HOPS: usize = 32;

/// A document of OpenAPI 2 or 3.
#[derive(Debug)]
pub struct Document {
    root: Map<String, Value>,
    swagger: bool,
}

impl Document {
    /// Reads a document of JSON or YAML, with AWS's variables in it
    /// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/import-api-aws-variables.html>).
    ///
    /// # Errors
    /// Recorded: test_import_api_bad_file.
    pub fn read(bytes: &[u8], context: &Context) -> AwsResult<Self> {
        if bytes.len() > LENGTH {
            return Err(bad_request("The API definition file cannot be larger than 6 MB"));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| invalid_openapi())?;
        let text = text
            .replace("${AWS::AccountId}", &context.account)
            .replace("${AWS::Partition}", context.partition())
            .replace("${AWS::Region}", &context.region);
        let value = match serde_json::from_str(&text) {
            Ok(value) => value,
            Err(_) => yaml::read(&text)?,
        };
        let Value::Object(root) = value else { return Err(invalid_openapi()) };
        let version = |name: &str| {
            root.get(name).map(|version| version.as_str().map_or_else(|| version.to_string(), str::to_owned))
        };
        let swagger = match (version("swagger").as_deref(), version("openapi").as_deref()) {
            (Some("2.0"), None) => true,
            (None, Some(version)) if version == "3.0" || version.starts_with("3.0.") => false,
            _ => return Err(invalid_openapi()),
        };
        Ok(Self { root, swagger })
    }

    /// Whether it is of OpenAPI 2.
    pub fn is_swagger(&self) -> bool {
        self.swagger
    }

    /// What stands at the top.
    pub fn root(&self) -> &Map<String, Value> {
        &self.root
    }

    /// An object at the top, or inside `components` as of OpenAPI 3: `schemas` and the like under their names there.
    pub fn components(&self, swagger: &str, name: &str) -> Option<&Map<String, Value>> {
        let found = match self.swagger {
            true => self.root.get(swagger),
            false => self.root.get("components").and_then(|components| components.get(name)),
        };
        found.and_then(Value::as_object)
    }

    /// The roles as which integrations and authorizers are called.
    pub fn roles(&self) -> BTreeSet<String> {
        let mut roles = BTreeSet::new();
        self.root.values().for_each(|value| roles_in(value, &mut roles));
        roles
    }

    /// A value, or what it refers to; nothing where that is not in the document.
    pub fn resolve<'a>(&'a self, mut value: &'a Value) -> Option<&'a Value> {
        for _ in 0..HOPS {
            let Some(reference) = value.get("$ref").and_then(Value::as_str) else { return Some(value) };
            let mut steps =
                reference.strip_prefix("#/")?.split('/').map(|step| step.replace("~1", "/").replace("~0", "~"));
            value = steps.next().and_then(|first| self.root.get(&first))?;
            value = steps.try_fold(value, |value, step| value.get(&step))?;
        }
        None
    }
}

fn roles_in(value: &Value, roles: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| roles_in(item, roles)),
        Value::Object(entries) => {
            for (name, value) in entries {
                let named = matches!(name.as_str(), "credentials" | "authorizerCredentials");
                match value.as_str().filter(|role| named && role.contains(":role/")) {
                    Some(role) => drop(roles.insert(role.to_owned())),
                    None => roles_in(value, roles),
                }
            }
        }
        _ => {}
    }
}
