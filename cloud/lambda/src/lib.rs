//! AWS Lambda: functions from zip files, run as real processes behind a real Runtime API.
//!
//! - [`api`]: the operations, one file per group.
//! - [`model`]: functions, versions, aliases, policies; their limits and Lambda's words about them.
//! - [`store`]: where they are kept. [`code`]: where their packages are kept.
//! - [`runtime`]: the Runtime API, our clients of it, the interpreters of this machine.
//! - [`pool`]: execution environments. [`invoke`]: invocations. [`log`]: what they write.
//! - [`sources`]: event source mappings at work. [`url`]: what answers when function URLs are called.
//! - [`denials`]: missing permissions, shown to the function's owner. `endpoints`: what is under `/_slam/`.

mod api;
mod code;
mod denials;
mod dialect;
mod endpoints;
mod error;
#[cfg(fuzzing)]
pub mod fuzzing;
mod invoke;
mod log;
mod model;
mod pool;
pub mod runtime;
mod sources;
mod store;
mod url;

use crate::code::CodeStore;
use crate::invoke::EventQueue;
use crate::pool::{Parts, Pool};
use crate::runtime::Runtimes;
use crate::runtime::machine::Machine;
use crate::sources::Sources;
use crate::store::LambdaStore;
use crate::url::{Directory, UrlPlane};
use futures_util::future::BoxFuture;
use serde_json::{Map, Value};
use slam_cloud_core::dialect::Dialect;
use slam_cloud_core::plane::Plane;
use slam_cloud_core::service::{BodyLimit, Deployed, Finding};
use slam_cloud_core::{AwsResult, Cloud, Registry, Service, ServiceModel, Store, StoreError};
use slam_cloud_gateway::throttle::Throttles;
use slam_cloud_wire::lambda;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The service.
pub struct LambdaService {
    pub(crate) cloud: Cloud,
    pub(crate) store: Arc<LambdaStore>,
    pub(crate) code: Arc<CodeStore>,
    pub(crate) runtimes: Runtimes,
    pub(crate) pool: Arc<Pool>,
    pub(crate) queue: Arc<EventQueue>,
    pub(crate) sources: Arc<Sources>,
    pub(crate) links: api::links::Links,
    pub(crate) urls: Directory,
    /// How often each function URL is called.
    pub(crate) url_rates: Throttles,
}

/// Opens the service's state, registers its operations and has it told of denials. Must be called within a Tokio
/// runtime.
///
/// # Errors
/// When the store or the service's folder cannot be used.
pub fn register(cloud: &Cloud, store: &Arc<Store>, registry: &mut Registry) -> Result<Arc<LambdaService>, StoreError> {
    let folder = cloud.settings().data.join("lambda");
    let unusable = |error: std::io::Error| StoreError::Database(format!("{}: {error}", folder.display()));
    let folder = absolute(&folder).map_err(unusable)?;
    let launcher = pool::launcher(&absolute(&code::unpacked(&folder)).map_err(unusable)?)?;
    let code = CodeStore::open(&folder, store.durability(), launcher.has_mounts()).map_err(unusable)?;
    let code = Arc::new(code);
    let runtimes =
        Runtimes::install(&folder.join("runtime"), Machine::new(&cloud.settings().data)).map_err(unusable)?;
    let temporary = empty(folder.join("tmp")).map_err(unusable)?;
    let functions = Arc::new(LambdaStore::open(store)?);
    let pool = Pool::new(Parts {
        cloud: cloud.clone(),
        store: Arc::clone(&functions),
        code: Arc::clone(&code),
        runtimes: runtimes.clone(),
        launcher,
        folder,
        temporary,
    });
    let queue = EventQueue::open(store, cloud.clone(), Arc::clone(&functions), Arc::clone(&pool))?;
    let sources = Sources::new(cloud.clone(), Arc::clone(&functions), Arc::clone(&pool));
    let links = api::links::Links::new().map_err(|error| StoreError::Database(error.to_string()))?;
    let service = Arc::new(LambdaService {
        cloud: cloud.clone(),
        store: functions,
        code,
        runtimes,
        pool,
        queue,
        sources,
        links,
        urls: Directory::default(),
        url_rates: Throttles::default(),
    });
    registry.observer(Arc::<LambdaService>::clone(&service));
    api::register(&service, registry);
    Ok(service)
}

impl Service for LambdaService {
    fn name(&self) -> &'static str {
        lambda::SERVICE.name
    }

    fn models(&self) -> Vec<&'static ServiceModel> {
        vec![&lambda::SERVICE]
    }

    fn dialect(&self) -> &'static Dialect {
        &dialect::DIALECT
    }

    fn body_limit(&self, head: &http::request::Parts) -> BodyLimit {
        model::limits::body(head)
    }

    fn planes(self: Arc<Self>) -> Vec<Arc<dyn Plane>> {
        vec![Arc::new(endpoints::Endpoints::new(Arc::clone(&self))), Arc::new(UrlPlane::new(self))]
    }

    fn check(&self, _repair: bool) -> BoxFuture<'_, AwsResult<Vec<Finding>>> {
        Box::pin(self.code.check(&self.store))
    }

    /// Takes up what the last process left: events that wait, packages that nothing uses any more, function URLs.
    fn start(self: Arc<Self>) -> BoxFuture<'static, AwsResult<()>> {
        let (code, store) = (Arc::downgrade(&self.code), Arc::downgrade(&self.store));
        tokio::spawn(code::keep_swept(code, store, self.pool.answered()));
        self.code.sweep_soon();
        self.queue.start();
        self.sources.start();
        Box::pin(async move { self.open_urls().await })
    }

    fn health(&self) -> Map<String, Value> {
        endpoints::health(self.runtimes.machine())
    }

    fn reset(&self) -> BoxFuture<'_, AwsResult<()>> {
        Box::pin(async {
            self.sources.clear().await?;
            self.close_urls().await;
            self.url_rates.clear();
            self.store.clear().await?;
            self.queue.clear().await?;
            self.pool.stop().await;
            self.code.sweep_soon();
            Ok(())
        })
    }

    fn shutdown(&self) -> BoxFuture<'_, ()> {
        self.sources.stop();
        Box::pin(async {
            self.close_urls().await;
            self.pool.shutdown().await;
        })
    }

    /// Every function URL.
    fn deployed(&self) -> Vec<Deployed> {
        self.deployed_urls()
    }
}

fn absolute(folder: &Path) -> std::io::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    folder.canonicalize()
}

/// Makes the folder anew: what environments of an earlier process left is of no use.
fn empty(folder: PathBuf) -> std::io::Result<PathBuf> {
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}
