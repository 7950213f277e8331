//! How often the stages of an API may be called, as settings of their methods or routes.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html>
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html>

use super::route_keys;
use serde_json::{Map, Value, json};
use slam_project::{Limits, Stage, StaticFiles};

/// Limits a stage of a REST API. The settings of a method count instead of those of all, so they have what these have of logs.
pub fn limit_rest(resource: &mut Value, stage: &Stage, files: Option<&StaticFiles>) {
    let throttle = &stage.settings.throttle;
    if throttle.all.is_none() && throttle.paths.is_empty() {
        return;
    }
    let settings = &mut resource["Properties"]["MethodSettings"];
    let logging = settings[0]["LoggingLevel"].clone();
    let setting = |path: &str, verb: &str, limits: Option<Limits>| {
        let mut setting = json!({"HttpMethod": verb, "ResourcePath": path});
        if logging.is_string() {
            setting["LoggingLevel"] = logging.clone();
        }
        put(&mut setting, limits);
        setting
    };
    let mut all = Vec::new();
    if throttle.all.is_some() || logging.is_string() {
        all.push(setting("/*", "*", throttle.all));
    }
    for (path, limits) in &throttle.paths {
        all.extend(methods(path, files).into_iter().map(|(path, verb)| setting(&written(&path), verb, Some(*limits))));
    }
    *settings = Value::Array(all);
}

/// Limits the stage of an HTTP API, of which `keys` are the routes.
pub fn limit_http(resource: &mut Value, stage: &Stage, keys: &[String]) {
    let limited = |limits: &Limits| {
        let mut settings = json!({});
        put(&mut settings, Some(*limits));
        settings
    };
    let throttle = &stage.settings.throttle;
    if let Some(limits) = &throttle.all {
        resource["Properties"]["DefaultRouteSettings"] = limited(limits);
    }
    let of_paths = throttle
        .paths
        .iter()
        .flat_map(|(path, limits)| route_keys::keys(path).into_iter().map(move |(key, _)| (key, limits)));
    let routes: Map<String, Value> =
        of_paths.filter(|(key, _)| keys.contains(key)).map(|(key, limits)| (key, limited(limits))).collect();
    if !routes.is_empty() {
        resource["Properties"]["RouteSettings"] = Value::Object(routes);
    }
}

fn put(setting: &mut Value, limits: Option<Limits>) {
    if let Some(limits) = limits {
        setting["ThrottlingRateLimit"] = json!(limits.rate);
        setting["ThrottlingBurstLimit"] = json!(limits.burst);
    }
}

/// The methods at a path and below it.
fn methods(path: &str, files: Option<&StaticFiles>) -> Vec<(String, &'static str)> {
    let below = format!("{path}/{{proxy+}}");
    match files.filter(|files| files.url == path) {
        None => vec![(path.to_owned(), "ANY"), (below, "ANY")],
        Some(files) => {
            let index = files.index.is_some().then(|| path.to_owned());
            let paths = index.into_iter().chain([below]);
            paths.flat_map(|path| ["GET", "HEAD"].map(|verb| (path.clone(), verb))).collect()
        }
    }
}

/// "Forward slashes (`/`) are encoded as `~1` and the initial slash must include a forward slash."
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-apigateway-stage-methodsetting.html>
fn written(path: &str) -> String {
    format!("/{}", path.replace('/', "~1"))
}
