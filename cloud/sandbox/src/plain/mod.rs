//! Programs apart on systems without Linux's means: a session of their own, limits for each process, and what is left in
//! their process group killed at the end.

pub(crate) mod child;
pub(crate) mod launcher;
#[allow(unsafe_code)]
mod setup;
