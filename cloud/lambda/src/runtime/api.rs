//! The Runtime API: where a runtime fetches events and posts answers.
//!
//! Each execution environment has a listener of its own on the loopback, which serves that environment's processes alone:
//! see [`super::owner`].
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use super::error::RuntimeError;
use super::owner::Owner;
use super::streamed::{self, Ending, Pieces};
use crate::model::limits::{RESPONSE, STREAMED};
use bytes::{Bytes, BytesMut};
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::{JoinHandle, JoinSet};

/// Connections that one environment may keep open.
const CONNECTIONS: u32 = 16;
/// Connections of others that may be told so at once, and how long that may take.
const STRANGERS: usize = 8;
const PATIENCE: Duration = Duration::from_secs(5);
/// What a runtime may tell before it is listened to.
const QUEUE: usize = 16;
/// The longest error document that is kept.
const ERROR: usize = 256 * 1024;

/// One event for a runtime.
#[derive(Clone, Debug)]
pub struct Event {
    /// The invocation's request id.
    pub id: String,
    /// The ARN by which the function was invoked.
    pub arn: String,
    /// When the invocation must be done, in milliseconds since 1970.
    pub deadline: i64,
    /// The X-Ray trace header.
    pub trace: String,
    /// The client context, as JSON.
    pub client_context: Option<String>,
    /// The event itself.
    pub payload: Bytes,
    /// Whether the invoker takes the answer piece by piece.
    pub streams: bool,
}

/// What a runtime tells.
#[derive(Debug)]
pub enum FromRuntime {
    /// It is ready for an event.
    Next,
    /// The handler's result; `None` when it is larger than Lambda allows.
    Response(Option<Bytes>),
    /// The handler's result begins: here are its pieces.
    Streaming(Pieces),
    /// The pieces have ended, or a response that has none broke off.
    Streamed(Ending),
    /// The handler, or what is around it, failed.
    Error(RuntimeError),
    /// The runtime could not start.
    InitError(RuntimeError),
}

/// The environment's end of its Runtime API. Dropping it closes the listener and all connections.
#[derive(Debug)]
pub struct RuntimeApi {
    address: SocketAddr,
    from_runtime: mpsc::Receiver<FromRuntime>,
    events: mpsc::Sender<Event>,
    connections: Arc<Semaphore>,
    owner: Option<oneshot::Sender<Owner>>,
    server: JoinHandle<()>,
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl RuntimeApi {
    /// Starts to listen. Nobody is served before [`RuntimeApi::belongs_to`] is called.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (tell, from_runtime) = mpsc::channel(QUEUE);
        let (events, waiting) = mpsc::channel(1);
        let shared = Arc::new(Shared { tell, events: tokio::sync::Mutex::new(waiting), current: Mutex::new(None) });
        let connections = Arc::new(Semaphore::new(CONNECTIONS as usize));
        let (owner, known) = oneshot::channel();
        let server = tokio::spawn(serve(listener, shared, Arc::clone(&connections), known));
        Ok(Self { address, from_runtime, events, connections, owner: Some(owner), server })
    }

    /// Serves an owner, and nobody else.
    pub fn belongs_to(&mut self, owner: Owner) {
        if let Some(tell) = self.owner.take() {
            // Fails only when the server has ended.
            let _ = tell.send(owner);
        }
    }

    /// `127.0.0.1:PORT`
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Hands an event to the runtime, which has asked for one or will.
    pub async fn send(&self, event: Event) {
        // Fails only when the server has ended, which whoever waits for the answer learns by the process's end.
        let _ = self.events.send(event).await;
    }

    /// What the runtime tells next. May be cancelled and called again.
    pub async fn receive(&mut self) -> Option<FromRuntime> {
        self.from_runtime.recv().await
    }

    /// What a runtime that has ended told before: its connections end with it, once all of them was read. `None` when
    /// nothing is left.
    pub async fn hear_out(&mut self) -> Option<FromRuntime> {
        tokio::select! {
            biased;
            told = self.from_runtime.recv() => told,
            _ = self.connections.acquire_many(CONNECTIONS) => self.from_runtime.try_recv().ok(),
        }
    }
}

