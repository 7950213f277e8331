//! Loopback ports that are opened while the cloud runs.
//!
//! A web application expects its links to work from `/`; on a port of its own an API has nothing but its stage in
//! front, as on AWS. The server owns sockets, so it implements [`Ports`]; services decide when they open.

use crate::plane::Plane;
use futures_util::future::BoxFuture;
use std::io;
use std::sync::Arc;

/// Opens and closes ports, and knows which are open.
pub trait Ports: Send + Sync + 'static {
    /// Listens on 127.0.0.1 for `owner`: on the preferred port if there is one and it is free, else on the first free
    /// one of the server's range. What comes there goes to `plane`. Answers the port. A second call for the same owner
    /// answers the port that it has.
    fn open<'a>(
        &'a self,
        owner: &'a str,
        preferred: Option<u16>,
        plane: Arc<dyn Plane>,
    ) -> BoxFuture<'a, io::Result<u16>>;

    /// Stops listening for an owner; nothing happens when there is no port for it. Requests in flight end.
    fn close<'a>(&'a self, owner: &'a str) -> BoxFuture<'a, ()>;

    /// The open port of an owner.
    fn of(&self, owner: &str) -> Option<u16>;

    /// All open ports with their owners, in the order of these.
    fn all(&self) -> Vec<(String, u16)>;
}

/// No ports: everything is reached by the cloud's own port alone.
pub struct NoPorts;

impl Ports for NoPorts {
    fn open<'a>(&'a self, _: &'a str, _: Option<u16>, _: Arc<dyn Plane>) -> BoxFuture<'a, io::Result<u16>> {
        Box::pin(async { Err(io::Error::new(io::ErrorKind::Unsupported, "ports of their own are switched off")) })
    }

    fn close<'a>(&'a self, _: &'a str) -> BoxFuture<'a, ()> {
        Box::pin(async {})
    }

    fn of(&self, _: &str) -> Option<u16> {
        None
    }

    fn all(&self) -> Vec<(String, u16)> {
        Vec::new()
    }
}
