//! docs/cli.md is the commands' own help: this test keeps it so.

use super::Arguments;
use clap::{Command, CommandFactory};

const HEAD: &str = "# The commands of slam\n\nGenerated from the program's own help; \
                    `SLAM_UPDATE_DOCS=1 cargo test -p slam` writes it anew.\n";

fn write(command: &mut Command, path: &str, out: &mut String) {
    let level = if path.contains(' ') { "##" } else { "#" };
    let help = command.render_long_help().to_string();
    let help: Vec<&str> = help.lines().map(str::trim_end).collect();
    out.push_str(&format!("\n{level}# `{path}`\n\n```text\n{}\n```\n", help.join("\n").trim()));
    for subcommand in command.get_subcommands_mut().filter(|subcommand| subcommand.get_name() != "help") {
        let path = format!("{path} {}", subcommand.get_name());
        write(subcommand, &path, out);
    }
}

#[test]
fn the_reference_is_the_help() {
    let mut command = Arguments::command().term_width(80);
    command.build();
    let mut expected = HEAD.to_owned();
    write(&mut command, "slam", &mut expected);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/cli.md");
    if std::env::var_os("SLAM_UPDATE_DOCS").is_some() {
        std::fs::write(path, &expected).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(written == expected, "docs/cli.md is not current: SLAM_UPDATE_DOCS=1 cargo test -p slam");
}
