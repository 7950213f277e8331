//! Packages that are directories beside the project, built into wheels.
//!
//! uv would leave a path of this machine in the package for an editable one, and builds nothing when only wheels are
//! taken. So each is built into a wheel of its own, which must fit every platform, and its line is replaced.

use crate::BundleError;
use crate::machine::interpreter;
use crate::machine::uv::{self, Uv};
use crate::requirements::local::{contents, is_package, packages};
use crate::requirements::text::{address, local};
use crate::requirements::{locks, uv_sources};
use crate::target::Target;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The beginnings of backends that write nothing but the wheel.
const TIDY: [&str; 4] = ["hatchling", "poetry.", "flit_core", "uv_build"];

/// Signs of a build that needs what is around the package: version control, which may say its version and its files, or
/// files beside it.
const SIGNS: [&str; 6] = ["scm", "vcs", "versioning", "versioneer", "pbr", "../"];

/// Builds wheels, of each package one.
pub struct Wheels<'a> {
    pub uv: &'a Uv,
    pub target: &'a Target,
    pub offline: bool,
    pub scratch: &'a Path,
    pub skipped: &'a [PathBuf],
    pub built: BTreeMap<PathBuf, PathBuf>,
}

impl Wheels<'_> {
    /// The text with each package replaced by its wheel. What a package takes from `[tool.uv.sources]` is added as a
    /// constraint, which names the place without asking for more than is needed; a lock has it already.
    pub fn replace(&mut self, text: &str, base: &Path, locked: bool) -> Result<String, BundleError> {
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
    pub fn wheel(&mut self, package: &Path) -> Result<PathBuf, BundleError> {
        let package = fs::canonicalize(package).map_err(BundleError::io(package, "read"))?;
        if let Some(wheel) = self.built.get(&package) {
            return Ok(wheel.clone());
        }
        let scratch = self.scratch.join(format!("local-{}", self.built.len()));
        let wheel = self.build(&package, &scratch)?;
        self.built.insert(package, wheel.clone());
        Ok(wheel)
    }

    fn build(&self, package: &Path, scratch: &Path) -> Result<PathBuf, BundleError> {
        // The user's folder is not written to: a later build would take what this one left there.
        let copied = !stays(package)?;
        let place = if copied { self.copy(package, &scratch.join("source"))? } else { package.to_owned() };
        let out = scratch.join("wheel");
        // uv's settings are those of where the package is.
        let mut command = self.uv.command(package);
        command.args(["build", "--wheel", "--quiet", "--out-dir"]).arg(&out);
        command.env("DIST_EXTRA_CONFIG", setuptools_config(scratch)?);
        if self.offline {
            command.arg("--offline");
        }
        let python = interpreter::of_target(self.target);
        if let Some(python) = &python {
            command.arg("--python").arg(python);
        }
        let output = uv::run(command.arg(&place))?;
        if output.status.success() {
            return built(package, &out);
        }
        let message = String::from_utf8_lossy(&output.stderr);
        if python.is_none() && ["No interpreter found", "Python interpreter"].iter().any(|sign| message.contains(sign))
        {
            let python = self.target.python.clone();
            let uv = self.uv.called();
            return Err(BundleError::NoBuildInterpreter { package: package.to_owned(), python, uv });
        }
        let mut details = message.lines().take(20).map(|line| format!("  {line}")).collect::<Vec<_>>();
        if copied {
            details.push("  (from a copy, without version control and what is beside the package)".to_owned());
        }
        Err(BundleError::LocalPackage { directory: package.to_owned(), details: details.join("\n") })
    }

    fn copy(&self, package: &Path, place: &Path) -> Result<PathBuf, BundleError> {
        for (name, path) in contents(package, self.skipped)? {
            let copy = place.join(name);
            let above = copy.parent().unwrap_or(place);
            fs::create_dir_all(above).map_err(BundleError::io(above, "created"))?;
            fs::copy(&path, &copy).map_err(BundleError::io(&path, "copied"))?;
        }
        Ok(place.to_owned())
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

/// Whether a package is built where it is: because that leaves nothing there, or because a copy would not do.
fn stays(package: &Path) -> Result<bool, BundleError> {
    let pyproject = package.join("pyproject.toml");
    let mut project = if pyproject.is_file() { locks::toml(&pyproject)? } else { serde_json::json!({}) };
    let backend = project["build-system"]["build-backend"].as_str().unwrap_or_default();
    if TIDY.iter().any(|tidy| backend.starts_with(tidy)) {
        return Ok(true);
    }
    // Paths in uv's table are not the build's to read.
    if let Some(tools) = project["tool"].as_object_mut() {
        tools.remove("uv");
    }
    let scripts = ["setup.py", "setup.cfg"].map(|name| fs::read_to_string(package.join(name)).unwrap_or_default());
    let text = project.to_string() + &scripts.concat();
    Ok(SIGNS.iter().any(|sign| text.contains(sign)))
}

/// A configuration with which setuptools leaves nothing in the package, where it is built in its place.
fn setuptools_config(scratch: &Path) -> Result<PathBuf, BundleError> {
    let metadata = scratch.join("metadata");
    fs::create_dir_all(&metadata).map_err(BundleError::io(&metadata, "created"))?;
    let config = scratch.join("setuptools.cfg");
    let build = scratch.join("build");
    let text = format!("[build]\nbuild_base = {}\n[egg_info]\negg_base = {}\n", build.display(), metadata.display());
    fs::write(&config, text).map_err(BundleError::io(&config, "written"))?;
    Ok(config)
}

/// The name of the distribution in a wheel.
fn name_of(wheel: &Path) -> String {
    let stem = wheel.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    locks::normalized(stem.split('-').next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_stays_where_it_leaves_nothing_or_needs_what_is_around() {
        let of = |backend: &str| format!("[build-system]\nbuild-backend = \"{backend}\"\n");
        let scm = "[build-system]\nrequires = [\"setuptools-scm>=8\"]\nbuild-backend = \"setuptools.build_meta\"\n";
        for (file, text, expected) in [
            ("pyproject.toml", of("hatchling.build"), true),
            ("pyproject.toml", of("setuptools.build_meta"), false),
            ("pyproject.toml", of("pdm.backend"), false),
            ("pyproject.toml", scm.to_owned(), true),
            ("pyproject.toml", "[tool.uv.sources]\nx = {path = \"../x\"}\n".to_owned(), false),
            ("setup.py", "open('../README.md')".to_owned(), true),
            ("setup.py", "setup(name='x')".to_owned(), false),
        ] {
            let package = tempfile::tempdir().expect("a temporary directory");
            fs::write(package.path().join(file), &text).expect("written");
            assert_eq!(stays(package.path()).expect("read"), expected, "{text}");
        }
    }
}
