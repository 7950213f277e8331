//! What EventBridge knows.
//!
//! - [`name`]: how buses and rules are named. [`bus`], [`rule`], [`target`]: what they are.
//! - [`event`]: events. [`input`]: what a target is given of one, along the paths of [`path`]; [`log`]: what of it a log group takes.
//! - [`delivery`]: an event on its way to a target. [`archive`]: events that are kept, and replays of them.

pub mod archive;
pub mod bus;
pub mod delivery;
pub mod event;
pub mod input;
pub mod log;
pub mod name;
pub mod path;
pub mod rule;
pub mod target;
