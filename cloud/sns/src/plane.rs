//! What SNS answers without a signature: the links in what subscribers get, and the certificate that verifies it.
//!
//! Whoever has a link may follow it, as on AWS: it has the token of a confirmation, or the random id of a subscription.

use crate::SnsService;
use crate::api::links;
use crate::dialect::DIALECT;
use crate::signing::CERTIFICATES;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{HeaderValue, Method, Response, StatusCode, header};
use slam_cloud_core::plane::{self, Arrival, Claim, Plane, Sender};
use slam_cloud_core::{AwsResult, Body, Context, Operation, Principal, Shape as _};
use slam_cloud_wire::protocol::{self, Form, Voice};
use slam_cloud_wire::sns::{ConfirmSubscription, SERVICE, Unsubscribe};
use std::sync::Arc;

/// The plane.
pub struct Links {
    service: Arc<SnsService>,
}

impl Links {
    /// The plane of a service.
    pub fn new(service: Arc<SnsService>) -> Self {
        Self { service }
    }

    /// Follows a link.
    async fn follow(&self, form: &Form) -> Response<Body> {
        let settings = self.service.cloud.settings();
        let context = Context::new(settings.account.as_str(), settings.region.as_str(), Principal::Anonymous);
        let get = |name: &str| form.get(name).unwrap_or_default();
        if get("Action") == Unsubscribe::MODEL.name {
            let ended = links::unsubscribe(&self.service, get("SubscriptionArn"));
            self.observed::<Unsubscribe>(&context, ended).await
        } else {
            let confirmed = links::confirm(&self.service, get("TopicArn"), get("Token"));
            self.observed::<ConfirmSubscription>(&context, confirmed).await
        }
    }

    /// The answer of an operation, told to the observers as every other is.
    async fn observed<O: Operation>(
        &self,
        context: &Context,
        call: impl Future<Output = AwsResult<O::Output>>,
    ) -> Response<Body> {
        let voice = Voice::preferred(&SERVICE, &DIALECT);
        match self.service.cloud.observed(context, (O::MODEL.service, O::MODEL.name), call).await {
            Ok(output) => protocol::encode(&voice, O::MODEL, output.into_value(), &context.request_id),
            Err(error) => protocol::encode_error(&voice, &error, &context.request_id).map(Body::from),
        }
    }

    /// The certificate at a path.
    async fn certificate(&self, path: &str) -> Response<Body> {
        match self.service.signing.certificate(path).await {
            Ok(Some(certificate)) => {
                let mut response = Response::new(Body::from(certificate));
                let kind = HeaderValue::from_static("application/x-pem-file");
                response.headers_mut().insert(header::CONTENT_TYPE, kind);
                response
            }
            Ok(None) => plane::refusal(StatusCode::NOT_FOUND, "there is no such certificate"),
            Err(error) => plane::refusal(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
        }
    }
}

impl Plane for Links {
    fn claim(&self, Arrival { head, signed_for, .. }: &Arrival) -> Claim {
        let is_unsigned_get = head.method == Method::GET && signed_for.is_none();
        if !is_unsigned_get {
            return Claim::No;
        }
        let is_link = || {
            let form = Form::of(head, &Bytes::new());
            head.uri.path() == "/"
                && form
                    .get("Action")
                    .is_some_and(|action| [ConfirmSubscription::MODEL.name, Unsubscribe::MODEL.name].contains(&action))
        };
        if head.uri.path().starts_with(CERTIFICATES) || is_link() { Claim::Mine } else { Claim::No }
    }

    fn answer(self: Arc<Self>, arrival: Arrival) -> BoxFuture<'static, Response<Body>> {
        Box::pin(async move {
            let path = arrival.head.uri.path();
            if path.starts_with(CERTIFICATES) {
                return self.certificate(path).await;
            }
            if arrival.sender == Sender::ForeignPage {
                return plane::refusal(
                    StatusCode::FORBIDDEN,
                    "pages from elsewhere may not end or confirm subscriptions",
                );
            }
            self.follow(&Form::of(&arrival.head, &Bytes::new())).await
        })
    }
}
