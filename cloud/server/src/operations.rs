//! The plane of the operations in the tables: read, authenticated, decoded, validated, called, encoded.

use crate::cross_origin;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::request::Parts;
use http::{HeaderValue, Response, StatusCode, header};
use slam_cloud_core::dialect::{Dialect, Front};
use slam_cloud_core::door::Entry;
use slam_cloud_core::plane::{self, Acting, Arrival, Claim, Plane, Sender};
use slam_cloud_core::registry::WireEntry;
use slam_cloud_core::request_body::Unread;
use slam_cloud_core::schema::Protocol;
use slam_cloud_core::service::BodyLimit;
use slam_cloud_core::{AwsError, AwsResult, Body, Cloud, Context, OperationModel, ServiceModel};
use slam_cloud_wire::foreign::Foreign;
use slam_cloud_wire::protocol::{self, Voice};
use slam_cloud_wire::route::{self, Route, Router, Target};
use slam_cloud_wire::sigv4::{Failure, Presented, hex_sha256};
use slam_cloud_wire::{auth, coral};
use std::sync::Arc;

/// A body above this size is not read for strangers.
const LARGE: u64 = 1024 * 1024;

/// Everything that an operation's request needs.
pub(crate) struct Operations {
    cloud: Cloud,
    router: Router,
}

impl Operations {
    /// The plane of all services that are registered.
    pub(crate) fn new(cloud: Cloud) -> Self {
        let models: Vec<_> = cloud.models().iter().map(|(_, model)| *model).collect();
        Self { router: Router::new(&models), cloud }
    }

    fn target(&self, arrival: &Arrival) -> Option<Target> {
        self.router.target(&arrival.head, arrival.signed_for.as_deref())
    }

    async fn serve(
        &self,
        service: &'static ServiceModel,
        voice: &Voice,
        arrival: Arrival,
    ) -> AwsResult<Response<Body>> {
        let refuse = |failure: Failure| failure.into_error(voice.protocol);
        if let Some(Acting(context)) = arrival.head.extensions.get().cloned() {
            return self.acting(service, voice, arrival, context).await;
        }
        if voice.dialect.front == Front::Coral {
            coral::check(&arrival.head)?;
        }
        let Some(presented) = Presented::of(&arrival.head).map_err(refuse)? else {
            let answer = self.unsigned(service, voice, arrival).await;
            return answer.unwrap_or_else(|| Err(refuse(Failure::Missing)));
        };
        let Arrival { head, body, peer, .. } = arrival;
        let limit = self.body_limit(service, &head);
        if body.announced().is_none_or(|length| length > LARGE) {
            auth::check_key(&self.cloud, &presented).map_err(refuse)?;
        }
        let body = body.read(limit.bytes).await.map_err(|reason| unread(limit, &reason))?;
        let caller = auth::verify(&self.cloud, &presented, &head, &hex_sha256(&body)).map_err(refuse)?;
        let operation = self.operation(service, voice, &head, &body)?;
        let context = caller.context(&self.cloud, &head.headers, peer);
        Ok(self.answered(voice, operation, context, &head, body).await)
    }

    /// What a service of this cloud sends as somebody, in the process.
    async fn acting(
        &self,
        service: &'static ServiceModel,
        voice: &Voice,
        Arrival { head, body, .. }: Arrival,
        context: Context,
    ) -> AwsResult<Response<Body>> {
        let limit = self.body_limit(service, &head);
        let body = body.read(limit.bytes).await.map_err(|reason| unread(limit, &reason))?;
        let operation = self.operation(service, voice, &head, &body)?;
        Ok(self.answered(voice, operation, context, &head, body).await)
    }

