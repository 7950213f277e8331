//! The model of a project. It knows nothing of YAML, nor of CloudFormation.

mod access;
mod api;
mod api_settings;
mod bucket;
mod function;
mod package;
mod permission;
mod queue;
mod secret;
mod source;
mod stage;
mod static_files;
mod table;
mod tasks;
mod topic;

pub use access::{Access, Authorizer, Gate, Rule, is_below};
pub use api::ApiKind;
pub use api_settings::{ApiCors, ApiSettings, Limits, Period, Quota, Throttle, UsagePlan};
pub use bucket::{Bucket, Cors, LifecycleRule};
pub use function::{App, Architecture, Code, Function, Kind, OTHER_RUNTIMES, RUNTIMES, Vpc};
pub use package::Package;
pub use permission::{ManagedPolicy, Permission, PermissionResource};
pub use queue::{MAX_VISIBILITY, Queue};
pub use secret::Secret;
pub use source::{
    Batching, BucketTrigger, EventInput, EventSource, EventTrigger, Failures, QueueTrigger, Reference, ScheduleTrigger,
    Start, TableTrigger, TopicTrigger, Trigger,
};
pub use stage::{ApiLogs, Http, Logs, Stage, Target};
pub use static_files::StaticFiles;
pub use table::{AttributeType, Index, KeySchema, Projection, StreamView, Table, Throughput};
pub use tasks::{Tasks, Via, tasks_queue, tasks_table};
pub use topic::Topic;
