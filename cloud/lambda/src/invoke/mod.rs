//! Invocations: at once and answered, or queued and tried until they succeed.
//!
//! - [`request`]: from the API's input to an event and the version that gets it.
//! - [`queue`]: asynchronous invocations, which survive a restart; `event`: what is kept of one.
//! - [`outcome`]: who is told of their end.

mod event;
mod outcome;
pub mod queue;
pub mod request;

pub use queue::EventQueue;
