//! What a template is made of, one module per feature.

pub mod api_logs;
pub mod api_parts;
pub mod authorizers;
pub mod buckets;
pub mod custom;
mod endpoint;
pub mod function;
pub mod function_url;
pub mod http;
pub mod http_api;
pub mod logs;
mod named;
pub mod package;
pub mod plans;
mod preflights;
pub mod queues;
pub mod role;
mod route_keys;
pub mod routes;
pub mod sources;
pub mod stages;
pub mod static_files;
pub mod tables;
pub mod tags;
pub mod tasks;
mod throttle;
pub mod topics;
