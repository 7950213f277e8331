//! Dependencies that do not fit what is built for, with what would.

/// A dependency that has no wheel for the target.
#[derive(Clone, Debug, thiserror::Error)]
#[error("`{package}`{} has no wheel for {target} (needed by {requirements}){} {why}{}{}", in_version(version.as_deref()), aside(wheels.as_deref()), neither(others), below(details))]
pub struct NoWheel {
    /// The package.
    pub package: String,
    /// Its version, where only one would do.
    pub version: Option<String>,
    /// What was built for.
    pub target: String,
    /// The file that lists the dependencies.
    pub requirements: String,
    /// Why its source is of no use.
    pub why: String,
    /// The last of what its build, or uv, said.
    pub details: String,
    /// What its wheels are for.
    pub wheels: Option<String>,
    /// Packages that are compiled and have no wheel either.
    pub others: Vec<String>,
    /// What would do instead.
    pub advice: Option<String>,
}

/// A dependency that is for other Pythons than the runtime's.
#[derive(Clone, Debug, thiserror::Error)]
#[error("`{package}`{} is for Python {pythons}, and the runtime's is {python} (needed by {requirements})", in_version(version.as_deref()))]
pub struct ForOthers {
    /// The package.
    pub package: String,
    /// Its version, where only one would do.
    pub version: Option<String>,
    /// The Pythons that it is for.
    pub pythons: String,
    /// The runtime's minor version.
    pub python: String,
    /// The file that lists the dependencies.
    pub requirements: String,
    /// What runtime to take, if Lambda has one.
    pub take: Option<String>,
}

impl ForOthers {
    pub(super) fn hint(&self) -> String {
        let other = format!("take a version of `{}` that is for Python {}", self.package, self.python);
        self.take.as_ref().map_or_else(|| other.clone(), |take| format!("{take}; or {other}"))
    }
}

impl NoWheel {
    pub(super) fn hint(&self) -> String {
        self.advice.clone().unwrap_or_else(|| {
            format!(
                "take a version of `{}` that has a wheel, or another runtime or architecture, or build the wheel for the \
                 function's platform yourself and list it by its path",
                self.package
            )
        })
    }
}

fn in_version(version: Option<&str>) -> String {
    version.map(|version| format!(" {version}")).unwrap_or_default()
}

fn aside(wheels: Option<&str>) -> String {
    wheels.map_or_else(|| ", and".to_owned(), |wheels| format!(": {wheels};"))
}

fn neither(others: &[String]) -> String {
    if others.is_empty() {
        return String::new();
    }
    format!("\n  these have none either, and are compiled too: {}", others.join(", "))
}

fn below(details: &str) -> String {
    if details.is_empty() { String::new() } else { format!("\n{details}") }
}
