//! Dependencies without a wheel, built from their sources as the last resort: isolated, by uv, and taken only where pure
//! Python comes out.
//!
//! What is compiled here would be for this machine. So a build finds no compiler: it fails at once instead of taking
//! minutes for what is refused afterwards, and a package whose native part is optional builds without it.

use crate::error::NoWheel;
use crate::machine::interpreter;
use crate::requirements::locks::normalized;
use crate::target::Target;
use crate::{BundleError, distributions};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::process::Command;

/// In the place of each compiler. Messages of build backends name it.
pub const NO_COMPILER: &str = "slam-takes-pure-python-only";

/// The variables by which build backends find compilers: of C, C++, Fortran, Rust and Go.
const COMPILERS: [&str; 8] = ["CC", "CXX", "FC", "F77", "CARGO", "RUSTC", "GO", "LDSHARED"];

/// 1980-01-01, the first time that a zip can have. <https://reproducible-builds.org/specs/source-date-epoch/>
const EPOCH: &str = "315532800";

/// More than this have no wheel, and the lists are not meant for this target.
const MOST: usize = 50;

/// How the beginnings of programs and libraries tell what they are: ELF, Mach-O in both orders and its archives, PE.
/// A class of Java begins as an archive of Mach-O does; neither is Python.
const NATIVE: [&[u8]; 7] = [
    b"\x7fELF",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"MZ",
];

/// The packages that are built, with their versions where only one would do.
#[derive(Default)]
pub struct Sources(BTreeMap<String, Option<String>>);

/// What became of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FromSource {
    pub name: String,
    pub version: String,
}

impl Sources {
    /// Build one more; `false` when it is among them already, or there are too many.
    pub fn add(&mut self, package: &str, version: Option<&str>) -> bool {
        let is_new = self.0.len() < MOST && !self.contains(package);
        if is_new {
            self.0.insert(normalized(package), version.map(str::to_owned));
        }
        is_new
    }

    /// Their normalized names.
    pub fn names(&self) -> Vec<&str> {
        self.0.keys().map(String::as_str).collect()
    }

    pub fn versions(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.0.iter().map(|(name, version)| (name.as_str(), version.as_deref()))
    }

    /// Tell uv what it may build, and how.
    pub fn allow(&self, command: &mut Command, target: &Target) {
        // A list may ask for builds too, so all of this holds whether or not slam asks for one.
        command.env("SOURCE_DATE_EPOCH", EPOCH).env("PYTHONHASHSEED", "0");
        for compiler in COMPILERS {
            command.env(compiler, NO_COMPILER);
        }
        if self.0.is_empty() {
            return;
        }
        command.arg("--build-isolation");
        for package in self.0.keys() {
            command.args(["--no-binary", package]);
        }
        // A setup.py may ask which Python it runs on. Another one than the target's does where there is none.
        if let Some(python) = interpreter::of_target(target) {
            command.arg("--python").arg(python);
        }
    }

    pub fn contains(&self, package: &str) -> bool {
        self.0.contains_key(&normalized(package))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The distribution in a `.dist-info` of `tree` if it was built here; an error unless it is pure.
pub fn built(
    tree: &Path,
    dist_info: &Path,
    requirements: &str,
    target: &Target,
) -> Result<Option<FromSource>, BundleError> {
    // Only what was built has this note. What was built once is taken from uv's cache.
    if !dist_info.join("uv_build.json").is_file() {
        return Ok(None);
    }
    let Some((name, version)) = distributions::at(dist_info) else { return Ok(None) };
    match impure(tree, dist_info) {
        None => Ok(Some(FromSource { name, version })),
        Some(why) => Err(BundleError::NoWheel(Box::new(NoWheel {
            package: name,
            version: Some(version),
            target: target.to_string(),
            requirements: requirements.to_owned(),
            why: format!("what its source builds is not pure Python: {why}"),
            details: String::new(),
            wheels: None,
            others: Vec::new(),
            advice: None,
        }))),
    }
}

/// Why what was installed is not pure Python.
fn impure(tree: &Path, dist_info: &Path) -> Option<String> {
    let wheel = std::fs::read_to_string(dist_info.join("WHEEL")).unwrap_or_default();
    let says = |key: &'static str| {
        wheel.lines().filter_map(move |line| line.strip_prefix(key)?.strip_prefix(':')).map(str::trim)
    };
    if !says("Root-Is-Purelib").any(|value| value.eq_ignore_ascii_case("true")) {
        return Some("it is made for a platform (`Root-Is-Purelib`)".to_owned());
    }
    if let Some(tag) = says("Tag").find(|tag| !tag.starts_with("py") || !tag.ends_with("-none-any")) {
        return Some(format!("it is for `{tag}`"));
    }
    let record = std::fs::read_to_string(dist_info.join("RECORD")).unwrap_or_default();
    let native = |name: &&str| {
        let mut start = [0; 4];
        let read = File::open(tree.join(name)).and_then(|mut file| file.read(&mut start)).unwrap_or_default();
        NATIVE.iter().any(|magic| start[..read].starts_with(magic))
    };
    distributions::recorded(&record).find(native).map(|name| format!("{name} is compiled"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pure_python_is_told_from_what_is_compiled() {
        let pure = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py2-none-any\nTag: py3-none-any\n";
        for (wheel, content, expected) in [
            (pure, &b"x = 1\n"[..], None),
            (pure, b"", None),
            (&pure.replace("true", "false"), b"", Some("it is made for a platform (`Root-Is-Purelib`)")),
            ("Tag: py3-none-any\n", b"", Some("it is made for a platform (`Root-Is-Purelib`)")),
            (&pure.replace("py3-none-any", "py3-none-linux_x86_64"), b"", Some("it is for `py3-none-linux_x86_64`")),
            (&pure.replace("py3-none-any", "cp313-abi3-any"), b"", Some("it is for `cp313-abi3-any`")),
            (pure, b"\x7fELF\x02", Some("a/x.py is compiled")),
            (pure, b"MZ\x90\0", Some("a/x.py is compiled")),
        ] {
            let tree = tempfile::tempdir().expect("a temporary directory");
            let dist_info = tree.path().join("a-1.dist-info");
            for directory in ["a", "a-1.dist-info"] {
                std::fs::create_dir(tree.path().join(directory)).expect("created");
            }
            std::fs::write(dist_info.join("WHEEL"), wheel).expect("written");
            std::fs::write(dist_info.join("RECORD"), "a/x.py,,\na-1.dist-info/WHEEL,,\n").expect("written");
            std::fs::write(tree.path().join("a/x.py"), content).expect("written");
            assert_eq!(impure(tree.path(), &dist_info).as_deref(), expected);
        }
    }
}
