//! The loopback ports that APIs have for themselves.
//!
//! A web application expects its links to work from `/`; on a port of its own an API has nothing but its stage in
//! front, as on AWS. The server owns sockets, so it implements [`Listeners`]; this crate decides when they open.

use futures_util::future::BoxFuture;
use std::io;
use std::ops::RangeInclusive;

/// The ports that APIs are given: next to the cloud's own, and not so many that one could lose sight of them.
pub const PORTS: RangeInclusive<u16> = 4600..=4999;

/// Opens and closes ports.
pub trait Listeners: Send + Sync + 'static {
    /// Listens on 127.0.0.1 for an API: on the preferred port if there is one and it is free, else on the first free
    /// one of [`PORTS`]. Answers the port. A second call for the same API answers the port that it has.
    fn open<'a>(&'a self, api_id: &'a str, preferred: Option<u16>) -> BoxFuture<'a, io::Result<u16>>;

    /// Stops listening for an API; nothing happens when there is no port for it.
    fn close<'a>(&'a self, api_id: &'a str) -> BoxFuture<'a, ()>;
}

/// No ports: APIs are reached by the cloud's own port alone.
pub struct NoListeners;

impl Listeners for NoListeners {
    fn open<'a>(&'a self, _: &'a str, _: Option<u16>) -> BoxFuture<'a, io::Result<u16>> {
        Box::pin(async { Err(io::Error::new(io::ErrorKind::Unsupported, "ports of their own are switched off")) })
    }

    fn close<'a>(&'a self, _: &'a str) -> BoxFuture<'a, ()> {
        Box::pin(async {})
    }
}
