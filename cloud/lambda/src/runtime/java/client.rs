//! Our client of the Runtime API: its source, and the classes that a JDK makes of it.

use super::Jdk;
use sha2::{Digest, Sha256};
use slam_cloud_core::Durability;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The class that is started.
pub(super) const MAIN: &str = "slam.lambda.Main";

/// The oldest Java that runs the classes.
const RELEASE: &str = "11";

macro_rules! sources {
    ($($name:literal),* $(,)?) => { [$(($name, include_str!($name))),*] };
}

const SOURCES: [(&str, &str); 26] = sources![
    "Bean.java",
    "Contexts.java",
    "Core.java",
    "Fault.java",
    "FunctionLoader.java",
    "Handler.java",
    "Handlers.java",
    "Invocation.java",
    "JsonBinder.java",
    "JsonException.java",
    "JsonNumber.java",
    "JsonReader.java",
    "JsonWriter.java",
    "Log.java",
    "Main.java",
    "Methods.java",
    "PojoHandler.java",
    "Records.java",
    "RuntimeClient.java",
    "Scalars.java",
    "Serializer.java",
    "Stand.java",
    "StreamHandler.java",
    "Traces.java",
    "Types.java",
    "Unsupported.java",
];

/// Removes the classes of other sources than these, and what a compiler left that was ended. Nothing runs yet.
///
/// # Errors
/// When they cannot be removed.
pub(in crate::runtime) fn install(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let ours = source_hash();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if !name.starts_with(&ours) || name.contains('.') {
            std::fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// The folder in `folder` with the classes that this JDK has made of the client, or makes now.
///
/// # Errors
/// What to do when it cannot.
pub(in crate::runtime) fn prepare(jdk: &Jdk, folder: &Path) -> Result<PathBuf, String> {
    let source = source_hash();
    let home = jdk.home.display();
    let java = hash([home.to_string().as_str(), &format!("{}.{}", jdk.major, jdk.update)]);
    let classes = folder.join(format!("{source}-{java}"));
    if classes.is_dir() {
        return Ok(classes);
    }
    let compiler = jdk.compiler().ok_or_else(|| {
        format!(
            "The runtime java{major} needs a JDK {major}, with its compiler javac, but there is only a JRE in {home}: \
             install the JDK",
            major = jdk.major
        )
    })?;
    let failed = |what: &dyn std::fmt::Display| format!("The runtime java{} cannot be prepared: {what}", jdk.major);
    // Another start may make the same: whoever is done first puts it in place.
    let beside = folder.join(format!("{source}-{java}.{}", slam_cloud_core::id::request_id()));
    let compiled = compile(&compiler, &beside)
        // Once for each JDK, and what is there is taken to be whole ever after.
        .and_then(|()| Durability::Fsync.keep_tree(&beside).map_err(|error| error.to_string()));
    let made = compiled.and_then(|()| match std::fs::rename(beside.join("classes"), &classes) {
        Err(error) if !classes.is_dir() => Err(error.to_string()),
        _ => Ok(()),
    });
    let _ = std::fs::remove_dir_all(&beside);
    made.map(|()| classes).map_err(|error| failed(&error))
}

fn compile(compiler: &Path, folder: &Path) -> Result<(), String> {
    let error = |error: std::io::Error| format!("{}: {error}", folder.display());
    std::fs::create_dir_all(folder).map_err(error)?;
    for (name, text) in &SOURCES {
        std::fs::write(folder.join(name), text).map_err(error)?;
    }
    let options = ["-J-XX:TieredStopAtLevel=1", "-encoding", "UTF-8", "-Xlint:none", "--release", RELEASE];
    let done = Command::new(compiler)
        .args(options)
        .args(["-d", "classes"])
        .args(SOURCES.iter().map(|(name, _)| name))
        .current_dir(folder)
        .env_remove("JAVA_TOOL_OPTIONS")
        .env_remove("JDK_JAVAC_OPTIONS")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{} does not start: {error}", compiler.display()))?;
    if done.status.success() {
        return Ok(());
    }
    let told = String::from_utf8_lossy(&done.stderr);
    let told: Vec<&str> = told.lines().take(5).collect();
    Err(format!("{} fails: {}", compiler.display(), told.join("; ")))
}

fn source_hash() -> String {
    hash(SOURCES.iter().flat_map(|(name, text)| [*name, *text]))
}

/// A short name for these texts.
fn hash<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update(text.len().to_le_bytes());
        hash.update(text);
    }
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
