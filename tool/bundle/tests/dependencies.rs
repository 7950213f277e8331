//! Whole builds with dependencies, with the real uv and a package index.

mod common;

use common::{FILES, Project, check_refused, content, home, names};
use slam_bundle::{Architecture, BundleError, BundleRequest, Package, build};
use std::fs;

const WITH_NATIVE: &[(&str, &str)] = &[("app.py", "def main(): pass\n"), ("requirements.txt", "markupsafe==3.0.2\r\n")];

#[test]
fn wheels_are_those_of_the_target() {
    let project = Project::new(WITH_NATIVE);
    for (runtime, architecture, expected) in [
        ("python3.13", Architecture::Arm64, "cpython-313-aarch64"),
        ("python3.11", Architecture::X86_64, "cpython-311-x86_64"),
    ] {
        let mut request = project.request();
        request.runtime = runtime.to_owned();
        request.architecture = architecture;
        let package = build(&request, &()).expect("built");
        let names = names(&package);
        assert!(names.iter().any(|name| name.contains(expected)), "{names:?}");
        assert!(names.iter().any(|name| name.ends_with("-3.0.2.dist-info/METADATA")), "{names:?}");
        assert!(!names.iter().any(|name| name.ends_with("INSTALLER") || name == ".lock"), "{names:?}");
        assert_eq!(package.dependencies.len(), 1);
        assert_eq!(package.dependencies[0].version, "3.0.2");
        assert!(package.dependencies[0].name.eq_ignore_ascii_case("markupsafe"));
        assert!(package.dependencies[0].bytes > 1000);
    }
}

#[test]
fn a_change_of_code_installs_nothing_and_the_bytes_do_not_tell() {
    let project = Project::new(WITH_NATIVE);
    let first = project.build().expect("built");
    assert!(!first.dependencies_cached);
    project.write("app.py", "def main(): return 1\n");
    let second = project.build().expect("built");
    assert!(second.dependencies_cached && second.sha256 != first.sha256);
    project.write("app.py", "def main(): pass\n");
    let mut request = project.request();
    request.rebuild_dependencies = true;
    let third = build(&request, &()).expect("built");
    assert!(!third.dependencies_cached);
    assert_eq!(third.sha256, first.sha256);
}

#[test]
fn dependencies_may_have_a_layer_of_their_own() {
    let project = Project::new(WITH_NATIVE);
    let mut request = project.request();
    request.layer = true;
    let package = build(&request, &()).expect("built");
    assert!(!names(&package).iter().any(|name| name.starts_with("markupsafe/")));
    let layer = package.layer.clone().expect("a layer");
    let as_package = Package { path: layer.path, ..package.clone() };
    let in_layer = names(&as_package);
    assert!(in_layer.contains(&"python/markupsafe/__init__.py".to_owned()), "{in_layer:?}");
    assert!(in_layer.iter().all(|name| name.starts_with("python/")));
    // Code that changes leaves the layer as it is.
    project.write("app.py", "def main(): return 1\n");
    let changed = build(&request, &()).expect("built");
    assert_ne!(changed.sha256, package.sha256);
    assert_eq!(changed.layer.map(|layer| layer.sha256), Some(layer.sha256));
    request.budget = Some(package.size);
    assert!(matches!(build(&request, &()), Err(BundleError::OverBudget { .. })), "both are measured");
    project.write("requirements.txt", "");
    assert!(matches!(build(&request, &()), Err(BundleError::NothingForLayer)));
}

#[test]
fn builds_at_the_same_time_share_a_cache() {
    let project = Project::new(WITH_NATIVE);
    let hashes: Vec<String> = std::thread::scope(|scope| {
        let builds: Vec<_> = (0..4).map(|_| scope.spawn(|| project.build().expect("built").sha256)).collect();
        builds.into_iter().map(|build| build.join().expect("no panic")).collect()
    });
    assert!(hashes.iter().all(|hash| *hash == hashes[0]));
}

