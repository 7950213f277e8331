//! `slam keys list`: which keys there are. Their values are nobody's but their holders'.

use super::require_plans;
use crate::commands::Common;
use crate::commands::target::{Cloud, deployment_of, load};
use crate::terminal::{print, print_json};
use clap::Args;
use serde_json::json;
use slam_report::Result;
use slam_stack::keys::{self, Key};
use slam_stack::progress::Silent;

/// Stands for a plan that is in slam.yaml no more.
const GONE: &str = "(no plan)";

/// Show the keys of a stage, without their values
#[derive(Args)]
pub struct List {
    /// The stage; the development stage when left out
    #[arg(long, add = super::super::complete::stages())]
    stage: Option<String>,
    /// Print a JSON array
    #[arg(long)]
    json: bool,
}

impl List {
    /// Runs the command.
    pub async fn run(&self, common: &Common) -> Result<()> {
        let project = load(common)?;
        let (stage, deployment) = deployment_of(&project, self.stage.as_deref())?;
        let cloud = Cloud::find(common, &deployment).await?;
        cloud.tell(&common.terminal.quiet_if(self.json), "target");
        let keys = match (require_plans(&project, stage), keys::list(&cloud.session(&project, &Silent), stage).await) {
            // There may be keys whose plans are gone.
            (Err(refused), keys) if keys.as_ref().map_or(true, Vec::is_empty) => return Err(refused),
            (_, keys) => keys?,
        };
        if self.json {
            let shown = keys.iter().map(|Key { plan, key }| {
                json!({
                    "id": key.id, "name": key.name, "plan": plan, "enabled": key.enabled,
                    "created": time(key.created).map(|at| at.to_string()),
                })
            });
            return print_json(&shown.collect::<Vec<_>>());
        }
        if keys.is_empty() {
            common.terminal.say(&format!("{stage} has no keys yet: `slam keys create PLAN --stage {stage}` makes one"));
        }
        let width = |of: fn(&Key) -> &str| keys.iter().map(|key| of(key).len()).max().unwrap_or_default();
        let (ids, plans) = (width(|key| &key.key.id), width(|key| key.plan.as_deref().unwrap_or(GONE)));
        let names = width(|key| &key.key.name);
        for Key { plan, key } in &keys {
            let plan = plan.as_deref().unwrap_or(GONE);
            let since = time(key.created)
                .map(|at| at.to_zoned_datetime(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string());
            let state = if key.enabled { "" } else { "  switched off" };
            let text = format!(
                "  {:<ids$}  {plan:<plans$}  {:<names$}  {}{state}",
                key.id,
                key.name,
                since.unwrap_or_default()
            );
            print(text.trim_end())?;
        }
        Ok(())
    }
}

fn time(seconds: Option<i64>) -> Option<jiff::Timestamp> {
    jiff::Timestamp::from_second(seconds?).ok()
}
