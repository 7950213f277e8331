//! Resource policies, built statement by statement as AddPermission builds them.

/// The policy of a function, version, alias or layer version.
pub use slam_cloud_kit::statements::Statements as Policy;

use crate::error::{conflict, invalid_parameter, not_found};
use serde_json::{Map, Value, json};
use slam_cloud_core::AwsResult;
use slam_cloud_kit::statements;
use slam_cloud_wire::lambda::{AddLayerVersionPermission, AddPermission};

/// What whoever calls a function's URL does.
pub const INVOKE_BY_URL: &str = "lambda:InvokeFunctionUrl";

/// Adds a statement.
///
/// # Errors
/// When one of the same id is there or the policy becomes too large.
pub fn add(policy: &mut Policy, statement: Value) -> AwsResult<()> {
    let id = statement["Sid"].as_str().unwrap_or_default().to_owned();
    let taken = |_| {
        conflict(format!(
            "The statement id ({id}) provided already exists. Please provide a new statement id, or remove the existing \
             statement."
        ))
    };
    policy.add(statement).map_err(taken)?;
    crate::model::limits::policy(policy.document().len())
}

/// Removes a statement.
///
/// # Errors
/// When there is none of this id.
pub fn remove(policy: &mut Policy, id: &str) -> AwsResult<()> {
    policy.remove(id).map_err(|_| not_found(format!("Statement {id} is not found in resource policy.")))
}

/// The statement that AWS makes of a request, for the resource with this ARN.
///
/// # Errors
/// When the principal is none, or a condition is not for the action.
pub fn statement(input: &AddPermission, resource: &str, partition: &str) -> AwsResult<Value> {
    // The words are those that many a deployment has met since URLs need a second permission.
    if input.function_url_auth_type.is_some() && input.action != INVOKE_BY_URL {
        return Err(invalid_parameter(format!("FunctionUrlAuthType is only supported for {INVOKE_BY_URL} action")));
    }
    let mut statement = Map::new();
    statement.insert("Sid".into(), json!(input.statement_id));
    statement.insert("Effect".into(), json!("Allow"));
    statement.insert("Principal".into(), principal(&input.principal, partition)?);
    statement.insert("Action".into(), json!(input.action));
    statement.insert("Resource".into(), json!(resource));
    let mut equals = Map::new();
    let mut equal = |key: &str, value: &Option<String>| {
        if let Some(value) = value {
            equals.insert(key.into(), json!(value));
        }
    };
    equal("AWS:SourceAccount", &input.source_account);
    equal("lambda:EventSourceToken", &input.event_source_token);
    equal("lambda:FunctionUrlAuthType", &input.function_url_auth_type);
    equal("aws:PrincipalOrgID", &input.principal_org_id);
    let mut condition = Map::new();
    if !equals.is_empty() {
        condition.insert("StringEquals".into(), Value::Object(equals));
    }
    if let Some(via_url) = input.invoked_via_function_url {
        condition.insert("Bool".into(), json!({ "lambda:InvokedViaFunctionUrl": via_url.to_string() }));
    }
    if let Some(arn) = &input.source_arn {
        condition.insert("ArnLike".into(), json!({ "AWS:SourceArn": arn }));
    }
    if !condition.is_empty() {
        statement.insert("Condition".into(), Value::Object(condition));
    }
    Ok(Value::Object(statement))
}

/// The statement that AWS makes of a request about a layer's version, for the version with this ARN.
///
/// # Errors
/// When the principal is none.
pub fn layer_statement(input: &AddLayerVersionPermission, resource: &str, partition: &str) -> AwsResult<Value> {
    let mut statement = json!({
        "Sid": input.statement_id,
        "Effect": "Allow",
        "Principal": principal(&input.principal, partition)?,
        "Action": input.action,
        "Resource": resource,
    });
    if let Some(organization) = &input.organization_id {
        statement["Condition"] = json!({ "StringEquals": { "aws:PrincipalOrgID": organization } });
    }
    Ok(statement)
}

fn principal(text: &str, partition: &str) -> AwsResult<Value> {
    let invalid = || invalid_parameter("The provided principal was invalid. Please check the principal and try again.");
    statements::principal(text, partition).ok_or_else(invalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: AddPermission, expected: Value) {
        let input = AddPermission {
            statement_id: "s".into(),
            action: "lambda:InvokeFunction".into(),
            function_name: "f".into(),
            ..input
        };
        let statement = statement(&input, "arn:f", "aws").unwrap();
        let mut whole =
            json!({ "Sid": "s", "Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": "arn:f" });
        whole.as_object_mut().unwrap().extend(expected.as_object().unwrap().clone());
        assert_eq!(statement, whole);
    }

    /// As recorded on AWS: `test_add_lambda_permission_fields`, `test_add_lambda_permission_aws`.
    #[test]
    fn statements_are_built_as_aws_builds_them() {
        let principal = |principal: &str| AddPermission { principal: principal.into(), ..Default::default() };
        check(principal("*"), json!({ "Principal": "*" }));
        check(principal("logs.amazonaws.com"), json!({ "Principal": { "Service": "logs.amazonaws.com" } }));
        check(principal("111111111111"), json!({ "Principal": { "AWS": "arn:aws:iam::111111111111:root" } }));
        check(
            AddPermission {
                source_account: Some("111111111111".into()),
                source_arn: Some("arn:aws:s3:::b".into()),
                ..principal("s3.amazonaws.com")
            },
            json!({
                "Principal": { "Service": "s3.amazonaws.com" },
                "Condition": {
                    "StringEquals": { "AWS:SourceAccount": "111111111111" },
                    "ArnLike": { "AWS:SourceArn": "arn:aws:s3:::b" }
                }
            }),
        );
        check(
            AddPermission { event_source_token: Some("amzn1.ask.skill.x".into()), ..principal("*") },
            json!({
                "Principal": "*",
                "Condition": { "StringEquals": { "lambda:EventSourceToken": "amzn1.ask.skill.x" } }
            }),
        );
    }

    #[test]
    fn a_principal_that_is_none_is_refused() {
        assert!(principal("invalid.nonaws.com", "aws").is_err());
    }

    #[test]
    fn how_a_url_knows_its_callers_is_no_condition_of_other_actions() {
        for (action, expected) in [(INVOKE_BY_URL, true), ("lambda:InvokeFunction", false)] {
            let input = AddPermission {
                action: action.into(),
                principal: "*".into(),
                function_url_auth_type: Some("NONE".into()),
                ..Default::default()
            };
            assert_eq!(statement(&input, "arn:f", "aws").is_ok(), expected, "{action}");
        }
    }

    #[test]
    fn a_statement_id_is_used_once() {
        let mut policy = Policy::default();
        add(&mut policy, json!({ "Sid": "a" })).unwrap();
        assert_eq!(add(&mut policy, json!({ "Sid": "a" })).unwrap_err().code, "ResourceConflictException");
        remove(&mut policy, "a").unwrap();
        assert_eq!(remove(&mut policy, "a").unwrap_err().code, "ResourceNotFoundException");
    }
}
