//! The loopback ports that are opened while the cloud runs.

use crate::front::{Front, Handler};
use futures_util::future::BoxFuture;
use slam_cloud_core::plane::Plane;
use slam_cloud_core::ports::Ports;
use std::collections::BTreeMap;
use std::io;
use std::net::Ipv4Addr;
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The ports that are given: next to the cloud's own, and not so many that one could lose sight of them.
const RANGE: RangeInclusive<u16> = 4600..=4999;

/// Makes the handler of a port: for its owner, by this plane.
type HandlerOf = Box<dyn Fn(&str, u16, Arc<dyn Plane>) -> Handler + Send + Sync>;

/// The open ports, by owner.
pub(crate) struct Listeners {
    front: Arc<Front>,
    /// Set once the services are composed, because the handler needs them and they need this.
    handler: OnceLock<HandlerOf>,
    open: Mutex<BTreeMap<String, Open>>,
    /// One port is opened at a time, so that nobody ever gets two.
    opening: tokio::sync::Mutex<()>,
}

struct Open {
    port: u16,
    accepting: JoinHandle<()>,
}

impl Listeners {
    pub(crate) fn new(front: Arc<Front>) -> Arc<Self> {
        let (handler, open) = (OnceLock::new(), Mutex::default());
        Arc::new(Self { front, handler, open, opening: tokio::sync::Mutex::default() })
    }

    /// Says how requests to these ports are answered.
    pub(crate) fn serve(&self, handler: HandlerOf) {
        let _ = self.handler.set(handler);
    }
}

impl Ports for Listeners {
    fn open<'a>(
        &'a self,
        owner: &'a str,
        preferred: Option<u16>,
        plane: Arc<dyn Plane>,
    ) -> BoxFuture<'a, io::Result<u16>> {
        Box::pin(async move {
            let _one_at_a_time = self.opening.lock().await;
            if let Some(port) = self.of(owner) {
                return Ok(port);
            }
            let handler = self.handler.get().ok_or_else(|| io::Error::other("the server is still starting"))?;
            for port in preferred.into_iter().chain(RANGE) {
                let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await else { continue };
                let accepting = self.front.accept(listener, handler(owner, port, plane));
                let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
                open.insert(owner.to_owned(), Open { port, accepting });
                return Ok(port);
            }
            Err(io::Error::new(io::ErrorKind::AddrInUse, "none of the ports for APIs is free"))
        })
    }

    fn close<'a>(&'a self, owner: &'a str) -> BoxFuture<'a, ()> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(owner);
        if let Some(open) = open {
            open.accepting.abort();
        }
        Box::pin(async {})
    }

    fn of(&self, owner: &str) -> Option<u16> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).get(owner).map(|open| open.port)
    }

    fn all(&self) -> Vec<(String, u16)> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.iter().map(|(owner, open)| (owner.clone(), open.port)).collect()
    }
}
