//! [`Project`](slam_project::Project) → one CloudFormation template.
//!
//! A stack holds one project: its functions, and for each stage an alias of each, a stage of the API and a set of tables.
//!
//! # What moves a stage
//! A template carries the whole state of its deployment, so there is no state beside it:
//!
//! - [`mod@render`] makes the template of a deployment. It is given the template deployed before, and carries over the
//!   published versions and what each stage points to.
//! - [`Template::open`] gives a stage what answers in its name. A stage that nothing was deployed or published to has its
//!   tables, its part of the role and its variables, and neither an alias nor a stage of the API.
//! - [`Template::publish`], [`Template::point`] and [`Template::rollback`] change a *deployed* template: what is
//!   published is what runs, and not what slam.yaml has become since.
//!
//! A published version is an `AWS::Lambda::Version` whose logical id is a hash of the code and the configuration.
//! Publishing the same thing twice therefore is no change, as in Lambda itself, and going back to an older version is
//! an alias that names another resource. Versions have no `DeletionPolicy`: they go with the function when the stack
//! is deleted, and [`Template::prune`] removes those that are too old.
//!
//! # What a template has
//! One module of `features` each, in the order in which CloudFormation makes it: the package's bucket, log groups,
//! tables, the role, the function, aliases, the API, and what the user adds.
//!
//! - Parameters: `LambdaS3Key`, the package, named by its content; and `LambdaS3Bucket` when the bucket is not the
//!   stack's own. Both are the original's. Its third, `<Stage>Version`, became an output: a number in a parameter
//!   could name a version that the stack does not have.
//!   `StaticFilesVersion` is that of the static files, where there are some.
//! - Outputs: the original's `FunctionArn`, `ApiId` and `<Stage>Endpoint`; `<Stage>Version`; and for the tool
//!   `FunctionLogGroup` and `PackageBucket`.
//! - `ApiAccount` and `ApiCloudWatchRole` only when a stage asks for the API's logs: the role is a setting of the whole
//!   account and region, without which API Gateway writes no logs of REST APIs at all. Other APIs of the account come
//!   to rely on it, so these two are retained when the stack is deleted ([`Template::retained`]).
//! - Queues and buckets do not go unsaid with what is in them (`holders.rs`).
//! - Tables stay when they leave slam.yaml or the stack is deleted, and are taken in again when they come back
//!   (`data.rs`).

mod data;
mod draft;
mod error;
mod features;
mod holders;
mod ids;
mod open;
mod places;
mod policy;
mod removal;
mod render;
mod routes;
mod secrets;
mod template;
mod versions;

pub use data::{Data, Fate, Replacement, key_changes};
pub use error::TemplateError;
pub use features::plans::DeployedPlan;
pub use features::static_files::prefix as static_prefix;
pub use holders::Holder;
pub use ids::{
    API, API_ID_OUTPUT, CODE_BUCKET_PARAMETER, CODE_KEY_PARAMETER, FUNCTION, FUNCTION_ARN_OUTPUT, FUNCTION_LOG_GROUP,
    LOG_GROUP_OUTPUT, PACKAGE_BUCKET, PACKAGE_BUCKET_OUTPUT, STATIC_PARAMETER, alias_id, bucket_id, code_key_parameter,
    endpoint_output, function_arn_output, function_id, layer_key_parameter, log_group_id, table_id, topic_id,
    version_output,
};
pub use places::place_of;
pub use render::{Inputs, bootstrap, render};
pub use routes::DeployedRoute;
pub use template::{MAX_BODY, Template};
pub use versions::{Release, StageState, StageTarget, Version};
