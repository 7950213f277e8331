//! Packages that are directories beside the project: `-e ../lib`, members of a workspace.
//!
//! uv would leave a path of this machine in the package for an editable one, and builds nothing when only wheels are
//! taken. So each is built into a wheel of its own, which must fit every platform, and its line is replaced.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::sources::{self, Patterns};
use crate::uv::{self, Uv};
use crate::{BundleError, locks};

/// A line that names a directory.
#[derive(Debug, PartialEq, Eq)]
struct Line<'a> {
    directory: PathBuf,
    /// `[a,b]` or nothing.
    extras: &'a str,
    /// ` ; marker` and what else follows, or nothing.
    rest: &'a str,
}

/// The directory that a line of a requirements.txt names, seen from `base`.
fn line<'a>(text: &'a str, base: &Path) -> Option<Line<'a>> {
    let text = text.trim();
    let text = text.find(" #").map_or(text, |comment| &text[..comment]).trim_end();
    let editable = ["--editable", "-e"].iter().find_map(|option| text.strip_prefix(option));
    let target = editable.unwrap_or(text).trim_start_matches(['=', ' ', '\t']);
    if editable.is_none() && target.starts_with('-') {
        return None;
    }
    let (target, rest) = target.find(" ;").or_else(|| target.find("; ")).map_or((target, ""), |at| target.split_at(at));
    // `name @ file:///…` and `name @ ./lib` name a place too.
    let target = target.split_once(" @ ").map_or(target, |(_, place)| place).trim().trim_matches(['"', '\'']);
    let (target, extras) = target.find('[').map_or((target, ""), |at| target.split_at(at));
    let target = target.strip_prefix("file://").unwrap_or(target);
    if target.is_empty() || target.contains("://") {
        return None;
    }
    let place = base.join(target);
    let directory = place.is_dir() && (place.join("pyproject.toml").is_file() || place.join("setup.py").is_file());
    // A bare word is the name of a package, although a directory may have it as well.
    let path = editable.is_some() || target.contains('/') || target.starts_with('.');
    (directory && path).then_some(Line { directory: place, extras, rest })
}

/// The directories that a requirements.txt names, seen from `base`.
pub(crate) fn directories(text: &str, base: &Path) -> Vec<PathBuf> {
    text.lines().filter_map(|text| line(text, base)).map(|line| line.directory).collect()
}

/// Files that a requirements.txt names by path: wheels that were made before.
pub(crate) fn files(text: &str, base: &Path) -> Vec<PathBuf> {
    let names = text.lines().map(|line| line.trim().split(" ;").next().unwrap_or_default());
    let names = names.map(|name| name.split_once(" @ ").map_or(name, |(_, place)| place).trim());
    names
        .filter(|name| name.ends_with(".whl") && !name.starts_with('-'))
        .map(|name| base.join(name.strip_prefix("file://").unwrap_or(name)))
        .filter(|path| path.is_file())
        .collect()
}

/// Changes when anything does in a directory that a wheel is made of.
pub(crate) fn digest(directory: &Path, skipped: &[PathBuf]) -> Result<String, BundleError> {
    let mut hash = Sha256::new();
    for file in sources::collect(directory, &Patterns::new(&[], &[])?, skipped)? {
        hash.update((file.name.len() as u64).to_be_bytes());
        hash.update(&file.name);
        hash.update([u8::from(file.executable)]);
        hash.update(Sha256::digest(std::fs::read(&file.path).map_err(BundleError::io(&file.path, "read"))?));
    }
    Ok(hex::encode(hash.finalize()))
}

/// The text with each directory replaced by a wheel built of it in `scratch`.
pub(crate) fn with_wheels(
    text: &str,
    base: &Path,
    uv: &Uv,
    offline: bool,
    scratch: &Path,
) -> Result<String, BundleError> {
    let mut lines = String::with_capacity(text.len());
    for (number, one) in text.lines().enumerate() {
        match line(one, base) {
            Some(Line { directory, extras, rest }) => {
                let wheel = build(uv, &directory, offline, &scratch.join(format!("wheel-{number}")))?;
                let stem = wheel.file_name().and_then(|name| name.to_str()).unwrap_or_default();
                let name = locks::normalized(stem.split('-').next().unwrap_or_default());
                lines += &format!("{name}{extras} @ file://{}{rest}\n", escaped(&wheel));
            }
            None => {
                lines += one;
                lines.push('\n');
            }
        }
    }
    Ok(lines)
}

/// The wheel of a directory, built in `out`.
pub(crate) fn build(uv: &Uv, directory: &Path, offline: bool, out: &Path) -> Result<PathBuf, BundleError> {
    let mut command = uv.command(directory);
    command.args(["build", "--wheel", "--quiet", "--out-dir"]).arg(out);
    if offline {
        command.arg("--offline");
    }
    let output = uv::run(command.arg("."))?;
    let directory = &std::fs::canonicalize(directory).unwrap_or_else(|_| directory.to_owned());
    let failed = |details: String| BundleError::LocalPackage { directory: directory.to_owned(), details };
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(failed(text.lines().take(20).map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")));
    }
    let entries = std::fs::read_dir(out).map_err(BundleError::io(out, "read"))?;
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

/// A path in an address.
fn escaped(path: &Path) -> String {
    path.to_string_lossy()
        .bytes()
        .map(|byte| match byte {
            b'/' | b'.' | b'-' | b'_' | b'~' | b'+' => char::from(byte).to_string(),
            byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<(&str, &str, &str)>) {
        let base = tempfile::tempdir().expect("a temporary directory");
        for name in ["lib", "project"] {
            std::fs::create_dir(base.path().join(name)).expect("created");
            std::fs::write(base.path().join(name).join("pyproject.toml"), "").expect("written");
        }
        let project = base.path().join("project");
        let found = line(text, &project);
        let found =
            found.as_ref().map(|line| (line.directory.strip_prefix(&project).expect("below"), line.extras, line.rest));
        assert_eq!(found, expected.map(|(path, extras, rest)| (Path::new(path), extras, rest)), "{text}");
    }

    #[test]
    fn directories_are_told_from_names() {
        check("-e .", Some(("", "", "")));
        check("--editable=../lib", Some(("../lib", "", "")));
        check("../lib[a,b] ; python_version > '3' # why", Some(("../lib", "[a,b]", " ; python_version > '3'")));
        check("./../lib", Some(("../lib", "", "")));
        check("lib @ ../lib", Some(("../lib", "", "")));
        check("-e lib", None);
        check("flask==3", None);
        check("-r ../lib", None);
        check("x @ https://host/x-1-py3-none-any.whl", None);
        check("./nothing", None);
    }
}
