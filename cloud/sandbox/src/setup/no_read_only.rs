//! Systems without mount namespaces.

use std::ffi::CStr;
use std::io;
use std::path::Path;

/// A folder that programs find read-only: there is none here.
#[derive(Clone, Debug)]
pub enum ReadOnly {}

impl ReadOnly {
    /// Cannot be had on this system.
    ///
    /// # Errors
    /// Always.
    pub fn of(_folder: &Path) -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn enter(&self, _directory: &CStr) -> io::Result<()> {
        match *self {}
    }
}
