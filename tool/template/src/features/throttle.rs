//! How often the stages of an API may be called, as settings of their methods or routes.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html>
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html>

use serde_json::{Map, Value, json};
use slam_project::{Limits, Stage, StaticFiles};

/// Limits a stage of a REST API, whose methods are at `paths`; files with whether a function has methods
/// beside them. The settings of a method count instead of those of all, so they have what these have of logs.
pub fn limit_rest(resource: &mut Value, stage: &Stage, paths: &[String], files: Option<(&StaticFiles, bool)>) {
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
    for (path, limits) in paths.iter().filter_map(|path| Some((path, throttle.of(path)?))) {
        all.extend(methods(path, files).into_iter().map(|(path, verb)| setting(&written(&path), verb, Some(limits))));
    }
    *settings = Value::Array(all);
}

/// Limits the stage of an HTTP API, whose routes are these: the key of each, and the path that it is at or below.
pub fn limit_http(resource: &mut Value, stage: &Stage, routes: Vec<(String, String)>) {
    let limited = |limits: Limits| {
        let mut settings = json!({});
        put(&mut settings, Some(limits));
        settings
    };
    let throttle = &stage.settings.throttle;
    if let Some(limits) = throttle.all {
        resource["Properties"]["DefaultRouteSettings"] = limited(limits);
    }
    let routes: Map<String, Value> =
        routes.into_iter().filter_map(|(key, path)| Some((key, limited(throttle.of(&path)?)))).collect();
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

/// The methods at a path and below it; at that of files, those of the function `beside` them where they are.
fn methods(path: &str, files: Option<(&StaticFiles, bool)>) -> Vec<(String, &'static str)> {
    let below = format!("{path}/{{proxy+}}");
    match files.filter(|(files, _)| files.url == path) {
        None => vec![(path.to_owned(), "ANY"), (below, "ANY")],
        Some((files, beside)) => {
            let index = files.index.is_some().then(|| path.to_owned());
            let read = index.into_iter().chain([below.clone()]);
            let read = read.flat_map(|path| ["GET", "HEAD"].map(|verb| (path.clone(), verb)));
            let other = [(path.to_owned(), "ANY"), (below, "ANY")];
            read.chain(other.into_iter().filter(|_| beside)).collect()
        }
    }
}

/// "Forward slashes (`/`) are encoded as `~1` and the initial slash must include a forward slash."
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-apigateway-stage-methodsetting.html>
fn written(path: &str) -> String {
    format!("/{}", path.replace('/', "~1"))
}
