//! `cargo xtask test`: everything that is tested, with the clients it is tested with.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

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
    let path = std::env::var("PATH").unwrap_or_default();
    let programs = python.parent().context("the interpreter lies in a folder")?;
    step(
        "the end-to-end tests",
        Command::new(&python)
            .current_dir(root.join("tests"))
            .env("SLAM_BINARY", target.join("debug/slam"))
            .env("PATH", format!("{}:{path}", programs.display()))
            .args(["-m", "pytest"])
            .args(arguments),
    )
}

/// A virtual environment with the clients of `tests/requirements.txt`, made when that file changes.
pub fn clients(root: &Path, target: &Path) -> Result<PathBuf> {
    let folder = target.join("test-clients");
    let python = folder.join("bin/python");
    let requirements = root.join("tests/requirements.txt");
    let wanted = std::fs::read_to_string(&requirements)?;
    let stamp = folder.join("requirements.txt");
    if std::fs::read_to_string(&stamp).ok().as_ref() != Some(&wanted) {
        step("a virtual environment", Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
        let mut install = Command::new(&python);
        step("the clients", install.args(["-m", "pip", "install", "--quiet", "-r"]).arg(&requirements))?;
        std::fs::write(stamp, wanted)?;
    }
    Ok(python)
}

fn step(what: &str, command: &mut Command) -> Result<()> {
    eprintln!("==> {what}");
    let status = command.status().with_context(|| format!("{what}: {command:?} could not be run"))?;
    if !status.success() {
        bail!("{what}: failed");
    }
    Ok(())
}
