//! The functions' roles: what they need for their own logs, tables, secrets and network, and what slam.yaml permits. Functions
//! that say nothing of permissions share one.

use super::{buckets, sources, tasks};
use crate::draft::Draft;
use crate::error::TemplateError;
use crate::ids::{log_group_id, queue_id, role_id, table_id, topic_id};
use crate::policy::{allow, aws_policy, policy, trust};
use crate::secrets;
use crate::template::Template;
use crate::versions::StageTarget;
use serde_json::{Value, json};
use slam_project::{Function, ManagedPolicy, Permission, PermissionResource, Project, Table};
use std::collections::HashSet;

/// What code does with the items of its tables. `Transact…` calls are checked as the actions on each item.
const TABLE_ACTIONS: &[&str] = &[
    "dynamodb:BatchGetItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:ConditionCheckItem",
    "dynamodb:DeleteItem",
    "dynamodb:DescribeTable",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "dynamodb:UpdateItem",
];

/// What code does with its queues, whose URLs it has. What takes messages from them is Lambda itself (`sources`).
const QUEUE_ACTIONS: &[&str] = &["sqs:SendMessage"];

/// What code does with its topics.
const TOPIC_ACTIONS: &[&str] = &["sns:Publish"];

/// What code does with the objects of its buckets; uploads in parts are given up with an action of their own.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions>
const OBJECT_ACTIONS: &[&str] = &["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"];
const BUCKET_ACTIONS: &[&str] = &["s3:ListBucket"];

/// The policy for tables that only published versions use.
const TABLES_OF_VERSIONS: &str = "TablesOfPublishedVersions";

/// What Lambda does in the function's name to attach it to a network. The managed policy for it would also permit to
/// make log groups. <https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions>
const NETWORK_ACTIONS: &[&str] = &[
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
];

pub fn add(draft: &mut Draft<'_>) -> Result<(), TemplateError> {
    let functions = draft.project.all_functions();
    let (own, shared): (Vec<_>, Vec<_>) = functions.partition(|function| function.permissions.is_some());
    add_role(draft, &shared, &draft.project.permissions)?;
    for function in own {
        add_role(draft, &[function], function.permissions.as_deref().unwrap_or_default())?;
    }
    Ok(())
}

/// The role of some functions, at least one.
fn add_role(draft: &mut Draft<'_>, functions: &[&Function], permissions: &[Permission]) -> Result<(), TemplateError> {
    let group = |function: &&Function| json!({"Fn::GetAtt": [log_group_id(function.name.as_deref()), "Arn"]});
    let groups = match functions {
        [function] => group(function),
        functions => functions.iter().map(group).collect(),
    };
    let mut policies = vec![policy("Logs", vec![allow(json!(["logs:CreateLogStream", "logs:PutLogEvents"]), groups)])];
    if !draft.project.tables.is_empty() {
        let tables = draft.project.tables.iter().flat_map(|table| table_arns(draft, table)).collect();
        policies.push(policy("Tables", vec![allow(json!(TABLE_ACTIONS), Value::Array(tables))]));
    }
    if !draft.project.queues.is_empty() {
        let queues = draft.project.queues.iter().flat_map(|queue| queue_arns(draft, &queue.name)).collect();
        policies.push(policy("Queues", vec![allow(json!(QUEUE_ACTIONS), Value::Array(queues))]));
    }
    if !draft.project.topics.is_empty() {
        let topics = draft.project.topics.iter().flat_map(|topic| topic_arns(draft, &topic.name)).collect();
        policies.push(policy("Topics", vec![allow(json!(TOPIC_ACTIONS), Value::Array(topics))]));
    }
    if !draft.project.buckets.is_empty() {
        let arns = |below: &str| -> Vec<Value> {
            draft.project.buckets.iter().flat_map(|bucket| bucket_arns(draft, &bucket.name, below)).collect()
        };
        let statements =
            vec![allow(json!(OBJECT_ACTIONS), json!(arns("/*"))), allow(json!(BUCKET_ACTIONS), json!(arns("")))];
        policies.push(policy("Buckets", statements));
    }
    let statements = sources::statements(draft, functions);
    if !statements.is_empty() {
        policies.push(policy("EventSources", statements));
    }
    if functions.iter().any(|function| function.vpc.is_some()) {
        policies.push(policy("Network", vec![allow(json!(NETWORK_ACTIONS), json!("*"))]));
    }
    let statements = secrets::statements(draft, functions);
    if !statements.is_empty() {
        policies.push(policy(secrets::POLICY, statements));
    }
    policies.extend(tasks::policy_for_queues(draft, functions));
    let statements: Vec<_> = permissions.iter().filter_map(|it| statement(draft, it)).collect();
    if !statements.is_empty() {
        policies.push(policy("Permissions", statements));
    }
    add_inline(draft, permissions, &mut policies)?;
    let mut properties = json!({"AssumeRolePolicyDocument": trust("lambda.amazonaws.com"), "Policies": policies});
    let managed: Vec<_> = permissions.iter().filter_map(managed).collect();
    if !managed.is_empty() {
        properties["ManagedPolicyArns"] = Value::Array(managed);
    }
    draft.resource(role_id(functions[0]), "AWS::IAM::Role", properties);
    Ok(())
}

