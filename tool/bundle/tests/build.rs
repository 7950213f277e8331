//! Whole builds of the project's own files: no package index is asked.

mod common;

use common::{FILES, Project, check_refused, content, names};
use slam_bundle::{BundleError, BundleRequest, Handler, Kind, Package, build};
use std::fs::{self, File};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

#[test]
fn package_has_the_project_and_the_adapter() {
    let project = Project::new(FILES);
    let package = project.build().expect("built");
    let names = names(&package);
    for name in ["app.py", "pages/index.html", "lambda_handler.py", "slam_lambda/functions.py", "slam_lambda/tasks.py"]
    {
        assert!(names.contains(&name.to_owned()), "{name} in {names:?}");
    }
    assert!(!names.contains(&".env".to_owned()));
    assert_eq!(package.file_count, names.len());
    assert!(package.dependencies.is_empty() && package.dependencies_cached && !package.unchanged);
}

#[test]
fn a_package_that_streams_brings_the_runtime_for_it() {
    let project = Project::new(FILES);
    let plain = names(&project.build().expect("built"));
    let streaming = build(&BundleRequest { stream: true, ..project.request() }, &()).expect("built");
    let added: Vec<_> = names(&streaming).into_iter().filter(|name| !plain.contains(name)).collect();
    assert!(added.contains(&"slam_lambda/runtime/loop.py".to_owned()), "{added:?}");
    assert!(added.iter().all(|name| name == "slam_stream" || name.starts_with("slam_lambda/runtime/")), "{added:?}");
    let file = File::open(&streaming.path).expect("open");
    let mut archive = zip::ZipArchive::new(file).expect("an archive");
    assert_eq!(archive.by_name("slam_stream").expect("the script").unix_mode().map(|mode| mode & 0o777), Some(0o755));
}

#[test]
fn the_same_files_give_the_same_bytes_whenever_and_wherever() {
    let (one, other) = (Project::new(FILES), Project::new(FILES));
    let long_ago = SystemTime::now() - Duration::from_secs(1_000_000);
    File::open(other.path("app.py")).and_then(|file| file.set_modified(long_ago)).expect("set");
    let (one, other) = (one.build().expect("built"), other.build().expect("built"));
    assert_eq!(one.sha256, other.sha256);
    assert_eq!(fs::read(one.path).expect("read"), fs::read(other.path).expect("read"));
}

#[test]
fn unchanged_input_is_no_work() {
    let project = Project::new(FILES);
    let first = project.build().expect("built");
    let second = project.build().expect("built");
    assert_eq!(second, Package { unchanged: true, ..first });
}

#[test]
fn a_change_is_seen_although_size_and_time_stay() {
    let project = Project::new(FILES);
    let first = project.build().expect("built");
    let modified = fs::metadata(project.path("app.py")).and_then(|metadata| metadata.modified()).expect("read");
    project.write("app.py", "def main(): fail\n");
    File::open(project.path("app.py")).and_then(|file| file.set_modified(modified)).expect("set");
    let second = project.build().expect("built");
    assert!(!second.unchanged && second.sha256 != first.sha256);
}

#[test]
fn a_package_that_is_gone_is_built_again() {
    let project = Project::new(FILES);
    let first = project.build().expect("built");
    fs::remove_file(&first.path).expect("removed");
    let second = project.build().expect("built");
    assert!(!second.unchanged && second.path.is_file());
}

#[test]
fn an_empty_requirements_file_needs_no_uv() {
    let project = Project::new(&[("app.py", ""), ("requirements.txt", "# none\r\n")]);
    let mut request = project.request();
    request.uv = Some(PathBuf::from("/nowhere/uv"));
    assert!(build(&request, &()).is_ok());
}

