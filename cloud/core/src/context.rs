//! What a call carries beside its input.

use crate::Timestamp;
use crate::arn::{Arn, partition_of};
use crate::hangup::Hangup;
use crate::principal::Principal;
use std::net::IpAddr;
use std::sync::Arc;

/// Who calls, in which account and region, and under which request id. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Context {
    /// The twelve digits of the account that the call acts in.
    pub account: Arc<str>,
    /// The region that the call acts in.
    pub region: Arc<str>,
    /// The verified caller.
    pub principal: Arc<Principal>,
    /// The id that the answer and the logs carry.
    pub request_id: Arc<str>,
    /// The client's address; `None` for calls from inside.
    pub source_ip: Option<IpAddr>,
    /// The client's User-Agent header.
    pub user_agent: Option<Arc<str>>,
    /// The client's Referer header.
    pub referer: Option<Arc<str>>,
    /// The session whose key signed; `None` for long-lived keys and without a key.
    pub session: Option<Arc<Session>>,
    /// The X-Ray trace header (`Root=1-…;Parent=…;Sampled=0`).
    pub trace: Option<Arc<str>>,
    /// For whom a service acts: set on calls that an AWS service makes on behalf of `principal`
    /// (`cloudformation.amazonaws.com`), as `aws:CalledVia` tells policies.
    pub called_via: Option<Arc<str>>,
    /// `aws:SourceArn`: the resource on whose behalf a service principal calls.
    pub source_arn: Option<Arc<str>>,
    /// Whether the client has hung up; `None` for calls from inside.
    pub hangup: Option<Hangup>,
}

/// What a session was opened with, as policies ask for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// `aws:TokenIssueTime`
    pub issued: Timestamp,
    /// `lambda:SourceFunctionArn`: the function whose code has the session's key.
    pub function: Option<String>,
}

impl Context {
    /// A context of the given account, region and principal, with a request id of its own.
    pub fn new(account: impl Into<Arc<str>>, region: impl Into<Arc<str>>, principal: Principal) -> Self {
        Self {
            account: account.into(),
            region: region.into(),
            principal: Arc::new(principal),
            request_id: crate::id::request_id().into(),
            source_ip: None,
            user_agent: None,
            referer: None,
            session: None,
            trace: None,
            called_via: None,
            source_arn: None,
            hangup: None,
        }
    }

    /// A context of an AWS service's own (`lambda.amazonaws.com`), with a request id of its own.
    pub fn of_service(account: impl Into<Arc<str>>, region: impl Into<Arc<str>>, name: &str) -> Self {
        Self::new(account, region, Principal::Service { name: name.to_owned() })
    }

    /// The same account and region, called by an AWS service for itself and on behalf of `source_arn`.
    #[must_use]
    pub fn as_service(&self, name: &str, source_arn: Option<&str>) -> Self {
        let mut context = self.clone();
        context.principal = Arc::new(Principal::Service { name: name.to_owned() });
        context.session = None;
        context.source_arn = source_arn.map(Into::into);
        context
    }

    /// The same caller, with a service calling in its name.
    #[must_use]
    pub fn via(&self, service: &str) -> Self {
        let mut context = self.clone();
        context.called_via = Some(service.into());
        context
    }

    /// The partition of the region.
    pub fn partition(&self) -> &'static str {
        partition_of(&self.region)
    }

    /// A regional ARN of this account: `arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE`.
    pub fn arn(&self, service: &str, resource: impl AsRef<str>) -> String {
        Arn {
            partition: self.partition().to_owned(),
            service: service.to_owned(),
            region: self.region.to_string(),
            account: self.account.to_string(),
            resource: resource.as_ref().to_owned(),
        }
        .to_string()
    }

    /// An ARN of this account without a region, as IAM's are.
    pub fn global_arn(&self, service: &str, resource: impl AsRef<str>) -> String {
        format!("arn:{}:{service}::{}:{}", self.partition(), self.account, resource.as_ref())
    }
}
