//! All services that AWS has, a line each: what the wire needs to refuse a request to one by its name.

use super::layout::{literal, pieces};
use super::model::{Metadata, newest};
use super::tables::protocols;
use anyhow::{Context, Result};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What is read of a model.
#[derive(Deserialize)]
struct Model {
    metadata: Metadata,
    operations: BTreeMap<String, Operation>,
}

#[derive(Deserialize)]
struct Operation {
    http: Http,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Http {
    request_uri: String,
}

/// The table of all services.
pub fn render(botocore: &Path) -> Result<String> {
    let mut models = BTreeMap::new();
    for entry in std::fs::read_dir(botocore.join("data"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        // Some folders have endpoints only.
        if let Ok(text) = newest(botocore, &name) {
            let model: Model = serde_json::from_str(&text).with_context(|| name.clone())?;
            models.insert(name, model);
        }
    }
    let mut out = String::from("/// All services of AWS.\npub static SERVICES: &[AwsService] = &[\n");
    for (name, model) in &models {
        let metadata = &model.metadata;
        let same = models.values().filter(|other| other.metadata.signing_name() == metadata.signing_name()).count();
        let mut row =
            vec![format!("aws({}, &[{}])", literal(name), protocols(metadata).with_context(|| name.clone())?)];
        let target = metadata.target_prefix.as_deref().unwrap_or_default();
        for (word, value, unless) in [
            (".target", target, ""),
            (".signed", metadata.signing_name(), name),
            (".host", &metadata.endpoint_prefix, metadata.signing_name()),
        ] {
            if value != unless {
                row.push(format!("{word}({})", literal(value)));
            }
        }
        // Only services that sign alike need be told apart by their paths.
        let roots: Vec<_> = if same > 1 { roots(model).into_iter().map(literal).collect() } else { Vec::new() };
        if let Some((last, others)) = roots.split_last() {
            row.push(".roots(&[".to_owned());
            row.extend(others.iter().map(|root| format!("{root}, ")));
            row.push(format!("{last}])"));
        }
        if let Some(last) = row.last_mut() {
            last.push(',');
        }
        out.push_str(&pieces(1, 2, &row));
    }
    Ok(out + "];\n")
}

/// With what the paths of a service's operations begin.
fn roots(model: &Model) -> BTreeSet<&str> {
    let uris = model.operations.values().map(|operation| operation.http.request_uri.as_str());
    let roots = uris.filter_map(|uri| uri.trim_start_matches('/').split(['/', '?']).next());
    roots.filter(|root| !root.is_empty() && !root.starts_with('{')).collect()
}
