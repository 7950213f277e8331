//! `slam template`: the CloudFormation template, without touching any cloud.

use super::target::{deployment_of, load};
use super::{Common, deploy};
use crate::terminal::print;
use clap::Args;
use slam_report::Result;

/// Print the CloudFormation template
#[derive(Args)]
pub struct Template {
    /// The stage that a first deployment would go to; the development stage when left out
    #[arg(long, add = super::complete::stages())]
    stage: Option<String>,
}

impl Template {
    /// Runs the command.
    pub fn run(&self, common: &Common) -> Result<()> {
        let project = load(common)?;
        let (stage, deployment) = deployment_of(&project, self.stage.as_deref())?;
        let template = slam_template::render(&project, &deploy::inputs(&deployment, Some(stage)))?;
        print(&template.to_json())
    }
}
