//! The domain's types.
//!
//! - [`name`]: names, and how requests refer to a parameter and its versions.
//! - [`parameter`]: a parameter, its versions and labels.
//! - [`value`]: what a value may be.
//! - [`filter`]: what lists are filtered by.

pub mod filter;
pub mod name;
pub mod parameter;
pub mod value;
