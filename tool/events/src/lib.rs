//! Sample events, as AWS's services send them to functions.
//!
//! A sample is a file of `samples/SOURCE/EVENT.json`: the event, and the places in it where arguments stand. So making an
//! event of a sample is the same for all of them, and a new sample needs no code ([`sample`], [`template`]). `samples/README.md`
//! says where each is from.

mod error;
mod sample;
mod template;

pub use error::SampleError;
pub use sample::{Sample, find, samples};
