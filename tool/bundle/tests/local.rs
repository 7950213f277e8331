//! Packages beside the project, wheels named by their path and the files that name them, with the real uv.

mod common;

use common::{Project, check_refused, content, names};
use slam_bundle::{BundleError, Package, build};
use std::fs;
use std::path::Path;

const SETUPTOOLS: &str = "[build-system]\nrequires = [\"setuptools\"]\nbuild-backend = \"setuptools.build_meta\"\n";

/// A package `name` of one module of that name.
fn library(project: &Project, folder: &str, name: &str, more: &str) {
    let text = format!(
        "[project]\nname = \"{name}\"\nversion = \"7.7\"\n{more}\n\
         [tool.setuptools]\npy-modules = [\"{name}\"]\n{SETUPTOOLS}"
    );
    project.write(&format!("{folder}/pyproject.toml"), &text);
    project.write(&format!("{folder}/{name}.py"), "def main(): return 1\n");
}

/// A project in `api`, so that others can be beside it.
fn check_built(project: &Project, requirements: &str) -> Package {
    project.write("api/requirements.txt", requirements);
    project.write("api/app.py", "def main(): pass\n");
    let mut request = project.request();
    request.project = project.path("api");
    build(&request, &()).unwrap_or_else(|error| panic!("{requirements}: {error}"))
}

fn version(package: &Package, name: &str) -> Option<String> {
    package.dependencies.iter().find(|it| it.name.eq_ignore_ascii_case(name)).map(|it| it.version.clone())
}

fn wheel(project: &Project, folder: &str) {
    let uv = slam_bundle::find_or_install_uv(common::home(), &()).expect("a uv");
    let mut command = std::process::Command::new(uv.path);
    command.args(["build", "--wheel", "--quiet", "--out-dir"]).arg(project.path("wheels")).arg(project.path(folder));
    assert!(command.status().expect("started").success());
}

#[test]
fn dependencies_of_a_local_package_come_from_its_sources() {
    let project = Project::new(&[]);
    // There is another package of this name in the index.
    library(&project, "libb", "shared", "");
    for (source, root) in [
        ("shared = {path = \"../libb\"}", ""),
        ("shared = {workspace = true}", "[tool.uv.workspace]\nmembers = [\"lib*\"]\n"),
    ] {
        project.write("pyproject.toml", root);
        library(&project, "liba", "liba", &format!("dependencies = [\"shared\"]\n[tool.uv.sources]\n{source}\n"));
        for requirements in ["-e ../liba\n", "../liba\n-e ../libb\n"] {
            let package = check_built(&project, requirements);
            assert_eq!(version(&package, "shared").as_deref(), Some("7.7"), "{source}");
            assert!(names(&package).contains(&"shared.py".to_owned()));
        }
    }
    library(
        &project,
        "liba",
        "liba",
        "[project.optional-dependencies]\nx = [\"shared\"]\n[tool.uv.sources]\nshared.path = \"../libb\"\n",
    );
    assert_eq!(version(&check_built(&project, "-e ../liba\n"), "shared"), None, "nothing asks for it");
    assert_eq!(version(&check_built(&project, "-e ../liba[x]\n"), "shared").as_deref(), Some("7.7"));
}

