//! The wheels that packages publish, read from their names: for which Pythons, and for which platforms.
//! <https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/>

use super::Installation;
use crate::machine::{interpreter, uv};
use crate::requirements::locks;
use crate::target::Target;
use std::path::Path;

/// A version of a package.
#[derive(Debug, PartialEq, Eq)]
pub struct Published {
    pub name: String,
    pub version: Option<String>,
    pub wheels: Vec<Wheel>,
}

/// The tags of a wheel.
#[derive(Debug, PartialEq, Eq)]
pub struct Wheel {
    pythons: Vec<String>,
    abis: Vec<String>,
    platforms: Vec<String>,
}

/// What these requirements have in the index. Nothing is known of them where it cannot be asked.
pub fn published(installation: &Installation<'_>, requirements: &[String]) -> Vec<Published> {
    let list = installation.scratch.join("missing.txt");
    let file = installation.scratch.join("pylock.missing.toml");
    if std::fs::write(&list, requirements.join("\n")).is_err() {
        return Vec::new();
    }
    // uv leaves out wheels for older Pythons than the oldest that is asked for, which each package must be for.
    let pythons = installation.request.runtimes.iter().filter_map(|runtime| runtime.strip_prefix("python"));
    for python in pythons {
        let mut command = installation.uv.command(installation.scratch);
        command.args([
            "pip",
            "compile",
            "--quiet",
            "--no-deps",
            "--universal",
            "--no-header",
            "--format",
            "pylock.toml",
        ]);
        command.args(["--python-version", python]).arg(&list).arg("--output-file").arg(&file);
        // uv would look for that very Python, which takes long where it starts shims.
        if let Some(any) = interpreter::instead_of_shim(installation.target) {
            command.arg("--python").arg(any);
        }
        if installation.request.offline {
            command.arg("--offline");
        }
        if uv::run(&mut command).is_ok_and(|output| output.status.success()) {
            return read(&file);
        }
    }
    Vec::new()
}

fn read(pylock: &Path) -> Vec<Published> {
    let lock = locks::toml(pylock).unwrap_or_default();
    let packages = lock["packages"].as_array().into_iter().flatten();
    let read = |package: &serde_json::Value| {
        let text = |key: &str| package[key].as_str().map(str::to_owned);
        let wheels = package["wheels"].as_array().into_iter().flatten();
        let names = wheels.filter_map(|wheel| ["name", "url", "path"].iter().find_map(|key| wheel[*key].as_str()));
        Some(Published {
            name: text("name")?,
            version: text("version"),
            wheels: names.filter_map(Wheel::parse).collect(),
        })
    };
    packages.filter_map(read).collect()
}

impl Published {
    /// Whether one of its wheels is for a target.
    pub fn is_for(&self, target: &Target) -> bool {
        self.wheels.iter().any(|wheel| wheel.is_for(target))
    }

    /// Whether it is compiled: its wheels are for platforms. Without any wheel nothing tells.
    pub fn is_native(&self) -> bool {
        !self.wheels.is_empty() && self.wheels.iter().all(|wheel| !wheel.is_pure())
    }

    /// Why none of its wheels is for a target: what those are for that come nearest.
    pub fn why_not(&self, target: &Target) -> Option<String> {
        let of_python: Vec<&Wheel> = self.wheels.iter().filter(|wheel| wheel.is_for_python(target)).collect();
        let python = &target.python;
        if of_python.is_empty() || self.is_for(target) {
            return None;
        }
        if let Some(least) = of_python.iter().filter_map(|wheel| wheel.glibc(target.processor())).min() {
            let (system, glibc) = target.system();
            return Some(if least > glibc {
                format!(
                    "those for Python {python} need glibc 2.{least}, and Lambda's python{python} is on {system}, which has 2.{glibc}"
                )
            } else {
                format!("those for Python {python} are for manylinux_2_{least}, which slam does not take for {system}")
            });
        }
        let has = |part: &str| of_python.iter().any(|wheel| wheel.platforms.iter().any(|it| it.contains(part)));
        let systems = [("linux", "Linux on other processors"), ("macosx", "macOS"), ("win", "Windows")];
        let found: Vec<&str> = systems.iter().filter(|(part, _)| has(part)).map(|(_, system)| *system).collect();
        (!found.is_empty()).then(|| format!("those for Python {python} are for {} only", listed(&found)))
    }
}

