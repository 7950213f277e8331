//! What of a dependency is not shipped, because nothing that runs needs it.
//!
//! A rule must never break an import. So tests go only when nothing that stays imports them, stubs only when the module
//! beside them does not load them, and what a rule is unsure about stays. `package.include` brings anything back.
//!
//! - [`elf`]: of shared libraries, what is never loaded. [`comments`]: those of slam's own adapter.

pub mod comments;
pub mod elf;

use crate::sources::SourceFile;
use rayon::prelude::*;
use regex::Regex;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// A file that was installed.
#[derive(Debug)]
pub struct TreeFile {
    pub name: String,
    pub path: PathBuf,
    pub size: u64,
    pub executable: bool,
}

/// Why a file is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    Machine,
    Script,
    Pattern,
    Runtime,
    Tests,
    Stubs,
    Sources,
    Documentation,
    Metadata,
}

impl Rule {
    pub fn about(self) -> &'static str {
        match self {
            Self::Machine => "it tells of the machine that installed it",
            Self::Script => "programs are for a shell",
            Self::Pattern => "`package.exclude_dependencies` says so",
            Self::Runtime => "the runtime has this package, and `package.runtime_packages` is `exclude`",
            Self::Tests => "tests of a dependency, which nothing imports",
            Self::Stubs => "type stubs, which only type checkers read",
            Self::Sources => "sources of what is there compiled",
            Self::Documentation => "documentation",
            Self::Metadata => "metadata that nothing reads at run time",
        }
    }

    /// Whether `package.include` brings it back.
    pub fn yields(self) -> bool {
        self != Self::Machine
    }
}

/// For each file, whether it is left out whatever is asked for: it would differ by machine.
pub fn always(files: &[TreeFile]) -> Vec<Option<Rule>> {
    let names = names(files);
    files.iter().map(|file| tells_of_machine(file, &names).then_some(Rule::Machine)).collect()
}

fn tells_of_machine(file: &TreeFile, names: &BTreeSet<&str>) -> bool {
    let name = file.name.as_str();
    let (directory, last) = name.rsplit_once('/').unwrap_or(("", name));
    let noted = ["RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json", "uv_build.json"];
    let installer = directory.ends_with(".dist-info") && noted.contains(&last);
    // A module may be shipped without its source, but then not in a cache.
    let source =
        last.strip_suffix(".pyc").or_else(|| last.strip_suffix(".pyo")).map(|stem| join(directory, stem, ".py"));
    let cached = source.is_some_and(|source| names.contains(source.as_str()))
        || directory.split('/').any(|part| part == "__pycache__");
    // What the installer makes for an entry point names the Python that it runs with.
    let script = directory == "bin" && begins_with(&file.path, b"#!");
    installer || cached || script || name == ".lock"
}

fn join(directory: &str, stem: &str, extension: &str) -> String {
    if directory.is_empty() { format!("{stem}{extension}") } else { format!("{directory}/{stem}{extension}") }
}

fn names(files: &[TreeFile]) -> BTreeSet<&str> {
    files.iter().map(|file| file.name.as_str()).collect()
}

fn begins_with(path: &Path, magic: &[u8]) -> bool {
    let mut found = vec![0; magic.len()];
    File::open(path).and_then(|mut file| file.read_exact(&mut found)).is_ok() && found == magic
}

/// Which tests, of dependencies, the project refers to: paths such as `networkx/tests`.
pub fn wanted_tests(project: &[SourceFile]) -> BTreeSet<String> {
    let own: BTreeSet<&str> = project.iter().map(|file| top(&file.name)).collect();
    let modules = project.par_iter().filter(|file| refers(&file.name));
    let found = modules.flat_map_iter(|file| references(&file.name, &file.path));
    found.filter(|name| !own.contains(top(name))).collect()
}

/// The package, or module, that a path begins with.
fn top(name: &str) -> &str {
    let first = name.split('/').next().unwrap_or(name);
    first.strip_suffix(".py").unwrap_or(first)
}

