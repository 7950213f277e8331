//! The one form in which the tool's errors are told.
//!
//! Each crate of the tool has its own error, which says what happened, and turns into a [`Report`], which says how a
//! person is told: what it means for the command ([`Kind`]), in words, at its places in a file ([`Diagnosis`]), and what to
//! do about it. The terminal prints reports and knows none of the errors behind them.

mod diagnosis;
mod report;

pub use diagnosis::{Diagnosis, Diagnostic};
pub use report::{Context, Kind, Report, Result};
