//! AWS's policy evaluation logic
//! (IAM User Guide, "Policy evaluation logic" and "Evaluating identity-based and resource-based policies").

use super::document::Policy;
use super::principal::Closeness;
use super::request::Request;
use slam_cloud_core::Principal;
use std::sync::Arc;

/// All the policies that bear on a request.
pub struct Policies<'a> {
    /// The caller's own, inline and managed, its groups' among them; `None` for the root user, who needs none.
    pub identity: Option<&'a [Arc<Policy>]>,
    /// The caller's permissions boundary.
    pub boundary: Option<&'a Policy>,
    /// The session's policy.
    pub session: Option<&'a Policy>,
    /// The resource's own policy; a role's trust policy for `sts:AssumeRole`.
    pub resource: Option<&'a Policy>,
    /// Whether caller and resource belong to the same account.
    pub same_account: bool,
    /// Whether the resource's policy must allow whatever the identity policies say, as a role's trust policy must.
    pub resource_must_allow: bool,
}

/// A kind of policy, as error messages name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Attached to the user, role or group.
    Identity,
    /// Attached to the resource.
    Resource,
    /// A permissions boundary.
    Boundary,
    /// Given when the session was opened.
    Session,
}

/// Why a request is not allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// A `Deny` in a policy of that kind.
    Explicit(Source),
    /// No `Allow` in a policy of that kind.
    Implicit(Source),
}

/// Decides.
///
/// # Errors
/// The refusal.
pub fn evaluate(request: &Request<'_>, policies: &Policies<'_>) -> Result<(), Refusal> {
    deny_explicitly(request, policies)?;
    let granted = policies.resource.and_then(|policy| policy.allows(request));
    if matches!(request.principal, Principal::Service { .. } | Principal::Anonymous) {
        // Neither has an identity policy: the resource alone decides.
        return granted.map(|_| ()).ok_or(Refusal::Implicit(Source::Resource));
    }
    if policies.resource_must_allow && granted.is_none() {
        return Err(Refusal::Implicit(Source::Resource));
    }
    if policies.same_account {
        match granted {
            Some(Closeness::Caller) => return Ok(()),
            Some(Closeness::Role) => {}
            Some(Closeness::Account) | None => identity_allows(request, policies)?,
        }
        return narrowed(request, policies);
    }
    identity_allows(request, policies)?;
    narrowed(request, policies)?;
    granted.map(|_| ()).ok_or(Refusal::Implicit(Source::Resource))
}

fn deny_explicitly(request: &Request<'_>, policies: &Policies<'_>) -> Result<(), Refusal> {
    let denied = |policy: &Policy| policy.denies(request);
    let source = if policies.identity.is_some_and(|identity| identity.iter().any(|policy| denied(policy))) {
        Source::Identity
    } else if policies.resource.is_some_and(denied) {
        Source::Resource
    } else if policies.boundary.is_some_and(denied) {
        Source::Boundary
    } else if policies.session.is_some_and(denied) {
        Source::Session
    } else {
        return Ok(());
    };
    Err(Refusal::Explicit(source))
}

fn identity_allows(request: &Request<'_>, policies: &Policies<'_>) -> Result<(), Refusal> {
    let Some(identity) = policies.identity else { return Ok(()) };
    if identity.iter().any(|policy| policy.allows(request).is_some()) {
        Ok(())
    } else {
        Err(Refusal::Implicit(Source::Identity))
    }
}

fn narrowed(request: &Request<'_>, policies: &Policies<'_>) -> Result<(), Refusal> {
    for (policy, source) in [(policies.boundary, Source::Boundary), (policies.session, Source::Session)] {
        if policy.is_some_and(|policy| policy.allows(request).is_none()) {
            return Err(Refusal::Implicit(source));
        }
    }
    Ok(())
}

impl Refusal {
    /// AWS's sentence (IAM User Guide, "Troubleshoot access denied error messages").
    pub fn message(self, principal: &Principal, action: &str, resource: &str) -> String {
        let caller = principal.arn();
        let head = format!("User: {caller} is not authorized to perform: {action} on resource: {resource}");
        if action == "sts:AssumeRole" {
            // STS gives no reason: it would tell strangers about the role.
            return head;
        }
        match self {
            Self::Implicit(source) => format!("{head} because no {} allows the {action} action", source.noun()),
            Self::Explicit(source) => {
                let article = if source == Source::Identity { "an" } else { "a" };
                format!("{head} with an explicit deny in {article} {}", source.noun())
            }
        }
    }
}

impl Source {
    fn noun(self) -> &'static str {
        match self {
            Self::Identity => "identity-based policy",
            Self::Resource => "resource-based policy",
            Self::Boundary => "permissions boundary",
            Self::Session => "session policy",
        }
    }
}

#[cfg(test)]
mod tests;