/// For each file, the rule of `package.slim` that leaves it out. `files` are sorted by name; `wanted` are tests that stay.
pub fn slim(files: &[TreeFile], wanted: &BTreeSet<String>) -> Vec<Option<Rule>> {
    let names = names(files);
    let tests = unused_tests(files, wanted);
    files
        .par_iter()
        .map(|file| {
            let name = file.name.as_str();
            if name.starts_with("bin/") {
                return Some(Rule::Script);
            }
            if metadata(name) {
                return Some(Rule::Metadata);
            }
            if documentation(name) {
                return Some(Rule::Documentation);
            }
            if tests.iter().any(|tests| is_below(name, tests)) {
                return Some(Rule::Tests);
            }
            if name.ends_with("/py.typed") || (name.ends_with(".pyi") && stub(file, &names)) {
                return Some(Rule::Stubs);
            }
            compiled(file, &names).then_some(Rule::Sources)
        })
        .collect()
}

/// importlib.metadata reads the headers of METADATA and entry_points.txt; pkg_resources also top_level.txt.
fn metadata(name: &str) -> bool {
    let Some((directory, rest)) = name.split_once('/') else { return false };
    directory.ends_with(".dist-info") && !["METADATA", "entry_points.txt", "top_level.txt"].contains(&rest)
}

/// Beside the packages only: inside of them `docs` may be a module, as it is in botocore.
fn documentation(name: &str) -> bool {
    let below = ["share/man/", "share/doc/", "docs/", "doc/"].iter().any(|directory| name.starts_with(directory));
    let page = !name.contains('/')
        && ["README", "LICENSE", "LICENCE", "CHANGELOG", "CHANGES", "NOTICE", "AUTHORS", "COPYING"]
            .iter()
            .any(|start| name.starts_with(start));
    (below || page) && !name.ends_with(".py") && !name.ends_with(".so")
}

/// Whether a stub is of a module beside it, or in a package of stubs (PEP 561). Others are data: type checkers bring those
/// of the standard library. And some modules read their own to find out what to import lazily (`lazy_loader.attach_stub`).
fn stub(file: &TreeFile, names: &BTreeSet<&str>) -> bool {
    if file.name.split('/').next().is_some_and(|top| top.ends_with("-stubs")) {
        return true;
    }
    if names.contains(file.name.trim_end_matches('i')) {
        return std::fs::read_to_string(file.path.with_extension("py"))
            .is_ok_and(|text| !text.contains("attach_stub") && !text.contains(".pyi"));
    }
    has_library(file.name.trim_end_matches("pyi"), names)
}

/// Cython's sources and C beside what was compiled from them, and static libraries.
fn compiled(file: &TreeFile, names: &BTreeSet<&str>) -> bool {
    let Some((stem, extension)) = file.name.rsplit_once('.') else { return false };
    match extension {
        // Of what is declared in a .pxd, the module may be another one of the package.
        "pyx" | "pxd" | "pxi" => has_library(&stem[..stem.rfind('/').map_or(0, |slash| slash + 1)], names),
        "c" | "cpp" => has_library(&format!("{stem}."), names),
        "a" | "lib" => begins_with(&file.path, b"!<arch>\n"),
        _ => false,
    }
}

/// Whether there is a shared library whose name begins so.
fn has_library(start: &str, names: &BTreeSet<&str>) -> bool {
    names.range(start..).take_while(|name| name.starts_with(start)).any(|name| name.ends_with(".so"))
}

