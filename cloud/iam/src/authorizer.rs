//! Decides about every call: gathers the caller's policies and asks [`crate::policy::evaluate()`].
//!
//! The caller's policies are parsed once and kept until IAM changes, so that a decision costs microseconds.

use crate::Iam;
use crate::managed;
use crate::model::{Permissions, Tags};
use crate::policy::{Keys, Policies, Policy, Refusal, Request, Source, evaluate};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{Access, Arn, Authorizer, AwsError, AwsResult, Context, Denial, Principal, Timestamp};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// Parsed documents that are kept at most; beyond that the memory is emptied rather than grown.
const REMEMBERED: usize = 4096;

/// What a caller brings along.
pub(crate) struct Caller {
    identity: Vec<Arc<Policy>>,
    boundary: Option<Arc<Policy>>,
    tags: Tags,
}

/// Parsed policies: of callers by unique id, until IAM changes; of resources and sessions by their text.
#[derive(Default)]
pub(crate) struct Decisions {
    callers: RwLock<Callers>,
    documents: RwLock<HashMap<String, Option<Arc<Policy>>>>,
}

#[derive(Default)]
struct Callers {
    /// Counts IAM's changes, so that what was read before one is not remembered after it.
    generation: u64,
    by_id: HashMap<String, Arc<Caller>>,
}

impl Decisions {
    /// Forgets the callers' policies: IAM has changed.
    pub(crate) fn forget(&self) {
        let mut callers = self.callers.write().unwrap_or_else(PoisonError::into_inner);
        callers.generation += 1;
        callers.by_id.clear();
    }

    /// The parsed form of a document; `None` when it cannot be read.
    fn document(&self, text: &str) -> Option<Arc<Policy>> {
        if let Some(policy) = self.documents.read().unwrap_or_else(PoisonError::into_inner).get(text) {
            return policy.clone();
        }
        let policy = Policy::parse(text).ok().map(Arc::new);
        let mut documents = self.documents.write().unwrap_or_else(PoisonError::into_inner);
        if documents.len() >= REMEMBERED {
            documents.clear();
        }
        documents.insert(text.to_owned(), policy.clone());
        policy
    }
}

/// The scope of an account's global resources.
pub(crate) fn scope(account: &str) -> Scope {
    Scope { account: account.into(), region: "".into() }
}

/// Refuses a policy whose conditions ask for what nobody here tells.
///
/// # Errors
/// `NotImplemented` with the key.
pub(crate) fn check_keys(document: &str) -> AwsResult<()> {
    match crate::policy::keys::refused(document) {
        Some(key) => Err(AwsError::unsupported(format_args!("the condition key {key}"))),
        None => Ok(()),
    }
}

impl Authorizer for Iam {
    fn authorize(&self, context: &Context, access: &Access) -> Result<(), Denial> {
        self.decide(context, access).map_err(|refusal| Denial {
            message: refusal.message(&context.principal, &access.action, &access.resource),
            access: Box::new(access.clone()),
            explicit: matches!(refusal, Refusal::Explicit(_)),
        })
    }

    fn check_policy(&self, document: &str) -> AwsResult<()> {
        check_keys(document)
    }
}

impl Iam {
    fn decide(&self, context: &Context, access: &Access) -> Result<(), Refusal> {
        let principal = &*context.principal;
        let account = account_of(principal);
        let caller = match principal {
            Principal::User { id, .. } => Some(self.caller(account, id)),
            Principal::AssumedRole { role_id, .. } => Some(self.caller(account, role_id)),
            _ => None,
        };
        let resource = self.readable(access.resource_policy.as_deref(), Source::Resource)?;
        let session = match principal {
            Principal::AssumedRole { session_policy, .. } => {
                self.readable(session_policy.as_deref(), Source::Session)?
            }
            _ => None,
        };
        let keys = RequestKeys { context, access, tags: caller.as_ref().map_or(&[], |caller| &caller.tags) };
        let action = access.action.to_ascii_lowercase();
        let request = Request { action: &action, resource: &access.resource, principal, keys: &keys };
        let policies = Policies {
            identity: match principal {
                Principal::Root { .. } => None,
                _ => Some(caller.as_ref().map_or(&[], |caller| &caller.identity)),
            },
            boundary: caller.as_ref().and_then(|caller| caller.boundary.as_deref()),
            session: session.as_deref(),
            resource: resource.as_deref(),
            same_account: account == resource_account(context, access),
            resource_must_allow: action == "sts:assumerole",
        };
        evaluate(&request, &policies)
    }

