//! Access keys: which secret a key signs with, and for whom it stands.

use crate::Iam;
use crate::model::Subject;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::credential::{Credential, Keys};
use slam_cloud_core::{Principal, Session, Timestamp};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// When and where keys were last used, since the process began.
#[derive(Default)]
pub(crate) struct Uses(Mutex<BTreeMap<String, LastUse>>);

/// The last use of a key.
#[derive(Clone)]
pub(crate) struct LastUse {
    pub at: Timestamp,
    pub service: String,
    pub region: String,
}

impl Keys for Iam {
    fn credential(&self, access_key_id: &str) -> Option<Credential> {
        if access_key_id == self.settings.root.access_key_id {
            let account = self.settings.account.clone();
            return Some(Credential {
                access_key_id: access_key_id.to_owned(),
                secret_access_key: self.settings.root.secret_access_key.clone(),
                session_token: None,
                principal: Principal::Root { account: account.clone() },
                account,
                session: None,
                expires: None,
            });
        }
        if access_key_id.starts_with("ASIA") { self.session(access_key_id) } else { self.user_key(access_key_id) }
    }

    /// For `GetAccessKeyLastUsed`. Not durable: AWS, too, is hours late here.
    fn note_use(&self, access_key_id: &str, service: &str, region: &str) {
        if !access_key_id.starts_with("AKIA") {
            return;
        }
        let last = LastUse { at: crate::model::now(), service: service.to_owned(), region: region.to_owned() };
        self.uses.0.lock().unwrap_or_else(PoisonError::into_inner).insert(access_key_id.to_owned(), last);
    }
}

impl Iam {
    pub(crate) fn last_use(&self, access_key_id: &str) -> Option<LastUse> {
        self.uses.0.lock().unwrap_or_else(PoisonError::into_inner).get(access_key_id).cloned()
    }

    fn user_key(&self, access_key_id: &str) -> Option<Credential> {
        let key = self.collections.access_keys.get(&Scope::everywhere(), access_key_id).filter(|key| key.active)?;
        let principal = self.user_principal(&key.account, &key.user_id)?;
        Some(Credential {
            access_key_id: access_key_id.to_owned(),
            secret_access_key: key.secret.clone(),
            session_token: None,
            principal,
            account: key.account.clone(),
            session: None,
            expires: None,
        })
    }

    fn session(&self, access_key_id: &str) -> Option<Credential> {
        let session = self.collections.sessions.get(&Scope::everywhere(), access_key_id)?;
        let principal = match &session.subject {
            Subject::Root => Principal::Root { account: session.account.clone() },
            Subject::User(id) => self.user_principal(&session.account, id)?,
            Subject::Role { id, arn, session_name, policy } => Principal::AssumedRole {
                role_arn: arn.clone(),
                role_id: id.clone(),
                session_name: session_name.clone(),
                session_policy: policy.clone(),
            },
        };
        Some(Credential {
            access_key_id: access_key_id.to_owned(),
            secret_access_key: session.secret.clone(),
            session_token: Some(session.token.clone()),
            principal,
            account: session.account.clone(),
            session: Some(Arc::new(Session { issued: session.issued, function: session.function.clone() })),
            expires: Some(session.expires),
        })
    }

    fn user_principal(&self, account: &str, id: &str) -> Option<Principal> {
        let user = self.collections.users.get(&crate::authorizer::scope(account), id)?;
        Some(Principal::User { arn: user.arn.clone(), id: user.id.clone() })
    }
}
