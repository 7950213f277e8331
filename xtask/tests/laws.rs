//! The laws of ARCHITECTURE.md that a test can check: who may depend on whom, and where `unsafe` may stand.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod citations;
mod modules;
mod sources;

use modules::Modules;
use proc_macro2::TokenTree;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn metadata(options: &[&str]) -> Value {
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(root()).args(["metadata", "--format-version", "1", "--locked"]).args(options);
    serde_json::from_slice(&command.output().unwrap().stdout).unwrap()
}

/// A crate's folder, relative to the root.
fn folder(package: &Value) -> String {
    let manifest = Path::new(package["manifest_path"].as_str().unwrap());
    manifest.parent().unwrap().strip_prefix(root()).unwrap().to_str().unwrap().to_owned()
}

/// The workspace's crates: folder relative to the root → names of what they depend on (dev-dependencies apart).
fn crates() -> BTreeMap<String, Vec<String>> {
    let metadata = metadata(&["--no-deps"]);
    let crates = metadata["packages"].as_array().unwrap().iter().map(|package| {
        let folder = folder(package);
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
    let foundation = ["core", "wire", "kit", "gateway", "sandbox"].map(|name| format!("slam-cloud-{name}"));
    for (folder, dependencies) in crates() {
        if folder.starts_with("cloud/") && folder != "cloud/server" {
            let others: Vec<_> = dependencies
                .iter()
                .filter(|name| name.starts_with("slam-cloud-") && !foundation.contains(name))
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
    let folders = ["cloud", "tool", "xtask/src"].map(|folder| sources::rust_files(&root().join(folder)));
    for path in folders.iter().flatten().filter(|path| !path.starts_with(root().join("cloud/sandbox"))) {
        let text = std::fs::read_to_string(path).unwrap();
        let allowed =
            text.lines().any(|line| line.contains("allow(unsafe_code)") || line.contains("expect(unsafe_code)"));
        assert!(!allowed, "{} allows unsafe code", path.display());
    }
}

#[test]
fn no_circles_between_modules_of_a_crate() {
    for folder in crates().into_keys() {
        let circles = Modules::read(&root().join(&folder).join("src")).circles();
        let circles: Vec<_> = circles.iter().map(ToString::to_string).collect();
        assert!(circles.is_empty(), "modules of {folder} need each other:\n{}", circles.join("\n"));
    }
}

/// The names in a crate's sources; those of its tests as well, `with_tests`.
fn names(folder: &Path, with_tests: bool) -> BTreeSet<String> {
    let folders = if with_tests { &["src", "tests", "examples"][..] } else { &["src"] };
    let mut names = BTreeSet::new();
    for file in folders
        .iter()
        .map(|part| folder.join(part))
        .filter(|part| part.is_dir())
        .flat_map(|part| sources::rust_files(&part))
    {
        sources::visit(sources::tokens(&file), with_tests, &mut |token| {
            if let TokenTree::Ident(name) = token {
                names.insert(name.to_string());
            }
        });
    }
    names
}

#[test]
fn every_dependency_is_used() {
    let metadata = metadata(&[]);
    let packages = metadata["packages"].as_array().unwrap();
    let of_id = |id: &Value| packages.iter().find(|package| package["id"] == *id).unwrap();
    let (mut named, mut idle) = (BTreeSet::new(), Vec::new());
    for id in metadata["workspace_members"].as_array().unwrap() {
        let package = of_id(id);
        let declared = package["dependencies"].as_array().unwrap();
        named.extend(declared.iter().map(|dependency| dependency["name"].as_str().unwrap().to_owned()));
        let folder = folder(package);
        let (own, all) = (names(&root().join(&folder), false), names(&root().join(&folder), true));
        let node = metadata["resolve"]["nodes"].as_array().unwrap().iter().find(|node| node["id"] == *id).unwrap();
        for dependency in node["deps"].as_array().unwrap() {
            // What a crate is called in sources need not be its package's name.
            let name = dependency["name"].as_str().unwrap();
            let for_tests = dependency["dep_kinds"].as_array().unwrap().iter().all(|kind| kind["kind"] == "dev");
            let used = if for_tests { &all } else { &own };
            if !used.contains(name) {
                let but = if for_tests || !all.contains(name) { "" } else { " but in tests" };
                idle.push(format!("{folder} depends on {name} and does not use it{but}"));
            }
        }
    }
    let manifest: toml::Table = std::fs::read_to_string(root().join("Cargo.toml")).unwrap().parse().unwrap();
    let entries = manifest["workspace"]["dependencies"].as_table().unwrap().keys();
    idle.extend(
        entries.filter(|name| !named.contains(*name)).map(|name| format!("no crate depends on the workspace's {name}")),
    );
    assert!(idle.is_empty(), "{}", idle.join("\n"));
}

/// The words in a text that are names of variables of slam's own.
fn variables_in(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|character: char| !character.is_ascii_alphanumeric() && character != '_');
    words.filter(|word| word.strip_prefix("SLAM_").is_some_and(|rest| !rest.is_empty())).map(str::to_owned)
}

#[test]
fn every_variable_is_in_the_table_and_used() {
    let rows = slam_project::variables::VARIABLES.iter().flat_map(|group| group.variables);
    let table: BTreeSet<&str> = rows.flat_map(|row| row.names).copied().collect();
    let declared = root().join("tool/project/src/variables.rs");
    let (mut named, mut read) = (BTreeMap::new(), BTreeMap::new());
    let rust = ["tool", "cloud", "xtask/src"].map(|folder| sources::rust_files(&root().join(folder)));
    for file in rust.into_iter().flatten().filter(|file| *file != declared) {
        let mut before = String::new();
        sources::visit(sources::tokens(&file), true, &mut |token| {
            let text = token.to_string();
            named.extend(variables_in(&text).map(|name| (name, file.clone())));
            // `std::env::var("NAME")`
            let asked = matches!(token, TokenTree::Literal(_)) && ["var", "var_os"].contains(&before.as_str());
            read.extend(asked.then(|| (text.trim_matches('"').to_owned(), file.clone())));
            before = text;
        });
    }
    let python = ["python", "cloud", "tests", "benches"].map(|folder| sources::files(&root().join(folder), "py"));
    for file in python.into_iter().flatten() {
        named.extend(variables_in(&std::fs::read_to_string(&file).unwrap()).map(|name| (name, file.clone())));
    }
    // What cargo tells the project's chores and a build script is the developers' business.
    let builds = |file: &Path| file.ends_with("build.rs") && file.with_file_name("Cargo.toml").exists();
    read.retain(|_, file| !file.starts_with(root().join("xtask")) && !builds(file));
    for (name, file) in named.iter().chain(&read) {
        assert!(table.contains(name.as_str()), "{} names {name}, which variables.rs does not have", file.display());
    }
    let idle: Vec<_> = table.iter().filter(|name| name.starts_with("SLAM_") && !named.contains_key(**name)).collect();
    assert!(idle.is_empty(), "variables.rs has {idle:?}, which nothing names");
}

/// What is wrong with the imports of a file in `folder` of its crate's `src`, by CONTRIBUTING's dialect.
fn imports(text: &str, folder: &[&str]) -> Option<String> {
    let own = format!("crate::{}::", folder.join("::"));
    let (mut begun, mut ended, mut open) = (false, false, false);
    for line in text.lines() {
        let path = line.trim_start().strip_prefix("use ").unwrap_or_default();
        if path.starts_with("self::") || (!folder.is_empty() && path.starts_with(&own)) {
            return Some(format!("`{}` names the file's own folder", line.trim()));
        }
        let import = line.starts_with("use ");
        if import && ended {
            return Some(format!("`{line}` is apart from the imports before it"));
        }
        if line.starts_with("pub use ") && begun {
            return Some(format!("`{line}` comes after imports"));
        }
        ended = begun && !import && !open;
        begun = begun || import;
        open = (open || import) && !line.ends_with(';');
    }
    None
}

#[test]
fn imports_are_one_block() {
    for (text, folder, good) in [
        (
            "mod a;\n\npub use a::A;\n\nuse super::b;\nuse crate::{\n    c,\n};\nuse std::fmt;\n\nfn f() {}",
            vec!["x"],
            true,
        ),
        ("use crate::a;\n\nuse std::fmt;", vec![], false),
        ("use std::fmt;\npub use a::A;", vec![], false),
        ("use crate::x::a;", vec!["x"], false),
        ("use crate::x::a;", vec!["y"], true),
        ("use self::a;", vec![], false),
        ("mod tests {\n    use super::*;\n}", vec!["x"], true),
    ] {
        assert_eq!(imports(text, &folder).is_none(), good, "{text}");
    }
    for file in ["cloud", "tool", "xtask"].iter().flat_map(|folder| sources::rust_files(&root().join(folder))) {
        let parts: Vec<&str> = file.iter().map(|part| part.to_str().unwrap()).collect();
        let src = parts.iter().rposition(|part| *part == "src");
        let folder = src.map_or(&[][..], |src| &parts[src + 1..parts.len() - 1]);
        let wrong = imports(&std::fs::read_to_string(&file).unwrap(), folder);
        assert!(wrong.is_none(), "{}: {}", file.display(), wrong.unwrap_or_default());
    }
}

/// The crates of services: those that hang operations on the door.
fn services() -> Vec<PathBuf> {
    let folders = crates().into_keys().filter(|folder| folder.starts_with("cloud/"));
    let folders = folders.map(|folder| root().join(folder).join("src"));
    folders.filter(|source| source.join("api/mod.rs").exists()).collect()
}

#[test]
fn every_service_has_the_same_rooms() {
    let services = services();
    assert!(services.len() > 6, "{services:?}");
    for source in services {
        for room in ["lib.rs", "api/access", "error", "store", "model"] {
            let is_there = [room.to_owned(), format!("{room}.rs"), format!("{room}/mod.rs")];
            let is_there = is_there.iter().any(|room| source.join(room).is_file());
            assert!(is_there, "{} has no room {room}", source.display());
        }
        // `registry.service(…)` begins the table of the operations.
        for file in sources::rust_files(&source) {
            let text: String = std::fs::read_to_string(&file).unwrap().split_whitespace().collect();
            let has_table = text.contains("registry.service(");
            assert_eq!(has_table, file == source.join("api/mod.rs"), "{}", file.display());
        }
    }
}

#[test]
fn collections_are_named_alike() {
    for file in services().iter().flat_map(|source| sources::rust_files(source)) {
        let text = std::fs::read_to_string(&file).unwrap();
        let opened = ["Collection::open(store, \"", "Collection::renamed(store, \""];
        for name in opened.iter().flat_map(|call| text.split(call).skip(1)).filter_map(|rest| rest.split('"').next()) {
            let (service, things) = name.split_once('.').unwrap_or_default();
            let is_word = |word: &str| {
                !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            };
            assert!(is_word(service) && is_word(things), "{} opens {name}, not service.things", file.display());
        }
    }
}

/// Where the foundation names a service after all.
const NAMED: [(&str, &str); 8] = [
    // Its signatures have rules of their own, and the name in a signature chooses them.
    ("cloud/wire/src/sigv4/canonical.rs", "s3"),
    ("cloud/wire/src/sigv4/presented.rs", "s3"),
    // The older signature, which is S3's alone, and where its URLs have the bucket.
    ("cloud/wire/src/host.rs", "s3"),
    // ARNs of principals are those two services'.
    ("cloud/core/src/principal.rs", "iam"),
    ("cloud/core/src/principal.rs", "sts"),
    // Told to people who look at the cloud with a browser.
    ("cloud/server/src/page.rs", "s3"),
    // There it is what was delivered lately.
    ("cloud/server/src/deliveries.rs", "events"),
    // One line a service.
    ("cloud/server/src/compose.rs", ""),
];

/// Services whose names are ordinary words: of them, modules and texts are looked for alone.
const WORDS: [&str; 1] = ["events"];

#[test]
fn the_foundation_speaks_of_no_service() {
    let operations = std::fs::read_to_string(root().join("xtask/operations.txt")).unwrap();
    let headers = operations.lines().filter_map(|line| line.strip_prefix('[')?.strip_suffix(']')?.split_once(' '));
    let services: Vec<&str> = headers.map(|(_, name)| name).collect();
    assert!(services.len() > 8);
    let folders = ["cloud/wire/src", "cloud/core/src", "cloud/server/src"]
        .map(|folder| sources::rust_files(&root().join(folder)));
    for path in folders.iter().flatten() {
        let name = path.strip_prefix(root()).unwrap().to_str().unwrap();
        if name.starts_with("cloud/wire/src/generated/") || name.ends_with("tests.rs") {
            continue;
        }
        let text = std::fs::read_to_string(path).unwrap();
        let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        let code = text.lines().map(|line| line.split("//").next().unwrap()).collect::<Vec<_>>().join("\n");
        // Names of modules, types and texts: `lambda::`, `"lambda"`, `Lambda`.
        for word in code.split(|character: char| !(character.is_alphanumeric() || character == '_')) {
            let known = services.iter().find(|service| word.eq_ignore_ascii_case(service));
            let is_named = |service: &str| {
                [format!("{service}::"), format!("\"{service}\"")].iter().any(|name| code.contains(name))
            };
            let known = known.filter(|service| !WORDS.contains(service) || is_named(service));
            let allowed = known.is_none_or(|service| NAMED.contains(&(name, service)) || NAMED.contains(&(name, "")));
            assert!(allowed, "{name} speaks of the service {word}");
        }
    }
}

#[test]
fn every_recording_that_is_cited_is_here() {
    for (comment, expected) in [
        ("Recorded: test_one, `test_two[a]`.", vec!["test_one", "test_two"]),
        ("As recorded on AWS (`test_one`). Asserted on AWS: test_two.", vec!["test_one"]),
        ("test_one says nothing", vec![]),
    ] {
        assert_eq!(citations::recordings(comment), expected, "{comment}");
    }
    let folder = root().join("cloud/testing/recorded");
    let files = sources::files(&folder, "json").into_iter();
    let names = files.map(|file| file.file_name().unwrap().to_str().unwrap().trim_end_matches(".json").to_owned());
    let (mut scripts, mut idle) = (BTreeSet::new(), BTreeSet::new());
    for name in names {
        match name.strip_suffix(".requests") {
            Some(script) => scripts.insert(script.to_owned()),
            None => idle.insert(name),
        };
    }
    let here = idle.clone();
    let rust =
        ["cloud", "tool", "xtask/src"].map(|folder| (sources::rust_files(&root().join(folder)), ["//!", "///", "//"]));
    let python = ["tests", "python"].map(|folder| (sources::files(&root().join(folder), "py"), ["#", "#", "#"]));
    for (file, marks) in
        rust.into_iter().chain(python).flat_map(|(files, marks)| files.into_iter().map(move |file| (file, marks)))
    {
        let text = std::fs::read_to_string(&file).unwrap();
        for name in citations::comments(&text, &marks).iter().flat_map(|comment| citations::recordings(comment)) {
            assert!(here.contains(&name), "{} cites {name}, which is not in cloud/testing/recorded", file.display());
            idle.remove(&name);
        }
        scripts.retain(|name| !text.contains(&format!("{name}\"")));
    }
    assert!(scripts.is_empty(), "no test replays {scripts:?}");
    assert!(idle.is_empty(), "nothing cites or replays {idle:?}");
}

/// The crates whose waiting goes by the cloud's clock (`cloud/core/src/clock.rs`), which tests may make faster, and what in them may
/// ask the machine's: where a store fails, which is no time of AWS's.
const TIMED: [(&str, &[&str]); 4] = [
    ("cloud/sqs/src", &[]),
    ("cloud/sns/src", &[]),
    ("cloud/events/src", &["tokio::time::sleep(AGAIN)", "tokio::time::sleep(UNWRITTEN)"]),
    ("cloud/lambda/src/invoke", &[]),
];

#[test]
fn what_waits_for_the_time_of_aws_asks_the_clouds_clock() {
    for (folder, allowed) in TIMED {
        for path in sources::rust_files(&root().join(folder)) {
            let text = std::fs::read_to_string(&path).unwrap();
            let text = allowed.iter().fold(text, |text, allowed| text.replace(allowed, ""));
            for machine in ["Timestamp::now()", "tokio::time::", "Instant::now()", "SystemTime"] {
                assert!(!text.contains(machine), "{} asks the machine's clock: {machine}", path.display());
            }
        }
    }
}

/// `slam events tail` shows what whoever watches is told (`Cloud::delivered`): a service that hands events on tells of it.
#[test]
fn who_hands_events_on_tells_whoever_watches() {
    for service in services() {
        let files = sources::rust_files(&service).into_iter();
        let texts: Vec<String> = files.map(|file| std::fs::read_to_string(file).unwrap()).collect();
        let has = |words: &str| texts.iter().any(|text| text.contains(words));
        assert!(!has("kit::delivery") || has(".delivered("), "{} tells nobody what it hands on", service.display());
    }
}
