//! What a REST API tells browsers of pages of other origins: it answers preflights without asking a function. The headers of
//! other answers are the adapter's, for API Gateway passes these on as they are.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-cors.html>

use crate::ids::API;
use serde_json::{Map, Value, json};
use slam_project::ApiCors;

const PREFIX: &str = "method.response.header.Access-Control-Allow-";

/// The method that answers preflights at a resource. Everything is binary to the API, and a template takes text: so what comes is
/// made text first. <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings-workflow.html>
pub fn method(cors: &ApiCors, resource: Value) -> Value {
    let told = told(cors);
    let declared: Map<String, Value> =
        told.keys().map(|name| (name.clone(), json!(false))).chain(origin_declared(cors)).collect();
    let mut answer = json!({"StatusCode": "204", "ResponseParameters": told});
    if let Some(template) = chosen_origin(cors) {
        answer["ResponseTemplates"] = json!({"application/json": template});
    }
    json!({
        "RestApiId": {"Ref": API},
        "ResourceId": resource,
        "HttpMethod": "OPTIONS",
        "AuthorizationType": "NONE",
        "Integration": {
            "Type": "MOCK",
            "ContentHandling": "CONVERT_TO_TEXT",
            "RequestTemplates": {"application/json": r#"{"statusCode": 204}"#},
            "IntegrationResponses": [answer],
        },
        "MethodResponses": [{"StatusCode": "204", "ResponseParameters": declared}],
    })
}

/// The headers that are the same for all.
fn told(cors: &ApiCors) -> Map<String, Value> {
    let text = |text: String| json!(format!("'{text}'"));
    let mut told = Map::new();
    let mut tell = |name: &str, value: Value| told.insert(format!("{PREFIX}{name}"), value);
    tell("Methods", text(cors.methods.join(",")));
    tell("Headers", text(cors.headers.join(",")));
    if let [origin] = &cors.origins[..] {
        tell("Origin", text(origin.clone()));
    }
    if cors.credentials {
        tell("Credentials", text("true".to_owned()));
    }
    if let Some(seconds) = cors.max_age {
        told.insert("method.response.header.Access-Control-Max-Age".to_owned(), text(seconds.to_string()));
    }
    told
}

fn origin_declared(cors: &ApiCors) -> impl Iterator<Item = (String, Value)> {
    let names = [format!("{PREFIX}Origin"), "method.response.header.Vary".to_owned()];
    names.into_iter().filter(|_| cors.origins.len() > 1).map(|name| (name, json!(false)))
}

/// Of several origins the one that asks is told.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-override-request-response-parameters.html>
fn chosen_origin(cors: &ApiCors) -> Option<String> {
    if cors.origins.len() < 2 {
        return None;
    }
    // Origins have no quotes in them.
    let is_one: Vec<String> = cors.origins.iter().map(|origin| format!("$origin == \"{origin}\"")).collect();
    Some(format!(
        "#set($origin = $input.params().header.get(\"Origin\"))\n#if($origin == \"\")#set($origin = \
         $input.params().header.get(\"origin\"))#end\n#set($context.responseOverride.header.Vary = \"Origin\")\n#if({})\n\
         #set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)\n#end\n",
        is_one.join(" || ")
    ))
}
