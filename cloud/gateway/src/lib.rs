//! What all kinds of APIs share, whichever service has them: their data planes, and what both versions of API Gateway's control
//! plane do alike. It is no service itself: it has no operations and keeps nothing.
//!
//! - [`access`], [`tags`]: what operations need, and which tags there may be.
//! - [`ports`]: the ports of APIs. [`stages`]: what is made ready once.
//! - [`plane`]: which requests are for a deployed API, for which, and who sent them.
//! - [`request`], [`arrival`]: a request, and what it is called. [`throttle`]: how many are let in.
//! - [`verdict`]: what a Lambda authorizer answered, and what it means for a request; [`cache`]: how long it is remembered.
//! - [`answer`], [`compression`], [`media`]: what is sent back, and which bodies are bytes.
//! - [`payload_two`]: the event that functions get in payload format 2.0; [`reply`]: what they answer.
//! - [`function`]: which function is meant. [`jwt`]: tokens that an issuer has signed.
//! - [`log_format`], [`logs`]: access logs, and how lines get into CloudWatch Logs.

pub mod access;
pub mod answer;
pub mod arrival;
pub mod cache;
pub mod compression;
pub mod function;
pub mod jwt;
pub mod log_format;
pub mod logs;
pub mod media;
pub mod payload_two;
pub mod plane;
pub mod ports;
pub mod reply;
pub mod request;
pub mod stages;
pub mod tags;
pub mod throttle;
pub mod verdict;

/// The service principal of both versions of API Gateway, which roles and functions must trust.
pub const SERVICE: &str = "apigateway.amazonaws.com";

/// The largest body of a request or response. AWS: "Quotas for configuring and running a REST API", and the same of an HTTP
/// API: 10 MB.
pub const BODY: usize = 10_485_760;
