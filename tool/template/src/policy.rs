//! Policies in IAM's own words.

use serde_json::{Value, json};

/// Lets a service of AWS take the role.
pub fn trust(service: &str) -> Value {
    let statement = json!({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"});
    json!({"Version": "2012-10-17", "Statement": [statement]})
}

/// Lets a service of AWS take the role when a condition holds.
pub fn trust_from(service: &str, condition: Value) -> Value {
    let mut trust = trust(service);
    trust["Statement"][0]["Condition"] = condition;
    trust
}

/// The ARN of a policy of AWS's, in whatever partition the stack is.
pub fn aws_policy(name: &str) -> Value {
    json!({"Fn::Sub": format!("arn:${{AWS::Partition}}:iam::aws:policy/{name}")})
}

/// A policy of a role.
pub fn policy(name: &str, statements: Vec<Value>) -> Value {
    json!({"PolicyName": name, "PolicyDocument": document(statements)})
}

/// A policy's document.
pub fn document(statements: Vec<Value>) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// A statement that allows something.
pub fn allow(actions: Value, resource: Value) -> Value {
    json!({"Effect": "Allow", "Action": actions, "Resource": resource})
}