    /// A document that bears on the request. One that cannot be read could hold a `Deny`, so it refuses.
    fn readable(&self, text: Option<&str>, source: Source) -> Result<Option<Arc<Policy>>, Refusal> {
        let Some(text) = text else { return Ok(None) };
        self.decisions.document(text).map(Some).ok_or(Refusal::Implicit(source))
    }

    fn caller(&self, account: &str, id: &str) -> Arc<Caller> {
        let generation = {
            let callers = self.decisions.callers.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(caller) = callers.by_id.get(id) {
                return Arc::clone(caller);
            }
            callers.generation
        };
        let caller = Arc::new(self.gather(account, id));
        let mut callers = self.decisions.callers.write().unwrap_or_else(PoisonError::into_inner);
        if callers.generation == generation {
            callers.by_id.insert(id.to_owned(), Arc::clone(&caller));
        }
        caller
    }

    /// Reads the policies of a user or role. Whoever was deleted has none left.
    fn gather(&self, account: &str, id: &str) -> Caller {
        let scope = scope(account);
        let mut caller = Caller { identity: Vec::new(), boundary: None, tags: Tags::new() };
        if let Some(role) = self.collections.roles.get(&scope, id) {
            self.add_policies(&scope, &role.permissions, &mut caller.identity);
            caller.boundary = self.boundary(&scope, &role.permissions);
            caller.tags.clone_from(&role.tags);
        } else if let Some(user) = self.collections.users.get(&scope, id) {
            self.add_policies(&scope, &user.permissions, &mut caller.identity);
            for (_, group) in self.collections.groups.list(&scope) {
                if group.members.contains(id) {
                    self.add_policies(&scope, &group.permissions, &mut caller.identity);
                }
            }
            caller.boundary = self.boundary(&scope, &user.permissions);
            caller.tags.clone_from(&user.tags);
        }
        caller
    }

    fn add_policies(&self, scope: &Scope, permissions: &Permissions, to: &mut Vec<Arc<Policy>>) {
        // What is stored was validated, so nothing is lost by leaving out what cannot be read.
        to.extend(permissions.inline.values().filter_map(|text| self.decisions.document(text)));
        to.extend(permissions.attached.iter().filter_map(|arn| self.managed_document(scope, arn)));
    }

    fn boundary(&self, scope: &Scope, permissions: &Permissions) -> Option<Arc<Policy>> {
        let arn = permissions.boundary.as_ref()?;
        // A boundary that is gone still bounds: nothing is within it.
        let nothing = || Arc::new(Policy { statements: Vec::new() });
        Some(self.managed_document(scope, arn).unwrap_or_else(nothing))
    }

    fn managed_document(&self, scope: &Scope, arn: &str) -> Option<Arc<Policy>> {
        match managed::find(arn).ok().flatten() {
            Some(policy) => self.decisions.document(policy.document()),
            None => self.decisions.document(self.collections.policies.get(scope, arn)?.document()),
        }
    }
}

/// The account that a resource belongs to: its ARN tells, or else (for buckets) the account that the call acts in.
fn resource_account<'a>(context: &'a Context, access: &'a Access) -> &'a str {
    let in_arn = access.resource.strip_prefix("arn:").and_then(|rest| rest.split(':').nth(3));
    let is_account = |text: &&str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    in_arn.filter(is_account).unwrap_or(&context.account)
}

/// The account that a caller belongs to; empty for services and strangers.
fn account_of(principal: &Principal) -> &str {
    let of_arn = |arn| str::split(arn, ':').nth(4).unwrap_or_default();
    match principal {
        Principal::Root { account } => account,
        Principal::User { arn, .. } => of_arn(arn),
        Principal::AssumedRole { role_arn, .. } => of_arn(role_arn),
        Principal::Service { .. } | Principal::Anonymous => "",
    }
}

