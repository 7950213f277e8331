//! What a Lambda authorizer answered: an IAM policy, and what it tells of the caller.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html>.

use serde_json::{Map, Value};
use slam_cloud_core::{Access, AwsResult, Cloud, Context};

/// An answer that can be used.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// Who calls, in the authorizer's words.
    pub principal_id: String,
    /// The policy's JSON.
    pub policy: String,
    /// What the authorizer tells of the caller beside.
    pub context: Map<String, Value>,
    /// The API key that the caller's requests are counted for.
    pub usage_identifier_key: Option<String>,
}

/// What policies say of a request together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// One allows it and none denies it.
    Allowed,
    /// None allows it.
    Unmentioned,
    /// One denies it.
    Denied,
}

impl Judgement {
    /// Of two policies of one account: a denial counts most, then a permission (AWS: "How API Gateway resource policies affect
    /// authorization workflow", table A).
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Denied, _) | (_, Self::Denied) => Self::Denied,
            (Self::Allowed, _) | (_, Self::Allowed) => Self::Allowed,
            _ => Self::Unmentioned,
        }
    }
}

impl Verdict {
    /// Reads a function's answer.
    ///
    /// # Errors
    /// What is wrong with it, for the log.
    pub fn read(payload: &[u8]) -> Result<Self, String> {
        let answer: Value = serde_json::from_slice(payload).map_err(|_| "Invalid JSON in response".to_owned())?;
        let Value::Object(mut answer) = answer else { return Err("Could not parse policy".into()) };
        let policy = answer.remove("policyDocument").filter(is_policy).ok_or("Could not parse policy")?;
        let principal_id = match answer.remove("principalId") {
            Some(Value::String(id)) if !id.is_empty() => id,
            _ => return Err("The authorizer answered no principalId".into()),
        };
        let context = match answer.remove("context") {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(context)) => context,
            Some(_) => return Err("The context that the authorizer answered is no map".into()),
        };
        let usage_identifier_key = match answer.remove("usageIdentifierKey") {
            None | Some(Value::Null) => None,
            Some(Value::String(key)) => Some(key),
            Some(_) => return Err("The usageIdentifierKey that the authorizer answered is no text".into()),
        };
        Ok(Self { principal_id, policy: policy.to_string(), context, usage_identifier_key })
    }

    /// What the answer's policy says of a request: `execute-api:Invoke` on a method's ARN.
    ///
    /// # Errors
    /// When nobody decides here.
    pub fn judge(&self, cloud: &Cloud, caller: &Context, method_arn: &str) -> AwsResult<Judgement> {
        judge(cloud, caller, method_arn, &self.policy)
    }
}

/// What a policy says of a request by somebody without an identity policy.
///
/// # Errors
/// When nobody decides here.
pub fn judge(cloud: &Cloud, caller: &Context, method_arn: &str, policy: &str) -> AwsResult<Judgement> {
    let access = Access::new("execute-api:Invoke", method_arn).resource_policy(Some(policy.to_owned()));
    Ok(match cloud.decide(caller, &access)? {
        Ok(()) => Judgement::Allowed,
        Err(denial) if denial.explicit => Judgement::Denied,
        Err(_) => Judgement::Unmentioned,
    })
}

/// Whether it has the form of a policy that can be decided by: statements that say what they allow or deny where.
pub fn is_policy(document: &Value) -> bool {
    let statements = match document.get("Statement") {
        Some(Value::Array(statements)) => statements.as_slice(),
        Some(statement @ Value::Object(_)) => std::slice::from_ref(statement),
        _ => return false,
    };
    let has = |statement: &Value, field: &str, or: &str| statement.get(field).is_some() || statement.get(or).is_some();
    statements.iter().all(|statement| {
        matches!(statement["Effect"].as_str(), Some("Allow" | "Deny"))
            && has(statement, "Action", "NotAction")
            && has(statement, "Resource", "NotResource")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn statement(effect: &str) -> Value {
        json!({"Effect": effect, "Action": "execute-api:Invoke", "Resource": "*"})
    }

    /// The documentation's example.
    #[test]
    fn an_answer_is_read() {
        let answer = json!({
            "principalId": "yyyyyyyy",
            "policyDocument": {"Version": "2012-10-17", "Statement": [statement("Allow")]},
            "context": {"stringKey": "value", "numberKey": "1", "booleanKey": "true"},
            "usageIdentifierKey": "key",
        });
        let verdict = Verdict::read(answer.to_string().as_bytes()).unwrap();
        assert_eq!((verdict.principal_id.as_str(), verdict.usage_identifier_key.as_deref()), ("yyyyyyyy", Some("key")));
        assert_eq!(verdict.context["numberKey"], "1");
        let one = json!({"principalId": "u", "policyDocument": {"Statement": statement("Deny")}});
        assert!(Verdict::read(one.to_string().as_bytes()).is_ok());
    }

    #[test]
    fn what_is_no_answer_is_refused_with_a_reason() {
        let policy = json!({"Statement": [statement("Allow")]});
        for (answer, reason) in [
            (json!(null), "Could not parse policy"),
            (json!({}), "Could not parse policy"),
            (json!({"principalId": "u"}), "Could not parse policy"),
            (json!({"principalId": "u", "policyDocument": {}}), "Could not parse policy"),
            (
                json!({"principalId": "u", "policyDocument": {"Statement": [statement("allow")]}}),
                "Could not parse policy",
            ),
            (
                json!({"principalId": "u", "policyDocument": {"Statement": [{"Effect": "Allow"}]}}),
                "Could not parse policy",
            ),
            (json!({"policyDocument": policy}), "The authorizer answered no principalId"),
            (
                json!({"principalId": "u", "policyDocument": policy, "context": []}),
                "The context that the authorizer answered is no map",
            ),
        ] {
            assert_eq!(Verdict::read(answer.to_string().as_bytes()).unwrap_err(), reason, "{answer}");
        }
        assert_eq!(Verdict::read(b"allow").unwrap_err(), "Invalid JSON in response");
    }

    /// "How API Gateway resource policies affect authorization workflow", table A.
    #[test]
    fn two_policies_of_one_account_are_weighed() {
        use Judgement::{Allowed, Denied, Unmentioned};
        for (one, other, expected) in [
            (Allowed, Allowed, Allowed),
            (Allowed, Unmentioned, Allowed),
            (Allowed, Denied, Denied),
            (Unmentioned, Unmentioned, Unmentioned),
            (Unmentioned, Denied, Denied),
            (Denied, Denied, Denied),
        ] {
            assert_eq!((one.or(other), other.or(one)), (expected, expected));
        }
    }
}
