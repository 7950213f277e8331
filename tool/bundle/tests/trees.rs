//! Any tree of files gives the same package wherever it lies, however it came about; and a hostile one is refused.
#![cfg(unix)]

use proptest::prelude::*;
use slam_bundle::{BundleError, BundleRequest, Kind, build};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::time::{Duration, SystemTime};

#[derive(Clone, Debug)]
struct Node {
    content: Vec<u8>,
    /// How often the content is repeated: a few make a large file.
    repeated: usize,
    mode: u32,
    /// A link beside it leads to it.
    linked: bool,
    age: u64,
}

fn nodes() -> impl Strategy<Value = Vec<(String, Node)>> {
    let node = (
        prop::collection::vec(any::<u8>(), 0..300),
        prop_oneof![9 => Just(1_usize), 1 => Just(20_000)],
        prop_oneof![Just(0o644), Just(0o600), Just(0o755), Just(0o444)],
        any::<bool>(),
        0..10_000_000_u64,
    )
        .prop_map(|(content, repeated, mode, linked, age)| Node { content, repeated, mode, linked, age });
    // Names with every kind of letter; `d` before a directory, so that none is a file elsewhere.
    let names = "(d[a-zéß界 ]{1,5}/){0,3}f[A-Za-zÀ-ž界 +~()-]{0,12}\\.(py|txt|bin)";
    prop::collection::btree_map(names, node, 0..12).prop_map(|files| files.into_iter().collect())
}

fn plant(root: &Path, nodes: &[(String, Node)]) {
    fs::write(root.join("app.py"), "def main(): pass\n").expect("written");
    for (name, node) in nodes {
        let path = root.join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("created");
        fs::write(&path, node.content.repeat(node.repeated)).expect("written");
        let written = SystemTime::now() - Duration::from_secs(node.age);
        fs::File::options().append(true).open(&path).and_then(|file| file.set_modified(written)).expect("set");
        fs::set_permissions(&path, fs::Permissions::from_mode(node.mode)).expect("set");
        if node.linked {
            // Two files may differ by their extensions only.
            symlink(path.file_name().expect("a name"), root.join(format!("{name}.link"))).expect("linked");
        }
    }
}

fn hash(root: &Path) -> (String, u64, usize) {
    let cache = tempfile::tempdir().expect("a temporary directory");
    let mut request = BundleRequest::new(root, "app:main", Kind::Function, cache.path());
    request.uv = Some("/nowhere/uv".into());
    let package = build(&request, &()).expect("built");
    (package.sha256, package.unzipped_size, package.file_count)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn the_same_tree_is_the_same_package(nodes in nodes()) {
        let (one, other) = (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"));
        let elsewhere = other.path().join("an other place/äöü");
        fs::create_dir_all(&elsewhere).expect("created");
        plant(one.path(), &nodes);
        // In the other order, and on another day.
        let mut turned: Vec<_> = nodes.clone();
        turned.reverse();
        for (_, node) in &mut turned {
            node.age += 86_400;
        }
        plant(&elsewhere, &turned);
        prop_assert_eq!(hash(one.path()), hash(&elsewhere));
    }
}

fn check_refused(plant: impl Fn(&Path), expected: &str) {
    let root = tempfile::tempdir().expect("a temporary directory");
    fs::write(root.path().join("app.py"), "").expect("written");
    plant(root.path());
    let request = BundleRequest::new(root.path(), "app:main", Kind::Function, root.path().join(".slam"));
    let error = build(&request, &()).expect_err(expected);
    assert!(error.to_string().contains(expected), "{error}");
    assert!(error.hint().is_some(), "{error}");
}

#[test]
fn hostile_trees_are_refused() {
    check_refused(|root| symlink("/etc/passwd", root.join("a")).expect("linked"), "leads out of the project");
    check_refused(|root| symlink("../..", root.join("a")).expect("linked"), "leads out of the project");
    check_refused(|root| symlink("/dev/zero", root.join("a")).expect("linked"), "leads out of the project");
    check_refused(|root| symlink(".", root.join("a")).expect("linked"), "a directory above itself");
    check_refused(
        |root| {
            std::process::Command::new("mkfifo").arg(root.join("a")).status().expect("made");
        },
        "a is a named pipe",
    );
    check_refused(|root| fs::write(root.join("a\\..\\b"), "").expect("written"), "a backslash");
    check_refused(|root| fs::write(root.join("a\nb"), "").expect("written"), "a control character");
    let name = std::ffi::OsStr::from_bytes(b"a\xff");
    check_refused(|root| fs::write(root.join(name), "").expect("written"), "it is not UTF-8");
}

#[test]
fn a_directory_of_another_user_is_an_error_that_names_it() {
    let root = tempfile::tempdir().expect("a temporary directory");
    fs::write(root.path().join("app.py"), "").expect("written");
    let closed = root.path().join("closed");
    fs::create_dir(&closed).expect("created");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).expect("set");
    let request = BundleRequest::new(root.path(), "app:main", Kind::Function, root.path().join(".slam"));
    let built = build(&request, &());
    let root_user = fs::read_dir(&closed).is_ok();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o755)).expect("set");
    match built {
        // Nothing is closed to root.
        Ok(_) => assert!(root_user),
        Err(error) => assert!(matches!(&error, BundleError::Io { path, .. } if path.ends_with("closed")), "{error}"),
    }
}