/// The condition keys of a call: the operation's own, then AWS's global ones, made when a policy asks for them.
struct RequestKeys<'a> {
    context: &'a Context,
    access: &'a Access,
    tags: &'a [(String, String)],
}

impl Keys for RequestKeys<'_> {
    fn values(&self, key: &str) -> Option<Vec<Cow<'_, str>>> {
        // The last word counts: what an operation says itself comes after what is said of all.
        let own = self.access.conditions.iter().rfind(|(name, _)| name.eq_ignore_ascii_case(key));
        if let Some((_, values)) = own {
            return Some(values.iter().map(|value| Cow::Borrowed(value.as_str())).collect());
        }
        if key == "lambda:sourcefunctionarn" {
            return Some(vec![self.context.session.as_ref()?.function.as_deref()?.into()]);
        }
        self.global(key.strip_prefix("aws:")?).map(|value| vec![value])
    }
}

impl RequestKeys<'_> {
    /// A global condition key without its prefix (IAM User Guide, "AWS global condition context keys").
    fn global(&self, key: &str) -> Option<Cow<'_, str>> {
        let (context, principal) = (self.context, &*self.context.principal);
        let service = match principal {
            Principal::Service { name } => Some(name.as_str()),
            _ => None,
        };
        if let Some(tag) = key.strip_prefix("principaltag/") {
            return self.tags.iter().find(|(name, _)| name.eq_ignore_ascii_case(tag)).map(|(_, v)| v.as_str().into());
        }
        Some(match key {
            "principalarn" => match principal {
                // A session is known by its role.
                Principal::AssumedRole { role_arn, .. } => role_arn.as_str().into(),
                Principal::Service { .. } | Principal::Anonymous => return None,
                other => other.arn().into(),
            },
            "principalaccount" if !account_of(principal).is_empty() => account_of(principal).into(),
            "principaltype" => match principal {
                Principal::Root { .. } => "Account".into(),
                Principal::User { .. } => "User".into(),
                Principal::AssumedRole { .. } => "AssumedRole".into(),
                Principal::Anonymous => "Anonymous".into(),
                Principal::Service { .. } => return None,
            },
            "principalisawsservice" => if service.is_some() { "true" } else { "false" }.into(),
            "principalservicename" | "principalservicenameslist" => service?.into(),
            "userid" => principal.user_id().into(),
            "username" => match principal {
                Principal::User { arn, .. } => arn.rsplit('/').next().unwrap_or_default().into(),
                _ => return None,
            },
            // Behind a service the client's address is not told.
            "sourceip" if context.called_via.is_none() => context.source_ip?.to_string().into(),
            // Loopback traffic leaves the machine as little as TLS leaves its tunnel: a policy that demands TLS on AWS
            // is satisfied here.
            "securetransport" => "true".into(),
            "currenttime" => Timestamp::now().to_string().into(),
            "epochtime" => Timestamp::now().as_second().to_string().into(),
            "requestedregion" => (&*context.region).into(),
            "sourcearn" => context.source_arn.as_deref()?.into(),
            "sourceaccount" => {
                service?;
                let of_arn = context.source_arn.as_deref().and_then(Arn::parse).map(|arn| arn.account);
                of_arn.filter(|account| !account.is_empty()).unwrap_or_else(|| context.account.to_string()).into()
            }
            "resourceaccount" => resource_account(context, self.access).into(),
            "calledvia" | "calledviafirst" | "calledvialast" => context.called_via.as_deref()?.into(),
            "viaawsservice" => if context.called_via.is_some() { "true" } else { "false" }.into(),
            "useragent" => context.user_agent.as_deref()?.into(),
            "referer" => context.referer.as_deref()?.into(),
            "tokenissuetime" => match (&context.session, principal) {
                (Some(session), _) => session.issued.to_string().into(),
                // A role that a service takes on for a single call.
                (None, Principal::AssumedRole { .. }) => Timestamp::now().to_string().into(),
                _ => return None,
            },
            // There are no second factors here; sessions say so, long-lived keys say nothing.
            "multifactorauthpresent" => context.session.as_ref().map(|_| "false")?.into(),
            _ => return None,
        })
    }
}
