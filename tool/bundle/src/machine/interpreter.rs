//! The Pythons of this machine: those that the embedded cloud would run functions on, in its order, so that what is checked
//! here runs there.
//!
//! They are looked for as in `cloud/lambda/src/runtime/python/interpreters.rs`: uv's, pyenv's versions, `python3.X` and
//! `python3` on PATH (where shims of version managers come last), and the bases of virtual environments on PATH. Virtual and
//! conda environments are other projects', and free-threaded builds are not what Lambda has. The cloud asks each what it is;
//! here that would take as long as the check itself, so their files tell.

use crate::Architecture;
use crate::target::Target;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Whether this machine has a Python that the embedded cloud runs functions of a runtime on.
#[must_use]
pub fn runs_here(runtime: &str) -> bool {
    Target::new(runtime, Architecture::X86_64).is_ok_and(|target| of_target(&target).is_some())
}

/// Programs of the target's version that are there, whether or not they run.
pub fn candidates(target: &Target) -> Vec<PathBuf> {
    Places::of_machine().candidates(&target.python)
}

/// A Python of the target's version that runs.
pub fn of_target(target: &Target) -> Option<PathBuf> {
    candidates(target).into_iter().find(runs)
}

/// The same, without starting one that is no shim: such a program runs, and to find out would take as long again.
pub fn of_target_unasked(target: &Target) -> Option<PathBuf> {
    candidates(target).into_iter().find(|python| !python.parent().is_some_and(is_shims) || runs(python))
}

/// A Python for uv to start from, where the first it would find is a version manager's shim: such a script starts a
/// shell and the manager before it starts Python, which takes longer than all else of a small installation. uv asks
/// Python for nothing that reaches the package.
pub fn instead_of_shim(target: &Target) -> Option<PathBuf> {
    let places = Places::of_machine();
    let has_python = |directory: &&PathBuf| ["python", "python3"].iter().any(|name| directory.join(name).is_file());
    if !places.path.iter().find(has_python).is_some_and(|directory| is_shims(directory)) {
        return None;
    }
    let of_version =
        places.managed(&format!("{}.", target.python)).into_iter().map(|bin| bin.join(name_of(&target.python)));
    let any = places.managed("3.").into_iter().map(|bin| bin.join("python3"));
    of_version.chain(any).find(|python| python.is_file())
}

fn name_of(version: &str) -> String {
    format!("python{version}")
}

fn is_shims(directory: &Path) -> bool {
    directory.ends_with("shims")
}

fn runs(python: &PathBuf) -> bool {
    let mut command = Command::new(python);
    command.args(["-I", "-S", "-c", ""]).stdin(Stdio::null());
    command.output().is_ok_and(|output| output.status.success())
}

/// Where Pythons are.
struct Places {
    /// Folders in which uv keeps its own.
    uv: Vec<PathBuf>,
    /// Folders of pyenv.
    pyenv: Vec<PathBuf>,
    path: Vec<PathBuf>,
}

impl Places {
    fn of_machine() -> Self {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path: Vec<PathBuf> = std::env::split_paths(&path).filter(|directory| directory.is_absolute()).collect();
        let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let home = set("HOME").unwrap_or_default();
        let data = set("XDG_DATA_HOME").map(|data| data.join("uv/python"));
        let uv = [set("UV_PYTHON_INSTALL_DIR"), data, Some(home.join(".local/share/uv/python"))];
        let shims =
            path.iter().filter(|directory| is_shims(directory)).filter_map(|it| it.parent().map(Path::to_owned));
        let pyenv = [set("PYENV_ROOT"), Some(home.join(".pyenv"))].into_iter().flatten().chain(shims);
        Self { uv: uv.into_iter().flatten().collect(), pyenv: pyenv.collect(), path }
    }

    fn candidates(&self, version: &str) -> Vec<PathBuf> {
        let name = name_of(version);
        let managed = self.managed(&format!("{version}.")).into_iter().map(|bin| bin.join(&name));
        let on_path =
            [name.as_str(), "python3"].into_iter().flat_map(|name| self.path.iter().map(move |it| it.join(name)));
        let (shims, programs): (Vec<_>, Vec<_>) = on_path.partition(|program| program.parent().is_some_and(is_shims));
        let mut found = Vec::new();
        let mut bases = Vec::new();
        for program in managed.chain(programs).chain(shims).filter(|program| program.is_file()) {
            match Kind::of(&program, &name) {
                Kind::Plain => found.push(program),
                Kind::MadeWith(base) => bases.push(base),
                Kind::Other => {}
            }
        }
        found.extend(bases.into_iter().filter(|base| base.is_file() && matches!(Kind::of(base, &name), Kind::Plain)));
        found
    }

    /// The folders of programs of what uv and pyenv keep, of versions that begin so: the highest version first.
    fn managed(&self, version: &str) -> Vec<PathBuf> {
        let uv = self.uv.iter().flat_map(|root| starting_with(root, &format!("cpython-{version}")));
        let pyenv = self.pyenv.iter().flat_map(|root| starting_with(&root.join("versions"), version));
        uv.chain(pyenv).map(|root| root.join("bin")).collect()
    }
}

