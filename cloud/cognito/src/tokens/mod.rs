//! What whoever signs in is given.
//!
//! - [`keys`]: the two pairs of keys of a pool. [`issue`]: identity and access tokens. [`access`]: whose an access token is.
//! - [`sealed`]: what only the pool itself reads, refresh tokens and sessions.

pub mod access;
pub mod issue;
pub mod keys;
pub mod sealed;