fn is_below(name: &str, path: &str) -> bool {
    name.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Directories of tests, and `conftest.py`s, that nothing else refers to.
fn unused_tests(files: &[TreeFile], wanted: &BTreeSet<String>) -> BTreeSet<String> {
    let mut unused: BTreeSet<String> = files.iter().filter_map(|file| tests_of(&file.name)).collect();
    unused.retain(|tests| !is_referred(tests, wanted));
    let mut scanned = vec![false; files.len()];
    // Most wheels bring no tests, and then there is nothing to search for.
    while !unused.is_empty() {
        // What belongs to tests that are used refers to more; all else is scanned in the first round.
        let round: Vec<usize> = (0..files.len())
            .filter(|index| !scanned[*index] && refers(&files[*index].name))
            .filter(|index| !unused.iter().any(|tests| is_below(&files[*index].name, tests)))
            .collect();
        for index in &round {
            scanned[*index] = true;
        }
        let referred: BTreeSet<String> =
            round.par_iter().flat_map_iter(|index| references(&files[*index].name, &files[*index].path)).collect();
        let before = unused.len();
        unused.retain(|tests| !is_referred(tests, &referred));
        if unused.len() == before {
            break;
        }
    }
    unused
}

fn is_referred(tests: &str, referred: &BTreeSet<String>) -> bool {
    let module = tests.trim_end_matches(".py");
    referred.iter().any(|name| is_below(name, module))
}

/// The directory of tests that a test is in. A directory without tests may have the name for another reason: `django.test`
/// is what other tests are written with.
fn tests_of(name: &str) -> Option<String> {
    let (directory, last) = name.rsplit_once('/').unwrap_or(("", name));
    if last == "conftest.py" && !directory.split('/').any(is_tests) {
        return Some(name.to_owned());
    }
    let stem = last.strip_suffix(".py")?;
    let test = stem.starts_with("test_") || stem.ends_with("_test") || stem.ends_with("_tests") || stem == "conftest";
    if !test || directory.contains(".dist-info") {
        return None;
    }
    let mut length = 0;
    for part in directory.split('/') {
        length += part.len();
        if is_tests(part) {
            return Some(directory[..length].to_owned());
        }
        length += 1;
    }
    None
}

fn is_tests(part: &str) -> bool {
    part == "tests" || part == "test"
}

fn refers(name: &str) -> bool {
    name.ends_with(".py") || name.ends_with(".dist-info/entry_points.txt")
}

/// What a file refers to that may be tests, as paths: by imports, by names and paths in strings, by entry points.
fn references(name: &str, path: &Path) -> Vec<String> {
    static FROM: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\bfrom\s+(\.*)([\w.]*)\s+import\s+(\([^)]*\)|[^\n;#]*)").expect("a constant expression")
    });
    static IMPORT: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\bimport\s+([\w., \t]+)").expect("a constant expression"));
    static DOTTED: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r#"["'= ](\.*)(\w+(?:\.\w+)+)["':]"#).expect("a constant expression"));
    static PATH: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r#"["'/](tests?)(?:/[^"']*)?["']"#).expect("a constant expression"));
    let Ok(bytes) = std::fs::read(path) else { return Vec::new() };
    let text = String::from_utf8_lossy(&bytes);
    if !text.contains("test") {
        return Vec::new();
    }
    let directory = name.rsplit_once('/').map_or("", |(directory, _)| directory);
    let mut found = Vec::new();
    for captures in FROM.captures_iter(&text) {
        let Some(base) = resolved(directory, captures[1].len(), &captures[2]) else { continue };
        for word in words(&captures[3]) {
            found.push(joined(&base, word));
        }
        found.push(base);
    }
    for captures in IMPORT.captures_iter(&text) {
        found.extend(words(&captures[1]).map(slashed));
    }
    found.extend(
        DOTTED.captures_iter(&text).filter_map(|captures| resolved(directory, captures[1].len(), &captures[2])),
    );
    found.extend(PATH.captures_iter(&text).map(|captures| joined(directory, &captures[1])));
    found.retain(|name| name.split('/').any(|part| is_tests(part) || part == "conftest"));
    found
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !(character.is_alphanumeric() || "._".contains(character)))
        .filter(|word| !word.is_empty())
}

fn slashed(dotted: &str) -> String {
    dotted.replace('.', "/")
}

fn joined(base: &str, name: &str) -> String {
    if base.is_empty() { slashed(name) } else { format!("{base}/{}", slashed(name)) }
}

/// Where a relative import leads: one dot is the directory itself.
fn resolved(directory: &str, dots: usize, dotted: &str) -> Option<String> {
    if dots == 0 {
        return Some(slashed(dotted));
    }
    let mut base = directory;
    for _ in 1..dots {
        base = base.rsplit_once('/').map_or("", |(parent, _)| parent);
    }
    Some(if dotted.is_empty() { base.to_owned() } else { joined(base, dotted) })
}

