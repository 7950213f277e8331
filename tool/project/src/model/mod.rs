//! The model of a project. It knows nothing of YAML, nor of CloudFormation.

mod function;
mod package;
mod permission;
mod secret;
mod stage;
mod static_files;
mod table;
mod tasks;

pub use function::{App, Architecture, Code, Function, Kind, OTHER_RUNTIMES, RUNTIMES, Vpc};
pub use package::Package;
pub use permission::{ManagedPolicy, Permission, PermissionResource};
pub use secret::Secret;
pub use stage::{ApiLogs, Http, Logs, Stage, Target};
pub use static_files::StaticFiles;
pub use table::{AttributeType, Index, KeySchema, Projection, StreamView, Table, Throughput};
pub use tasks::{Tasks, tasks_table};
