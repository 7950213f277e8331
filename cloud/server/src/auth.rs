//! Whom a request is from: one layer in front of every service, deny by default.

use http::HeaderMap;
use http::request::Parts;
use slam_cloud_core::{Context, Principal, Settings, Timestamp};
use slam_cloud_iam::Iam;
use slam_cloud_wire::sigv4::{self, Failure, Presented, Signing};
use std::net::IpAddr;
use std::sync::Arc;
use subtle::ConstantTimeEq as _;

/// Knows every key.
pub(crate) struct Authenticator {
    iam: Arc<Iam>,
    settings: Settings,
}

/// A caller who is who they say.
pub(crate) struct Caller {
    /// In whose name the call is made.
    pub principal: Principal,
    /// The account of the key.
    pub account: String,
    /// The region that the request was signed for.
    pub region: Option<String>,
    /// The verified signature; `None` for requests that are not signed and for keys of an open cloud.
    pub signing: Option<Signing>,
}

impl Authenticator {
    pub(crate) fn new(iam: Arc<Iam>, settings: Settings) -> Self {
        Self { iam, settings }
    }

    /// The caller behind what was presented, or why there is none.
    pub(crate) fn verify(&self, presented: &Presented, head: &Parts, payload_hash: &str) -> Result<Caller, Failure> {
        let Some(credential) = self.iam.credential(&presented.access_key_id) else {
            if self.settings.open {
                return Ok(self.stranger(presented));
            }
            return Err(Failure::UnknownKey(presented.access_key_id.clone()));
        };
        let now = Timestamp::now();
        let token_fits = match (&credential.session_token, &presented.token) {
            (Some(expected), Some(given)) => bool::from(expected.as_bytes().ct_eq(given.as_bytes())),
            (None, None) => true,
            _ => false,
        };
        if !token_fits {
            return Err(Failure::WrongToken);
        }
        if credential.expires.is_some_and(|expires| expires <= now) {
            return Err(Failure::TokenExpired);
        }
        let signing = sigv4::verify(presented, &credential.secret_access_key, head, payload_hash, now)?;
        self.iam.note_use(&credential.access_key_id, &presented.service, &presented.region);
        Ok(Caller {
            principal: credential.principal,
            account: credential.account,
            region: Some(presented.region.clone()),
            signing: Some(signing),
        })
    }

    /// Whoever comes to an open cloud: the root user of the account that the key names.
    fn stranger(&self, presented: &Presented) -> Caller {
        let key = &presented.access_key_id;
        let is_account = key.len() == 12 && key.bytes().all(|byte| byte.is_ascii_digit());
        let account = if is_account { key.clone() } else { self.settings.account.clone() };
        Caller {
            principal: Principal::Root { account: account.clone() },
            account,
            region: Some(presented.region.clone()),
            signing: None,
        }
    }

    /// Nobody: for what is not signed, where that may be.
    pub(crate) fn anonymous(&self) -> Caller {
        let account = self.settings.account.clone();
        Caller { principal: Principal::Anonymous, account, region: None, signing: None }
    }

    /// The context of a caller's request.
    pub(crate) fn context(&self, caller: Caller, headers: &HeaderMap, peer: IpAddr) -> Context {
        let region = caller.region.unwrap_or_else(|| self.settings.region.clone());
        let mut context = Context::new(caller.account, region, caller.principal);
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(Into::into);
        context.source_ip = Some(peer);
        context.user_agent = text("user-agent");
        context.trace = text("x-amzn-trace-id");
        context
    }
}