#[test]
fn a_module_that_is_not_found_is_told_with_the_one_that_is_meant() {
    let check = |files: &[(&str, &str)], app: &str, packed: &str, expected: &str| {
        let change = |request: &mut BundleRequest| {
            request.handlers[0].app = app.to_owned();
            request.project = request.root.join(packed);
        };
        check_refused(files, change, expected);
    };
    let app = "import flask\napp = flask.Flask(__name__)\n";
    check(&[("main.py", app), ("models.py", "")], "app:app", "", "did you mean `app: main:app`?");
    check(&[("web/api.py", "async def app(scope): pass\n")], "app:app", "", "did you mean `app: web.api:app`?");
    check(&[("web/api.py", app)], "web.app:app", "", "did you mean `app: web.api:app`?");
    check(&[("App.py", app)], "app:app", "", "there is App.py: did you mean `App:app`?");
    check(&[("service.py", "")], "servcie:app", "", "there is service.py: did you mean `service:app`?");
    check(&[("main.py", app)], "main.py:app", "", "there is main.py: did you mean `main:app`?");
    check(&[("src/app.py", app)], "app:app", "", "name it `src.app`, or pack its folder with `package: {path: src}`");
    check(&[("src/shop/app.py", app)], "shop.app:app", "", "name it `src.shop.app`");
    check(&[("app.py", app), ("src/other.py", "")], "app:app", "src", "there is app.py beside slam.yaml");
    check(&[("code/src/app.py", app)], "app:app", "code", "from code (`package.path`) on: name it `src.app`");
    check(&[("code/src/app.py", app)], "app:app", "code", "`package: {path: code/src}`");
    check(&[("shop/__init__.py", "")], "shop.app:app", "", "there is no shop/app.py in the project");
    check(
        &[("one.py", ""), ("two.py", "")],
        "app:app",
        "",
        "from the directory of slam.yaml on, and there is one.py, two.py",
    );
    check(&[("notes.txt", "")], "app:app", "", "there is no module at all");
    check(
        &[("node_modules/app.py", ""), ("x.py", "")],
        "node_modules.app:app",
        "",
        "node_modules is no part of an application",
    );
}

#[test]
fn mistakes_are_told_with_what_to_do() {
    check_refused(
        &[("other.py", "")],
        |_| {},
        "the module `app` is not in the package: there is no app.py, no app/__init__.py in ",
    );
    check_refused(&[("src/app.py", "")], |_| {}, "there is src/app.py");
    check_refused(
        &[("app.py", "")],
        |request| request.exclude = vec!["app.py".to_owned()],
        "app.py is in the project, but left out (`package.exclude` leaves app.py out): `package: {include: [app.py]}` takes it",
    );
    check_refused(
        &[("app.py", "")],
        |request| request.handlers[0].app = "app".to_owned(),
        "write `app: module:callable`",
    );
    check_refused(&[("app.py", "")], |request| request.runtime = "nodejs22.x".to_owned(), "the runtime `nodejs22.x`");
    check_refused(
        &[("app.py", "")],
        |request| request.requirements = Some("needs.txt".into()),
        "needs.txt does not exist",
    );
    check_refused(&[("app.py", ""), ("Pipfile", "")], |_| {}, "run `pipenv lock`");
    check_refused(
        &[("app.py", ""), ("lambda_handler.py", "")],
        |_| {},
        "lambda_handler.py in the project has the name",
    );
    check_refused(
        &[("app.py", "")],
        |request| request.project = "/nowhere".into(),
        "the project directory /nowhere does not exist",
    );
}

#[test]
fn functions_share_a_package_with_a_handler_each() {
    let project = Project::new(&[("app.py", ""), ("mail.py", ""), ("functions/resize/index.js", "")]);
    let mut request = project.request();
    let module =
        |module: &str| Handler { module: module.to_owned(), app: "mail:send".to_owned(), kind: Kind::Function };
    request.handlers.push(module("lambda_handler_mailer"));
    request.others = vec![fs::canonicalize(project.path("functions/resize")).expect("there")];
    let package = build(&request, &()).expect("built");
    let found = content(&package);
    let handler = found.iter().find(|(name, _)| name == "lambda_handler_mailer.py").expect("a second handler");
    assert!(handler.1.contains(r#"\"app\":\"send\""#), "{}", handler.1);
    assert!(found.iter().any(|(name, _)| name == "lambda_handler.py"));
    assert!(!found.iter().any(|(name, _)| name.starts_with("functions/")), "another package");
    let why = slam_bundle::explain(&request, Some("functions/resize/index.js"), &()).expect("explained");
    assert_eq!(why, ["functions/resize/index.js is left out: it is in the package of another function"]);
    project.write("lambda_handler_mailer.py", "");
    assert!(matches!(build(&request, &()), Err(BundleError::Reserved { .. })));
}

#[test]
fn more_than_lambda_allows_is_refused_before_it_is_compressed() {
    let project = Project::new(&[("app.py", "")]);
    File::create(project.path("huge.bin")).and_then(|file| file.set_len(300 << 20)).expect("created");
    let error = project.build().expect_err("refused").to_string();
    assert!(error.starts_with("the package is too large: 300.0 MB") && error.contains("huge.bin"), "{error}");
    // What slam adds counts too.
    File::create(project.path("huge.bin")).and_then(|file| file.set_len((250 << 20) - 1000)).expect("created");
    assert!(project.build().is_err());
}
