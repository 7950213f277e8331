//! Invocations: at once and answered, or queued and tried until they succeed.
//!
//! - [`request`]: from the API's input to an event and the version that gets it.
//! - [`queue`]: asynchronous invocations, which survive a restart; `event`: what is kept of one.
//! - [`destination`]: who is told of their end, and whether they may be; `record`: what they are told.

pub mod destination;
mod event;
pub mod queue;
mod record;
pub mod request;

pub use queue::EventQueue;
