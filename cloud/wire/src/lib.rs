//! The AWS protocols: generated shapes, one codec per protocol, signatures, routing.
//!
//! - [`generated`]: shapes and tables of the services, re-exported by service ([`lambda`], [`dynamodb`] …).
//! - [`route`]: which operation of which service a request means. [`foreign`]: of which service that is not here.
//! - [`sigv4`], [`sigv2`]: who signed it. [`coral`]: what DynamoDB looks for before that. [`auth`]: whom that makes the caller.
//! - [`protocol`]: requests to values, values and errors to answers.
//! - [`mod@validate`]: what the models demand of an input.
//! - [`json`], [`uri`], [`host`], [`timestamp`]: the pieces they share.

pub mod auth;
pub mod coral;
pub mod foreign;
pub mod generated;
mod head;
pub mod host;
pub mod json;
pub mod protocol;
pub mod route;
pub mod sigv2;
pub mod sigv4;
pub mod timestamp;
pub mod uri;
pub mod validate;

pub use generated::*;
pub use validate::validate;
