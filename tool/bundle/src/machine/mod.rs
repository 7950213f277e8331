//! What is found on this machine, and what it says of itself.
//!
//! - [`interpreter`]: its Pythons.
//! - [`uv`]: found or brought, and how it is run. [`pip_config`]: the machine's settings for it.

pub mod interpreter;
pub mod pip_config;
pub mod uv;
