//! HTTP APIs: each stage has one of its own, whose stage `$default` is deployed whenever a route changes.
//!
//! So nothing leads to the application but the host, a stage says for itself what its API does, and what is deployed is the
//! routes there are. <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-stages.html>

use super::authorizers::Authorizers;
use super::endpoint::endpoint;
use super::route_keys::{keys, preflight_keys};
use super::routes::{self, Answering};
use super::{api_logs, throttle};
use crate::draft::Draft;
use crate::ids::{alias_id, endpoint_output};
use serde_json::{Value, json};
use slam_project::{ApiCors, Stage, logical_name};

/// The stage of an HTTP API that its host leads to.
const DEFAULT_STAGE: &str = "$default";
/// The stage's variable by which the adapter knows that routes for OPTIONS are slam's own: it answers them, and no application does.
const PREFLIGHTS: &str = "PREFLIGHTS";

/// The HTTP API of a stage, and what lets it call the functions that answer.
pub fn add(draft: &mut Draft<'_>, stage: &Stage, routes: &[Answering]) {
    let id = logical_name(&stage.name);
    let api = api_id(&stage.name);
    let mut properties = json!({"Name": format!("{}-{}", draft.project.name, stage.name), "ProtocolType": "HTTP"});
    if let Some(description) = &draft.project.description {
        properties["Description"] = json!(description);
    }
    let settings = &stage.settings;
    if let Some(cors) = &settings.cors {
        properties["CorsConfiguration"] = cors_of(cors);
    }
    draft.resource(&*api, "AWS::ApiGatewayV2::Api", properties);
    let authorizers = Authorizers::of(&settings.access);
    authorizers.add_to_http(draft, stage, &api);
    let (mut after, mut route_keys, mut answers_preflights) = (Vec::new(), Vec::new(), false);
    for route in routes {
        let function = route.function.as_deref();
        let own = function.map(logical_name).unwrap_or_default();
        let integration = format!("{id}{own}HttpApiIntegration");
        draft.resource(&*integration, "AWS::ApiGatewayV2::Integration", integration_of(&api, stage, function));
        let permission = permission(&api, stage, function, &route.path);
        draft.resource(format!("{id}{own}HttpApiPermission"), "AWS::Lambda::Permission", permission);
    }
    for route in routes.iter().chain(&routes::apart(routes, settings)) {
        let own = route.function.as_deref().map(logical_name).unwrap_or_default();
        let target = json!({"Fn::Sub": format!("integrations/${{{id}{own}HttpApiIntegration}}")});
        let rule = settings.access.of(&route.path);
        // A preflight brings no token: where a route takes OPTIONS and asks for one, a route that does not must take it instead.
        // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
        let preflights = settings.cors.is_some() && rule.authorizer.is_some();
        for (key, name) in keys(&route.path) {
            let mut properties = json!({"ApiId": {"Ref": api}, "RouteKey": key, "Target": target});
            authorizers.protect_route(&mut properties, rule, &api);
            let route_id = format!("{id}{name}HttpApiRoute");
            draft.resource(&*route_id, "AWS::ApiGatewayV2::Route", properties);
            after.push(route_id);
            route_keys.push((key, route.path.clone()));
        }
        for (key, name) in preflight_keys(&route.path).into_iter().filter(|_| preflights) {
            let properties = json!({"ApiId": {"Ref": api}, "RouteKey": key, "Target": target});
            let route_id = format!("{id}{name}HttpApiPreflightRoute");
            draft.resource(&*route_id, "AWS::ApiGatewayV2::Route", properties);
            after.push(route_id);
            route_keys.push((key, route.path.clone()));
            answers_preflights = true;
        }
    }
    let mut deployed = json!({
        "Type": "AWS::ApiGatewayV2::Stage",
        "DependsOn": after,
        "Properties": {"ApiId": {"Ref": api}, "StageName": DEFAULT_STAGE, "AutoDeploy": true},
    });
    if answers_preflights {
        deployed["Properties"]["StageVariables"] = json!({PREFLIGHTS: "1"});
    }
    throttle::limit_http(&mut deployed, stage, route_keys);
    api_logs::turn_on_access(&mut deployed, &id, stage.api_logs);
    draft.insert(format!("{api}Stage"), deployed);
    draft.output(endpoint_output(&stage.name), endpoint(&api, ""));
}

fn api_id(stage: &str) -> String {
    format!("{}HttpApi", logical_name(stage))
}

/// What browsers are told, also with the answers of functions.
pub fn cors_of(cors: &ApiCors) -> Value {
    let mut told = json!({"AllowOrigins": cors.origins, "AllowMethods": cors.methods, "AllowHeaders": cors.headers});
    if !cors.expose.is_empty() {
        told["ExposeHeaders"] = json!(cors.expose);
    }
    if let Some(seconds) = cors.max_age {
        told["MaxAge"] = json!(seconds);
    }
    if cors.credentials {
        told["AllowCredentials"] = json!(true);
    }
    told
}

fn integration_of(api: &str, stage: &Stage, function: Option<&str>) -> Value {
    json!({
        "ApiId": {"Ref": api},
        "IntegrationType": "AWS_PROXY",
        "IntegrationUri": {"Ref": alias_id(&stage.name, function)},
        "PayloadFormatVersion": "2.0",
    })
}

/// Lets the API call a function's alias for its routes. In their ARNs `$default` stands for the project's own, which may
/// be asked for any. <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>
fn permission(api: &str, stage: &Stage, function: Option<&str>, path: &str) -> Value {
    let routes = if path.is_empty() { "*".to_owned() } else { format!("*/*{}", routes::below(path)) };
    let source =
        format!("arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{{api}}}/{routes}");
    json!({
        "Action": "lambda:InvokeFunction",
        "FunctionName": {"Ref": alias_id(&stage.name, function)},
        "Principal": "apigateway.amazonaws.com",
        "SourceArn": {"Fn::Sub": source},
    })
}
