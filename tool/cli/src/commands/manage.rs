//! `slam manage`: a Django management command inside the function.

use super::Common;
use super::remote::{self, Call};
use super::target::{function_of, load};
use clap::Args;
use serde_json::json;
use slam_report::Result;

/// Run a management command of Django in the function
#[derive(Args)]
#[command(
    after_help = "As `python manage.py` would, with the function's code, variables and role: `slam manage migrate`. \
                        Nobody can answer questions there: give `--noinput` where a command asks. `commands: true` in \
                        slam.yaml allows it."
)]
pub struct Manage {
    /// The stage; the development stage when left out
    #[arg(long, add = super::complete::stages())]
    stage: Option<String>,
    /// A function below `functions` in slam.yaml; the project's own when left out
    #[arg(long, value_name = "NAME", add = super::complete::functions())]
    function: Option<String>,
    /// Print a JSON object with the output, the exit code and the log
    #[arg(long)]
    json: bool,
    /// The command and its arguments
    #[arg(value_name = "COMMAND", required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<String>,
}

impl Manage {
    /// Runs the command.
    pub async fn run(&self, common: &Common) -> Result<()> {
        let project = load(common)?;
        let function = function_of(&project, self.function.as_deref())?;
        let command = json!({ "manage": self.command });
        remote::run(common, &project, &Call { function, stage: self.stage.as_deref(), command }, self.json).await
    }
}
