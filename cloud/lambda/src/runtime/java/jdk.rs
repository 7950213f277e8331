//! Looking for JDKs.
//!
//! They are looked for, in this order: `java` on PATH, `JAVA_HOME`, the system's folders, SDKMAN!, asdf, mise and
//! jenv's kin. A candidate counts when it says itself that it is of that version: another version, a newer one too, is
//! not what the function gets on AWS.

use crate::runtime::search::{answer, on_path, roots, starting_with};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Variables whose options a JVM would take from the machine, and tell of.
const OPTIONS: [&str; 3] = ["JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"];

/// A JDK that works; without a compiler, what is properly a JRE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jdk {
    /// Its folder, in which `bin/java` is.
    pub home: PathBuf,
    /// `17` of 17.0.15.
    pub major: u64,
    /// `15` of 17.0.15.
    pub update: u64,
}

impl Jdk {
    /// The compiler, if it is here.
    pub fn compiler(&self) -> Option<PathBuf> {
        Some(self.home.join("bin/javac")).filter(|compiler| compiler.is_file())
    }
}

/// The JDKs found so far, by major version.
#[derive(Clone, Default)]
pub struct Jdks {
    found: Arc<Mutex<HashMap<u64, Jdk>>>,
}

impl Jdks {
    /// The JDK of this major version, if the machine has one; a JRE if it has only that. May start programs: call it
    /// on a thread that may block.
    pub fn find(&self, major: u64) -> Option<Jdk> {
        let known = self.found.lock().unwrap_or_else(PoisonError::into_inner).get(&major).cloned();
        if let Some(jdk) = known.filter(|known| known.compiler().is_some()) {
            return Some(jdk);
        }
        let mut jre = None;
        let jdk = candidates().filter_map(|candidate| question(&candidate, major)).find(|found| {
            jre.get_or_insert_with(|| found.clone());
            found.compiler().is_some()
        });
        let jdk = jdk.or(jre)?;
        self.found.lock().unwrap_or_else(PoisonError::into_inner).insert(major, jdk.clone());
        Some(jdk)
    }
}

/// Programs named `java`.
fn candidates() -> impl Iterator<Item = PathBuf> {
    let on_path = on_path().into_iter().map(|folder| folder.join("java"));
    let homes = roots(&[("JAVA_HOME", "")], &[]).into_iter().map(|home| home.join("bin/java"));
    let managed = [
        (vec![PathBuf::from("/usr/lib/jvm"), "/usr/java".into(), "/opt/java".into()], "bin/java"),
        (vec!["/Library/Java/JavaVirtualMachines".into()], "Contents/Home/bin/java"),
        (roots(&[], &["Library/Java/JavaVirtualMachines"]), "Contents/Home/bin/java"),
        (roots(&[("SDKMAN_CANDIDATES_DIR", "java")], &[".sdkman/candidates/java"]), "bin/java"),
        (roots(&[("ASDF_DATA_DIR", "installs/java")], &[".asdf/installs/java"]), "bin/java"),
        (roots(&[("MISE_DATA_DIR", "installs/java")], &[".local/share/mise/installs/java"]), "bin/java"),
        (roots(&[], &[".jdks"]), "bin/java"),
    ];
    let managed = managed.into_iter().flat_map(|(roots, program)| {
        let homes = roots.into_iter().flat_map(|root| starting_with(&root, ""));
        homes.map(move |home| home.join(program))
    });
    on_path.chain(homes).chain(managed).filter(|candidate| candidate.is_file())
}

/// Asks a candidate what it is. Only one that answers as Java of this major version is one.
fn question(candidate: &Path, major: u64) -> Option<Jdk> {
    let other = released(candidate).is_some_and(|version| version != major);
    if other {
        return None;
    }
    let (_, told) = answer(candidate, &["-XshowSettings:properties", "-version"], &OPTIONS)?;
    let property = |name: &str| {
        let value = |line: &str| line.trim().strip_prefix(name)?.trim_start().strip_prefix("= ").map(str::to_owned);
        told.lines().find_map(value)
    };
    let version = property("java.version")?;
    let mut numbers = version.split(['.', '-', '+', '_']).map(str::parse::<u64>);
    if numbers.next() != Some(Ok(major)) {
        return None;
    }
    let update = numbers.nth(1).and_then(Result::ok).unwrap_or_default();
    Some(Jdk { home: property("java.home")?.into(), major, update })
}

/// The major version that the file `release` beside a candidate tells: quicker than to ask, where there are many.
fn released(candidate: &Path) -> Option<u64> {
    let program = candidate.canonicalize().ok()?;
    let text = std::fs::read_to_string(program.parent()?.parent()?.join("release")).ok()?;
    let version = text.lines().find_map(|line| line.strip_prefix("JAVA_VERSION=\""))?;
    version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}
