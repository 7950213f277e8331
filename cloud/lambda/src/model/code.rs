//! A package.

use serde::{Deserialize, Serialize};

/// A package in the code store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    /// SHA-256 of the zip file, in hexadecimal: the package's name in the store.
    pub hash: String,
    /// The same in base-64, as AWS shows it.
    pub sha256: String,
    /// Bytes of the zip file.
    pub size: i64,
}
