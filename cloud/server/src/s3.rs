//! Requests to S3: authenticated here, streamed to the S3 crate's own HTTP layer.

use crate::body::{self, Body, BrokenStream, Timed};
use crate::dispatch::Dispatch;
use crate::gate::Sender;
use http::request::Parts;
use http::{Method, Request, Response};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use slam_cloud_core::{AwsError, id};
use slam_cloud_wire::sigv4::{Failure, Presented};
use slam_cloud_wire::{protocol, s3};
use std::net::IpAddr;

impl Dispatch {
    /// Answers a request to S3.
    pub(crate) async fn s3(
        &self,
        presented: Result<Option<Presented>, Failure>,
        sender: Sender,
        head: Parts,
        body: Incoming,
        peer: IpAddr,
    ) -> Response<Body> {
        let refuse = |error: AwsError| body::whole(protocol::encode_error(&s3::SERVICE, &error, &id::request_id()));
        let refuse_failure = |failure: Failure| refuse(failure.into_error(s3::SERVICE.protocol));
        let presented = match presented {
            Ok(presented) => presented,
            Err(failure) => return refuse_failure(failure),
        };
        let caller = match self.authenticator.verify_s3(presented.as_ref(), &head) {
            Ok(caller) => caller,
            Err(failure) => return refuse_failure(failure),
        };
        // A foreign page may read what is public and use what was signed for it; the bucket's CORS rules say more.
        let harmless = matches!(head.method, Method::GET | Method::HEAD | Method::OPTIONS) && caller.is_anonymous();
        if sender == Sender::ForeignPage && !caller.verified && !harmless {
            return refuse(AwsError::new(
                "AccessDenied",
                403,
                "pages from elsewhere need a signature that was verified",
            ));
        }
        let context = self.authenticator.context(caller, &head.headers, peer);
        let mut request = Request::from_parts(head, Timed::new(body));
        request.extensions_mut().insert(context);
        let response = self.services.s3.handle(request).await;
        response.map(|body| Body::Stream(body.map_err(BrokenStream).boxed_unsync()))
    }
}
