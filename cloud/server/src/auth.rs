//! Whom a request is from: one layer in front of every service, deny by default.

use http::HeaderMap;
use http::request::Parts;
use slam_cloud_core::{Context, Principal, Session, Settings, Timestamp};
use slam_cloud_iam::Credential;
use slam_cloud_iam::Iam;
use slam_cloud_wire::sigv4::{self, Failure, Presented};
use slam_cloud_wire::{sigv2, uri};
use std::net::IpAddr;
use std::sync::Arc;
use subtle::ConstantTimeEq as _;

impl Caller {
    /// Whether nobody is known to call.
    pub(crate) fn is_anonymous(&self) -> bool {
        self.principal == Principal::Anonymous
    }
}

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
    /// The session that the key belongs to.
    pub session: Option<Arc<Session>>,
    /// Whether a signature was verified: not of requests without one, nor of an open cloud's strangers.
    pub verified: bool,
}

impl Authenticator {
    pub(crate) fn new(iam: Arc<Iam>, settings: Settings) -> Self {
        Self { iam, settings }
    }

    /// Refuses a key that nobody has, before anything is done for whoever presents it.
    pub(crate) fn check_key(&self, presented: &Presented) -> Result<(), Failure> {
        let known = self.settings.open || self.iam.credential(&presented.access_key_id).is_some();
        if known { Ok(()) } else { Err(Failure::UnknownKey(presented.access_key_id.clone())) }
    }

    /// The caller behind what was presented, or why there is none.
    pub(crate) fn verify(&self, presented: &Presented, head: &Parts, payload_hash: &str) -> Result<Caller, Failure> {
        let Some(credential) = self.iam.credential(&presented.access_key_id) else {
            return self.stranger(&presented.access_key_id, Some(&presented.region));
        };
        let now = Timestamp::now();
        check_session(&credential, presented.token.as_deref(), now)?;
        sigv4::verify(presented, &credential.secret_access_key, head, payload_hash, now)?;
        self.iam.note_use(&credential.access_key_id, &presented.service, &presented.region);
        Ok(Caller {
            principal: credential.principal,
            account: credential.account,
            region: Some(presented.region.clone()),
            session: credential.session,
            verified: true,
        })
    }

    /// The caller of a request to S3, which also takes URLs of the older signature and requests without any. The
    /// payload's hash is taken as the client tells it: S3 checks it while the body streams.
    pub(crate) fn verify_s3(&self, presented: Option<&Presented>, head: &Parts) -> Result<Caller, Failure> {
        if let Some(presented) = presented {
            let told =
                head.headers.get("x-amz-content-sha256").map(|value| value.to_str().unwrap_or_default().to_owned());
            let hash = match (told, presented.expires) {
                (Some(told), _) => told,
                (None, Some(_)) => {
                    let query = uri::query(head.uri.query().unwrap_or_default());
                    let parameter = query.into_iter().find(|(name, _)| name == "X-Amz-Content-Sha256");
                    parameter.map_or_else(|| sigv4::UNSIGNED_PAYLOAD.to_owned(), |(_, hash)| hash)
                }
                (None, None) => return Err(Failure::PayloadHashMissing),
            };
            return self.verify(presented, head, &hash);
        }
        let Some(presented) = sigv2::Presented::of(head) else { return Ok(self.anonymous()) };
        let Some(credential) = self.iam.credential(&presented.access_key_id) else {
            return self.stranger(&presented.access_key_id, None);
        };
        let now = Timestamp::now();
        check_session(&credential, presented.token.as_deref(), now)?;
        presented.verify(&credential.secret_access_key, head, now)?;
        let Credential { principal, account, session, .. } = credential;
        Ok(Caller { principal, account, region: None, session, verified: true })
    }

    /// Whoever comes with a key that is not known: to an open cloud, the root user of the account that it names.
    fn stranger(&self, key: &str, region: Option<&str>) -> Result<Caller, Failure> {
        if !self.settings.open {
            return Err(Failure::UnknownKey(key.to_owned()));
        }
        let is_account = key.len() == 12 && key.bytes().all(|byte| byte.is_ascii_digit());
        let account = if is_account { key.to_owned() } else { self.settings.account.clone() };
        Ok(Caller {
            principal: Principal::Root { account: account.clone() },
            account,
            region: region.map(str::to_owned),
            session: None,
            verified: false,
        })
    }

    /// Nobody: for what is not signed.
    fn anonymous(&self) -> Caller {
        let account = self.settings.account.clone();
        Caller { principal: Principal::Anonymous, account, region: None, session: None, verified: false }
    }

    /// The context of a caller's request.
    pub(crate) fn context(&self, caller: Caller, headers: &HeaderMap, peer: IpAddr) -> Context {
        let region = caller.region.unwrap_or_else(|| self.settings.region.clone());
        let mut context = Context::new(caller.account, region, caller.principal);
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(Into::into);
        context.source_ip = Some(peer);
        context.user_agent = text("user-agent");
        context.referer = text("referer");
        context.session = caller.session;
        context.trace = text("x-amzn-trace-id");
        context
    }
}

fn check_session(credential: &Credential, token: Option<&str>, now: Timestamp) -> Result<(), Failure> {
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
