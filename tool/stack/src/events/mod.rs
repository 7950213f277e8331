//! Events of a project: which are its own ([`names`]), sending some ([`send`](mod@send)), and sending those again that failed
//! ([`redrive`](mod@redrive)).

mod names;
mod redrive;
mod send;

pub use names::Names;
pub use redrive::redrive;
pub use send::{publish, put_event, put_object, send};
