//! `cargo xtask dist`: the wheel that `pip install` takes, and what is in it.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The build backend that `pyproject.toml` names, and the linker of other systems.
const TOOLS: &str = include_str!("../dist-requirements.txt");

/// What the program may weigh as it is released, bytes: it is fetched by everyone who tries slam. It is what it weighs, and a
/// little more, so that it does not grow unnoticed.
const LARGEST: u64 = 42_500_000;

/// What is built.
struct Options {
    /// The dev profile: for tests of the wheel, which need no small program.
    debug: bool,
    /// A target triple of rustc, linked by zig; left out, this machine's.
    target: Option<String>,
}

/// Writes the wheel and its bill of materials (CycloneDX) to `dist` in the target folder.
pub fn run(arguments: &[String]) -> Result<()> {
    let options = options(arguments)?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask has a parent folder")?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let folder = target.join("dist");
    let programs = crate::test::environment(&target.join("dist-tools"), TOOLS)?.parent().map(Path::to_owned);
    let programs = programs.context("the interpreter lies in a folder")?;
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    // maturin finds zig as python-zig, a program of the same environment.
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap_or_default());
    let mut build = Command::new(programs.join("maturin"));
    build.current_dir(root).env("PATH", path).args(["build", "--locked", "--out"]).arg(&folder);
    build.args(if options.debug { ["--profile", "dev"] } else { ["--profile", "release"] });
    if let Some(triple) = &options.target {
        build.args(["--zig", "--target", triple]);
    }
    crate::test::step("the wheel", &mut build)?;
    let wheel = only(&folder, "whl")?;
    let unpacked = folder.join("wheel");
    let mut unpack = Command::new(programs.join("python"));
    crate::test::step("what is in it", unpack.args(["-m", "zipfile", "-e"]).arg(&wheel).arg(&unpacked))?;
    let program = find(&unpacked, "slam")?;
    let bill = find(&unpacked, "slam.cyclonedx.json")?;
    std::fs::copy(bill, wheel.with_extension("cyclonedx.json"))?;
    let size = std::fs::metadata(program)?.len();
    std::fs::remove_dir_all(unpacked)?;
    println!("{}: {} bytes, the program {size} bytes", wheel.display(), std::fs::metadata(&wheel)?.len());
    if !options.debug && size > LARGEST {
        bail!("the program has {size} bytes, and may have {LARGEST}: look at what grew with `nm --size-sort`");
    }
    Ok(())
}

fn options(arguments: &[String]) -> Result<Options> {
    let mut options = Options { debug: false, target: None };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--debug" => options.debug = true,
            "--target" => options.target = Some(rest.next().context("--target needs a triple")?.clone()),
            other => bail!("cargo xtask dist knows --debug and --target TRIPLE, not {other}"),
        }
    }
    Ok(options)
}

/// The one file in `folder` that ends in `.extension`.
fn only(folder: &Path, extension: &str) -> Result<PathBuf> {
    let files = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    let mut files = files.into_iter().filter(|file| file.extension().is_some_and(|found| found == extension));
    files.next().with_context(|| format!("{} holds no .{extension}", folder.display()))
}

/// The file of this name below `folder`.
fn find(folder: &Path, name: &str) -> Result<PathBuf> {
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().is_some_and(|found| found == name) {
                return Ok(path);
            }
        }
    }
    bail!("the wheel holds no file {name}")
}
