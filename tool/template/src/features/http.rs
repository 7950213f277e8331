//! What passes requests on to functions: a REST API, or of each stage its own (`http_api`, `function_url`).
//!
//! A REST API's methods are the same for all stages; a stage variable picks the alias. A deployment is a snapshot of the
//! methods, so its logical id is a hash of them: a change of the methods makes a new one, to which the stages move.

use super::api_parts::{ApiParts, RestParts};
use super::authorizers::Authorizers;
use super::endpoint::add_scheme;
use super::routes::{self, Answering, rest_settings};
use super::static_files;
use crate::draft::Draft;
use crate::ids::{API, API_ID_OUTPUT};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use slam_project::{ApiKind, Project};

/// Whether anything answers requests.
pub fn is_wanted(project: &Project) -> bool {
    !routes::of(project).is_empty()
}

/// Adds what all stages have in common, and says what each of them shows.
pub fn add(draft: &mut Draft<'_>) -> ApiParts {
    let routes = routes::of(draft.project).iter().map(Answering::from).collect();
    match draft.project.api {
        ApiKind::Rest => {
            static_files::add(draft);
            let deployment = add_rest(draft);
            let deciding = rest_settings(draft).map(|settings| Authorizers::of(&settings.access).functions(API));
            ApiParts::Rest(RestParts {
                deployment,
                routes,
                deciding: deciding.unwrap_or_default(),
                static_files: draft.project.static_files.is_some(),
            })
        }
        ApiKind::Http => {
            add_scheme(draft);
            ApiParts::Http(routes)
        }
        ApiKind::Url => ApiParts::Url,
    }
}

/// Adds the REST API, and gives the logical id of its deployment.
fn add_rest(draft: &mut Draft<'_>) -> String {
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
    add_scheme(draft);
    deployment
}

fn deployment_id<'v>(parts: impl Iterator<Item = &'v Value>) -> String {
    let text: Vec<_> = parts.map(ToString::to_string).collect();
    format!("ApiDeployment{}", hex::encode_upper(&Sha256::digest(text.join("\n"))[..5]))
}
