//! `slam env`: what any AWS client needs to talk to the embedded cloud.

use crate::embedded;
use crate::home::Home;
use crate::terminal::{print, print_json};
use clap::{Args, ValueEnum};
use slam_project::variables::SLAM_TOKEN;
use slam_report::Result;
use std::path::Path;

/// Print the variables that point any AWS client at the embedded cloud
#[derive(Args)]
pub struct Env {
    /// The shell to print for; found from $SHELL when left out
    #[arg(long, value_enum)]
    shell: Option<Shell>,
    /// Print a JSON object
    #[arg(long, conflicts_with = "shell")]
    json: bool,
}

/// The shells that `slam env` speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Shell {
    /// sh, bash, zsh, dash …
    Sh,
    /// fish
    Fish,
    /// PowerShell
    Powershell,
}

impl Env {
    /// Runs the command.
    pub fn run(&self, home: &Home) -> Result<()> {
        let cloud = embedded::ensure(home)?;
        let key = embedded::access_key(home)?;
        let variables = [
            ("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{}", cloud.port)),
            ("AWS_ACCESS_KEY_ID", key.access_key_id),
            ("AWS_SECRET_ACCESS_KEY", key.secret_access_key),
            ("AWS_REGION", super::LOCAL_REGION.to_owned()),
            ("AWS_DEFAULT_REGION", super::LOCAL_REGION.to_owned()),
            (SLAM_TOKEN, key.token),
        ];
        if self.json {
            let object: serde_json::Map<_, _> =
                variables.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
            return print_json(&object);
        }
        let shell = self.shell.unwrap_or_else(|| Shell::of(std::env::var("SHELL").ok().as_deref()));
        for (name, value) in &variables {
            print(&shell.assignment(name, value))?;
        }
        Ok(())
    }
}

impl Shell {
    fn of(path: Option<&str>) -> Self {
        let name = path.and_then(|path| Path::new(path).file_stem()).and_then(|name| name.to_str());
        match name {
            Some("fish") => Self::Fish,
            Some("pwsh" | "powershell") => Self::Powershell,
            _ => Self::Sh,
        }
    }

    /// An assignment; the values hold no quotes, so single quotes serve all three.
    fn assignment(self, name: &str, value: &str) -> String {
        match self {
            Self::Sh => format!("export {name}='{value}'"),
            Self::Fish => format!("set -gx {name} '{value}'"),
            Self::Powershell => format!("$Env:{name} = '{value}'"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_shell_gets_its_own_assignment() {
        for (path, expected) in [
            (Some("/bin/zsh"), "export A='b'"),
            (Some("/usr/bin/fish"), "set -gx A 'b'"),
            (Some("/usr/bin/pwsh"), "$Env:A = 'b'"),
            (None, "export A='b'"),
        ] {
            assert_eq!(Shell::of(path).assignment("A", "b"), expected);
        }
    }
}
