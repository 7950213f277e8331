//! Whom a request is from: one place for every plane, deny by default.

use crate::sigv4::{self, Failure, Presented};
use http::HeaderMap;
use http::request::Parts;
use slam_cloud_core::{Cloud, Context, Credential, Principal, Session, Timestamp};
use std::net::IpAddr;
use std::sync::Arc;
use subtle::ConstantTimeEq as _;

/// A caller who is who they say.
pub struct Caller {
    /// In whose name the call is made.
    pub principal: Principal,
    /// The account of the key.
    pub account: String,
    /// The region that the request was signed for.
    pub region: Option<String>,
    /// The session that the key belongs to.
    pub session: Option<Arc<Session>>,
    /// Whether a signature was verified: not of requests without one, nor of an open cloud's strangers.
    pub verified: bool,
}

/// Refuses a key that nobody has, before anything is done for whoever presents it.
///
/// # Errors
/// The refusal.
pub fn check_key(cloud: &Cloud, presented: &Presented) -> Result<(), Failure> {
    let known = cloud.settings().open || cloud.credential(&presented.access_key_id).is_some();
    if known { Ok(()) } else { Err(Failure::UnknownKey(presented.access_key_id.clone())) }
}

/// The caller behind what was presented. `payload_hash` is as [`sigv4::verify`] takes it.
///
/// # Errors
/// Why the signature is not good.
pub fn verify(cloud: &Cloud, presented: &Presented, head: &Parts, payload_hash: &str) -> Result<Caller, Failure> {
    let Some(credential) = cloud.credential(&presented.access_key_id) else {
        return stranger(cloud, &presented.access_key_id, Some(&presented.region));
    };
    let now = Timestamp::now();
    check_session(&credential, presented.token.as_deref(), now)?;
    sigv4::verify(presented, &credential.secret_access_key, head, payload_hash, now)?;
    cloud.note_use(&credential.access_key_id, &presented.service, &presented.region);
    Ok(Caller::of(credential, Some(presented.region.clone())))
}

/// Whoever comes with a key that is not known: to an open cloud, the root user of the account that it names.
///
/// # Errors
/// The refusal, where the cloud is not open.
pub fn stranger(cloud: &Cloud, key: &str, region: Option<&str>) -> Result<Caller, Failure> {
    let settings = cloud.settings();
    if !settings.open {
        return Err(Failure::UnknownKey(key.to_owned()));
    }
    let is_account = key.len() == 12 && key.bytes().all(|byte| byte.is_ascii_digit());
    let account = if is_account { key.to_owned() } else { settings.account.clone() };
    Ok(Caller {
        principal: Principal::Root { account: account.clone() },
        account,
        region: region.map(str::to_owned),
        session: None,
        verified: false,
    })
}

/// Nobody: for what is not signed.
pub fn anonymous(cloud: &Cloud) -> Caller {
    let account = cloud.settings().account.clone();
    Caller { principal: Principal::Anonymous, account, region: None, session: None, verified: false }
}

/// Checks the token of a session's key, and that it has not ended.
///
/// # Errors
/// Why the key is not good.
pub fn check_session(credential: &Credential, token: Option<&str>, now: Timestamp) -> Result<(), Failure> {
    let token_fits = match (&credential.session_token, token) {
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
    Ok(())
}

impl Caller {
    /// The owner of a key whose signature was verified.
    pub fn of(credential: Credential, region: Option<String>) -> Self {
        let Credential { principal, account, session, .. } = credential;
        Self { principal, account, region, session, verified: true }
    }

    /// Whether nobody is known to call.
    pub fn is_anonymous(&self) -> bool {
        self.principal == Principal::Anonymous
    }

    /// The context of a request of theirs.
    pub fn context(self, cloud: &Cloud, headers: &HeaderMap, peer: IpAddr) -> Context {
        let region = self.region.unwrap_or_else(|| cloud.settings().region.clone());
        let mut context = Context::new(self.account, region, self.principal);
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(Into::into);
        context.source_ip = Some(peer);
        context.user_agent = text("user-agent");
        context.referer = text("referer");
        context.session = self.session;
        context.trace = text("x-amzn-trace-id");
        context
    }
}