/// Lets published versions go on with the tables that have left slam.yaml since: they were made with them, and share the
/// role with newer code.
pub fn keep_tables(template: &mut Template, project: &Project) {
    let published: HashSet<String> = template
        .stages()
        .into_iter()
        .filter(|stage| matches!(stage.target, StageTarget::Published(_)))
        .map(|stage| stage.name)
        .collect();
    let arns: Vec<Value> = template
        .left_behind()
        .iter()
        .filter(|data| published.contains(&data.stage))
        .flat_map(|data| ["", "/index/*"].map(|part| format!("{}{part}", data.physical())))
        .map(|name| json!({"Fn::Sub": format!("arn:${{AWS::Partition}}:dynamodb:${{AWS::Region}}:${{AWS::AccountId}}:table/{name}")}))
        .collect();
    if arns.is_empty() {
        return;
    }
    for id in project.all_functions().map(role_id).collect::<HashSet<_>>() {
        let role = template.section("Resources").get_mut(&id);
        if let Some(policies) = role.and_then(|role| role["Properties"]["Policies"].as_array_mut()) {
            policies.push(policy(TABLES_OF_VERSIONS, vec![allow(json!(TABLE_ACTIONS), json!(arns))]));
        }
    }
}

/// The user's own inline policies, which cannot have the names of ours.
fn add_inline(draft: &Draft<'_>, permissions: &[Permission], policies: &mut Vec<Value>) -> Result<(), TemplateError> {
    for permission in permissions {
        let Permission::Inline(inline) = permission else { continue };
        let name = &inline["PolicyName"];
        let reserved = [TABLES_OF_VERSIONS, secrets::POLICY_OF_VERSIONS].iter().any(|reserved| *name == *reserved);
        if reserved || policies.iter().any(|policy| policy["PolicyName"] == *name) {
            let message = format!("the function's role already has a policy named {name}");
            let hint = "give the inline policy another `PolicyName`".to_owned();
            return Err(draft.project.error(&[&["aws", "lambda_inline_policies"]], message, Some(hint)).into());
        }
        policies.push(inline.clone());
    }
    Ok(())
}

/// A table in every stage of the stack, and its indexes: a query of an index is permitted on the index's ARN.
fn table_arns(draft: &Draft<'_>, table: &Table) -> Vec<Value> {
    let of_stage = |stage: &&slam_project::Stage| {
        let id = table_id(&stage.name, &table.name);
        let indexes = table.has_indexes().then(|| json!({"Fn::Sub": format!("${{{id}.Arn}}/index/*")}));
        std::iter::once(json!({"Fn::GetAtt": [id, "Arn"]})).chain(indexes)
    };
    draft.stages.iter().flat_map(of_stage).collect()
}

/// A queue in every stage of the stack.
fn queue_arns(draft: &Draft<'_>, queue: &str) -> Vec<Value> {
    draft.stages.iter().map(|stage| json!({"Fn::GetAtt": [queue_id(&stage.name, queue), "Arn"]})).collect()
}

fn topic_arns(draft: &Draft<'_>, topic: &str) -> Vec<Value> {
    draft.stages.iter().map(|stage| json!({"Ref": topic_id(&stage.name, topic)})).collect()
}

fn bucket_arns(draft: &Draft<'_>, bucket: &str, below: &str) -> Vec<Value> {
    draft.stages.iter().map(|stage| buckets::arn(draft.project, &stage.name, bucket, below)).collect()
}

fn statement(draft: &Draft<'_>, permission: &Permission) -> Option<Value> {
    let Permission::Statement { actions, resources } = permission else { return None };
    let arns = resources.iter().flat_map(|resource| match resource {
        PermissionResource::Arn(arn) => vec![arn.clone()],
        PermissionResource::Table(name) => {
            let table = draft.project.tables.iter().find(|table| table.name == *name);
            table.map(|table| table_arns(draft, table)).unwrap_or_default()
        }
        PermissionResource::Queue(name) => queue_arns(draft, name),
        PermissionResource::Topic(name) => topic_arns(draft, name),
        PermissionResource::Bucket(name) => {
            ["", "/*"].iter().flat_map(|below| bucket_arns(draft, name, below)).collect()
        }
    });
    Some(allow(json!(actions), arns.collect()))
}

fn managed(permission: &Permission) -> Option<Value> {
    match permission {
        Permission::Managed(ManagedPolicy::Arn(arn)) => Some(json!(arn)),
        Permission::Managed(ManagedPolicy::Aws(name)) => Some(aws_policy(name)),
        _ => None,
    }
}
