//! `slam keys create`: a key for somebody, whose value is told this once.

use super::require_plans;
use crate::commands::Common;
use crate::commands::target::{Cloud, deployment_of, load};
use crate::terminal::{print, print_json};
use clap::Args;
use serde_json::json;
use slam_report::Result;
use slam_stack::keys;
use slam_stack::progress::Silent;

/// Make a key of a plan and print its value: it is shown this once
#[derive(Args)]
pub struct Create {
    /// The plan, as slam.yaml names it below `http.keys`
    plan: String,
    /// Whose key it is; the project's, the stage's and the plan's names when left out
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The stage; the development stage when left out
    #[arg(long, add = super::super::complete::stages())]
    stage: Option<String>,
    /// Print a JSON object
    #[arg(long)]
    json: bool,
}

impl Create {
    /// Runs the command.
    pub async fn run(&self, common: &Common) -> Result<()> {
        let project = load(common)?;
        let (stage, deployment) = deployment_of(&project, self.stage.as_deref())?;
        require_plans(&project, stage)?;
        let terminal = common.terminal.quiet_if(self.json);
        let cloud = Cloud::find(common, &deployment).await?;
        cloud.tell(&terminal, "target");
        let name = self.name.clone().unwrap_or_else(|| format!("{}-{stage}-{}", project.name, self.plan));
        let key = keys::create(&cloud.session(&project, &Silent), stage, &self.plan, &name).await?;
        if self.json {
            return print_json(&json!({
                "id": key.id, "name": key.name, "plan": self.plan, "stage": stage, "value": key.value,
            }));
        }
        terminal.say(&format!("the key {} of {}, for the header x-api-key; it is shown this once:", key.id, self.plan));
        print(&key.value)
    }
}
