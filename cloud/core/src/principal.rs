//! Who makes a call.

/// The identity behind a request, after its signature was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// The account's root user: what `slam env` hands out. Allowed everything in its account.
    Root {
        /// The account's twelve digits.
        account: String,
    },
    /// An IAM user.
    User {
        /// `arn:aws:iam::ACCOUNT:user/NAME`
        arn: String,
        /// `AIDA…`
        id: String,
    },
    /// A role taken on through STS, a function's execution role among them.
    AssumedRole {
        /// `arn:aws:iam::ACCOUNT:role/NAME`
        role_arn: String,
        /// `AROA…`
        role_id: String,
        /// The session's name: for a function, the function's name.
        session_name: String,
        /// The inline policy given to AssumeRole, which can only narrow.
        session_policy: Option<String>,
    },
    /// An AWS service acting for itself: `apigateway.amazonaws.com`.
    Service {
        /// The service principal's name.
        name: String,
    },
    /// Nobody: an unsigned request, which only public resources let in.
    Anonymous,
}

impl Principal {
    /// The ARN by which policies and error messages name this principal.
    pub fn arn(&self) -> String {
        match self {
            Self::Root { account } => format!("arn:aws:iam::{account}:root"),
            Self::User { arn, .. } => arn.clone(),
            Self::AssumedRole { role_arn, session_name, .. } => {
                let (head, role) = role_arn.split_once(":role/").unwrap_or((role_arn, ""));
                let role = role.rsplit('/').next().unwrap_or(role);
                format!("{}:assumed-role/{role}/{session_name}", head.replacen(":iam:", ":sts:", 1))
            }
            Self::Service { name } => name.clone(),
            Self::Anonymous => "anonymous".to_owned(),
        }
    }

    /// `aws:userid`, as GetCallerIdentity answers it.
    pub fn user_id(&self) -> String {
        match self {
            Self::Root { account } => account.clone(),
            Self::User { id, .. } => id.clone(),
            Self::AssumedRole { role_id, session_name, .. } => format!("{role_id}:{session_name}"),
            Self::Service { name } => name.clone(),
            Self::Anonymous => "anonymous".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_session_is_named_as_sts_names_it() {
        let principal = Principal::AssumedRole {
            role_arn: "arn:aws:iam::000000000000:role/service/tasks-role".into(),
            role_id: "AROAX".into(),
            session_name: "tasks".into(),
            session_policy: None,
        };
        assert_eq!(principal.arn(), "arn:aws:sts::000000000000:assumed-role/tasks-role/tasks");
        assert_eq!(principal.user_id(), "AROAX:tasks");
    }
}
