//! The loopback ports that APIs have for themselves.

use crate::front::{Front, Handler};
use std::collections::BTreeMap;
use std::io;
use std::net::Ipv4Addr;
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Makes the handler of an API's own port.
type HandlerOf = Box<dyn Fn(&str) -> Handler + Send + Sync>;

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

    /// Opens the preferred port if it is free, else the first free one of the range.
    pub(crate) async fn open(
        &self,
        api_id: &str,
        preferred: Option<u16>,
        range: RangeInclusive<u16>,
    ) -> io::Result<u16> {
        let _one_at_a_time = self.opening.lock().await;
        if let Some(open) = self.open.lock().unwrap_or_else(PoisonError::into_inner).get(api_id) {
            return Ok(open.port);
        }
        let handler = self.handler.get().ok_or_else(|| io::Error::other("the server is still starting"))?(api_id);
        for port in preferred.into_iter().chain(range) {
            let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await else { continue };
            let accepting = self.front.accept(listener, handler);
            let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            open.insert(api_id.to_owned(), Open { port, accepting });
            return Ok(port);
        }
        Err(io::Error::new(io::ErrorKind::AddrInUse, "none of the ports for APIs is free"))
    }

    /// Closes an API's port. Requests in flight end.
    pub(crate) fn close(&self, api_id: &str) {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(api_id);
        if let Some(open) = open {
            open.accepting.abort();
        }
    }
}
