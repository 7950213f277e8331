//! What `fuzz/` may give anything to.

use std::path::Path;

/// A package, unpacked to a folder that is not there yet.
pub fn package(zip: &[u8], folder: &Path) {
    let _ = crate::code::unpack_to(zip, folder);
}
