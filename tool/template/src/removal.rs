//! Paths of the API that go.
//!
//! A deployment of an API is a snapshot of the methods there are. CloudFormation makes the new one before it deletes
//! what a template has no more, so the snapshot would have the deleted methods, and serve them on: they go in an
//! update of their own, before. <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks.html>

use crate::template::Template;
use serde_json::{Value, json};

const DEPLOYMENT: &str = "AWS::ApiGateway::Deployment";
const METHOD: &str = "AWS::ApiGateway::Method";
const STAGE: &str = "AWS::ApiGateway::Stage";

impl Template {
    /// What is to be applied before this template, where methods of the API that is deployed are gone in it: all of
    /// it, but with the deployment of the API that is on the air.
    #[must_use]
    pub fn before_removal(&self, deployed: &Self) -> Option<Self> {
        let there = |id: &str| self.resources().get(id).is_some_and(|resource| resource["Type"] == METHOD);
        deployed.of_type(METHOD).find(|(id, _)| !there(id))?;
        let ((old, snapshot), (new, _)) = (deployed.of_type(DEPLOYMENT).next()?, self.of_type(DEPLOYMENT).next()?);
        if old == new {
            return None;
        }
        let mut snapshot = snapshot.clone();
        if let Some(after) = snapshot["DependsOn"].as_array_mut() {
            after.retain(|id| id.as_str().is_some_and(there));
        }
        let mut between = self.clone();
        let resources = between.section("Resources");
        resources.shift_remove(new);
        resources.insert(old.to_owned(), snapshot);
        for stage in resources.values_mut().filter(|resource| resource["Type"] == STAGE) {
            if stage["Properties"]["DeploymentId"]["Ref"] == new {
                stage["Properties"]["DeploymentId"] = json!({"Ref": old});
            }
        }
        Some(between)
    }

    fn of_type(&self, kind: &str) -> impl Iterator<Item = (&str, &Value)> {
        let resources = self.resources().iter().filter(move |(_, resource)| resource["Type"] == kind);
        resources.map(|(id, resource)| (id.as_str(), resource))
    }
}
