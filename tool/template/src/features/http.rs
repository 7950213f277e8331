//! The REST API that passes every request on to a function.
//!
//! Its methods are the same for all stages; a stage variable picks the alias. A deployment is a snapshot of the
//! methods, so its logical id is a hash of them: a change of the methods makes a new one, to which the stages move.

use super::routes;
use super::stages::ApiParts;
use crate::draft::Draft;
use crate::ids::{API, API_ID_OUTPUT, ON_AWS};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use slam_project::Project;

/// Whether anything answers requests.
pub fn is_wanted(project: &Project) -> bool {
    !routes::of(project).is_empty()
}

/// Adds the API, and says what its stages show.
pub fn add(draft: &mut Draft<'_>) -> ApiParts {
    let mut api = json!({
        "Name": draft.project.name,
        // Everything is binary to API Gateway: it passes bodies on as they are, and the adapter knows what is text.
        "BinaryMediaTypes": ["*/*"],
        "EndpointConfiguration": {"Types": ["REGIONAL"]},
    });
    if let Some(description) = &draft.project.description {
        api["Description"] = json!(description);
    }
    let media_types = api["BinaryMediaTypes"].clone();
    draft.resource(API, "AWS::ApiGateway::RestApi", api);
    let routes = routes::add(draft);
    let deployment = deployment_id(std::iter::once(&media_types).chain(&routes.snapshot));
    draft.insert(
        &*deployment,
        json!({
            "Type": "AWS::ApiGateway::Deployment",
            "DependsOn": routes.methods,
            "Properties": {"RestApiId": {"Ref": API}},
        }),
    );
    draft.output(API_ID_OUTPUT, json!({"Ref": API}));
    // Conditions cannot look into a text, so AWS's own suffixes are named; the embedded cloud has another.
    let suffix = |suffix: &str| json!({"Fn::Equals": [{"Ref": "AWS::URLSuffix"}, suffix]});
    let on_aws = json!({"Fn::Or": [suffix("amazonaws.com"), suffix("amazonaws.com.cn")]});
    draft.conditions.insert(ON_AWS.to_owned(), on_aws);
    let routes = routes::of(draft.project).into_iter();
    let routes = routes.map(|route| (route.function.map(str::to_owned), route.path.to_owned()));
    ApiParts { deployment, routes: routes.collect(), static_files: draft.project.static_files.is_some() }
}

fn deployment_id<'v>(parts: impl Iterator<Item = &'v Value>) -> String {
    let text: Vec<_> = parts.map(ToString::to_string).collect();
    format!("ApiDeployment{}", hex::encode_upper(&Sha256::digest(text.join("\n"))[..5]))
}
