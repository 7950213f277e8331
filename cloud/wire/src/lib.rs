//! The AWS protocols: generated shapes, one codec per protocol, signatures, routing.

pub mod generated;

pub use generated::*;
