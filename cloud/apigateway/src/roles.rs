//! Roles that API Gateway takes on: an integration's credentials and the account's role for logs.

use slam_cloud_core::{AwsResult, Cloud, Context, Principal};
use slam_cloud_wire::sts;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Who takes roles on, in trust policies.
pub const SERVICE: &str = "apigateway.amazonaws.com";
/// How long a session is used before a new one is asked for; trust that was withdrawn ends then.
const FRESH: Duration = Duration::from_secs(300);
/// Sessions remembered; more are forgotten together.
const SESSIONS: usize = 1024;

/// The account that asked and the role's ARN.
type Asked = (Arc<str>, String);

/// Sessions of roles with the moment of their beginning.
#[derive(Default)]
pub struct Roles {
    sessions: Mutex<HashMap<Asked, (Arc<Principal>, Instant)>>,
}

impl Roles {
    /// A context that acts as the role, which must trust API Gateway.
    ///
    /// # Errors
    /// What STS answers.
    pub async fn take_on(&self, cloud: &Cloud, context: &Context, role_arn: &str) -> AwsResult<Context> {
        let key = (Arc::clone(&context.account), role_arn.to_owned());
        let known = {
            let sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
            sessions.get(&key).filter(|(_, since)| since.elapsed() < FRESH).map(|(principal, _)| Arc::clone(principal))
        };
        let principal = match known {
            Some(principal) => principal,
            None => {
                let principal = Arc::new(session(cloud, context, role_arn).await?);
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

async fn session(cloud: &Cloud, context: &Context, role_arn: &str) -> AwsResult<Principal> {
    // AWS's own name for these sessions.
    let session_name = "BackplaneAssumeRoleSession";
    let assume = sts::AssumeRole {
        role_arn: role_arn.to_owned(),
        role_session_name: session_name.to_owned(),
        ..sts::AssumeRole::default()
    };
    let mut asking = context.as_service(SERVICE, None);
    asking.called_via = None;
    let answer = cloud.call(asking, assume).await?;
    let id = answer.assumed_role_user.map(|user| user.assumed_role_id).unwrap_or_default();
    Ok(Principal::AssumedRole {
        role_arn: role_arn.to_owned(),
        role_id: id.split(':').next().unwrap_or_default().to_owned(),
        session_name: session_name.to_owned(),
        session_policy: None,
    })
}
