//! The embedded cloud's server: the composition root.
//!
//! It alone knows all services and hangs them on the door ([`compose`]). What a request passes, in this order:
//!
//! - [`front`]: sockets, HTTP, limits of time and size.
//! - [`gate`]: which Host and which Origin may speak to the cloud at all.
//! - [`dispatch`]: the cloud's own endpoints ([`admin`]), a deployed API ([`plane`], [`api`]), [`s3`], or an operation.
//! - [`page`]: what a browser sees at `/`.
//! - [`auth`]: the signature, and whom it stands for.
//! - [`operation`]: decode, validate, call through the door, encode.
//!
//! [`data`] and [`keys`] look after the data folder, [`listeners`] after the ports that APIs have for themselves.

mod admin;
mod api;
mod auth;
mod body;
mod compose;
mod config;
mod data;
mod dispatch;
mod error;
mod front;
mod gate;
mod keys;
mod listeners;
mod operation;
mod owner;
mod page;
mod plane;
mod s3;
mod server;

pub use config::ServerConfig;
pub use data::is_in_use;
pub use error::StartError;
pub use server::Server;
pub use slam_cloud_lambda::runtime::machine::{Lack, Machine};
