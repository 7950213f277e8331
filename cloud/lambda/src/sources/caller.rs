//! Calls as the role of a function.

use crate::pool::role;
use slam_cloud_core::{AwsResult, Cloud, Context, Principal};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a session is used before a new one is asked for; trust that was withdrawn ends then.
const FRESH: Duration = Duration::from_secs(300);

/// A session that is taken on anew from time to time, and when the function gets another role.
#[derive(Debug, Default)]
pub struct Caller {
    session: tokio::sync::Mutex<Option<Session>>,
}

#[derive(Debug)]
struct Session {
    role: String,
    principal: Arc<Principal>,
    since: Instant,
}

impl Caller {
    /// A context of the role's, for one call.
    ///
    /// # Errors
    /// What STS answers.
    pub async fn context(&self, cloud: &Cloud, home: &Context, role: &str, function: &str) -> AwsResult<Context> {
        let mut session = self.session.lock().await;
        let principal = match &*session {
            Some(session) if session.role == role && session.since.elapsed() < FRESH => Arc::clone(&session.principal),
            _ => {
                let arn = crate::model::name::function_arn(home, function);
                let taken = role::assume(cloud, role::as_lambda(home, &arn), role, function).await?;
                let principal = Arc::new(taken.principal);
                let next = Session { role: role.to_owned(), principal: Arc::clone(&principal), since: Instant::now() };
                *session = Some(next);
                principal
            }
        };
        let mut context = home.clone();
        context.principal = principal;
        context.request_id = slam_cloud_core::id::request_id().into();
        Ok(context)
    }
}
