//! What EventBridge knows.
//!
//! - [`name`]: how buses and rules are named. [`bus`], [`rule`], [`target`]: what they are.
//! - [`connection`], [`api_destination`]: servers outside that are targets; [`http`]: what a target says of requests to them.
//! - [`event`]: events. [`input`]: what a target is given of one, along the paths of [`path`]; [`log`]: what of it a log group takes.
//! - [`delivery`]: an event on its way to a target. [`archive`]: events that are kept, and replays of them.

pub mod api_destination;
pub mod archive;
pub mod bus;
pub mod connection;
pub mod delivery;
pub mod event;
pub mod http;
pub mod input;
pub mod log;
pub mod name;
pub mod path;
pub mod rule;
pub mod target;
