//! What functions made by `@task` need: to invoke their own function, and a table for their results. Their retries are
//! set in each stage (`stages`).

use crate::draft::Draft;
use crate::ids::{function_id, role_id, tasks_table_id};
use crate::policy::{allow, document};
use serde_json::{Value, json};
use slam_project::{Code, Function, Tasks, tasks_table};

pub fn add(draft: &mut Draft<'_>) {
    let Some(tasks) = draft.project.tasks else { return };
    if tasks.results.is_some() {
        for stage in draft.stages.clone() {
            draft.resource(
                tasks_table_id(&stage.name),
                "AWS::DynamoDB::Table",
                table(&tasks_table(&draft.project.name, &stage.name)),
            );
        }
    }
    let functions: Vec<&Function> =
        draft.project.all_functions().filter(|function| matches!(function.code, Code::App { .. })).collect();
    add_policies(draft, &functions, tasks);
}

fn table(name: &str) -> Value {
    json!({
        "TableName": name,
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
        "TimeToLiveSpecification": {"AttributeName": "expires", "Enabled": true},
    })
}

/// A policy apart from its role, as it names the functions, and they name the role. One for each role.
fn add_policies(draft: &mut Draft<'_>, functions: &[&Function], tasks: Tasks) {
    let mut roles: Vec<String> = functions.iter().map(|function| role_id(function)).collect();
    roles.sort();
    roles.dedup();
    for role in roles {
        let of_role = functions.iter().filter(|function| role_id(function) == role);
        let functions: Value = of_role
            .flat_map(|function| {
                let id = function_id(function.name.as_deref());
                // A task runs in the stage that asked for it: through its alias.
                [json!({"Fn::GetAtt": [id, "Arn"]}), json!({"Fn::Sub": format!("${{{id}.Arn}}:*")})]
            })
            .collect();
        let mut statements = vec![allow(json!("lambda:InvokeFunction"), functions)];
        if tasks.results.is_some() {
            let tables = draft.stages.iter().map(|stage| json!({"Fn::GetAtt": [tasks_table_id(&stage.name), "Arn"]}));
            statements.push(allow(json!(["dynamodb:GetItem", "dynamodb:PutItem"]), tables.collect()));
        }
        let properties =
            json!({"PolicyName": "Tasks", "PolicyDocument": document(statements), "Roles": [{"Ref": role}]});
        draft.resource(format!("{role}TasksPolicy"), "AWS::IAM::Policy", properties);
    }
}
