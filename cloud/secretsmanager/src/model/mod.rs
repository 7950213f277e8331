//! Secrets Manager's things.
//!
//! - [`secret`]: secrets, as they are kept and told. [`version`]: their versions and staging labels.
//! - [`value`]: what is secret of them.
//! - [`name`]: how requests name them. [`filter`]: what lists of them filter and sort by.
//! - [`password`]: passwords made at random.

pub mod filter;
pub mod name;
pub mod password;
pub mod secret;
pub mod value;
pub mod version;
