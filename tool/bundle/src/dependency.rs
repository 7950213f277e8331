//! A dependency as people see it: what it is, and what space it takes.

use serde::{Deserialize, Serialize};

/// A distribution in the package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dependency {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Size of what of it is in the package, unzipped.
    pub bytes: u64,
    /// The same, compressed.
    pub zipped_bytes: u64,
    /// Whether it has no wheel, and was built from its source.
    pub from_source: bool,
}
