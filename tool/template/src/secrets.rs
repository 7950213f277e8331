//! What lets functions read their secrets: these, by name, and nothing else.
//!
//! What AWS's own keys encrypt (`aws/ssm`, `aws/secretsmanager`) they decrypt for every principal of the account that may ask
//! the service for it, so nothing is said of KMS. Whoever takes a key of one's own adds `kms:Decrypt` to `permissions`.
//! <https://docs.aws.amazon.com/systems-manager/latest/userguide/ps-restrict-decryption.html>
//! <https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html#security-encryption-policies>

use crate::draft::Draft;
use crate::policy::{allow, policy};
use crate::template::Template;
use serde_json::{Value, json};
use slam_project::variables::{SLAM_SECRETS, SLAM_STAGES};
use slam_project::{Function, Secret};
use std::collections::{BTreeMap, BTreeSet};

/// The role's policy for the secrets of slam.yaml.
pub const POLICY: &str = "Secrets";

/// The role's policy for secrets that only published versions read.
pub const POLICY_OF_VERSIONS: &str = "SecretsOfPublishedVersions";

/// Lets functions read what they have in any stage of the stack: which one is invoked is known only when they run.
pub fn statements(draft: &Draft<'_>, functions: &[&Function]) -> Vec<Value> {
    let mut readable: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for function in functions {
        for stage in &draft.stages {
            for secret in draft.project.secrets_of(function, Some(stage)).values() {
                let (action, arn) = reading(secret);
                readable.entry(action).or_default().insert(arn);
            }
        }
    }
    let statement = |(action, arns): (&str, BTreeSet<String>)| {
        allow(json!(action), arns.into_iter().map(|arn| json!({"Fn::Sub": arn})).collect())
    };
    readable.into_iter().map(statement).collect()
}

/// The action that reads a secret, and its ARN.
fn reading(secret: &Secret) -> (&'static str, String) {
    const PLACE: &str = "${AWS::Region}:${AWS::AccountId}";
    match secret {
        Secret::Parameter { name, .. } => {
            let name = name.strip_prefix('/').unwrap_or(name);
            ("ssm:GetParameters", format!("arn:${{AWS::Partition}}:ssm:{PLACE}:parameter/{name}"))
        }
        // Secrets Manager adds a hyphen and six characters, which nobody knows beforehand; `*` would match longer names.
        // <https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_examples.html>
        Secret::SecretsManager { name, .. } => (
            "secretsmanager:GetSecretValue",
            format!("arn:${{AWS::Partition}}:secretsmanager:{PLACE}:secret:{name}-??????"),
        ),
    }
}

impl Template {
    /// The variables that the functions, as they are deployed, read from elsewhere in a stage, and where.
    #[must_use]
    pub fn secrets_of(&self, stage: &str) -> Vec<(String, Secret)> {
        let read = |text: &Value| serde_json::from_str::<Value>(text.as_str()?).ok();
        let places = |function: &Value| {
            let variables = &function["Properties"]["Environment"]["Variables"];
            let of_stage = read(&variables[SLAM_STAGES]).and_then(|stages| read(&stages[stage][SLAM_SECRETS]));
            of_stage.or_else(|| read(&variables[SLAM_SECRETS]))
        };
        let functions = self.functions().into_iter().filter_map(|(id, _)| places(self.resources().get(&id)?));
        let mut found: Vec<(String, Secret)> = Vec::new();
        for (variable, place) in functions.filter_map(|places| places.as_object().cloned()).flatten() {
            if let Some(secret) = place.as_str().and_then(Secret::parse)
                && !found.iter().any(|(_, known)| *known == secret)
            {
                found.push((variable, secret));
            }
        }
        found
    }
}

/// What a new version of a function, of which the template has these properties, may read: it is noted with the version,
/// as slam.yaml may come to say something else.
pub fn noted(template: &Template, function: &Value) -> Option<Value> {
    let role = function["Role"]["Fn::GetAtt"][0].as_str()?;
    let policies = template.resources().get(role)?["Properties"]["Policies"].as_array()?;
    let policy = policies.iter().find(|policy| policy["PolicyName"] == POLICY)?;
    Some(json!({"Role": role, "Statements": policy["PolicyDocument"]["Statement"]}))
}

/// Lets published versions go on reading the secrets that slam.yaml names no more: they read them whenever they start.
pub fn keep(template: &mut Template) {
    let mut kept: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for noted in template.resources().values().map(|resource| &resource["Metadata"]["Slam"]["Secrets"]) {
        if let (Some(role), Some(statements)) = (noted["Role"].as_str(), noted["Statements"].as_array()) {
            kept.entry(role.to_owned()).or_default().extend(statements.iter().cloned());
        }
    }
    for (role, statements) in kept {
        let role = template.section("Resources").get_mut(&role);
        let Some(policies) = role.and_then(|role| role["Properties"]["Policies"].as_array_mut()) else { continue };
        let now = policies.iter().find(|policy| policy["PolicyName"] == POLICY);
        let now = now.map_or(&Value::Null, |policy| &policy["PolicyDocument"]["Statement"]);
        let more = beyond(&statements, now.as_array().map(Vec::as_slice).unwrap_or_default());
        if !more.is_empty() {
            policies.push(policy(POLICY_OF_VERSIONS, more));
        }
    }
}

/// What statements allow that those of `now` do not.
fn beyond(statements: &[Value], now: &[Value]) -> Vec<Value> {
    let resources = |statement: &Value| statement["Resource"].as_array().cloned().unwrap_or_default();
    let mut more: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for statement in statements {
        let action = statement["Action"].as_str().unwrap_or_default();
        let allowed: Vec<Value> = now.iter().filter(|now| now["Action"] == action).flat_map(resources).collect();
        let found = more.entry(action.to_owned()).or_default();
        for resource in resources(statement) {
            if !allowed.contains(&resource) && !found.contains(&resource) {
                found.push(resource);
            }
        }
    }
    let more = more.into_iter().filter(|(_, resources)| !resources.is_empty());
    more.map(|(action, resources)| allow(json!(action), Value::Array(resources))).collect()
}
