//! Node.js: on the machine's `node` of the runtime's major version, with our own client of the Runtime API.
//!
//! It is looked for, in this order: `node` on PATH, and the versions of nvm, fnm and volta. A candidate counts when it
//! says itself that it is of that version.

use super::lack::Lack;
use super::search::{ask, on_path, roots, starting_with};
use super::wrapper::Command;
use super::{Launch, Site};
use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Our client of the Runtime API.
pub(super) const CLIENT: [(&str, &str); 6] = [
    ("client.mjs", include_str!("client.mjs")),
    ("index.mjs", include_str!("index.mjs")),
    ("load.mjs", include_str!("load.mjs")),
    ("log.mjs", include_str!("log.mjs")),
    ("resolve.mjs", include_str!("resolve.mjs")),
    ("version.mjs", include_str!("version.mjs")),
];

/// What AWS switches off, and from which version on it does
/// (<https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html>, "Experimental features").
const EXPERIMENTS: [(&str, std::ops::RangeInclusive<u64>); 2] =
    [("experimental-require-module", 20..=22), ("experimental-detect-module", 22..=22)];

/// Prints the version, the program and those of the experiments that this release knows, one per line.
const QUESTION: &str = "console.log(process.versions.node); console.log(process.execPath); \
                        for (const name of process.argv.slice(1)) \
                        if (process.allowedNodeEnvironmentFlags.has('--' + name)) console.log(name)";

/// A `node` that works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The program itself, not a script that looks for it.
    program: PathBuf,
    major: u64,
    minor: u64,
    /// The experiments that it knows.
    experiments: Vec<String>,
}

/// The programs found so far, by major version.
#[derive(Clone, Default)]
pub struct Nodes {
    found: Arc<Mutex<HashMap<u64, Node>>>,
}

impl Nodes {
    /// The program of this major version, if the machine has one. May start programs: call it on a thread that may
    /// block.
    pub fn find(&self, major: u64) -> Option<Node> {
        let known = self.found.lock().unwrap_or_else(PoisonError::into_inner).get(&major).cloned();
        if let Some(node) = known.filter(|known| known.program.is_file()) {
            return Some(node);
        }
        let node = candidates(major).find_map(|candidate| question(&candidate, major))?;
        self.found.lock().unwrap_or_else(PoisonError::into_inner).insert(major, node.clone());
        Some(node)
    }
}

/// How functions on this program are started: with the options and search paths of AWS's `bootstrap`.
pub(super) fn launch(node: &Node, client: &Path, site: &Site<'_>) -> Launch {
    let options = site.variable("NODE_OPTIONS").unwrap_or_default();
    let mut arguments: Vec<OsString> = vec!["--expose-gc".into(), "--max-http-header-size=81920".into()];
    arguments.extend(memory(site.version.memory, options));
    let unasked = |name: &&String| !options.contains(&format!("--{name}"));
    arguments.extend(node.experiments.iter().filter(unasked).map(|name| format!("--no-{name}").into()));
    arguments.push(client.join("nodejs").join("index.mjs").into());
    Launch {
        version: format!("nodejs:{}.v{}", node.major, node.minor),
        command: site.wrapped(Command { program: node.program.clone(), arguments }),
        programs: node.program.parent().map(Path::to_owned),
        folders: Vec::new(),
        variables: vec![("NODE_PATH", modules(node.major, site))],
    }
}

/// Where modules are looked for that are not beside the function: in the layers, then in the package.
fn modules(major: u64, site: &Site<'_>) -> OsString {
    let layers = site.opt.map(|opt| opt.join("nodejs"));
    let layers =
        layers.iter().flat_map(|opt| [opt.join(format!("node{major}/node_modules")), opt.join("node_modules")]);
    std::env::join_paths(layers.chain([site.task_root.to_owned()])).unwrap_or_default()
}

/// A tenth of the memory for what is new, the rest for what is old, unless the function has limits of its own.
fn memory(megabytes: i64, options: &str) -> Vec<OsString> {
    let own = |option: &&str| options.replace('_', "-").contains(option);
    if ["max-semi-space-size", "max-old-space-size"].iter().any(own) {
        return Vec::new();
    }
    let new = megabytes / 10;
    let (semi, old) = (new / 2, megabytes - new);
    vec![format!("--max-semi-space-size={semi}").into(), format!("--max-old-space-size={old}").into()]
}

/// What to do when this machine lacks the program.
pub(super) fn missing(major: u64) -> Lack {
    Lack {
        what: format!("The runtime nodejs{major}.x needs Node.js {major}, which is not on this machine"),
        remedy: format!(
            "install it (`nvm install {major}`), have it on PATH as node, or choose a runtime whose Node.js is here"
        ),
    }
}

fn candidates(major: u64) -> impl Iterator<Item = PathBuf> {
    let on_path = on_path().into_iter().map(|folder| folder.join("node"));
    let fnms = roots(&[("FNM_DIR", ""), ("XDG_DATA_HOME", "fnm")], &[".local/share/fnm", ".fnm"]);
    let managed = [
        (roots(&[("NVM_DIR", "")], &[".nvm"]), "versions/node", "v", "bin/node"),
        (fnms, "node-versions", "v", "installation/bin/node"),
        (roots(&[("VOLTA_HOME", "")], &[".volta"]), "tools/image/node", "", "bin/node"),
    ];
    let managed = managed.into_iter().flat_map(move |(roots, versions, prefix, program)| {
        let prefix = format!("{prefix}{major}.");
        let versions = roots.into_iter().flat_map(move |root| starting_with(&root.join(versions), &prefix));
        versions.map(move |version| version.join(program))
    });
    on_path.chain(managed).filter(|candidate| candidate.is_file())
}

/// Asks a candidate what it is. Only one that answers as Node.js of this major version is one.
fn question(candidate: &Path, major: u64) -> Option<Node> {
    let experiments = EXPERIMENTS.iter().filter(|(_, versions)| versions.contains(&major)).map(|(name, _)| *name);
    let arguments: Vec<&str> = ["-e", QUESTION, "--"].into_iter().chain(experiments).collect();
    let answer = ask(candidate, &arguments, &["NODE_OPTIONS"])?;
    let mut lines = answer.lines();
    let mut version = lines.next()?.split('.').map(str::parse);
    if version.next() != Some(Ok(major)) {
        return None;
    }
    let minor = version.next()?.ok()?;
    let program = PathBuf::from(lines.next()?);
    Some(Node { program, major, minor, experiments: lines.map(str::to_owned).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(megabytes: i64, options: &str, expected: &[&str]) {
        assert_eq!(memory(megabytes, options), expected.iter().map(OsString::from).collect::<Vec<_>>());
    }

    #[test]
    fn memory_is_shared_as_aws_shares_it() {
        check(128, "", &["--max-semi-space-size=6", "--max-old-space-size=116"]);
        check(1024, "--no-warnings", &["--max-semi-space-size=51", "--max-old-space-size=922"]);
        check(128, "--max_old_space_size=50", &[]);
    }
}
