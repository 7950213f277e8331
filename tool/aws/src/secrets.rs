//! Whether secrets are there. No value is ever asked for.

use crate::question::{Service, Targeted};
use crate::{Clients, ServiceError};
use serde_json::{Value, json};

/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/Welcome.html>
const SSM: Targeted = Targeted {
    service: Service { id: "SSM", name: "ssm" },
    target: "AmazonSSM",
    content_type: "application/x-amz-json-1.1",
};
/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/Welcome.html>
const SECRETS_MANAGER: Targeted = Targeted {
    service: Service { id: "Secrets Manager", name: "secretsmanager" },
    target: "secretsmanager",
    content_type: "application/x-amz-json-1.1",
};

/// The most names that one question has, and entries that one answer has.
/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeParameters.html>
const AT_ONCE: usize = 50;

impl Clients {
    /// Those of the names that no parameter of Parameter Store has.
    ///
    /// # Errors
    /// When nobody answers, or the credentials may not ask.
    pub async fn missing_parameters<'n>(&self, names: &[&'n str]) -> Result<Vec<&'n str>, ServiceError> {
        let mut missing = Vec::new();
        for some in names.chunks(AT_ONCE) {
            let mut found: Vec<String> = Vec::new();
            let mut token = Value::Null;
            loop {
                let named = json!({"Key": "Name", "Option": "Equals", "Values": some});
                let mut input = json!({"ParameterFilters": [named], "MaxResults": AT_ONCE});
                if token.is_string() {
                    input["NextToken"] = token;
                }
                let answer = self.asker.ask(SSM, "DescribeParameters", &input).await?;
                let parameters = answer["Parameters"].as_array().into_iter().flatten();
                found.extend(
                    parameters.filter_map(|parameter| parameter["Name"].as_str()).map(|name| bare(name).to_owned()),
                );
                token = answer["NextToken"].clone();
                if !token.is_string() {
                    break;
                }
            }
            missing.extend(some.iter().filter(|name| !found.iter().any(|found| found == bare(name))));
        }
        Ok(missing)
    }

    /// Whether Secrets Manager has a secret of this name that is not about to be deleted.
    ///
    /// # Errors
    /// When nobody answers, or the credentials may not ask.
    pub async fn has_secret(&self, name: &str) -> Result<bool, ServiceError> {
        match self.asker.ask(SECRETS_MANAGER, "DescribeSecret", &json!({"SecretId": name})).await {
            Ok(answer) => Ok(answer["DeletedDate"].is_null()),
            Err(error) if error.code.as_deref() == Some("ResourceNotFoundException") => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// `name` and `/name` are one parameter.
fn bare(name: &str) -> &str {
    name.strip_prefix('/').unwrap_or(name)
}
