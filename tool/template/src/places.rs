//! Where in slam.yaml a resource comes from, for errors that a cloud finds.

use crate::features::sources;
use crate::ids::{
    API, FUNCTION, PACKAGE_BUCKET, ROLE, alias_id, bucket_id, dead_queue_id, function_id, log_group_id, queue_id,
    table_id, tasks_table_id, topic_id,
};
use slam_project::{Project, logical_name};

/// The keys of slam.yaml that a resource of a stack is made from: the paths to the one that says most, in both styles of
/// the language. Empty for what slam makes by itself.
#[must_use]
pub fn place_of(project: &Project, logical_id: &str) -> Vec<Vec<String>> {
    let path = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
    if project.resources.contains_key(logical_id) {
        return vec![path(&["resources", logical_id]), path(&["aws", "cfn_resources", logical_id])];
    }
    let sources = sources::of(project);
    for stage in &project.stages {
        if let Some(table) = project.tables.iter().find(|table| table_id(&stage.name, &table.name) == logical_id) {
            return vec![path(&["tables", &table.name]), path(&["dynamodb_tables", &table.name])];
        }
        let own = |name: &str| [queue_id(&stage.name, name), dead_queue_id(&stage.name, name)];
        if let Some(queue) = project.queues.iter().find(|queue| own(&queue.name).contains(&logical_id.to_owned())) {
            return vec![path(&["queues", &queue.name])];
        }
        if let Some(topic) = project.topics.iter().find(|topic| topic_id(&stage.name, &topic.name) == logical_id) {
            return vec![path(&["topics", &topic.name])];
        }
        if let Some(bucket) = project.buckets.iter().find(|bucket| bucket_id(&stage.name, &bucket.name) == logical_id) {
            return vec![path(&["buckets", &bucket.name])];
        }
        if let Some(placed) = sources.iter().find(|placed| placed.is(&stage.name, logical_id)) {
            return match placed.function.name.as_deref() {
                Some(name) => vec![path(&["functions", name, "on"])],
                None => vec![path(&["on"])],
            };
        }
        if tasks_table_id(&stage.name) == logical_id {
            return vec![path(&["tasks", "results"]), path(&["tasks"])];
        }
    }
    if logical_id == PACKAGE_BUCKET {
        return vec![path(&["package", "bucket"]), path(&["aws", "s3_bucket"])];
    }
    for stage in &project.stages {
        let id = logical_name(&stage.name);
        let api = [format!("{id}ApiStage"), format!("{id}ApiAccessLogGroup"), format!("{id}ApiExecutionLogGroup")];
        let mut aliases = project.all_functions().map(|function| alias_id(&stage.name, function.name.as_deref()));
        let own_api = logical_id
            .strip_prefix(&id)
            .is_some_and(|rest| rest.contains("HttpApi") || rest.starts_with("FunctionUrl"));
        if own_api {
            return vec![path(&["http"]), path(&["kind"])];
        }
        let permission = logical_id.starts_with(&id) && logical_id.ends_with("ApiLambdaPermission");
        if permission || api.contains(&logical_id.to_owned()) || aliases.any(|alias| logical_id.starts_with(&alias)) {
            return vec![path(&["stages", &stage.name]), path(&["stage_environments", &stage.name])];
        }
    }
    for name in project.functions.iter().filter_map(|function| function.name.as_deref()) {
        let role = format!("{}{ROLE}", logical_name(name));
        if logical_id == role {
            return vec![path(&["functions", name, "permissions"])];
        }
        let own = [function_id(Some(name)), log_group_id(Some(name))];
        if own.contains(&logical_id.to_owned()) || logical_id.starts_with(&format!("{}Version", logical_name(name))) {
            return vec![path(&["functions", name])];
        }
    }
    if logical_id.starts_with(ROLE) {
        return vec![
            path(&["permissions"]),
            path(&["aws", "lambda_inline_policies"]),
            path(&["aws", "lambda_managed_policies"]),
        ];
    }
    if logical_id == FUNCTION || logical_id.starts_with("Version") {
        return vec![path(&["app"]), path(&["handler"]), path(&["function"])];
    }
    if logical_id.starts_with(API) {
        return vec![path(&["http"]), path(&["wsgi"]), path(&["kind"])];
    }
    Vec::new()
}
