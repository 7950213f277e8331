//! S3's plane: who asks, before anything of the request is looked at.

use crate::{Body as S3Body, S3Service};
use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use http::request::Parts;
use http::{Method, Request, Response};
use slam_cloud_core::plane::{Acting, Arrival, Claim, Plane, Sender};
use slam_cloud_core::request_body::RequestBody;
use slam_cloud_core::schema::Protocol;
use slam_cloud_core::stream::BrokenOff;
use slam_cloud_core::{AwsError, Body, Cloud, Context, Timestamp, id};
use slam_cloud_wire::auth::{self, Caller};
use slam_cloud_wire::protocol::{self, Voice};
use slam_cloud_wire::sigv4::{self, Failure, Presented};
use slam_cloud_wire::{s3, sigv2, uri};
use std::sync::Arc;

/// The plane of all buckets.
pub struct S3Plane {
    service: Arc<S3Service>,
}

impl S3Plane {
    /// The plane of a service.
    pub fn new(service: Arc<S3Service>) -> Self {
        Self { service }
    }

    async fn respond(&self, arrival: Arrival) -> Result<Response<Body>, AwsError> {
        let Arrival { head, body, peer, sender, .. } = arrival;
        let cloud = &self.service.cloud;
        if let Some(Acting(context)) = head.extensions.get().cloned() {
            return Ok(self.handled(head, body, context).await);
        }
        let caller = caller(cloud, &head).map_err(|failure| failure.into_error(Protocol::RestXml))?;
        // A foreign page may read what is public and use what was signed for it; the bucket's CORS rules say more.
        let harmless = matches!(head.method, Method::GET | Method::HEAD | Method::OPTIONS) && caller.is_anonymous();
        if sender == Sender::ForeignPage && !caller.verified && !harmless {
            let message = "pages from elsewhere need a signature that was verified";
            return Err(AwsError::new("AccessDenied", 403, message));
        }
        let context = caller.context(cloud, &head.headers, peer);
        Ok(self.handled(head, body, context).await)
    }

    async fn handled(&self, head: Parts, body: RequestBody, context: Context) -> Response<Body> {
        let mut request = Request::from_parts(head, body.timed());
        request.extensions_mut().insert(context);
        self.service.handle(request).await.map(outgoing)
    }
}

impl Plane for S3Plane {
    /// S3 is also what remains when nothing says otherwise.
    fn claim(&self, arrival: &Arrival) -> Claim {
        // S3 Control signs alike; its requests name the account.
        let named = arrival.signed_for.as_deref() == Some(crate::NAME);
        if named && arrival.head.headers.contains_key("x-amz-account-id") {
            return Claim::No;
        }
        if named || sigv2::Presented::of(&arrival.head).is_some() { Claim::Mine } else { Claim::Rest }
    }

    fn answer(self: Arc<Self>, arrival: Arrival) -> BoxFuture<'static, Response<Body>> {
        Box::pin(async move {
            self.respond(arrival).await.unwrap_or_else(|error| {
                protocol::encode_error(&Voice::of(&s3::SERVICE), &error, &id::request_id()).map(Body::from)
            })
        })
    }
}

/// The caller of a request. S3 also takes URLs of the older signature and requests without any. The payload's hash is
/// taken as the client tells it: it is checked while the body streams.
fn caller(cloud: &Cloud, head: &Parts) -> Result<Caller, Failure> {
    if let Some(presented) = Presented::of(head)? {
        let told = head.headers.get("x-amz-content-sha256").map(|value| value.to_str().unwrap_or_default().to_owned());
        let hash = match (told, presented.expires) {
            (Some(told), _) => told,
            (None, Some(_)) => {
                let query = uri::query(head.uri.query().unwrap_or_default());
                let parameter = query.into_iter().find(|(name, _)| name == "X-Amz-Content-Sha256");
                parameter.map_or_else(|| sigv4::UNSIGNED_PAYLOAD.to_owned(), |(_, hash)| hash)
            }
            (None, None) => return Err(Failure::PayloadHashMissing),
        };
        return auth::verify(cloud, &presented, head, &hash);
    }
    let Some(presented) = sigv2::Presented::of(head) else { return Ok(auth::anonymous(cloud)) };
    let Some(credential) = cloud.credential(&presented.access_key_id) else {
        return auth::stranger(cloud, &presented.access_key_id, None);
    };
    let now = Timestamp::now();
    auth::check_session(&credential, presented.token.as_deref(), now)?;
    presented.verify(&credential.secret_access_key, head, now)?;
    Ok(Caller::of(credential, None))
}

/// What s3s answers, as the server sends it.
fn outgoing(body: S3Body) -> Body {
    match body.bytes() {
        Some(bytes) => Body::from(bytes),
        None => Body::stream(body.map(|piece| piece.map_err(|error| BrokenOff(error.to_string())))),
    }
}
