//! What SQS knows.
//!
//! - [`queue`]: queues. [`attributes`]: their attributes. [`redrive`]: their dead letters. [`policy`]: their policies.
//! - [`name`]: how requests name them.
//! - [`message`]: messages as they are sent. [`content`]: what is kept of them. [`digest`]: their MD5s.
//! - [`batch`]: the rules of batches. [`handle`]: receipt handles. [`task`]: tasks that move messages.

pub mod attributes;
pub mod batch;
pub mod content;
pub mod digest;
pub mod handle;
pub mod message;
pub mod name;
pub mod policy;
pub mod queue;
pub mod redrive;
pub mod task;
