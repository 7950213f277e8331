//! The cloud's own endpoints under `/_slam/`, for the command line on the same machine.

use crate::body::{self, Body};
use crate::gate::Sender;
use crate::listeners::Ports;
use http::request::Parts;
use http::{Method, Response, StatusCode};
use serde_json::{Map, Value, json};
use slam_cloud_core::Cloud;
use slam_cloud_lambda::LambdaService;
use slam_cloud_lambda::runtime::machine::Lack;
use slam_cloud_wire::uri;

/// Where they are.
pub(crate) const PREFIX: &str = "/_slam/";

/// Where the packages of functions are fetched, by links that GetFunction gives.
const CODE: &str = "/_slam/lambda/code/";

/// What this machine lacks for functions to run on a runtime.
const RUNTIME: &str = "/_slam/runtimes/";

/// Answers one of them. They need no signature, so no page may call them: a reset deletes everything.
pub(crate) async fn answer(
    cloud: &Cloud,
    lambda: &LambdaService,
    ports: &Ports,
    version: &str,
    head: &Parts,
    sender: Sender,
) -> Response<Body> {
    if sender == Sender::ForeignPage || head.headers.contains_key("origin") {
        return body::refusal(StatusCode::FORBIDDEN, "pages may not call the cloud's own endpoints");
    }
    match (&head.method, head.uri.path()) {
        (&Method::GET, "/_slam/health") => {
            let services: Vec<_> = cloud.services().iter().map(|service| service.name()).collect();
            let runtimes: Map<_, _> = lambda
                .machine()
                .interpreters()
                .into_iter()
                .map(|python| {
                    let version = format!("{}.{}", python.version, python.patch);
                    (format!("python{}", python.version), json!({ "program": python.program, "version": version }))
                })
                .collect();
            body::json(
                StatusCode::OK,
                &json!({
                    "status": "running",
                    "version": version,
                    "services": services,
                    "runtimes": runtimes,
                    "account": cloud.settings().account,
                    "region": cloud.settings().region,
                    "open": cloud.settings().open,
                }),
            )
        }
        (&Method::GET, "/_slam/apis") => {
            let apis: Map<_, _> = ports.all().into_iter().map(|(id, port)| (id, json!({ "port": port }))).collect();
            body::json(StatusCode::OK, &apis.into())
        }
        (&Method::POST, "/_slam/reset") => reset(cloud).await,
        (&Method::GET, path) if path.starts_with(CODE) => package(lambda, head).await,
        (&Method::GET, path) if path.starts_with(RUNTIME) => runtime(lambda, &path[RUNTIME.len()..]).await,
        (_, "/_slam/health" | "/_slam/apis" | "/_slam/reset") => {
            body::refusal(StatusCode::METHOD_NOT_ALLOWED, "GET /_slam/health, GET /_slam/apis, POST /_slam/reset")
        }
        _ => body::refusal(
            StatusCode::NOT_FOUND,
            "there are /_slam/health, /_slam/apis, /_slam/runtimes/NAME and /_slam/reset",
        ),
    }
}

/// Sends the package of a function to whoever has a good link to it.
async fn package(lambda: &LambdaService, head: &Parts) -> Response<Body> {
    let query = uri::query(head.uri.query().unwrap_or_default());
    let parameter = |name: &str| query.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
    let hash = head.uri.path().strip_prefix(CODE).unwrap_or_default();
    let Some(path) = lambda.package(hash, parameter("Expires"), parameter("Signature")) else {
        return body::refusal(StatusCode::FORBIDDEN, "this link is not good, or not any more");
    };
    match body::file(&path).await {
        Ok(response) => response,
        Err(_) => body::refusal(StatusCode::NOT_FOUND, "the package is gone"),
    }
}

/// Says what this machine lacks for a runtime: nothing, or what it is and what to do.
async fn runtime(lambda: &LambdaService, name: &str) -> Response<Body> {
    let (machine, name) = (lambda.machine(), name.to_owned());
    match tokio::task::spawn_blocking(move || machine.lacks(&name)).await {
        Ok(lack) => body::json(StatusCode::OK, &json!({ "lacks": lack.map(lack_json) })),
        Err(_) => body::refusal(StatusCode::INTERNAL_SERVER_ERROR, "this machine could not be looked through"),
    }
}

fn lack_json(lack: Lack) -> Value {
    json!({ "what": lack.what, "remedy": lack.remedy })
}

/// Resets every service, the last registered first: those who use others before those who are used.
async fn reset(cloud: &Cloud) -> Response<Body> {
    let mut failed = Map::new();
    for service in cloud.services().iter().rev() {
        if let Err(error) = service.reset().await {
            failed.insert(service.name().to_owned(), error.to_string().into());
        }
    }
    if failed.is_empty() {
        return body::json(StatusCode::OK, &json!({ "status": "reset" }));
    }
    body::json(StatusCode::INTERNAL_SERVER_ERROR, &json!({ "message": "not everything was reset", "failed": failed }))
}