impl Wheel {
    /// The tags at the end of a wheel's name, whatever is before it.
    fn parse(name: &str) -> Option<Self> {
        let name = name.split(['?', '#']).next()?.strip_suffix(".whl")?;
        let mut parts = name.rsplitn(4, '-');
        let mut tags = || Some(parts.next()?.split('.').map(str::to_owned).collect::<Vec<_>>());
        let (platforms, abis, pythons) = (tags()?, tags()?, tags()?);
        Some(Self { pythons, abis, platforms })
    }

    fn is_pure(&self) -> bool {
        self.platforms.iter().any(|platform| platform == "any")
    }

    fn is_for(&self, target: &Target) -> bool {
        self.is_for_python(target)
            && (self.is_pure() || self.glibc(target.processor()).is_some_and(|glibc| glibc <= target.glibc()))
    }

    fn is_for_python(&self, target: &Target) -> bool {
        let Some(minor) = target.minor() else { return false };
        // Builds without the lock of the interpreter are other Pythons.
        let has_abi = |abi: &str| self.abis.iter().any(|it| it == abi);
        self.pythons.iter().any(|tag| {
            let of = |prefix: &str| tag.strip_prefix(prefix)?.parse::<u32>().ok();
            match (of("cp3"), of("py3")) {
                (Some(least), _) if least < minor => has_abi("abi3"),
                (Some(exact), _) => exact == minor && !has_abi(&format!("cp3{minor}t")),
                (None, Some(least)) => least <= minor,
                (None, None) => tag == "py3",
            }
        })
    }

    /// The oldest second part of glibc's version that it runs with, on Linux on this processor.
    /// <https://peps.python.org/pep-0600/>
    fn glibc(&self, processor: &str) -> Option<u32> {
        let least = |platform: &String| {
            let tag = platform.strip_suffix(processor)?.strip_suffix('_')?;
            match tag {
                "manylinux1" => Some(5),
                "manylinux2010" => Some(12),
                "manylinux2014" => Some(17),
                _ => tag.strip_prefix("manylinux_2_")?.parse().ok(),
            }
        };
        self.platforms.iter().filter_map(least).min()
    }
}

/// `a, b and c`.
pub fn listed(words: &[impl AsRef<str>]) -> String {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => words.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Architecture;

    fn check(wheels: &[&str], runtime: &str, fits: bool, why: Option<&str>) {
        let wheels = wheels.iter().map(|name| Wheel::parse(&format!("p-1-{name}.whl")).expect("a wheel")).collect();
        let package = Published { name: "p".to_owned(), version: None, wheels };
        let target = Target::new(runtime, Architecture::X86_64).expect("a target");
        assert_eq!(package.is_for(&target), fits, "{package:?}");
        assert_eq!(package.why_not(&target).as_deref(), why, "{package:?}");
    }

    #[test]
    fn names_tell_what_a_wheel_is_for() {
        check(&["py2.py3-none-any"], "python3.11", true, None);
        check(&["cp39-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64"], "python3.11", true, None);
        check(&["cp312-abi3-manylinux2014_x86_64"], "python3.11", false, None);
        check(&["cp313-cp313t-manylinux_2_28_x86_64"], "python3.13", false, None);
        check(&["cp313-cp313-manylinux_2_28_x86_64"], "python3.13", true, None);
        check(&["cp312-cp312-manylinux_2_34_x86_64"], "python3.12", true, None);
        check(&["cp312-cp312-manylinux_2_28_x86_64"], "python3.11", false, None);
        check(&["cp310-cp310-manylinux1_x86_64"], "python3.11", false, None);
    }

    #[test]
    fn the_platform_is_told_where_it_is_the_reason() {
        let glibc =
            "those for Python 3.11 need glibc 2.27, and Lambda's python3.11 is on Amazon Linux 2, which has 2.26";
        check(
            &["cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64", "cp311-cp311-win_amd64"],
            "python3.11",
            false,
            Some(glibc),
        );
        let newer =
            "those for Python 3.13 need glibc 2.35, and Lambda's python3.13 is on Amazon Linux 2023, which has 2.34";
        check(&["cp313-cp313-manylinux_2_35_x86_64"], "python3.13", false, Some(newer));
        let older = "those for Python 3.11 are for manylinux_2_24, which slam does not take for Amazon Linux 2";
        check(&["cp311-cp311-manylinux_2_24_x86_64"], "python3.11", false, Some(older));
        let others = "those for Python 3.11 are for Linux on other processors and Windows only";
        check(&["cp311-cp311-manylinux2014_aarch64", "cp311-cp311-win32"], "python3.11", false, Some(others));
    }
}
