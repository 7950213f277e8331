//! The AWS protocols: generated shapes, one codec per protocol, signatures, routing.

pub mod generated;
pub mod json;
pub mod timestamp;

pub use generated::*;
