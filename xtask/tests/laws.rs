//! The laws of ARCHITECTURE.md that a test can check: who may depend on whom, and where `unsafe` may stand.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod modules;

use modules::Modules;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The Rust files below a folder.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let (mut files, mut waiting) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The workspace's crates: folder relative to the root → names of what they depend on (dev-dependencies apart).
fn crates() -> BTreeMap<String, Vec<String>> {
    let output = Command::new(env!("CARGO"))
        .current_dir(root())
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let crates = metadata["packages"].as_array().unwrap().iter().map(|package| {
        let manifest = Path::new(package["manifest_path"].as_str().unwrap());
        let folder = manifest.parent().unwrap().strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
        let dependencies = package["dependencies"].as_array().unwrap().iter();
        let normal = dependencies.filter(|dependency| dependency["kind"].is_null());
        (folder, normal.map(|dependency| dependency["name"].as_str().unwrap().to_owned()).collect())
    });
    crates.collect()
}

#[test]
fn the_tool_and_the_cloud_meet_only_in_the_binary() {
    for (folder, dependencies) in crates() {
        let crosses = |prefix: &str| dependencies.iter().any(|name| name.starts_with(prefix));
        if folder.starts_with("tool/") && folder != "tool/cli" {
            assert!(!crosses("slam-cloud-"), "{folder} depends on the cloud");
        }
        if folder.starts_with("cloud/") {
            let tool: Vec<_> =
                ["slam-report", "slam-project", "slam-bundle", "slam-template", "slam-stack", "slam-aws"].to_vec();
            assert!(!dependencies.iter().any(|name| tool.contains(&name.as_str())), "{folder} depends on the tool");
        }
    }
}

#[test]
fn services_know_each_other_only_through_the_shapes() {
    let foundation = ["slam-cloud-core", "slam-cloud-wire", "slam-cloud-kit", "slam-cloud-sandbox"];
    for (folder, dependencies) in crates() {
        if folder.starts_with("cloud/") && folder != "cloud/server" {
            let others: Vec<_> = dependencies
                .iter()
                .filter(|name| name.starts_with("slam-cloud-") && !foundation.contains(&name.as_str()))
                .collect();
            assert!(others.is_empty(), "{folder} depends on {others:?}");
        }
    }
}

#[test]
fn the_wire_knows_no_service_and_the_core_knows_no_wire() {
    let crates = crates();
    assert!(!crates["cloud/core"].iter().any(|name| name.starts_with("slam-")));
    assert!(!crates["cloud/sandbox"].iter().any(|name| name.starts_with("slam-")));
    assert_eq!(crates["cloud/wire"].iter().filter(|name| name.starts_with("slam-")).count(), 1);
}

#[test]
fn one_leaf_crate_compiles_the_aws_sdk() {
    for (folder, dependencies) in crates() {
        let sdk = dependencies.iter().any(|name| name.starts_with("aws-"));
        assert_eq!(sdk, folder == "tool/aws", "{folder}");
    }
}

#[test]
fn only_the_sandbox_is_unsafe() {
    let folders = ["cloud", "tool", "xtask/src"].map(|folder| rust_files(&root().join(folder)));
    for path in folders.iter().flatten().filter(|path| !path.starts_with(root().join("cloud/sandbox"))) {
        let text = std::fs::read_to_string(path).unwrap();
        let allowed =
            text.lines().any(|line| line.contains("allow(unsafe_code)") || line.contains("expect(unsafe_code)"));
        assert!(!allowed, "{} allows unsafe code", path.display());
    }
}

/// Crates that still have circles between their modules. One that is rid of them must leave the list.
const CIRCLES: &[&str] =
    &["cloud/apigateway", "cloud/cloudformation", "cloud/iam", "cloud/lambda", "cloud/s3", "cloud/sandbox"];

#[test]
fn no_circles_between_modules_of_a_crate() {
    for folder in crates().into_keys() {
        let circles = Modules::read(&root().join(&folder).join("src")).circles();
        if CIRCLES.contains(&folder.as_str()) {
            assert!(!circles.is_empty(), "{folder} has no circles any more: take it off the list");
        } else {
            let circles: Vec<_> = circles.iter().map(ToString::to_string).collect();
            assert!(circles.is_empty(), "modules of {folder} need each other:\n{}", circles.join("\n"));
        }
    }
}
