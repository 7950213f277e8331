//! The loopback ports that APIs have for themselves.

use crate::front::{Front, Handler};
use futures_util::future::BoxFuture;
use slam_cloud_apigateway::listeners::{Listeners, PORTS};
use std::collections::BTreeMap;
use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Makes the handler of an API's own port, given both.
type HandlerOf = Box<dyn Fn(&str, u16) -> Handler + Send + Sync>;

/// The open ports, by API.
pub(crate) struct Ports {
    front: Arc<Front>,
    /// Set once the services are composed, because the handler needs them and they need this.
    handler: OnceLock<HandlerOf>,
    open: Mutex<BTreeMap<String, Open>>,
    /// One port is opened at a time, so that an API never gets two.
    opening: tokio::sync::Mutex<()>,
}

struct Open {
    port: u16,
    accepting: JoinHandle<()>,
}

impl Ports {
    pub(crate) fn new(front: Arc<Front>) -> Arc<Self> {
        let (handler, open) = (OnceLock::new(), Mutex::default());
        Arc::new(Self { front, handler, open, opening: tokio::sync::Mutex::default() })
    }

    /// Says who answers on these ports.
    pub(crate) fn serve(&self, handler: HandlerOf) {
        let _ = self.handler.set(handler);
    }

    /// All open ports, by API.
    pub(crate) fn all(&self) -> Vec<(String, u16)> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.iter().map(|(api, open)| (api.clone(), open.port)).collect()
    }
}

impl Listeners for Ports {
    fn open<'a>(&'a self, api_id: &'a str, preferred: Option<u16>) -> BoxFuture<'a, io::Result<u16>> {
        Box::pin(async move {
            let _one_at_a_time = self.opening.lock().await;
            if let Some(open) = self.open.lock().unwrap_or_else(PoisonError::into_inner).get(api_id) {
                return Ok(open.port);
            }
            let handler = self.handler.get().ok_or_else(|| io::Error::other("the server is still starting"))?;
            for port in preferred.into_iter().chain(PORTS) {
                let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await else { continue };
                let accepting = self.front.accept(listener, handler(api_id, port));
                let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
                open.insert(api_id.to_owned(), Open { port, accepting });
                return Ok(port);
            }
            Err(io::Error::new(io::ErrorKind::AddrInUse, "none of the ports for APIs is free"))
        })
    }

    /// Requests in flight end.
    fn close<'a>(&'a self, api_id: &'a str) -> BoxFuture<'a, ()> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(api_id);
        if let Some(open) = open {
            open.accepting.abort();
        }
        Box::pin(async {})
    }
}
