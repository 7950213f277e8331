//! What lists and locks of dependencies mean, with the real uv and a package index.

mod common;

use common::{Project, check_refused, content, home, names};
use slam_bundle::build;

#[test]
fn who_asks_for_a_build_gets_one_where_it_is_pure() {
    const APP: (&str, &str) = ("app.py", "def main(): pass\n");
    let setting = ("pyproject.toml", "[tool.uv]\nno-binary-package = [\"docopt\"]\n");
    for files in [
        &[APP, ("requirements.txt", "docopt==0.6.2\n")][..],
        &[APP, ("requirements.txt", "--no-binary docopt\ndocopt==0.6.2\n")],
        &[APP, setting, ("requirements.txt", "docopt==0.6.2\n")],
    ] {
        let package = Project::new(files).build().expect("built");
        assert_eq!(package.dependencies.len(), 1, "{files:?}");
        assert!(package.dependencies[0].from_source, "{files:?}");
    }
    let compiled = "--no-binary psycopg2\npsycopg2==2.9.10\n";
    check_refused(&[APP, ("requirements.txt", compiled)], |_| {}, "take `psycopg2-binary`");
    // Of all that are needed uv would then build every one or none.
    let all = "--no-binary :all:\ndocopt==0.6.2\n";
    check_refused(&[APP, ("requirements.txt", all)], |_| {}, "and uv did not build its source");
}

#[test]
fn a_lock_for_other_pythons_is_refused() {
    const APP: (&str, &str) = ("app.py", "");
    let older = |request: &mut slam_bundle::BundleRequest| request.runtime = "python3.9".to_owned();
    let expected =
        |file: &str, pythons: &str| format!("{file} is locked for Python {pythons}, and the runtime's is 3.9");
    let project = "[project]\nname = \"p\"\nversion = \"1\"\nrequires-python = \">=3.12\"\n";
    for (file, lock, pythons) in [
        ("uv.lock", "version = 1\nrequires-python = \">=3.12\"\n", ">=3.12"),
        ("pylock.toml", "lock-version = \"1.0\"\ncreated-by = \"x\"\nrequires-python = \">=3.12\"\n", ">=3.12"),
        ("poetry.lock", "package = []\n[metadata]\npython-versions = \"^3.12\"\n", "^3.12"),
        ("Pipfile.lock", r#"{"_meta": {"requires": {"python_version": "3.12"}}, "default": {}}"#, "3.12"),
    ] {
        check_refused(&[APP, ("pyproject.toml", project), (file, lock)], older, &expected(file, pythons));
    }
}

/// Locks and exports with uv, wherever this machine has a Python for it.
fn uv(project: &Project, arguments: &[&str]) {
    let uv = slam_bundle::find_or_install_uv(home(), &()).expect("a uv");
    let mut command = std::process::Command::new(uv.path);
    command.args(arguments).args(["--quiet", "--no-python-downloads"]).current_dir(project.directory.path());
    assert!(command.status().expect("started").success());
}

#[test]
fn a_pylock_is_for_the_runtime_whatever_python_is_here() {
    let project = Project::new(&[("app.py", "")]);
    project.write("requirements.in", "markupsafe==3.0.2\ncolorama==0.4.6 ; python_version == '3.9'\n");
    uv(&project, &["pip", "compile", "--universal", "--python-version", "3.9", "requirements.in", "-o", "pylock.toml"]);
    let lock = std::fs::read_to_string(project.path("pylock.toml")).expect("read");
    for (runtime, wheel, count) in [("python3.9", "cpython-39", 2), ("python3.13", "cpython-313", 1)] {
        let python = runtime.trim_start_matches("python");
        let own = format!("requires-python = \"=={python}.*\"\n");
        // No Python fits both.
        let lock: String = lock.lines().filter(|line| !line.starts_with("requires-python")).fold(own, |text, line| {
            if line.starts_with("name = \"markupsafe\"") {
                format!("{text}{line}\nrequires-python = \"=={python}.*\"\n")
            } else {
                format!("{text}{line}\n")
            }
        });
        project.write("pylock.toml", &lock);
        let mut request = project.request();
        request.runtime = runtime.to_owned();
        let package = build(&request, &()).expect("built");
        assert!(names(&package).iter().any(|name| name.contains(wheel)), "{runtime}");
        assert_eq!(package.dependencies.len(), count, "{runtime}");
    }
}

/// A wheel that holds one empty module, made without building anything.
fn wheel(project: &Project, folder: &str, name: &str, requires: &str) -> String {
    let info = format!("{name}-1.dist-info");
    let file = format!("{folder}/{name}-1-py3-none-any.whl");
    let path = project.path(&file);
    std::fs::create_dir_all(path.parent().expect("a parent")).expect("created");
    let mut zip = zip::ZipWriter::new(std::fs::File::create(path).expect("created"));
    let options = zip::write::SimpleFileOptions::default();
    for (file, text) in [
        (format!("{name}.py"), String::new()),
        (format!("{info}/METADATA"), format!("Metadata-Version: 2.1\nName: {name}\nVersion: 1\n{requires}")),
        (format!("{info}/WHEEL"), "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n".to_owned()),
        (format!("{info}/RECORD"), format!("{name}.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")),
    ] {
        zip.start_file(file, options).expect("started");
        std::io::Write::write_all(&mut zip, text.as_bytes()).expect("written");
    }
    zip.finish().expect("finished");
    file
}

#[test]
fn uv_lock_says_which_index_a_package_is_from() {
    let lib = "[project]\nname = \"lib\"\nversion = \"1\"\nrequires-python = \">=3.9\"\ndependencies = [\"slam-private\"]\n\
               [tool.uv.sources]\nslam-private = {index = \"private\"}\n\
               [build-system]\nrequires = [\"hatchling\"]\nbuild-backend = \"hatchling.build\"\n";
    let root = "[project]\nname = \"p\"\nversion = \"1\"\nrequires-python = \">=3.9\"\n\
                dependencies = [\"lib\", \"markupsafe==3.0.2\"]\n[dependency-groups]\ntest = [\"colorama==0.4.6\"]\n\
                [tool.uv]\ndefault-groups = [\"test\"]\n[tool.uv.workspace]\nmembers = [\"lib\"]\n\
                [tool.uv.sources]\nlib = {workspace = true}\n\
                [[tool.uv.index]]\nname = \"private\"\nurl = \"private wheels\"\nformat = \"flat\"\nexplicit = true\n";
    let project = Project::new(&[("app.py", ""), ("pyproject.toml", root), ("lib/pyproject.toml", lib)]);
    project.write("lib/src/lib/__init__.py", "");
    wheel(&project, "private wheels", "slam_private", "");
    uv(&project, &["lock"]);
    let package = project.build().expect("built");
    let found: Vec<&str> = package.dependencies.iter().map(|dependency| dependency.name.as_str()).collect();
    assert_eq!(found, ["lib", "MarkupSafe", "slam_private"]);
    assert!(names(&package).contains(&"slam_private.py".to_owned()));
}

#[test]
fn groups_for_developers_stay_behind() {
    let project = "[project]\nname = \"p\"\nversion = \"1\"\nrequires-python = \">=3.9\"\ndependencies = [\"markupsafe==3.0.2\"]\n\
                   [dependency-groups]\ndev = [\"colorama==0.4.6\"]\ntest = [\"colorama==0.4.6\"]\n\
                   [tool.uv]\ndefault-groups = [\"dev\", \"test\"]\n";
    let project = Project::new(&[("app.py", ""), ("pyproject.toml", project)]);
    uv(&project, &["lock"]);
    assert_eq!(project.build().expect("built").dependencies.len(), 1);
}

#[test]
fn a_second_index_does_not_hide_the_versions_of_the_first() {
    let project = Project::new(&[("app.py", "")]);
    // The index has a version of a package that is locked to the public one.
    for name in ["slam_private", "markupsafe"] {
        let folder = format!("simple/{}", name.replace('_', "-"));
        wheel(&project, &folder, name, "");
        project.write(&format!("{folder}/index.html"), &format!("<a href=\"{name}-1-py3-none-any.whl\">{name}</a>"));
    }
    let index = format!("file://{}", project.path("simple").display());
    let poetry = "[[package]]\nname = \"markupsafe\"\nversion = \"3.0.2\"\ngroups = [\"main\"]\nfiles = []\n\
                  [[package]]\nname = \"slam-private\"\nversion = \"1\"\ngroups = [\"main\"]\nfiles = []\n";
    let pyproject = format!(
        "[tool.poetry.dependencies]\nslam-private = \"*\"\nmarkupsafe = \"*\"\n\
         [[tool.poetry.source]]\nname = \"mine\"\nurl = \"{index}\"\n"
    );
    let pipfile = format!(
        r#"{{"_meta": {{"sources": [{{"name": "mine", "url": "{index}"}}, {{"name": "pypi", "url": "https://any"}}]}},
            "default": {{"markupsafe": {{"version": "==3.0.2"}}, "slam-private": {{"version": "==1"}}}}}}"#
    );
    project.write("pyproject.toml", &pyproject);
    for (file, lock) in [("poetry.lock", poetry), ("Pipfile.lock", &pipfile)] {
        project.write(file, lock);
        let mut request = project.request();
        request.requirements = Some(file.into());
        assert_eq!(build(&request, &()).expect(file).dependencies.len(), 2);
    }
}

