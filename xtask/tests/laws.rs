//! The laws of ARCHITECTURE.md that a test can check: who may depend on whom, and where `unsafe` may stand.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
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
            let tool: Vec<_> = ["slam-project", "slam-bundle", "slam-template", "slam-stack", "slam-aws"].to_vec();
            assert!(!dependencies.iter().any(|name| tool.contains(&name.as_str())), "{folder} depends on the tool");
        }
    }
}

#[test]
fn services_know_each_other_only_through_the_shapes() {
    let foundation = ["slam-cloud-core", "slam-cloud-wire", "slam-cloud-sandbox"];
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
    let mut waiting = vec![root().join("cloud"), root().join("tool"), root().join("xtask/src")];
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && !path.starts_with(root().join("cloud/sandbox"))
        {
            let text = std::fs::read_to_string(&path).unwrap();
            let allowed =
                text.lines().any(|line| line.contains("allow(unsafe_code)") || line.contains("expect(unsafe_code)"));
            assert!(!allowed, "{} allows unsafe code", path.display());
        }
    }
}