#[test]
fn the_application_may_be_in_a_dependency() {
    let project = Project::new(&[("requirements.txt", "markupsafe==3.0.2\n")]);
    let mut request = project.request();
    request.handlers[0].app = "markupsafe:escape".to_owned();
    assert!(build(&request, &()).is_ok());
}

#[test]
fn a_project_of_uv_is_installed_from_its_lock() {
    let project = Project::new(&[
        ("app.py", ""),
        (
            "pyproject.toml",
            "[project]\nname = \"p\"\nversion = \"1\"\nrequires-python = \">=3.11\"\ndependencies = [\"markupsafe==3.0.2\"]\n",
        ),
    ]);
    let uv = slam_bundle::find_or_install_uv(home(), &()).expect("a uv");
    let locked =
        std::process::Command::new(uv.path).args(["lock", "--quiet"]).current_dir(project.directory.path()).status();
    assert!(locked.expect("started").success());
    let package = project.build().expect("built");
    assert_eq!(package.dependencies.len(), 1);
    assert!(!names(&package).iter().any(|name| name.starts_with("p-1")));
}

#[test]
fn a_dependency_without_wheel_is_named() {
    check_refused(
        &[("app.py", ""), ("requirements.txt", "psycopg2==2.9.10\n")],
        |_| {},
        "`psycopg2` 2.9.10 has no wheel for Python 3.13 on x86_64-manylinux_2_34 (needed by requirements.txt), and its source",
    );
}

#[test]
fn a_dependency_that_does_not_exist_is_named() {
    check_refused(
        &[("app.py", ""), ("requirements.txt", "slam-no-such-package-anywhere\n")],
        |_| {},
        "there is no package `slam-no-such-package-anywhere`",
    );
}

// What is left out, added and asked for.

#[test]
fn dependencies_are_slim_unless_asked_otherwise() {
    let project = Project::new(WITH_NATIVE);
    let slim = project.build().expect("built");
    let mut request = project.request();
    request.slim = false;
    let whole = build(&request, &()).expect("built");
    assert!(slim.size < whole.size);
    for (name, stays) in
        [("markupsafe/_native.py", true), ("markupsafe/_speedups.pyi", false), ("markupsafe/_speedups.c", false)]
    {
        assert!(names(&whole).contains(&name.to_owned()), "{name}");
        assert_eq!(names(&slim).contains(&name.to_owned()), stays, "{name}");
    }
    let mut request = project.request();
    request.include = vec!["markupsafe/_speedups.pyi".to_owned()];
    request.exclude_dependencies = vec!["markupsafe/_native.py".to_owned()];
    let chosen = names(&build(&request, &()).expect("built"));
    assert!(chosen.contains(&"markupsafe/_speedups.pyi".to_owned()));
    assert!(!chosen.contains(&"markupsafe/_native.py".to_owned()));
}

#[test]
fn patterns_for_the_project_leave_dependencies_alone() {
    let project = Project::new(WITH_NATIVE);
    let mut request = project.request();
    request.exclude = vec!["_native.py".to_owned()];
    assert!(names(&build(&request, &()).expect("built")).contains(&"markupsafe/_native.py".to_owned()));
}

#[test]
fn a_budget_fails_the_build_changed_or_not() {
    let project = Project::new(FILES);
    project.build().expect("built");
    let mut request = project.request();
    request.budget = Some(1000);
    for _ in 0..2 {
        assert!(matches!(build(&request, &()), Err(BundleError::OverBudget { budget: 1000, .. })));
    }
}

#[test]
fn the_command_before_makes_files() {
    let project = Project::new(&[("app.py", "")]);
    let mut request = project.request();
    request.before = Some("echo made > made.txt; echo said".to_owned());
    assert!(names(&build(&request, &()).expect("built")).contains(&"made.txt".to_owned()));
    check_refused(
        &[("app.py", "")],
        |request| request.before = Some("echo first; echo last >&2; exit 3".to_owned()),
        "which `package.before` names, ended with 3\n  first\n  last",
    );
}

