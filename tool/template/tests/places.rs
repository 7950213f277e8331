//! Where in slam.yaml a resource comes from.

mod common;

use common::{EVENTS, EVERYTHING, ORIGINAL, SEVERAL, project};
use slam_template::{Inputs, place_of, render};

fn check(text: &str, logical_id: &str, expected: &str) {
    let project = project(text);
    let paths = place_of(&project, logical_id);
    let paths: Vec<Vec<&str>> = paths.iter().map(|path| path.iter().map(String::as_str).collect()).collect();
    let paths: Vec<&[&str]> = paths.iter().map(Vec::as_slice).collect();
    let error = project.error(&paths, "it failed", None);
    let place = error.diagnostics[0].span.clone().and_then(|span| error.text.get(span).map(str::to_owned));
    assert_eq!(place.as_deref().unwrap_or_default(), expected, "{logical_id}");
}

#[test]
fn what_fails_in_a_cloud_is_shown_in_slam_yaml() {
    for (logical_id, expected) in [
        ("Files", "Files"),
        ("DevTasksDynamoDBTable", "tasks"),
        ("ProdEuAuditLogDynamoDBTable", "audit.log"),
        ("PackageBucket", "bucket"),
        ("BetaFunctionAlias", "beta"),
        ("BetaApiLambdaPermission", "beta"),
        ("ProdEuApiExecutionLogGroup", "prod-eu"),
        ("FunctionExecutionRole", "permissions"),
        ("Function", "app"),
        ("VersionAB12CD34EF", "app"),
        ("ApiMethod", "http"),
        ("FunctionLogGroup", ""),
    ] {
        check(EVERYTHING, logical_id, expected);
    }
    for (logical_id, expected) in [
        ("FacesFunction", "faces"),
        ("FacesFunctionExecutionRole", "permissions"),
        ("ImagesVersionAB12CD34EF", "images"),
        ("ProdImagesFunctionAliasRetries", "prod"),
        ("DevTasksResultsTable", "results"),
    ] {
        check(SEVERAL, logical_id, expected);
    }
    for (logical_id, expected) in [
        ("ProdOrdersQueue", "orders"),
        ("DevMailDeadLetterQueue", "mail"),
        ("DevMailQueueSource", "on"),
        ("ProdNightlySchedule2", "on"),
        ("DevAuditNotesTableSource", "on"),
    ] {
        check(EVENTS, logical_id, expected);
    }
    for (logical_id, expected) in [
        ("ProdTasksDynamoDBTable", "tasks"),
        ("ProdFunctionAlias", "prod"),
        ("Files", "Files"),
        ("FunctionExecutionRole", "lambda_inline_policies"),
        ("Function", "function"),
        ("Api", "wsgi"),
    ] {
        check(ORIGINAL, logical_id, expected);
    }
}

#[test]
fn every_table_and_alias_has_a_place() {
    for text in [EVERYTHING, SEVERAL, ORIGINAL] {
        let project = project(text);
        let template = render(&project, &Inputs::default()).expect("rendered");
        for (id, resource) in template.resources() {
            let kind = resource["Type"].as_str().unwrap_or_default();
            if matches!(kind, "AWS::DynamoDB::Table" | "AWS::Lambda::Alias" | "AWS::Lambda::Function") {
                assert!(!place_of(&project, id).is_empty(), "{id}");
            }
        }
    }
}
