//! Packages that are directories beside the project: `-e ../lib`, members of a workspace.
//!
//! uv would leave a path of this machine in the package for an editable one, and builds nothing when only wheels are
//! taken. So each is built into a wheel of its own, which must fit every platform, and its line is replaced.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::requirements_txt::{address, local};
use crate::sources::{self, Patterns};
use crate::uv::{self, Uv};
use crate::{BundleError, locks, uv_sources};

/// Whether a wheel can be built of what is there.
pub(crate) fn is_package(place: &Path) -> bool {
    place.is_dir() && (place.join("pyproject.toml").is_file() || place.join("setup.py").is_file())
}

/// The packages that a requirements.txt names, seen from `base`.
pub(crate) fn packages(text: &str, base: &Path) -> Vec<PathBuf> {
    places(text, base).filter(|place| is_package(place)).collect()
}

/// The files that a requirements.txt names by path: wheels that were made before.
pub(crate) fn files(text: &str, base: &Path) -> Vec<PathBuf> {
    places(text, base).filter(|place| place.is_file()).collect()
}

fn places(text: &str, base: &Path) -> impl Iterator<Item = PathBuf> {
    text.lines().filter_map(|line| local(line, base)).map(|local| local.path)
}

/// Changes when anything does in a directory that a wheel is made of.
pub(crate) fn digest(package: &Path, skipped: &[PathBuf]) -> Result<String, BundleError> {
    let mut hash = Sha256::new();
    for file in sources::collect(package, &Patterns::new(&[], &[])?, skipped)? {
        hash.update((file.name.len() as u64).to_be_bytes());
        hash.update(&file.name);
        hash.update([u8::from(file.executable)]);
        hash.update(Sha256::digest(fs::read(&file.path).map_err(BundleError::io(&file.path, "read"))?));
    }
    Ok(hex::encode(hash.finalize()))
}

/// Builds wheels, of each package one.
pub(crate) struct Wheels<'a> {
    pub(crate) uv: &'a Uv,
    pub(crate) offline: bool,
    pub(crate) scratch: &'a Path,
    pub(crate) built: BTreeMap<PathBuf, PathBuf>,
}

impl Wheels<'_> {
    /// The text with each package replaced by its wheel. What a package takes from `[tool.uv.sources]` is added as a
    /// constraint, which names the place without asking for more than is needed; a lock has it already.
    pub(crate) fn replace(&mut self, text: &str, base: &Path, locked: bool) -> Result<String, BundleError> {
        let mut lines = String::with_capacity(text.len());
        for one in text.lines() {
            match local(one, base).filter(|local| is_package(&local.path)) {
                Some(local) => {
                    let wheel = self.wheel(&local.path)?;
                    let name = local.name.map_or_else(|| name_of(&wheel), str::to_owned);
                    let line = format!("{name}{} @ {} {}", local.extras, address(&wheel), local.rest);
                    lines += &format!("{}\n", line.trim_end());
                }
                None => lines += &format!("{one}\n"),
            }
        }
        let sources = if locked { Vec::new() } else { uv_sources::reached(&packages(text, base))? };
        if !sources.is_empty() {
            lines += &format!("-c {}\n", address(&self.constraints(&sources)?));
        }
        Ok(lines)
    }

    fn constraints(&mut self, sources: &[uv_sources::Source]) -> Result<PathBuf, BundleError> {
        let mut lines = String::new();
        for source in sources {
            let wheel = if is_package(&source.place) {
                self.wheel(&source.place)?
            } else {
                fs::canonicalize(&source.place).map_err(BundleError::io(&source.place, "read"))?
            };
            let marker = source.marker.as_ref().map(|marker| format!(" ; {marker}")).unwrap_or_default();
            lines += &format!("{} @ {}{marker}\n", source.name, address(&wheel));
        }
        let place = self.scratch.join("sources.txt");
        fs::write(&place, lines).map_err(BundleError::io(&place, "written"))?;
        Ok(place)
    }

    /// The wheel of one package.
    pub(crate) fn wheel(&mut self, package: &Path) -> Result<PathBuf, BundleError> {
        let package = fs::canonicalize(package).map_err(BundleError::io(package, "read"))?;
        if let Some(wheel) = self.built.get(&package) {
            return Ok(wheel.clone());
        }
        let out = self.scratch.join(format!("wheel-{}", self.built.len()));
        let wheel = self.build(&package, &out)?;
        self.built.insert(package, wheel.clone());
        Ok(wheel)
    }

    fn build(&self, package: &Path, out: &Path) -> Result<PathBuf, BundleError> {
        let mut command = self.uv.command(package);
        command.args(["build", "--wheel", "--quiet", "--out-dir"]).arg(out);
        if self.offline {
            command.arg("--offline");
        }
        let output = uv::run(command.arg("."))?;
        if output.status.success() {
            return built(package, out);
        }
        let message = String::from_utf8_lossy(&output.stderr);
        let details = message.lines().take(20).map(|line| format!("  {line}")).collect::<Vec<_>>();
        Err(BundleError::LocalPackage { directory: package.to_owned(), details: details.join("\n") })
    }
}

/// The wheel that a build of `package` made.
fn built(package: &Path, out: &Path) -> Result<PathBuf, BundleError> {
    let failed = |details| BundleError::LocalPackage { directory: package.to_owned(), details };
    let entries = fs::read_dir(out).map_err(BundleError::io(out, "read"))?;
    let wheel = entries.flatten().map(|entry| entry.path()).find(|path| path.extension().is_some_and(|it| it == "whl"));
    let wheel = wheel.ok_or_else(|| failed("  its build made no wheel".to_owned()))?;
    // Compiled here, it would be for this machine.
    if !wheel.file_stem().is_some_and(|stem| stem.to_string_lossy().ends_with("-none-any")) {
        let name = wheel.file_name().unwrap_or_default().to_string_lossy().into_owned();
        return Err(failed(format!(
            "  {name} is for the platform it was built on: only pure Python can be built for another"
        )));
    }
    Ok(wheel)
}

/// The name of the distribution in a wheel.
fn name_of(wheel: &Path) -> String {
    let stem = wheel.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    locks::normalized(stem.split('-').next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(files: &[(&str, &str)]) -> tempfile::TempDir {
        let package = tempfile::tempdir().expect("a temporary directory");
        for (name, text) in files {
            let path = package.path().join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("created");
            fs::write(path, text).expect("written");
        }
        package
    }

    #[test]
    fn packages_are_told_from_other_directories() {
        let base = package(&[("lib/pyproject.toml", ""), ("old/setup.py", ""), ("none/x", ""), ("x-1.whl", "")]);
        let text = "-e ./lib\n./old\n./none\nlib\n./x-1.whl # comment\n./nothing\n";
        assert_eq!(packages(text, base.path()), ["./lib", "./old"].map(|name| base.path().join(name)));
        assert_eq!(files(text, base.path()), [base.path().join("./x-1.whl")]);
    }
}