/// uv with a cache of its own and nowhere to download from: the address is refused at once.
fn isolated(project: &Project) -> BundleRequest {
    let uv = slam_bundle::find_or_install_uv(home(), &()).expect("a uv");
    let script = project.cache.path().join("uv");
    let text = format!(
        "#!/bin/sh\nUV_CACHE_DIR={}/uv-cache exec {} \"$@\"\n",
        project.cache.path().display(),
        uv.path.display()
    );
    fs::write(&script, text).expect("written");
    #[cfg(unix)]
    fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("set");
    let mut request = project.request();
    request.uv = Some(script);
    request
}

#[test]
fn offline_takes_what_is_in_the_cache() {
    let project = Project::new(WITH_NATIVE);
    let mut request = isolated(&project);
    request.offline = true;
    assert!(matches!(build(&request, &()), Err(BundleError::NotCached { .. })));
    request.offline = false;
    let online = build(&request, &()).expect("built");
    fs::remove_dir_all(project.cache.path().join("dependencies")).expect("removed");
    request.offline = true;
    request.rebuild_dependencies = true;
    let offline = build(&request, &()).expect("built from uv's cache");
    assert_eq!((offline.sha256, offline.dependencies_cached), (online.sha256, false));
}

const LIB: &[(&str, &str)] = &[
    (
        "lib/pyproject.toml",
        "[project]\nname = \"lib\"\nversion = \"1\"\ndependencies = [\"markupsafe==3.0.2\"]\n\
         [build-system]\nrequires = [\"hatchling\"]\nbuild-backend = \"hatchling.build\"\n\
         [tool.hatch.build.targets.wheel]\npackages = [\"src/space\"]\n",
    ),
    ("lib/src/space/lib/__init__.py", "x = 1\n"),
];

#[test]
fn a_local_package_is_built_into_the_package() {
    for line in ["-e ./lib", "./lib", "-r more.txt"] {
        let project = Project::new(LIB);
        project.write("api/app.py", "");
        project.write("requirements.txt", &format!("{line}\n"));
        project.write("more.txt", "-e ./lib\n");
        let mut request = project.request();
        request.handlers[0].app = "space.lib:x".to_owned();
        request.exclude = vec!["/lib".to_owned()];
        let first = build(&request, &()).expect(line);
        let names = names(&first);
        assert!(names.contains(&"space/lib/__init__.py".to_owned()), "{names:?}");
        assert!(names.contains(&"markupsafe/__init__.py".to_owned()), "{names:?}");
        assert!(!names.iter().any(|name| name.ends_with(".pth")), "{names:?}");
        project.write("lib/src/space/lib/__init__.py", "x = 2\n");
        let second = build(&request, &()).expect("built");
        assert_ne!(first.sha256, second.sha256);
        let text = content(&second).into_iter().find(|(name, _)| name == "space/lib/__init__.py");
        assert_eq!(text.expect("there").1, "x = 2\n");
    }
}

#[test]
fn a_member_of_a_workspace_is_built_from_its_lock() {
    let project = Project::new(LIB);
    let root = "[project]\nname = \"root\"\nversion = \"1\"\nrequires-python = \">=3.9\"\n\
                [tool.uv.workspace]\nmembers = [\"lib\", \"api\"]\n";
    let api = "[project]\nname = \"api\"\nversion = \"1\"\nrequires-python = \">=3.9\"\ndependencies = [\"lib\"]\n\
               [tool.uv.sources]\nlib = {workspace = true}\n";
    project.write("pyproject.toml", root);
    project.write("api/pyproject.toml", api);
    project.write("api/app.py", "");
    let uv = slam_bundle::find_or_install_uv(home(), &()).expect("a uv");
    let locked = std::process::Command::new(uv.path)
        .args(["lock", "--quiet", "--no-python-downloads"])
        .current_dir(project.directory.path())
        .status();
    assert!(locked.expect("started").success());
    let mut request = project.request();
    request.project = project.path("api");
    let names = names(&build(&request, &()).expect("built"));
    assert!(names.contains(&"space/lib/__init__.py".to_owned()), "{names:?}");
    assert!(names.contains(&"markupsafe/__init__.py".to_owned()), "{names:?}");
}

