//! The embedded cloud's server: the composition root.
//!
//! It alone knows all services and hangs them on the door ([`compose`]). What a request passes, in this order:
//!
//! - [`front`]: sockets, HTTP, limits of time and size.
//! - [`gate`]: which Host and which Origin may speak to the cloud at all.
//! - [`dispatch`]: the planes, one of which claims it: a service's own, the cloud's endpoints ([`admin`]), what a browser
//!   sees at `/` ([`page`]), or the operations of the tables ([`operations`], [`cross_origin`]).
//!
//! [`data`], [`belonging`], [`keys`] and [`clock`] look after the data folder, [`listeners`] after the ports that are opened later. [`mod@check`]: whether
//! what is stored is whole.

mod admin;
mod belonging;
mod check;
mod clock;
mod compose;
mod config;
mod cross_origin;
mod data;
mod deliveries;
mod dispatch;
mod error;
mod front;
mod gate;
mod keys;
mod listeners;
mod operations;
mod owner;
mod page;
mod server;

pub use check::check;
pub use config::ServerConfig;
pub use data::is_in_use;
pub use error::StartError;
pub use server::Server;
pub use slam_cloud_core::clock::FASTEST;
pub use slam_cloud_core::service::Finding;
pub use slam_cloud_lambda::runtime::lack::Lack;
pub use slam_cloud_lambda::runtime::machine::Machine;
