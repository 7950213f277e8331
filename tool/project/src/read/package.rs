//! How packages are made.

use super::{Reading, place};
use crate::model::{Code, Package};
use crate::yaml::Node;

/// The package of the project's own function.
pub(super) fn package(reading: &mut Reading<'_>) -> Package {
    let requirements = reading.one_of(&["package.requirements", "requirements"]);
    requirements.into_iter().for_each(|node| place::check(reading, node));
    let base = Package {
        requirements: requirements.and_then(Node::text).map(str::to_owned),
        bucket: bucket(reading),
        ..Package::default()
    };
    match reading.root.get("package") {
        Some(section) => settings(reading, section, base),
        None => base,
    }
}

/// The package of a function of its own: in the same folder it is made as the project's, in another one by itself.
pub(super) fn own(reading: &mut Reading<'_>, section: &Node, project: &Package) -> Package {
    section.get("requirements").into_iter().for_each(|node| place::check(reading, node));
    let base = if section.get("path").is_some() { Package::default() } else { project.clone() };
    settings(reading, section, Package { bucket: None, ..base })
}

/// A path must fit what is called in the package.
pub(super) fn check_path(reading: &mut Reading<'_>, function: &Node, code: &Code, package: Option<&Package>) {
    let node = function.find("package.path");
    match (code, node) {
        (Code::App { .. }, Some(node)) if is_archive(node.text().unwrap_or_default()) => {
            reading
                .error(node, "a package that is built before is shipped as it is")
                .hints
                .push("name Lambda's handler in it with `handler: module.function` instead of `app`".to_owned());
        }
        (Code::Handler(_), None) if package.is_none_or(|package| package.path.is_none()) => {
            let place = function.entry("handler").map_or(function, |(key, _)| key);
            reading
                .error(place, "`handler` calls what is in a package that is shipped as it is, and there is none")
                .hints
                .push("add `package: {path: …}` with a folder or a zip file".to_owned());
        }
        _ => {}
    }
}

/// Whether a path is that of a finished package.
fn is_archive(path: &str) -> bool {
    path.ends_with(".zip") || path.ends_with(".jar")
}

fn settings(reading: &mut Reading<'_>, section: &Node, base: Package) -> Package {
    let text = |key| section.get(key).and_then(Node::text).map(str::to_owned);
    let flag = |key| section.get(key).and_then(Node::flag);
    let texts =
        |key| section.get(key).map(|node| node.items().iter().filter_map(Node::text).map(str::to_owned).collect());
    Package {
        path: path(reading, section),
        requirements: text("requirements").or(base.requirements),
        bucket: base.bucket,
        include: texts("include").unwrap_or(base.include),
        exclude: texts("exclude").unwrap_or(base.exclude),
        exclude_dependencies: texts("exclude_dependencies").unwrap_or(base.exclude_dependencies),
        slim: flag("slim").unwrap_or(base.slim),
        runtime_packages: text("runtime_packages").map_or(base.runtime_packages, |word| word == "include"),
        bytecode: flag("bytecode").unwrap_or(base.bytecode),
        budget: budget(reading, section).or(base.budget),
        before: text("before").or(base.before).filter(|command| !command.trim().is_empty()),
        layer: flag("layer").unwrap_or(base.layer),
    }
}

fn path(reading: &mut Reading<'_>, section: &Node) -> Option<String> {
    let node = section.get("path")?;
    let text = node.text().unwrap_or_default();
    if text.starts_with('/') || text.starts_with('~') {
        reading
            .error(node, "this path is of one machine")
            .hints
            .push("write it from the directory of slam.yaml on, such as `functions/resize`".to_owned());
    } else {
        place::check(reading, node);
    }
    Some(text.to_owned())
}

fn bucket(reading: &mut Reading<'_>) -> Option<String> {
    let node = reading.one_of(&["package.bucket", "aws.s3_bucket"])?;
    let name = node.text()?;
    let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'.';
    let ends = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = name.as_bytes();
    if !(3..=63).contains(&name.len()) || !name.bytes().all(legal) || !ends(bytes.first()) || !ends(bytes.last()) {
        reading
            .error(node, format!("`{name}` cannot be the name of a bucket"))
            .hints
            .push("3 to 63 lowercase letters, digits, dots and dashes; or leave it out: the stack makes one".into());
    }
    Some(name.to_owned())
}

/// `30MB`, as AWS counts: its 50 MB and 250 MB for packages are of 1,048,576 bytes.
fn budget(reading: &mut Reading<'_>, section: &Node) -> Option<u64> {
    let node = section.get("budget")?;
    let text = node.text().unwrap_or_default();
    let units = [("KB", 1_u64 << 10), ("MB", 1 << 20)];
    let bytes = units.iter().find_map(|(unit, bytes)| {
        let number = text.strip_suffix(unit)?.trim().parse::<u64>().ok()?;
        number.checked_mul(*bytes).filter(|bytes| *bytes > 0)
    });
    if bytes.is_none() {
        reading.error(node, format!("`{text}` is not a size")).hints.push("write `30MB` or `800KB`".into());
    }
    bytes
}
