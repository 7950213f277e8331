//! `slam template`: the CloudFormation template, without touching any cloud.

use super::target::{deployment_of, load};
use super::{Common, deploy};
use crate::terminal::print;
use anyhow::Result;
use clap::Args;

/// Print the CloudFormation template
#[derive(Args)]
pub struct Template {
    /// A stage of the stack that is meant, where stages live in several; the development stage when left out
    #[arg(long)]
    stage: Option<String>,
}

impl Template {
    /// Runs the command.
    pub fn run(&self, common: &Common) -> Result<()> {
        let project = load(common)?;
        let (_, deployment) = deployment_of(&project, self.stage.as_deref())?;
        let template = slam_template::render(&project, &deploy::inputs(&deployment))?;
        print(&template.to_json())
    }
}