fn listed(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .expect("read")
        .map(|entry| entry.expect("read").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn a_build_leaves_nothing_in_the_users_folder() {
    let project = Project::new(&[]);
    library(&project, "lib", "lib", "");
    // What an earlier build left there is not taken either.
    let automatic =
        format!("[project]\nname = \"lib\"\nversion = \"1\"\n{SETUPTOOLS}[tool.setuptools]\npackages = [\"lib\"]\n");
    project.write("auto/pyproject.toml", &automatic);
    project.write("auto/lib/__init__.py", "");
    project.write("auto/build/lib/lib/gone.py", "");
    let package = check_built(&project, "-e ../lib\n");
    assert!(names(&package).contains(&"lib.py".to_owned()));
    assert_eq!(listed(&project.path("lib")), ["lib.py", "pyproject.toml"]);
    let package = check_built(&project, "-e ../auto\n");
    assert!(!names(&package).contains(&"lib/gone.py".to_owned()));
    assert_eq!(listed(&project.path("auto")), ["build", "lib", "pyproject.toml"]);
    // A build that needs what is around is in its place, and leaves nothing there all the same.
    project.write("NOTES.md", "");
    project.write("lib/setup.py", "from setuptools import setup\nopen('../NOTES.md').close()\nsetup()\n");
    let package = check_built(&project, "-e ../lib\n");
    assert!(names(&package).contains(&"lib.py".to_owned()));
    assert_eq!(listed(&project.path("lib")), ["lib.py", "pyproject.toml", "setup.py"]);
}

#[test]
fn a_list_that_the_build_reads_is_there() {
    let project = Project::new(&[]);
    let dynamic =
        "dynamic = [\"dependencies\"]\n[tool.setuptools.dynamic]\ndependencies = {file = [\"requirements.txt\"]}\n";
    library(&project, "lib", "lib", dynamic);
    project.write("lib/requirements.txt", "markupsafe==3.0.2\n");
    assert_eq!(version(&check_built(&project, "../lib\n"), "markupsafe").as_deref(), Some("3.0.2"));
}

#[test]
fn what_is_named_by_its_path_is_found_as_uv_finds_it() {
    let project = Project::new(&[]);
    library(&project, "lib b", "lib", "");
    wheel(&project, "lib b");
    fs::create_dir_all(project.path("api/more")).expect("created");
    fs::rename(project.path("wheels"), project.path("api/more/wheels")).expect("moved");
    project.write("api/more/list.txt", "--find-links wheels\n-c limits.txt\n");
    project.write("api/more/limits.txt", "\u{feff}lib==7.7\n");
    let root = project.directory.path().display().to_string();
    for requirements in [
        "\u{feff}-r more/list.txt\n--no-index\nlib\n".to_owned(),
        "-f ./more/wheels\n--no-index\nlib\n".to_owned(),
        format!("lib@file://{root}/lib%20b\n"),
        format!("-e file://{root}/lib%20b#egg=lib\n"),
        "lib @ file://${PROJECT_ROOT}/../lib%20b\n".to_owned(),
        "./more/wheels/lib-7.7-py3-none-any.whl # comment\n".to_owned(),
    ] {
        let package = check_built(&project, &requirements);
        assert_eq!(version(&package, "lib").as_deref(), Some("7.7"), "{requirements}");
        let direct = content(&package).into_iter().any(|(name, text)| name.ends_with(".pth") || text.contains(&root));
        assert!(!direct, "{requirements}");
    }
}

#[test]
fn paths_of_packages_start_in_the_project() {
    let project = Project::new(&[
        ("app.py", ""),
        ("requirements/prod.txt", "-r base.txt\n"),
        ("requirements/base.txt", "-e ./libs/foo\n"),
    ]);
    library(&project, "libs/foo", "foo", "");
    let mut request = project.request();
    request.requirements = Some("requirements/prod.txt".into());
    assert_eq!(version(&build(&request, &()).expect("built"), "foo").as_deref(), Some("7.7"));
}

#[test]
fn a_package_may_need_a_later_python_than_the_first_on_this_machine() {
    let project = Project::new(&[]);
    library(&project, "lib", "lib", "requires-python = \">=3.13\"\n");
    project.write("app.py", "");
    project.write("requirements.txt", "-e ./lib\n");
    match project.build() {
        Ok(package) => assert_eq!(version(&package, "lib").as_deref(), Some("7.7")),
        // Honest on a machine that has no such Python.
        Err(error) => assert!(matches!(error, BundleError::NoBuildInterpreter { .. }), "{error}"),
    }
    check_refused(
        &[
            ("app.py", ""),
            ("requirements.txt", "./lib"),
            ("lib/pyproject.toml", "[project]\nname = \"x\"\nversion = \"1\"\nrequires-python = \">=3.40\"\n"),
        ],
        |request| request.runtime = "python3.40".to_owned(),
        "uv python install 3.40",
    );
}

#[test]
fn what_cannot_be_read_is_told_of_the_users_file() {
    for (text, expected) in [
        ("markupsafe=1\n", "in `requirements.txt`\n"),
        ("markupsafe\n--bogus 1\n", "requirements.txt, `--bogus 1`"),
        ("f\0l\0", "Out-File -Encoding utf8 requirements.txt"),
    ] {
        check_refused(&[("app.py", ""), ("requirements.txt", text)], |_| {}, expected);
    }
    check_refused(&[("app.py", ""), ("pyproject.toml", "[project\n")], |_| {}, "correct pyproject.toml");
}