#[test]
fn dependencies_that_only_a_build_would_tell_are_refused() {
    for key in ["dependencies", "optional-dependencies"] {
        let project = format!("[project]\nname = \"p\"\nversion = \"1\"\ndynamic = [\"{key}\"]\n");
        let expected = format!("slam does not read `{key}` that are `dynamic` in pyproject.toml");
        check_refused(&[("app.py", ""), ("pyproject.toml", &project)], |_| {}, &expected);
    }
}

#[test]
fn a_record_tells_what_is_shipped_of_a_dependency() {
    let project = Project::new(&[("app.py", ""), ("requirements.txt", "markupsafe==3.0.2\n")]);
    for slim in [true, false] {
        let mut request = project.request();
        request.slim = slim;
        let shipped = content(&build(&request, &()).expect("built"));
        let (name, record) = shipped.iter().find(|(name, _)| name.ends_with("/RECORD")).expect("a RECORD");
        let mut listed: Vec<&str> = record.lines().map(|line| line.trim_end_matches(",,")).collect();
        listed.sort_unstable();
        let of_dependency = |name: &&str| name.to_lowercase().starts_with("markupsafe");
        let expected: Vec<&str> = shipped.iter().map(|(name, _)| name.as_str()).filter(of_dependency).collect();
        assert_eq!(listed, expected);
        let explained = slam_bundle::explain(&request, Some(name), &()).expect("explained").join("\n");
        assert!(!explained.contains("left out"), "{explained}");
    }
}
