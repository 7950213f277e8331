//! What a user pool has.
//!
//! - [`pool`]: pools. [`schema`]: the attributes that their users may have. [`policy`]: the passwords.
//! - [`client`]: app clients. [`oauth`]: what they may be asked for at a domain. [`user`]: users. [`code`]: codes that were sent to them. [`group`]: groups, resource servers.
//! - [`filter`]: which users are listed. [`kept`]: what is kept as it was asked for.

pub mod client;
pub mod code;
pub mod filter;
pub mod group;
pub mod kept;
pub mod oauth;
pub mod policy;
pub mod pool;
pub mod schema;
pub mod user;

pub use client::Client;
pub use code::{Code, Purpose};
pub use group::{Group, ResourceServer};
pub use pool::Pool;
pub use user::{Status, User};
