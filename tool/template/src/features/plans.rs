//! Usage plans: what the holders of API keys may do in a stage. The keys themselves are not in the template, for their values are
//! nobody's but their holders'; `slam keys` makes them.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html>

use crate::draft::Draft;
use crate::ids::{API, api_stage_id, usage_plan_id};
use crate::template::Template;
use serde_json::json;
use slam_project::Stage;

/// A plan of a stage, as a template has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeployedPlan {
    /// Its logical id.
    pub logical_id: String,
    /// The stage.
    pub stage: String,
    /// Its name in slam.yaml.
    pub name: String,
}

pub fn add(draft: &mut Draft<'_>, stage: &Stage) {
    for plan in &stage.settings.plans {
        let mut properties = json!({
            "UsagePlanName": format!("{}-{}-{}", draft.project.name, stage.name, plan.name),
            "ApiStages": [{"ApiId": {"Ref": API}, "Stage": {"Ref": api_stage_id(&stage.name)}}],
        });
        if let Some(quota) = plan.quota {
            properties["Quota"] = json!({"Limit": quota.limit, "Period": quota.period.as_str()});
        }
        if let Some(limits) = plan.limits {
            properties["Throttle"] = json!({"RateLimit": limits.rate, "BurstLimit": limits.burst});
        }
        let metadata = json!({"Slam": {"Plan": {"Stage": stage.name, "Name": plan.name}}});
        let resource = json!({"Type": "AWS::ApiGateway::UsagePlan", "Metadata": metadata, "Properties": properties});
        draft.insert(usage_plan_id(&stage.name, &plan.name), resource);
    }
}

impl Template {
    /// The usage plans of all stages, in the template's order.
    #[must_use]
    pub fn plans(&self) -> Vec<DeployedPlan> {
        let plan = |(id, resource): (&String, &serde_json::Value)| {
            let plan = &resource["Metadata"]["Slam"]["Plan"];
            let text = |name: &str| plan[name].as_str().map(str::to_owned);
            Some(DeployedPlan { logical_id: id.clone(), stage: text("Stage")?, name: text("Name")? })
        };
        self.resources().iter().filter_map(plan).collect()
    }
}
