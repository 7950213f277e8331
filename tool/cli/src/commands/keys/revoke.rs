//! `slam keys revoke`: a key that opens nothing any more.

use crate::commands::Common;
use crate::commands::target::{Cloud, deployment_of, load};
use crate::terminal::{print, print_json};
use clap::Args;
use serde_json::json;
use slam_report::Result;
use slam_stack::keys;
use slam_stack::progress::Silent;

/// Delete a key: requests with it are refused from then on
#[derive(Args)]
pub struct Revoke {
    /// The key's id, as `slam keys list` shows it
    id: String,
    /// The stage; the development stage when left out
    #[arg(long, add = super::super::complete::stages())]
    stage: Option<String>,
    /// Print a JSON object
    #[arg(long)]
    json: bool,
}

impl Revoke {
    /// Runs the command.
    pub async fn run(&self, common: &Common) -> Result<()> {
        let project = load(common)?;
        let (stage, deployment) = deployment_of(&project, self.stage.as_deref())?;
        let cloud = Cloud::find(common, &deployment).await?;
        cloud.tell(&common.terminal.quiet_if(self.json), "target");
        let key = keys::revoke(&cloud.session(&project, &Silent), stage, &self.id).await?;
        if self.json {
            return print_json(&json!({
                "id": self.id, "name": key.key.name, "plan": key.plan, "stage": stage, "revoked": true,
            }));
        }
        print(&format!("{} ({}) is revoked", self.id, key.key.name))
    }
}