struct Shared {
    tell: mpsc::Sender<FromRuntime>,
    events: tokio::sync::Mutex<mpsc::Receiver<Event>>,
    /// The event that has no answer yet.
    current: Mutex<Option<Current>>,
}

struct Current {
    id: String,
    streams: bool,
}

async fn serve(listener: TcpListener, shared: Arc<Shared>, places: Arc<Semaphore>, owner: oneshot::Receiver<Owner>) {
    let Ok(owner) = owner.await else { return };
    let strangers = Arc::new(Semaphore::new(STRANGERS));
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, peer)) = listener.accept().await else { continue };
        if !owner.owns(&stream, peer).await {
            if let Ok(place) = Arc::clone(&strangers).try_acquire_owned() {
                connections.spawn(async move {
                    let _ = tokio::time::timeout(PATIENCE, turn_away(stream)).await;
                    drop(place);
                });
            }
            continue;
        }
        // The semaphore is never closed.
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        while connections.try_join_next().is_some() {}
        let connection = connection(stream, Arc::clone(&shared));
        connections.spawn(async move {
            connection.await;
            drop(place);
        });
    }
}

async fn connection(stream: TcpStream, shared: Arc<Shared>) {
    // Without it an answer may wait for the runtime's delayed acknowledgement: 40 ms.
    let _ = stream.set_nodelay(true);
    let service = hyper::service::service_fn(move |request| {
        let shared = Arc::clone(&shared);
        async move { Ok::<_, Infallible>(shared.answer(request).await) }
    });
    // A connection that breaks is a runtime that ended, which is learnt from its process.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

/// Tells a stranger that it is one.
async fn turn_away(stream: TcpStream) {
    let service = hyper::service::service_fn(|_| async {
        let message = "This Runtime API belongs to another execution environment: only its own processes, as long as they \
                       wait for the answer, can use it";
        let mut response = refusal(StatusCode::FORBIDDEN, "AccessDenied", message);
        response.headers_mut().insert(http::header::CONNECTION, HeaderValue::from_static("close"));
        Ok::<_, Infallible>(response)
    });
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

impl Shared {
    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let path = request.uri().path().to_owned();
        let Some(path) = path.strip_prefix("/2018-06-01/runtime/") else {
            return refusal(StatusCode::NOT_FOUND, "NotFound", "this environment has the Runtime API 2018-06-01 only");
        };
        match (request.method().clone(), path) {
            (Method::GET, "invocation/next") => self.next().await,
            (Method::POST, "init/error") => {
                let error = error(request, true).await;
                self.accept(FromRuntime::InitError(error)).await
            }
            (Method::POST, path) => match path.strip_prefix("invocation/").and_then(|rest| rest.split_once('/')) {
                Some((id, outcome @ ("response" | "error"))) => self.outcome(id, outcome, request).await,
                _ => refusal(StatusCode::NOT_FOUND, "NotFound", "the Runtime API has no such path"),
            },
            _ => refusal(StatusCode::NOT_FOUND, "NotFound", "the Runtime API has no such path"),
        }
    }

    async fn next(&self) -> Response<Full<Bytes>> {
        let _ = self.tell.send(FromRuntime::Next).await;
        let Some(event) = self.events.lock().await.recv().await else {
            return refusal(StatusCode::GONE, "Runtime.Shutdown", "this environment has ended");
        };
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(Current { id: event.id.clone(), streams: event.streams });
        let mut response = Response::new(Full::new(event.payload));
        let headers = response.headers_mut();
        let mut set = |name: &'static str, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        };
        set("content-type", "application/json");
        set("lambda-runtime-aws-request-id", &event.id);
        set("lambda-runtime-deadline-ms", &event.deadline.to_string());
        set("lambda-runtime-invoked-function-arn", &event.arn);
        set("lambda-runtime-trace-id", &event.trace);
        if let Some(context) = &event.client_context {
            set("lambda-runtime-client-context", context);
        }
        response
    }

    async fn outcome(&self, id: &str, outcome: &str, request: Request<Incoming>) -> Response<Full<Bytes>> {
        // As AWS's own emulator of the Runtime API refuses them (aws-lambda-runtime-interface-emulator,
        // internal/lambda/rapi/handler/invocationresponse.go): without an event no answer is due, and another id is another
        // event's.
        let streams = {
            let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
            if current.is_none() {
                let message = "State transition is not allowed: no invocation waits for an answer";
                return refusal(StatusCode::FORBIDDEN, "InvalidStateTransition", message);
            }
            match current.take_if(|current| current.id == id) {
                Some(Current { streams, .. }) => streams,
                None => return refusal(StatusCode::BAD_REQUEST, "InvalidRequestID", "Invalid request ID"),
            }
        };
        if outcome == "error" {
            let error = error(request, false).await;
            return self.accept(FromRuntime::Error(error)).await;
        }
        if streamed::is_streamed(&request) {
            return self.streamed(request, streams).await;
        }
        let told = match read(request.into_body(), RESPONSE).await {
            Ok(whole) => FromRuntime::Response(whole),
            Err(_) => FromRuntime::Streamed(Ending::Broken),
        };
        self.accept(told).await
    }

    async fn streamed(&self, request: Request<Incoming>, streams: bool) -> Response<Full<Bytes>> {
        let (invoker, pieces) = streamed::channel(streamed::content_type(&request));
        let body = request.into_body();
        let ending = if streams {
            let _ = self.tell.send(FromRuntime::Streaming(pieces)).await;
            FromRuntime::Streamed(streamed::pass_on(body, invoker).await)
        } else {
            // Whoever waits for all of it gets all of it, as far as it fits.
            match tokio::join!(streamed::pass_on(body, invoker), streamed::collect(pieces, RESPONSE)) {
                (Ending::Complete, whole) => FromRuntime::Response(whole),
                (ending, _) => FromRuntime::Streamed(ending),
            }
        };
        self.accept(ending).await
    }

    async fn accept(&self, told: FromRuntime) -> Response<Full<Bytes>> {
        let exceeded = match &told {
            FromRuntime::Response(None) => Some(RESPONSE),
            FromRuntime::Streamed(Ending::TooLarge) => Some(STREAMED),
            _ => None,
        };
        let _ = self.tell.send(told).await;
        match exceeded {
            None => json(StatusCode::ACCEPTED, Bytes::from_static(b"{\"status\":\"OK\"}\n")),
            Some(limit) => {
                let message = format!("Exceeded maximum allowed payload size ({limit} bytes).");
                refusal(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", &message)
            }
        }
    }
}

async fn error(request: Request<Incoming>, init: bool) -> RuntimeError {
    let kind = request.headers().get("lambda-runtime-function-error-type");
    let kind = kind.and_then(|kind| kind.to_str().ok()).map(str::to_owned);
    let body = read(request.into_body(), ERROR).await.ok().flatten().unwrap_or_else(|| {
        Bytes::from_static(
            b"{\"errorType\":\"Runtime.Unknown\",\"errorMessage\":\"The error document was too large or broke off.\"}",
        )
    });
    RuntimeError { body, kind, init }
}

/// Reads a body to its end, keeping it only if it is not longer than `most`.
async fn read(mut body: Incoming, most: usize) -> Result<Option<Bytes>, hyper::Error> {
    let expected = usize::try_from(body.size_hint().lower()).unwrap_or(most).min(most);
    let mut whole = BytesMut::with_capacity(expected);
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        length += data.len();
        if length <= most {
            whole.extend_from_slice(&data);
        }
    }
    Ok((length <= most).then(|| whole.freeze()))
}

fn refusal(status: StatusCode, kind: &str, message: &str) -> Response<Full<Bytes>> {
    let body = serde_json::json!({ "errorType": kind, "errorMessage": message }).to_string();
    json(status, body.into())
}

fn json(status: StatusCode, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    response.headers_mut().insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
