//! Lambda's own endpoints under `/_slam/`: packages by their links, and what this machine has for runtimes.

use crate::LambdaService;
use crate::runtime::lack::Lack;
use crate::runtime::machine::Machine;
use bytes::BytesMut;
use futures_util::future::BoxFuture;
use futures_util::stream;
use http::request::Parts;
use http::{HeaderValue, Method, Response, StatusCode, header};
use serde_json::{Map, Value, json};
use slam_cloud_core::Body;
use slam_cloud_core::plane::{self, Arrival, Claim, Plane};
use slam_cloud_core::stream::BrokenOff;
use slam_cloud_wire::uri;
use std::path::Path;
use std::sync::Arc;
use tokio::io::AsyncReadExt as _;

/// Where the packages of functions are fetched, by links that GetFunction gives.
const CODE: &str = "/_slam/lambda/code/";
/// What this machine lacks for functions to run on a runtime.
const RUNTIME: &str = "/_slam/runtimes/";
/// How much of a file is read at a time.
const FILE_PIECE: usize = 64 * 1024;

/// The plane of these endpoints.
pub(crate) struct Endpoints {
    service: Arc<LambdaService>,
}

impl Endpoints {
    pub(crate) fn new(service: Arc<LambdaService>) -> Self {
        Self { service }
    }

    async fn respond(&self, head: &Parts) -> Response<Body> {
        let path = head.uri.path();
        match (path.strip_prefix(CODE), path.strip_prefix(RUNTIME)) {
            (Some(hash), _) => self.package(hash, head).await,
            (_, Some(runtime)) => match plane::admit(self.service.cloud.settings(), head) {
                Ok(()) => self.runtime(runtime).await,
                Err(refusal) => *refusal,
            },
            _ => plane::refusal(StatusCode::NOT_FOUND, "there are packages and runtimes here"),
        }
    }

    /// Sends the package of a function to whoever has a good link to it.
    async fn package(&self, hash: &str, head: &Parts) -> Response<Body> {
        let query = uri::query(head.uri.query().unwrap_or_default());
        let parameter = |name: &str| query.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
        let Some(path) = self.service.package(hash, parameter("Expires"), parameter("Signature")) else {
            return plane::refusal(StatusCode::FORBIDDEN, "this link is not good, or not any more");
        };
        match file(&path).await {
            Ok(response) => response,
            Err(_) => plane::refusal(StatusCode::NOT_FOUND, "the package is gone"),
        }
    }

    /// Says what this machine lacks for a runtime: nothing, or what it is and what to do.
    async fn runtime(&self, name: &str) -> Response<Body> {
        let (machine, name) = (self.service.runtimes.machine().clone(), name.to_owned());
        match tokio::task::spawn_blocking(move || machine.lacks(&name)).await {
            Ok(lack) => plane::json(StatusCode::OK, &json!({ "lacks": lack.map(lack_json) })),
            Err(_) => plane::refusal(StatusCode::INTERNAL_SERVER_ERROR, "this machine could not be looked through"),
        }
    }
}

impl Plane for Endpoints {
    fn claim(&self, arrival: &Arrival) -> Claim {
        let path = arrival.head.uri.path();
        let ours = arrival.head.method == Method::GET && (path.starts_with(CODE) || path.starts_with(RUNTIME));
        if ours { Claim::Mine } else { Claim::No }
    }

    fn answer(self: Arc<Self>, arrival: Arrival) -> BoxFuture<'static, Response<Body>> {
        Box::pin(async move { self.respond(&arrival.head).await })
    }
}

/// The interpreters that functions can run on.
pub(crate) fn health(machine: &Machine) -> Map<String, Value> {
    let runtimes: Map<_, _> = machine
        .interpreters()
        .into_iter()
        .map(|python| {
            let version = format!("{}.{}", python.version, python.patch);
            (format!("python{}", python.version), json!({ "program": python.program, "version": version }))
        })
        .collect();
    Map::from_iter([("runtimes".to_owned(), runtimes.into())])
}

fn lack_json(lack: Lack) -> Value {
    json!({ "what": lack.what, "remedy": lack.remedy })
}

/// A file, read as it is sent.
async fn file(path: &Path) -> std::io::Result<Response<Body>> {
    let file = tokio::fs::File::open(path).await?;
    let length = file.metadata().await?.len();
    let pieces = stream::try_unfold(file, |mut file| async move {
        let mut piece = BytesMut::with_capacity(FILE_PIECE);
        let read = file.read_buf(&mut piece).await.map_err(|error| BrokenOff(error.to_string()))?;
        Ok((read > 0).then(|| (piece.freeze(), file)))
    });
    let mut response = Response::new(Body::stream(pieces));
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/zip"));
    Ok(response)
}