/// METADATA without what an index shows and nothing at run time reads: the description, which is the README, and how the
/// package is classified and licensed. <https://packaging.python.org/en/latest/specifications/core-metadata/>
pub fn reduced_metadata(metadata: &[u8]) -> Vec<u8> {
    const SHOWN: [&[u8]; 3] = [b"Classifier:", b"License-File:", b"Description-Content-Type:"];
    let lines = metadata.split_inclusive(|byte| *byte == b'\n');
    let head = lines.take_while(|line| !line.trim_ascii().is_empty());
    head.filter(|line| !SHOWN.iter().any(|name| line.starts_with(name))).flatten().copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)]) -> (tempfile::TempDir, Vec<TreeFile>) {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let mut tree: Vec<TreeFile> = files
            .iter()
            .map(|(name, content)| {
                let path = directory.path().join(name);
                std::fs::create_dir_all(path.parent().expect("a parent")).expect("created");
                std::fs::write(&path, content).expect("written");
                TreeFile { name: (*name).to_owned(), path, size: content.len() as u64, executable: false }
            })
            .collect();
        tree.sort_by(|one, other| one.name.cmp(&other.name));
        (directory, tree)
    }

    /// Which of the files stay.
    fn check(files: &[(&str, &str)], expected: &[&str]) {
        let (_directory, tree) = tree(files);
        let rules = slim(&tree, &BTreeSet::new());
        let stay = tree.iter().zip(rules).filter(|(_, rule)| rule.is_none()).map(|(file, _)| file.name.as_str());
        assert_eq!(stay.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn tests_that_nothing_imports_go() {
        check(
            &[
                ("a/__init__.py", "from . import core\n"),
                ("a/conftest.py", "from a.tests import helper\n"),
                ("a/core/tests/test_core.py", "from a.tests import helper\n"),
                ("a/core/tests/data.bin", ""),
                ("a/tests/helper.py", ""),
                ("a/tests/test_a.py", ""),
            ],
            &["a/__init__.py"],
        );
    }

    #[test]
    fn what_tests_are_written_with_stays() {
        check(
            &[("django/test/__init__.py", ""), ("django/test/client.py", "")],
            &["django/test/__init__.py", "django/test/client.py"],
        );
        check(&[("numpy/testing/__init__.py", "")], &["numpy/testing/__init__.py"]);
        check(&[("jinja2/tests.py", "")], &["jinja2/tests.py"]);
    }

    fn check_used(importer: &str, text: &str) {
        check(
            &[(importer, text), ("a/b/tests/test_x.py", ""), ("a/b/tests/__init__.py", "")],
            &[importer, "a/b/tests/__init__.py", "a/b/tests/test_x.py"],
        );
    }

    #[test]
    fn tests_that_something_imports_stay() {
        check_used("a/b/__init__.py", "from .tests.test_x import y\n");
        check_used("a/b/__init__.py", "from . import (\n    z,\n    tests,\n)\n");
        check_used("a/__init__.py", "import os, a.b.tests\n");
        check_used("a/__init__.py", "from .b.tests import y\n");
        check_used("a/__init__.py", "import_module('a.b.tests.test_x')\n");
        check_used("a/b/__init__.py", "path = join(here, 'tests', 'data')\n");
        check_used("a/b/__init__.py", "import_module('.tests.test_x', __package__)\n");
        check_used("a-1.dist-info/entry_points.txt", "[pytest11]\na = a.b.tests.test_x:plugin\n");
    }

    #[test]
    fn tests_that_the_project_imports_stay() {
        let (_project, modules) = tree(&[
            ("app.py", "from networkx.tests.test_convert import x\nfrom . import tests\n"),
            ("tests/test_app.py", "from tests import helper\n"),
        ]);
        let project: Vec<SourceFile> = modules
            .into_iter()
            .map(|TreeFile { name, path, size, executable }| SourceFile { name, path, size, executable, stamp: [0; 2] })
            .collect();
        let wanted = wanted_tests(&project);
        assert!(wanted.iter().all(|name| name.starts_with("networkx/tests")), "{wanted:?}");
        let (_installed, files) = tree(&[("a/tests/test_a.py", ""), ("networkx/tests/test_convert.py", "")]);
        assert_eq!(slim(&files, &wanted), [Some(Rule::Tests), None]);
    }

    #[test]
    fn what_used_tests_import_stays() {
        check(
            &[
                ("a/__init__.py", "from a.b.tests import test_x\n"),
                ("a/b/tests/test_x.py", "from ...c.tests import test_y\n"),
                ("a/c/tests/test_y.py", ""),
                ("a/d/tests/test_z.py", ""),
            ],
            &["a/__init__.py", "a/b/tests/test_x.py", "a/c/tests/test_y.py"],
        );
    }

    #[test]
    fn stubs_go_unless_they_are_loaded() {
        check(
            &[
                ("a/__init__.py", "import lazy_loader\nlazy_loader.attach_stub(__name__, __file__)\n"),
                ("a/__init__.pyi", ""),
                ("a/b.py", ""),
                ("a/b.pyi", ""),
                ("a/fast.abi3.so", ""),
                ("a/fast.pyi", ""),
                ("a/py.typed", ""),
                ("requests-stubs/api.pyi", ""),
            ],
            &["a/__init__.py", "a/__init__.pyi", "a/b.py", "a/fast.abi3.so"],
        );
        check(&[("mypy/typeshed/stdlib/os.pyi", "")], &["mypy/typeshed/stdlib/os.pyi"]);
    }

    #[test]
    fn sources_of_what_is_compiled_go() {
        check(
            &[("a/fast.c", ""), ("a/fast.cpython-313-x86_64-linux-gnu.so", ""), ("a/fast.pyx", ""), ("a/kernel.c", "")],
            &["a/fast.cpython-313-x86_64-linux-gnu.so", "a/kernel.c"],
        );
        check(
            &[
                ("Cython/Compiler/Code.abi3.so", ""),
                ("Cython/Compiler/Code.pxd", ""),
                ("Cython/Utility/Test.pyx", ""),
                ("a/libm.a", "!<arch>\n"),
                ("spice/bjt.lib", "* a model"),
            ],
            &["Cython/Compiler/Code.abi3.so", "Cython/Utility/Test.pyx", "spice/bjt.lib"],
        );
    }

    #[test]
    fn metadata_that_is_read_stays() {
        check(
            &[
                ("a-1.dist-info/METADATA", ""),
                ("a-1.dist-info/WHEEL", ""),
                ("a-1.dist-info/entry_points.txt", ""),
                ("a-1.dist-info/licenses/LICENSE", ""),
                ("README.md", ""),
                ("docs/index.rst", ""),
                ("a/docs/index.rst", ""),
            ],
            &["a-1.dist-info/METADATA", "a-1.dist-info/entry_points.txt", "a/docs/index.rst"],
        );
    }

    #[test]
    fn metadata_is_what_is_read_at_run_time() {
        let check = |metadata: &[u8], expected: &[u8]| assert_eq!(reduced_metadata(metadata), expected);
        check(b"Name: a\nVersion: 1\n\n# A\n\nClassifier: b", b"Name: a\nVersion: 1\n");
        check(b"Name: a\r\n\r\n# A", b"Name: a\r\n");
        check(b"Name: a\n", b"Name: a\n");
        check(
            b"Name: a\nClassifier: b\nClassifier: c\nLicense-File: d\nRequires-Dist: e\n",
            b"Name: a\nRequires-Dist: e\n",
        );
    }

    #[test]
    fn what_differs_by_machine_is_left_out() {
        let files = [
            (".lock", ""),
            ("a-1.dist-info/METADATA", ""),
            ("a-1.dist-info/RECORD", ""),
            ("a/RECORD", ""),
            ("a/__pycache__/b.txt", ""),
            ("a/b.py", ""),
            ("a/b.pyc", ""),
            ("a/bin/flask", "#!/usr/bin/python3\n"),
            ("a/secret.pyc", ""),
            ("bin/flask", "#!/usr/bin/python3\n"),
            ("bin/ruff", "\x7fELF"),
        ];
        let (_directory, tree) = tree(&files);
        let rules = always(&tree);
        let stay = tree.iter().zip(rules).filter(|(_, rule)| rule.is_none()).map(|(file, _)| file.name.as_str());
        let expected = ["a-1.dist-info/METADATA", "a/RECORD", "a/b.py", "a/bin/flask", "a/secret.pyc", "bin/ruff"];
        assert_eq!(stay.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn programs_come_back_when_they_are_included() {
        check(&[("bin/ruff", "\x7fELF"), ("ruff/__init__.py", "")], &["ruff/__init__.py"]);
        assert!(Rule::Script.yields() && !Rule::Machine.yields());
    }
}
