//! The model of a project. It knows nothing of YAML, nor of CloudFormation.

mod function;
mod permission;
mod stage;
mod table;

pub use function::{App, Architecture, Function, Kind, Package, RUNTIMES, Vpc};
pub use permission::{ManagedPolicy, Permission, PermissionResource};
pub use stage::{ApiLogs, Http, Logs, Stage, Target};
pub use table::{AttributeType, Index, KeySchema, Projection, StreamView, Table, Throughput};
