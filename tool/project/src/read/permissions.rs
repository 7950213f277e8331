//! What the function may do.

use super::Reading;
use crate::model::{ManagedPolicy, Permission, PermissionResource};
use crate::yaml::{Kind, Node, to_cloudformation};
use serde_json::Value;

/// AWS's policies for Lambda functions that live below `service-role/`: people know them by their last name.
/// <https://docs.aws.amazon.com/lambda/latest/dg/permissions-managed-policies.html>
const SERVICE_ROLE_POLICIES: &[&str] = &[
    "AWSLambdaBasicDurableExecutionRolePolicy",
    "AWSLambdaBasicExecutionRole",
    "AWSLambdaDynamoDBExecutionRole",
    "AWSLambdaENIManagementAccess",
    "AWSLambdaKinesisExecutionRole",
    "AWSLambdaMSKExecutionRole",
    "AWSLambdaRole",
    "AWSLambdaSQSQueueExecutionRole",
    "AWSLambdaVPCAccessExecutionRole",
];

pub(super) fn permissions(reading: &mut Reading<'_>) -> Vec<Permission> {
    let root = reading.root;
    let mut permissions = root.get("permissions").map(|node| listed(reading, node)).unwrap_or_default();
    for node in root.find("aws.lambda_managed_policies").map(Node::items).unwrap_or_default() {
        permissions.push(Permission::Managed(managed(reading, node, true)));
    }
    for node in root.find("aws.lambda_inline_policies").map(Node::items).unwrap_or_default() {
        permissions.extend(inline(reading, node));
    }
    permissions
}

/// The permissions in a list.
pub(super) fn listed(reading: &mut Reading<'_>, list: &Node) -> Vec<Permission> {
    let mut permissions = Vec::new();
    for node in list.items() {
        match &node.kind {
            Kind::Map(_) => permissions.extend(statement(reading, node)),
            _ => permissions.push(Permission::Managed(managed(reading, node, false))),
        }
    }
    permissions
}

fn managed(reading: &mut Reading<'_>, node: &Node, original: bool) -> ManagedPolicy {
    let text = node.text().unwrap_or_default();
    if text.starts_with("arn:") {
        return ManagedPolicy::Arn(text.to_owned());
    }
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"+=,.@_/-".contains(&byte);
    if text.is_empty() || text.len() > 512 || !text.bytes().all(legal) {
        reading.error(node, format!("`{text}` is neither the name nor the ARN of a managed policy"));
    }
    // The original looked for every name below `service-role/`.
    let below = original || SERVICE_ROLE_POLICIES.contains(&text);
    ManagedPolicy::Aws(if below && !text.contains('/') { format!("service-role/{text}") } else { text.to_owned() })
}

fn statement(reading: &mut Reading<'_>, node: &Node) -> Option<Permission> {
    let allow = node.get("allow").map(Node::one_or_many).unwrap_or_default();
    let on = node.get("on");
    let (false, Some(on)) = (allow.is_empty(), on) else {
        reading
            .error(node, "a permission needs both `allow` and `on`")
            .hints
            .push("for example `{allow: [s3:GetObject], on: \"arn:aws:s3:::my-bucket/*\"}`".to_owned());
        return None;
    };
    for action in allow {
        let text = action.text().unwrap_or_default();
        let named = text.split_once(':').is_some_and(|(service, name)| !service.is_empty() && !name.is_empty());
        if !named && text != "*" {
            reading.error(action, format!("`{text}` is not an action")).label = Some("`service:Action`".to_owned());
        }
    }
    let nodes = if on.tag.is_none() { on.one_or_many() } else { &[] };
    let nodes = if nodes.is_empty() { std::slice::from_ref(on) } else { nodes };
    let resources = nodes.iter().filter_map(|node| resource(reading, node)).collect();
    let actions = allow.iter().filter_map(Node::text).map(str::to_owned).collect();
    Some(Permission::Statement { actions, resources })
}

fn resource(reading: &mut Reading<'_>, node: &Node) -> Option<PermissionResource> {
    let value = match to_cloudformation(node) {
        Ok(value) => value,
        Err(error) => {
            reading.errors.push(error);
            return None;
        }
    };
    match &value {
        Value::String(text) => {
            if let Some(table) = text.strip_prefix("table ") {
                let tables = ["tables", "dynamodb_tables"].iter().filter_map(|key| reading.root.get(key));
                if !tables.flat_map(Node::entries).any(|(name, _)| name.key() == table.trim()) {
                    reading.error(node, format!("there is no table `{}`", table.trim()));
                }
                return Some(PermissionResource::Table(table.trim().to_owned()));
            }
            for (kind, key) in [("queue", "queues"), ("topic", "topics"), ("bucket", "buckets")] {
                let Some(name) = text.strip_prefix(kind).and_then(|rest| rest.strip_prefix(' ')) else { continue };
                let name = name.trim().to_owned();
                let declared = reading.root.get(key).map(Node::entries).unwrap_or_default();
                if !declared.iter().any(|(declared, _)| declared.key() == name) {
                    reading.error(node, format!("there is no {kind} `{name}`"));
                }
                return Some(match kind {
                    "queue" => PermissionResource::Queue(name),
                    "topic" => PermissionResource::Topic(name),
                    _ => PermissionResource::Bucket(name),
                });
            }
            if !text.starts_with("arn:") && text != "*" {
                reading.error(node, format!("`{text}` is not an ARN")).hints.push(
                    "write an ARN, `\"*\"`, `table <name>`, `queue <name>`, `topic <name>`, `bucket <name>`, or a CloudFormation function".to_owned(),
                );
            }
        }
        Value::Object(map) if map.len() == 1 => {}
        _ => {
            reading.error(node, "this is neither an ARN nor a CloudFormation function");
        }
    }
    Some(PermissionResource::Arn(value))
}

fn inline(reading: &mut Reading<'_>, node: &Node) -> Option<Permission> {
    if node.get("PolicyName").is_none() || node.get("PolicyDocument").is_none() {
        reading.error(node, "an inline policy has a `PolicyName` and a `PolicyDocument`");
        return None;
    }
    match to_cloudformation(node) {
        Ok(policy) => Some(Permission::Inline(policy)),
        Err(error) => {
            reading.errors.push(error);
            None
        }
    }
}
