//! What the data planes of all kinds of APIs share, whichever service has them. It is no service itself: it has no operations
//! and keeps nothing.
//!
//! - [`plane`]: which requests are for a deployed API, for which, and who sent them.
//! - [`request`], [`arrival`]: a request, and what it is called. [`throttle`]: how many are let in.
//! - [`verdict`]: what a Lambda authorizer answered, and what it means for a request; [`cache`]: how long it is remembered.
//! - [`answer`], [`compression`], [`media`]: what is sent back, and which bodies are bytes.
//! - [`function`]: which function is meant. [`jwt`]: tokens that an issuer has signed.
//! - [`log_format`], [`logs`]: access logs, and how lines get into CloudWatch Logs.

pub mod answer;
pub mod arrival;
pub mod cache;
pub mod compression;
pub mod function;
pub mod jwt;
pub mod log_format;
pub mod logs;
pub mod media;
pub mod plane;
pub mod request;
pub mod throttle;
pub mod verdict;

/// The largest body of a request or response. AWS: "Quotas for configuring and running a REST API", and the same of an HTTP
/// API: 10 MB.
pub const BODY: usize = 10_485_760;
