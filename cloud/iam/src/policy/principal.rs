//! The `Principal` element of trust policies and resource policies.

use super::texts::texts;
use serde_json::Value;
use slam_cloud_core::{Arn, Principal};

/// How closely a policy names a caller. The closer, the more a grant is worth in the same account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Closeness {
    /// The caller's account: the policy leaves the decision to the account's identity policies.
    Account,
    /// The caller's role: permissions boundary and session policy still narrow the grant.
    Role,
    /// The user, the role session, the service, or everybody: the grant stands by itself.
    Caller,
}

/// One named principal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// `AWS`, `Service`, `Federated` or `CanonicalUser`; `*` for everybody.
    pub kind: String,
    /// An ARN, account id, unique id, service name or `*`.
    pub value: String,
}

/// The element as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Principals {
    /// The element is absent, as in identity policies.
    #[default]
    Absent,
    /// `Principal`.
    In(Vec<Named>),
    /// `NotPrincipal`.
    NotIn(Vec<Named>),
}

impl Principals {
    /// Reads the element's value; `None` when it has another form.
    pub fn read(value: &Value) -> Option<Vec<Named>> {
        match value {
            Value::String(text) if text == "*" => Some(vec![Named { kind: "*".into(), value: "*".into() }]),
            Value::Object(kinds) => {
                let mut named = Vec::new();
                for (kind, values) in kinds {
                    for value in texts(values)? {
                        named.push(Named { kind: kind.clone(), value });
                    }
                }
                Some(named)
            }
            _ => None,
        }
    }

    /// Whether the statement speaks of this caller, and how closely it names it.
    pub fn speak_of(&self, caller: &Principal) -> Option<Closeness> {
        match self {
            Self::Absent => Some(Closeness::Caller),
            Self::In(named) => named.iter().filter_map(|named| named.names(caller)).max(),
            Self::NotIn(named) => named.iter().all(|named| named.names(caller).is_none()).then_some(Closeness::Caller),
        }
    }
}

impl Named {
    fn names(&self, caller: &Principal) -> Option<Closeness> {
        let value = self.value.as_str();
        match self.kind.as_str() {
            "*" => Some(Closeness::Caller),
            "AWS" if value == "*" => Some(Closeness::Caller),
            "AWS" => match caller {
                Principal::Root { account } => self.names_account(account).then_some(Closeness::Caller),
                Principal::User { arn, id } if value == arn || value == id => Some(Closeness::Caller),
                Principal::User { arn, .. } => self.names_account_of(arn),
                Principal::AssumedRole { role_arn, role_id, .. } => {
                    if value == caller.arn() {
                        Some(Closeness::Caller)
                    } else if value == role_arn || value == role_id {
                        Some(Closeness::Role)
                    } else {
                        self.names_account_of(role_arn)
                    }
                }
                Principal::Service { .. } | Principal::Anonymous => None,
            },
            "Service" => match caller {
                Principal::Service { name } => (value == name || value == "*").then_some(Closeness::Caller),
                _ => None,
            },
            _ => None,
        }
    }

    fn names_account_of(&self, arn: &str) -> Option<Closeness> {
        let account = Arn::parse(arn)?.account;
        self.names_account(&account).then_some(Closeness::Account)
    }

    fn names_account(&self, account: &str) -> bool {
        self.value == account
            || Arn::parse(&self.value)
                .is_some_and(|arn| arn.service == "iam" && arn.account == account && arn.resource == "root")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn session() -> Principal {
        Principal::AssumedRole {
            role_arn: "arn:aws:iam::000000000000:role/r".into(),
            role_id: "AROAR".into(),
            session_name: "s".into(),
            session_policy: None,
        }
    }

    fn check(element: Value, caller: &Principal, expected: Option<Closeness>) {
        let principals = Principals::In(Principals::read(&element).expect("a principal element"));
        assert_eq!(principals.speak_of(caller), expected, "{element}");
    }

    #[test]
    fn a_role_session_is_named_in_four_ways() {
        let caller = session();
        check(json!("*"), &caller, Some(Closeness::Caller));
        check(json!({"AWS": "arn:aws:sts::000000000000:assumed-role/r/s"}), &caller, Some(Closeness::Caller));
        check(json!({"AWS": "arn:aws:iam::000000000000:role/r"}), &caller, Some(Closeness::Role));
        check(json!({"AWS": ["AROAR"]}), &caller, Some(Closeness::Role));
        check(json!({"AWS": "000000000000"}), &caller, Some(Closeness::Account));
        check(json!({"AWS": "arn:aws:iam::000000000000:root"}), &caller, Some(Closeness::Account));
        check(json!({"AWS": "111111111111"}), &caller, None);
        check(json!({"Service": "lambda.amazonaws.com"}), &caller, None);
    }

    #[test]
    fn users_services_and_nobody() {
        let user = Principal::User { arn: "arn:aws:iam::000000000000:user/u".into(), id: "AIDAU".into() };
        check(json!({"AWS": "arn:aws:iam::000000000000:user/u"}), &user, Some(Closeness::Caller));
        check(json!({"AWS": "arn:aws:iam::000000000000:user/v"}), &user, None);
        let service = Principal::Service { name: "lambda.amazonaws.com".into() };
        check(json!({"Service": ["sqs.amazonaws.com", "lambda.amazonaws.com"]}), &service, Some(Closeness::Caller));
        check(json!({"Service": "sqs.amazonaws.com"}), &service, None);
        check(json!({"AWS": "*"}), &Principal::Anonymous, Some(Closeness::Caller));
        check(json!({"AWS": "000000000000"}), &Principal::Anonymous, None);
    }

    #[test]
    fn not_principal_spares_whom_it_names() {
        let spared = Principals::NotIn(Principals::read(&json!({"AWS": "000000000000"})).unwrap());
        assert_eq!(spared.speak_of(&session()), None);
        assert_eq!(spared.speak_of(&Principal::Anonymous), Some(Closeness::Caller));
    }
}
