//! What the function may do, beyond what slam grants for the project's own resources.

use serde_json::Value;

/// One thing that the function may do.
#[derive(Clone, Debug, PartialEq)]
pub enum Permission {
    /// What a managed policy says.
    Managed(ManagedPolicy),
    /// Actions on resources.
    Statement {
        /// Actions, such as `s3:GetObject`.
        actions: Vec<String>,
        /// What they may be done to.
        resources: Vec<PermissionResource>,
    },
    /// A policy as `AWS::IAM::Role` has it: `PolicyName` and `PolicyDocument`.
    Inline(Value),
}

/// A managed policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ManagedPolicy {
    /// Any policy, by its ARN.
    Arn(String),
    /// A policy of AWS, by its path and name, such as `service-role/AWSLambdaRole`.
    Aws(String),
}

/// What a statement is about.
#[derive(Clone, Debug, PartialEq)]
pub enum PermissionResource {
    /// An ARN, or a CloudFormation function that gives one.
    Arn(Value),
    /// A table of the project, in every stage.
    Table(String),
    /// A queue of the project, in every stage.
    Queue(String),
    /// A topic of the project, in every stage.
    Topic(String),
    /// The objects of a bucket of the project, in every stage.
    Bucket(String),
}
