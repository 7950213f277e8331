//! `cargo xtask test`: everything that is tested, with the clients it is tested with.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Files of end-to-end tests that run at the same time, each in one piece as its tests share a cloud: they wait more than they
/// compute. With arguments, pytest runs as it is told.
const FILES_AT_ONCE: [&str; 4] = ["-n", "2", "--dist", "loadfile"];

/// Runs all tests; `arguments` go to pytest and leave the crates' own tests out.
pub fn run(arguments: &[String]) -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask has a parent folder")?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let everything = arguments.is_empty();
    // With everything, cargo chooses the dependencies' features as for the tests below: they are compiled once for both.
    let program: &[&str] =
        if everything { &["build", "--workspace", "--all-targets"] } else { &["build", "--package", "slam"] };
    step("the program under test", Command::new(&cargo).current_dir(root).args(program))?;
    let python = clients(root, &target)?;
    if everything {
        step("the crates' tests", Command::new(&cargo).current_dir(root).args(["test", "--workspace", "--quiet"]))?;
        step(
            "the adapter's tests",
            Command::new(&python).current_dir(root.join("python")).args(["-m", "pytest", "-q"]),
        )?;
    }
    // A copy: the test of the wheel builds while others run, and moves the program out of cargo's folder.
    let program = target.join("under-test");
    std::fs::create_dir_all(&program)?;
    let program = program.join("slam");
    // Not over the former one, which somebody may still run.
    let new = program.with_extension("new");
    std::fs::copy(target.join("debug/slam"), &new).context("the program under test could not be copied")?;
    std::fs::rename(&new, &program)?;
    let path = std::env::var("PATH").unwrap_or_default();
    let programs = python.parent().context("the interpreter lies in a folder")?;
    step(
        "the end-to-end tests",
        Command::new(&python)
            .current_dir(root.join("tests"))
            .env("SLAM_BINARY", &program)
            .env("PATH", format!("{}:{path}", programs.display()))
            .args(["-m", "pytest"])
            .args(if everything { &FILES_AT_ONCE[..] } else { &[] })
            .args(arguments),
    )
}

/// The interpreter of a virtual environment with the clients of `tests/requirements.txt`.
pub fn clients(root: &Path, target: &Path) -> Result<PathBuf> {
    environment(&target.join("test-clients"), &std::fs::read_to_string(root.join("tests/requirements.txt"))?)
}

/// The interpreter of the virtual environment in `folder` with these requirements; made when they change.
pub fn environment(folder: &Path, requirements: &str) -> Result<PathBuf> {
    let python = folder.join("bin/python");
    let stamp = folder.join("requirements.txt");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == requirements) {
        return Ok(python);
    }
    step("a virtual environment", Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder))?;
    let wanted = folder.join("wanted.txt");
    std::fs::write(&wanted, requirements)?;
    let mut install = Command::new(&python);
    step("its packages", install.args(["-m", "pip", "install", "--quiet", "-r"]).arg(&wanted))?;
    // Written last: an environment that was not finished is made anew.
    std::fs::rename(wanted, stamp)?;
    Ok(python)
}

/// Runs a command of a chore, after a line that says what it is for.
pub fn step(what: &str, command: &mut Command) -> Result<()> {
    eprintln!("==> {what}");
    // `cargo run` says which package this is. A build that sees it takes some dependencies for changed: ring asks for it.
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")) {
            command.env_remove(name);
        }
    }
    let status = command.status().with_context(|| format!("{what}: {command:?} could not be run"))?;
    if !status.success() {
        bail!("{what}: failed");
    }
    Ok(())
}