#[test]
fn locks_of_poetry_and_pipenv_install_what_they_name() {
    let other = "sha256:0000000000000000000000000000000000000000000000000000000000000000";
    let poetry = |hash: &str| {
        format!(
            "[[package]]\nname = \"markupsafe\"\nversion = \"3.0.2\"\ngroups = [\"main\"]\nfiles = [{{hash = \"{hash}\"}}]\n\
             [[package]]\nname = \"colorama\"\nversion = \"0.4.6\"\ngroups = [\"main\"]\nfiles = []\n\
             markers = \"sys_platform == 'win32'\"\n[metadata]\nlock-version = \"2.1\"\n"
        )
    };
    let pipfile = |hash: &str| {
        format!(
            r#"{{"default": {{"markupsafe": {{"version": "==3.0.2", "hashes": ["{hash}"], "index": "pypi"}},
                "colorama": {{"version": "==0.4.6", "markers": "sys_platform == 'win32'"}}}}, "develop": {{}}}}"#
        )
    };
    // The hash is that of the wheel for Python 3.13 on x86_64.
    let hash_of_wheel = "sha256:15ab75ef81add55874e7ab7055e9c397312385bd9ced94920f2802310c930396";
    let project = "[tool.poetry.dependencies]\nmarkupsafe = \"*\"\n";
    for (name, right, wrong) in [
        ("poetry.lock", poetry(hash_of_wheel), poetry(other)),
        ("Pipfile.lock", pipfile(hash_of_wheel), pipfile(other)),
    ] {
        let files = [("app.py", ""), ("pyproject.toml", project), (name, right.as_str())];
        let package = Project::new(&files).build().unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(package.dependencies.len(), 1, "{name}");
        let files = [("app.py", ""), ("pyproject.toml", project), (name, wrong.as_str())];
        let error = Project::new(&files).build().expect_err(name).to_string();
        assert!(error.to_lowercase().contains("hash"), "{error}");
    }
}

#[test]
fn what_is_asked_is_explained() {
    let project = Project::new(WITH_NATIVE);
    let mut request = project.request();
    request.exclude = vec!["secret".to_owned()];
    project.write("secret/key.txt", "");
    let explained = |path| slam_bundle::explain(&request, path, &()).expect("explained").join("\n");
    for (path, expected) in [
        (Some("app.py"), "app.py is a file of the project"),
        (Some("./lambda_handler.py"), "slam's own"),
        (Some("markupsafe/_native.py"), "markupsafe 3.0.2: requirements.txt → markupsafe"),
        (Some("markupsafe/_speedups.pyi"), "is left out: type stubs"),
        (Some("secret/key.txt"), "`package.exclude` leaves secret out"),
        (Some("MarkupSafe"), "requirements.txt → markupsafe"),
        (Some("markupsafe"), "files of markupsafe 3.0.2"),
        (Some("nothing"), "neither in the project nor in a dependency"),
        (None, "markupsafe 3.0.2"),
    ] {
        let text = explained(path);
        assert!(text.contains(expected), "{path:?}: {text}");
    }
}

#[test]
fn bytecode_is_the_same_twice_or_refused() {
    let project = Project::new(WITH_NATIVE);
    let mut request = project.request();
    request.bytecode = true;
    let first = match build(&request, &()) {
        Ok(package) => package,
        // Honest on a machine that has no such Python.
        Err(BundleError::NoInterpreter { python, .. }) => return assert_eq!(python, "3.13"),
        Err(other) => panic!("{other}"),
    };
    let pyc = names(&first).into_iter().filter(|name| name.ends_with("_native.cpython-313.pyc")).count();
    assert_eq!(pyc, 1);
    request.rebuild_dependencies = true;
    assert_eq!(build(&request, &()).expect("built").sha256, first.sha256);
}
