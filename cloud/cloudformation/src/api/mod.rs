//! The operations, grouped as their documentation groups them.

pub mod access;
pub mod change_sets;
pub mod describe;
pub mod exports;
mod import;
mod request;
pub mod resources;
pub mod shapes;
pub mod source;
pub mod stacks;
pub mod templates;
