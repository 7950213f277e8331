//! The server as a whole: started, running, stopped.

use crate::admin::Admin;
use crate::compose::compose;
use crate::config::ServerConfig;
use crate::data::DataFolder;
use crate::deliveries::Deliveries;
use crate::dispatch::Dispatch;
use crate::error::StartError;
use crate::front::{Front, Handler};
use crate::gate::Gate;
use crate::listeners::Listeners;
use crate::operations::Operations;
use crate::page::Page;
use crate::{belonging, owner};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use slam_cloud_core::plane::Plane;
use slam_cloud_core::{Cloud, Durability, Registry, Store};
use std::future::Future;
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// How long a service may take to end what it runs.
const SHUTDOWN: Duration = Duration::from_secs(10);

/// A running embedded cloud.
pub struct Server {
    port: u16,
    cloud: Cloud,
    store: Arc<Store>,
    front: Arc<Front>,
    folder: DataFolder,
}

impl Server {
    /// Opens the data folder, starts every service and answers from then on.
    ///
    /// # Errors
    /// Why it cannot start: see [`StartError`].
    pub async fn start(config: ServerConfig) -> Result<Self, StartError> {
        if !config.host.is_loopback() && !config.allow_remote {
            return Err(StartError::NotLoopback { host: config.host });
        }
        allow_many_files();
        let folder = DataFolder::open(&config.data)?;
        let listeners = listen(config.host, config.port).await?;
        let port = listeners[0].local_addr().map_or(config.port, |address| address.port());
        let durability = if config.fsync { Durability::Fsync } else { Durability::Process };
        belonging::check_file(&folder)?;
        let store = folder.store(durability)?;
        belonging::check_id(&folder, &store)?;
        let cloud = Cloud::new(config.settings(&folder, port)?);
        let front = Front::new();
        let ports = Listeners::new(Arc::clone(&front));
        let mut registry = Registry::new();
        registry.ports(Arc::<Listeners>::clone(&ports));
        let deliveries = Arc::new(Deliveries::default());
        registry.observer(Arc::<Deliveries>::clone(&deliveries));
        compose(&cloud, &store, &mut registry).map_err(|reason| folder.unreadable(reason))?;
        cloud.open(registry);
        let admin = Admin::new(cloud.clone(), config.version.clone(), &folder, deliveries);
        cloud.serve(planes(&cloud, admin, config.version.clone()));
        let dispatch = Arc::new(Dispatch::new(Gate::new(config.allow_remote), cloud.clone()));
        let at_ports = Arc::clone(&dispatch);
        ports.serve(Box::new(move |owner, port, plane| {
            let (dispatch, owner): (_, Arc<str>) = (Arc::clone(&at_ports), owner.into());
            Arc::new(move |request, peer: SocketAddr| {
                let (dispatch, owner, plane) = (Arc::clone(&dispatch), Arc::clone(&owner), Arc::clone(&plane));
                Box::pin(async move { dispatch.answer_at(plane, owner, request, (peer.ip(), port)).await })
            })
        }));
        let started = cloud.start().await;
        started.map_err(|(service, error)| StartError::Service { service, reason: error.to_string() })?;
        let handler: Handler = Arc::new(move |request, peer: SocketAddr| {
            let dispatch = Arc::clone(&dispatch);
            Box::pin(async move { dispatch.answer(request, (peer.ip(), port)).await })
        });
        for listener in listeners {
            front.accept(listener, Arc::clone(&handler));
        }
        folder.announce(port, &config.version)?;
        Ok(Self { port, cloud, store, front, folder })
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Runs until `shutdown` completes, then ends what runs and returns.
    pub async fn run_until(self, shutdown: impl Future<Output = ()>) {
        shutdown.await;
        self.folder.withdraw();
        self.cloud.services().iter().for_each(|service| service.hurry());
        self.front.stop().await;
        for service in self.cloud.services().iter().rev() {
            if tokio::time::timeout(SHUTDOWN, service.shutdown()).await.is_err() {
                tracing::warn!(service = service.name(), "did not end in time");
            }
        }
        if let Err(error) = self.store.settle() {
            tracing::warn!(%error, "the store's log could not be written back into its file");
        }
    }
}

/// Who answers, in the order in which they are asked: services have data planes and endpoints that look like nothing
/// else, then come the cloud's own endpoints and its page, and at last the operations.
fn planes(cloud: &Cloud, admin: Admin, version: String) -> Vec<Arc<dyn Plane>> {
    let mut planes = cloud.planes().to_vec();
    planes.push(Arc::new(admin));
    planes.push(Arc::new(Page::new(cloud.clone(), version)));
    planes.push(Arc::new(Operations::new(cloud.clone())));
    planes
}

/// Every connection is an open file, and many systems allow only 1024 unless asked.
fn allow_many_files() {
    const ENOUGH: u64 = 65_536;
    let limit = getrlimit(Resource::Nofile);
    let wanted = limit.maximum.map_or(ENOUGH, |maximum| maximum.min(ENOUGH));
    if limit.current.is_some_and(|current| current < wanted)
        && let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), ..limit })
    {
        tracing::debug!(%error, "the limit of open files stays as it is");
    }
}

/// Listens on the address; on IPv6's loopback too, where there is one, because `localhost` may mean either.
async fn listen(host: IpAddr, port: u16) -> Result<Vec<TcpListener>, StartError> {
    let first = TcpListener::bind((host, port)).await.map_err(|reason| match reason.kind() {
        ErrorKind::AddrInUse => StartError::PortTaken { port, by: owner::of_port(port) },
        _ => StartError::Listen { host, port, reason },
    })?;
    let port = first.local_addr().map_or(port, |address| address.port());
    let mut listeners = vec![first];
    if host == Ipv4Addr::LOCALHOST {
        listeners.extend(TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await.ok());
    }
    Ok(listeners)
}
