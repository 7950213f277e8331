//! Packages that are shipped as they are.

mod common;

use common::{Project, names};
use slam_bundle::{Architecture, Prebuilt, package_prebuilt};

fn prebuilt(project: &Project, path: &str, runtime: &str, handler: &str) -> Prebuilt {
    Prebuilt {
        root: project.path(""),
        path: project.path(path),
        handler: handler.to_owned(),
        runtime: runtime.to_owned(),
        architecture: Architecture::X86_64,
        has_layers: false,
        exclude: Vec::new(),
        budget: None,
        before: None,
        cache: project.cache.path().to_owned(),
    }
}

#[test]
fn a_folder_is_shipped_as_it_is() {
    let project = Project::new(&[
        ("js/index.mjs", "x"),
        ("js/node_modules/a/index.js", "y"),
        ("js/.env", "z"),
        ("js/.git/config", ""),
    ]);
    let request = prebuilt(&project, "js", "nodejs22.x", "index.handler");
    let package = package_prebuilt(&request, &()).expect("packed");
    assert_eq!(names(&package), [".env", "index.mjs", "node_modules/a/index.js"]);
    let again = package_prebuilt(&request, &()).expect("packed");
    assert!(again.unchanged && again.sha256 == package.sha256);
    // A zip of it is its own package.
    let zip = Prebuilt { path: package.path.clone(), ..request };
    assert_eq!(package_prebuilt(&zip, &()).expect("checked").sha256_base64, package.sha256_base64);
}

#[test]
fn what_lambda_could_not_run_is_not_shipped() {
    let check = |path: &str, runtime: &str, handler: &str, expected: &str| {
        let project = Project::new(&[("js/index.js", ""), ("rust/bootstrap", ""), ("a.zip", "no zip")]);
        let error = package_prebuilt(&prebuilt(&project, path, runtime, handler), &()).expect_err("refused");
        let text = format!("{error} | {}", error.hint().unwrap_or_default());
        assert!(text.contains(expected), "{text}");
    };
    check("js", "nodejs22.x", "main.handler", "there is no main.js, no main.mjs, no main.cjs");
    check("js", "python3.13", "index.handler", "there is no index.py");
    check("js", "provided.al2023", "bootstrap", "there is no bootstrap");
    check("rust", "provided.al2023", "bootstrap", "chmod +x bootstrap");
    check("a.zip", "java21", "A::b", "is broken");
    check("nothing", "java21", "A::b", "build it first");
}
