//! What lists and locks of dependencies mean, with the real uv and a package index.

mod common;

use common::check_refused;

#[test]
fn nothing_is_built_whoever_asks_for_it() {
    const APP: (&str, &str) = ("app.py", "");
    const LIST: (&str, &str) = ("requirements.txt", "docopt==0.6.2\n");
    let setting = "[tool.uv]\nno-binary-package = [\"docopt\"]\n";
    let built = "`docopt` was built from source";
    // Twice, as it is in uv's cache then.
    for _ in 0..2 {
        check_refused(&[APP, ("requirements.txt", "--no-binary docopt\ndocopt==0.6.2\n")], |_| {}, built);
        check_refused(&[APP, ("pyproject.toml", setting), LIST], |_| {}, "no-binary-package");
    }
    for option in ["--only-binary :none:", "--no-binary :all:"] {
        let list = format!("{option}\ndocopt==0.6.2\n");
        check_refused(&[APP, ("requirements.txt", &list)], |_| {}, "docopt");
    }
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
