//! What the services have in common, above the wire and below them: each thing once, in AWS's words.
//!
//! - [`role`]: acting as a role that trusts a service.
//! - [`service_logs`]: a service's lines in CloudWatch Logs.
//! - [`delivery`]: an event handed to an ARN, again when it has to be, or to a dead-letter queue.
//! - [`pattern`]: which events somebody wants.
//! - [`schedule`]: when something is to happen. [`agenda`]: what is next.
//! - [`outside`]: requests to servers outside, on behalf of whoever configured them.
//! - [`sampling`]: which requests X-Ray traces.
//! - [`work`]: durable work with due times, taken up again after a restart. [`backlog`]: the same for millions of jobs.
//! - [`documents`]: what belongs to another thing, and goes with it. [`sequence`]: numbers that only grow.
//! - [`paging`]: lists in pages. [`tags`]: tags with AWS's limits. [`statements`], [`policy`]: a resource's own policy, put
//!   statement by statement or as a whole.
//!
//! Nothing here decides how a service words a refusal: functions answer what is wrong, services say it.

pub mod agenda;
pub mod backlog;
pub mod delivery;
pub mod documents;
pub mod outside;
pub mod paging;
pub mod pattern;
pub mod policy;
pub mod role;
pub mod sampling;
pub mod schedule;
pub mod sequence;
pub mod service_logs;
pub mod statements;
pub mod tags;
pub mod work;