    /// The operation that a request is.
    fn operation(
        &self,
        service: &'static ServiceModel,
        voice: &Voice,
        head: &Parts,
        body: &Bytes,
    ) -> AwsResult<&'static OperationModel> {
        let route = self.router.operation((service, voice.protocol), head, body);
        match route::at_endpoint(voice, head, body, route)? {
            Route::Operation(operation) => Ok(operation),
            Route::Unsupported(name) => Err(unsupported(service.name, name)),
        }
    }

    /// What an operation answers to a caller.
    async fn answered(
        &self,
        voice: &Voice,
        operation: &'static OperationModel,
        mut context: Context,
        head: &Parts,
        body: Bytes,
    ) -> Response<Body> {
        context.request_id = voice.dialect.front.request_id().into();
        context.hangup = head.extensions.get().cloned();
        let request_id = Arc::clone(&context.request_id);
        let begun = std::time::Instant::now();
        let answer = self.call(voice, operation, context, head, body).await;
        let response = answer.unwrap_or_else(|error| {
            if error.status >= 500 {
                tracing::warn!(service = operation.service, operation = operation.name, %error, "refused or failed");
            }
            protocol::encode_error(voice, &error, &request_id).map(Body::from)
        });
        tracing::debug!(
            service = operation.service,
            operation = operation.name,
            status = response.status().as_u16(),
            microseconds = begun.elapsed().as_micros() as u64,
            "answered"
        );
        response
    }

    /// An operation that AWS takes without a signature, as its input proves who calls; `None` for any other.
    async fn unsigned(
        &self,
        service: &'static ServiceModel,
        voice: &Voice,
        Arrival { head, body, peer, .. }: Arrival,
    ) -> Option<AwsResult<Response<Body>>> {
        body.announced().filter(|length| *length <= LARGE)?;
        let body = body.read(LARGE).await.ok()?;
        // A form may name its operation alone.
        let service = self.router.unsigned(&head, &body).map_or(service, |(service, _)| service);
        match self.router.operation((service, voice.protocol), &head, &body).ok()? {
            Route::Operation(operation) if service.unsigned.contains(&operation.name) => {
                let nobody = auth::anonymous(&self.cloud).context(&self.cloud, &head.headers, peer);
                Some(Ok(self.answered(voice, operation, nobody, &head, body).await))
            }
            Route::Unsupported(name) if service.unsigned.contains(&name) => Some(Err(unsupported(service.name, name))),
            _ => None,
        }
    }

    /// Whether a request is one that AWS takes from pages, too: of an operation without a signature.
    fn is_for_pages(&self, arrival: &Arrival, target: Option<&Target>) -> bool {
        let Some(Target::Service(service, protocol @ Protocol::Json(_))) = target else { return false };
        let route = self.router.operation((service, *protocol), &arrival.head, &Bytes::new());
        let named = |operation: &OperationModel| service.unsigned.contains(&operation.name);
        arrival.signed_for.is_none() && matches!(route, Ok(Route::Operation(operation)) if named(operation))
    }

    async fn call(
        &self,
        voice: &Voice,
        operation: &'static OperationModel,
        context: Context,
        head: &Parts,
        body: Bytes,
    ) -> AwsResult<Response<Body>> {
        match self.cloud.wire_entry(operation.service, operation.name) {
            None => Err(unsupported(operation.service, operation.name)),
            Some(WireEntry::Json(entry)) => {
                let request_id = Arc::clone(&context.request_id);
                let body = self.cloud.call_json(context, (operation.service, operation.name), &**entry, body).await?;
                Ok(match voice.protocol {
                    Protocol::Json(version) => {
                        protocol::passed_through(voice, version, body, &request_id).map(Body::from)
                    }
                    _ => Response::new(body.into()),
                })
            }
            Some(WireEntry::Typed(entry)) => self.typed(voice, entry, context, head, &body).await,
        }
    }

    async fn typed(
        &self,
        voice: &Voice,
        entry: &Entry,
        context: Context,
        head: &Parts,
        body: &Bytes,
    ) -> AwsResult<Response<Body>> {
        let model = entry.model();
        let input = protocol::decode(voice, model, head, body)?;
        slam_cloud_wire::validate(voice, model, &input)?;
        let request_id = Arc::clone(&context.request_id);
        let output = self.cloud.call_typed(entry, context, input).await?;
        Ok(protocol::encode(voice, model, output, &request_id))
    }

    fn dialect(&self, model: &'static ServiceModel) -> &'static Dialect {
        let service = self.cloud.models().iter().find(|(_, known)| std::ptr::eq(*known, model));
        service.map_or(&Dialect::DEFAULT, |(service, _)| service.dialect())
    }

    fn body_limit(&self, model: &'static ServiceModel, head: &Parts) -> BodyLimit {
        let service = self.cloud.models().iter().find(|(_, known)| std::ptr::eq(*known, model));
        service.map_or(BodyLimit::DEFAULT, |(service, _)| service.body_limit(head))
    }
}

