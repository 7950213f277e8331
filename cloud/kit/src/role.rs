//! Acting as a role that trusts a service.

use slam_cloud_core::{AwsError, AwsResult, Cloud, Context, Principal};
use slam_cloud_wire::sts::{AssumeRole, Credentials};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A role taken on.
#[derive(Clone, Debug)]
pub struct RoleSession {
    /// Its keys, for whoever runs code of the role's owner.
    pub credentials: Credentials,
    /// Whom the service acts as.
    pub principal: Principal,
}

/// Takes on a role. `asking` is the service's own context ([`Context::as_service`]), which the role must trust.
///
/// # Errors
/// What STS answers.
pub async fn assume(cloud: &Cloud, asking: Context, role_arn: &str, session_name: &str) -> AwsResult<RoleSession> {
    let input = AssumeRole {
        role_arn: role_arn.to_owned(),
        role_session_name: session_name.to_owned(),
        ..AssumeRole::default()
    };
    let answer = cloud.call(asking, input).await?;
    let (Some(credentials), Some(user)) = (answer.credentials, answer.assumed_role_user) else {
        return Err(AwsError::internal("STS answered without credentials"));
    };
    let principal = Principal::AssumedRole {
        role_arn: role_arn.to_owned(),
        role_id: user.assumed_role_id.split(':').next().unwrap_or_default().to_owned(),
        session_name: session_name.to_owned(),
        session_policy: None,
    };
    Ok(RoleSession { credentials, principal })
}

/// How long a session is used before a new one is asked for; trust that was withdrawn ends then.
const FRESH: Duration = Duration::from_secs(300);
/// Sessions remembered; more are forgotten together.
const SESSIONS: usize = 1024;

/// The account that asked, the role's ARN, and for what resource.
type Asked = (Arc<str>, String, Option<String>);

/// The roles that a service acts as, request by request.
pub struct Roles {
    service: &'static str,
    session_name: &'static str,
    sessions: Mutex<HashMap<Asked, (Arc<Principal>, Instant)>>,
}

impl Roles {
    /// For a service (`apigateway.amazonaws.com`), with AWS's own name for its sessions.
    pub fn new(service: &'static str, session_name: &'static str) -> Self {
        Self { service, session_name, sessions: Mutex::default() }
    }

    /// A context that acts as the role, which must trust the service.
    ///
    /// # Errors
    /// What STS answers.
    pub async fn take_on(&self, cloud: &Cloud, context: &Context, role_arn: &str) -> AwsResult<Context> {
        self.take_on_for(cloud, context, role_arn, None).await
    }

    /// The same for a resource, which the role's trust policy may ask for (`aws:SourceArn`).
    ///
    /// # Errors
    /// What STS answers.
    pub async fn take_on_for(
        &self,
        cloud: &Cloud,
        context: &Context,
        role_arn: &str,
        source_arn: Option<&str>,
    ) -> AwsResult<Context> {
        let key = (Arc::clone(&context.account), role_arn.to_owned(), source_arn.map(str::to_owned));
        let known = {
            let sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
            sessions.get(&key).filter(|(_, since)| since.elapsed() < FRESH).map(|(principal, _)| Arc::clone(principal))
        };
        let principal = match known {
            Some(principal) => principal,
            None => {
                let mut asking = context.as_service(self.service, source_arn);
                asking.called_via = None;
                let session = assume(cloud, asking, role_arn, self.session_name).await?;
                let principal = Arc::new(session.principal);
                let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
                if sessions.len() >= SESSIONS {
                    sessions.clear();
                }
                sessions.insert(key, (Arc::clone(&principal), Instant::now()));
                principal
            }
        };
        let mut acting = context.clone();
        acting.principal = principal;
        acting.called_via = None;
        acting.source_arn = None;
        Ok(acting)
    }

    /// Forgets all sessions.
    pub fn clear(&self) {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