/// What a program is, by its files.
enum Kind {
    /// A Python of that name that belongs to no project.
    Plain,
    /// That of a virtual environment, which was made with this one.
    MadeWith(PathBuf),
    /// What runs no functions.
    Other,
}

impl Kind {
    fn of(program: &Path, name: &str) -> Self {
        let folder = program.parent().and_then(Path::parent).unwrap_or(program);
        // https://docs.python.org/3/library/site.html: what makes a virtual environment one.
        if let Ok(configuration) = fs::read_to_string(folder.join("pyvenv.cfg")) {
            let home = configuration.lines().find_map(|line| {
                let (key, value) = line.split_once('=')?;
                (key.trim() == "home").then(|| PathBuf::from(value.trim()))
            });
            return home.map_or(Self::Other, |home| Self::MadeWith(home.join(name)));
        }
        // The base of conda itself has the latter folder.
        if folder.join("conda-meta").is_dir() && !folder.join("condabin").is_dir() {
            return Self::Other;
        }
        // A shim is a script, for all names in the same way.
        let real = fs::canonicalize(program).unwrap_or_else(|_| program.to_owned());
        let real = real.file_name().unwrap_or_default().to_string_lossy();
        let is_of_version = program.ends_with(name) || real == name;
        if is_of_version && !is_free_threaded(&real) { Self::Plain } else { Self::Other }
    }
}

/// `python3.14t` <https://docs.python.org/3/howto/free-threading-python.html>
fn is_free_threaded(program: &str) -> bool {
    program.strip_suffix('t').is_some_and(|rest| rest.ends_with(|sign: char| sign.is_ascii_digit()))
}

/// The folders in `folder` whose names start so, the highest version first.
fn starting_with(folder: &Path, prefix: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<(Vec<u64>, PathBuf)> = entries
        .filter_map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            let numbers = name.strip_prefix(prefix)?.split(|sign: char| !sign.is_ascii_digit());
            Some((numbers.filter_map(|number| number.parse().ok()).collect(), entry.path()))
        })
        .collect();
    found.sort();
    found.into_iter().rev().map(|(_, path)| path).collect()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// What is found among these files (`link -> target` is a link), below one folder.
    fn check(files: &[&str], expected: &[&str]) {
        let folder = tempfile::tempdir().expect("created");
        let root = fs::canonicalize(folder.path()).expect("there");
        for file in files {
            let (name, content) = file.split_once(": ").unwrap_or((file, ""));
            let (name, target) = name.split_once(" -> ").map_or((name, None), |(name, target)| (name, Some(target)));
            let path = root.join(name);
            fs::create_dir_all(path.parent().expect("has one")).expect("created");
            match target {
                Some(target) => std::os::unix::fs::symlink(root.join(target), path).expect("linked"),
                None => fs::write(path, content.replace("ROOT", &root.display().to_string())).expect("written"),
            }
        }
        let places = Places {
            uv: vec![root.join("uv")],
            pyenv: vec![root.join("pyenv")],
            path: ["pyenv/shims", "venv/bin", "usr/bin"].map(|it| root.join(it)).to_vec(),
        };
        let found = places.candidates("3.13");
        let found: Vec<_> =
            found.iter().map(|it| it.strip_prefix(&root).expect("below").to_str().expect("text")).collect();
        assert_eq!(found, expected, "{files:?}");
    }

    #[test]
    fn the_order_is_the_clouds() {
        check(
            &[
                "usr/bin/python3.13",
                "usr/bin/python3 -> usr/bin/python3.13",
                "pyenv/shims/python3.13",
                "pyenv/versions/3.13.9/bin/python3.13",
                "pyenv/versions/3.13.11/bin/python3.13",
                "pyenv/versions/3.12.1/bin/python3.12",
                "uv/cpython-3.13.5-linux-x86_64-gnu/bin/python3.13",
            ],
            &[
                "uv/cpython-3.13.5-linux-x86_64-gnu/bin/python3.13",
                "pyenv/versions/3.13.11/bin/python3.13",
                "pyenv/versions/3.13.9/bin/python3.13",
                "usr/bin/python3.13",
                "usr/bin/python3",
                "pyenv/shims/python3.13",
            ],
        );
    }

    #[test]
    fn no_projects_interpreter_is_taken() {
        let base = "usr/lib/python/bin/python3.13";
        let venv = "venv/pyvenv.cfg: home = ROOT/usr/lib/python/bin\nversion = 3.13.1\n";
        check(&["venv/bin/python3.13", venv, base], &[base]);
        check(&["venv/bin/python3.13", venv, base, "usr/bin/python3.13"], &["usr/bin/python3.13", base]);
        check(&["venv/bin/python3.13", "venv/conda-meta/history"], &[]);
        check(&["venv/bin/python3.13", "venv/conda-meta/history", "venv/condabin/conda"], &["venv/bin/python3.13"]);
        check(&["usr/bin/python3.13 -> usr/bin/python3.13t", "usr/bin/python3.13t"], &[]);
        check(
            &[
                "pyenv/versions/pypy3.13-7.3/bin/python3.13",
                "usr/bin/python3.12",
                "usr/bin/python3 -> usr/bin/python3.12",
            ],
            &[],
        );
        check(&["usr/bin/python3 -> usr/lib/python3.13", "usr/lib/python3.13"], &["usr/bin/python3"]);
    }
}