impl Plane for Operations {
    fn claim(&self, arrival: &Arrival) -> Claim {
        if cross_origin::is_preflight(&arrival.head) || self.target(arrival).is_some() {
            Claim::Mine
        } else {
            Claim::No
        }
    }

    fn answer(self: Arc<Self>, arrival: Arrival) -> BoxFuture<'static, Response<Body>> {
        Box::pin(async move {
            if cross_origin::is_preflight(&arrival.head) {
                return cross_origin::preflight(&arrival.head);
            }
            let target = self.target(&arrival);
            let is_for_pages = self.is_for_pages(&arrival, target.as_ref());
            if arrival.sender == Sender::ForeignPage && !is_for_pages {
                return plane::refusal(StatusCode::FORBIDDEN, "pages from elsewhere may not call the control plane");
            }
            let answer = match target {
                Some(Target::Service(service, protocol)) => {
                    let voice = Voice::new(service, protocol, self.dialect(service)).answering(&arrival.head);
                    self.serve(service, &voice, arrival).await.unwrap_or_else(|error| refusal(&voice, &error))
                }
                Some(Target::Foreign(service)) => foreign(&service, arrival).await,
                None => plane::refusal(StatusCode::NOT_FOUND, "no service takes such a request"),
            };
            if is_for_pages { cross_origin::readable(answer) } else { answer }
        })
    }
}

fn refusal(voice: &Voice, error: &AwsError) -> Response<Body> {
    let mut response = protocol::encode_error(voice, error, &voice.dialect.front.request_id());
    if error.status == 413 || error.status == 408 {
        // What is left of the body must not be taken for the next request.
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response.map(Body::from)
}

/// The most that is read of a request that is refused whatever it says: enough to find what it calls.
const FOREIGN: u64 = 64 * 1024;

/// A service that this cloud does not have, refused in the protocol that its request speaks.
async fn foreign(service: &Foreign, arrival: Arrival) -> Response<Body> {
    let Arrival { head, body, .. } = arrival;
    let body = body.read(FOREIGN).await.unwrap_or_default();
    refusal(&service.voice(), &service.refusal(&head, &body))
}

fn unsupported(service: &str, operation: &str) -> AwsError {
    AwsError::unsupported(format_args!("the operation {operation} of {service}"))
}

fn unread(limit: BodyLimit, reason: &Unread) -> AwsError {
    match reason {
        Unread::TooLarge => {
            let operation = limit.operation.map(|name| format!(" for the {name} operation")).unwrap_or_default();
            let message = format!("Request must be smaller than {} bytes{operation}", limit.bytes);
            AwsError::new("RequestEntityTooLargeException", 413, message)
        }
        Unread::TimedOut => AwsError::new("RequestTimeout", 408, "the body did not arrive in time"),
        Unread::Crowded => {
            AwsError::new("ServiceUnavailable", 503, "too many large bodies are on their way: try again")
        }
        Unread::Broken => AwsError::bad_request("IncompleteBody", "the connection broke before the body's end"),
    }
}
