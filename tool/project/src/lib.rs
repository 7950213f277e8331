//! slam.yaml → [`Project`].
//!
//! The way of a file through this crate:
//!
//! ```text
//! slam.yaml ─► yaml      a tree of nodes, each with its place in the file
//!           ─► language  the one table of keys: unknown, unsupported and misshapen ones are refused here
//!           ─► read      both styles (the original's keys, and today's) become one model; meaning is checked
//!           ─► Project   a clean model that knows nothing of YAML
//! ```
//!
//! What is wrong is told with [`Diagnostic`]s that point into the file. The JSON Schema for editors
//! ([`schema`]) and the manual ([`reference()`]) come from the same table of keys as the parser, so none can know a key
//! that the others do not.

mod dotenv;
mod environment;
mod error;
mod init;
mod language;
mod load;
mod model;
mod naming;
mod project;
mod read;
mod sources;
pub mod variables;
mod yaml;

pub use environment::{InCloud, Naming, bucket_variable, queue_variable, table_variable, topic_variable};
pub use error::{InitError, ProjectError};
pub use init::{InitOptions, init, slam_yaml};
pub use language::{reference, schema};
pub use model::*;
pub use naming::{logical_name, valid_project_name};
pub use project::{Defaults, Deployment, PackagePlan, Project};
pub use slam_report::Diagnostic;

/// The name of the file that describes a project.
pub const FILE_NAME: &str = "slam.yaml";
