//! What a template is made of, one module per feature.

pub(crate) mod api_logs;
pub(crate) mod custom;
pub(crate) mod function;
pub(crate) mod http;
pub(crate) mod logs;
pub(crate) mod package;
pub(crate) mod role;
pub(crate) mod routes;
pub(crate) mod stages;
pub(crate) mod static_files;
pub(crate) mod tables;
pub(crate) mod tags;
pub(crate) mod tasks;
