//! Issuers that are user pools of this cloud.
//!
//! A pool's tokens bear the issuer that they have on AWS, `https://cognito-idp.REGION.amazonaws.com/POOL`, and templates name it so
//! ([tokens](https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html)).
//! Of a pool that is here, the documents below that name are asked for in the process: of the plane that answers this name when
//! a client sends it here. No request leaves, and this crate knows planes, not the service of user pools. Of a pool that is not here, no
//! plane claims them, and they are fetched from AWS as those of any other issuer.

use bytes::Bytes;
use http::{Request, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Empty, Limited};
use slam_cloud_core::Cloud;
use slam_cloud_core::plane::{Arrival, Claim, Sender};
use slam_cloud_core::request_body::RequestBody;
use slam_cloud_wire::host;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

/// A document of a pool that is here. `None` for everything else.
pub async fn document(cloud: &Cloud, uri: &Uri, largest: usize) -> Option<Bytes> {
    let host = uri.authority()?.as_str();
    host::endpoint(host).filter(|endpoint| endpoint.prefix.eq_ignore_ascii_case("cognito-idp"))?;
    let (head, ()) = Request::get(uri.path()).header(header::HOST, host).body(()).ok()?.into_parts();
    let arrival = Arrival {
        head,
        body: RequestBody::new(Empty::new()),
        peer: IpAddr::V4(Ipv4Addr::LOCALHOST),
        port: cloud.settings().port,
        owner: None,
        sender: Sender::Direct,
        signed_for: None,
    };
    let plane = cloud.planes().iter().find(|plane| plane.claim(&arrival) == Claim::Mine)?;
    let answer = Arc::clone(plane).answer(arrival).await;
    if answer.status() != StatusCode::OK {
        return None;
    }
    Some(Limited::new(answer.into_body(), largest).collect().await.ok()?.to_bytes())
}
