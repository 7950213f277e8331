//! Sockets and HTTP: one task for each connection, bounded in number, time and size.
//!
//! - [`listening`]: how clients wrote the names of headers.

mod listening;

use futures_util::future::BoxFuture;
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use listening::{Listening, Memory};
use slam_cloud_core::{Body, hangup, plane};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

/// Connections at a time; more wait in the system's queue.
const CONNECTIONS: u32 = 16_384;
/// How long a request's head may take to arrive, and a connection may idle.
const HEAD: Duration = Duration::from_secs(10);
/// The largest head. Presigned URLs with session tokens are long.
const HEAD_BYTES: usize = 128 * 1024;
/// How long requests in flight may take to end when the server stops.
const LAST_CALL: Duration = Duration::from_secs(5);

/// What answers requests.
pub(crate) type Handler =
    Arc<dyn Fn(Request<Incoming>, SocketAddr) -> BoxFuture<'static, Response<Body>> + Send + Sync>;

/// Accepts connections until the server stops.
pub(crate) struct Front {
    places: Arc<Semaphore>,
    stop: watch::Sender<bool>,
}

impl Front {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { places: Arc::new(Semaphore::new(CONNECTIONS as usize)), stop: watch::Sender::new(false) })
    }

    /// Accepts on a listener until the server stops or the returned task is aborted.
    pub(crate) fn accept(self: &Arc<Self>, listener: TcpListener, handler: Handler) -> tokio::task::JoinHandle<()> {
        let front = Arc::clone(self);
        tokio::spawn(async move {
            let mut stop = front.stop.subscribe();
            loop {
                let Ok(place) = Arc::clone(&front.places).acquire_owned().await else { return };
                let accepted = tokio::select! {
                    accepted = listener.accept() => accepted,
                    _ = stop.wait_for(|stop| *stop) => return,
                };
                match accepted {
                    Ok((stream, peer)) => {
                        let connection = serve(stream, peer, Arc::clone(&handler), front.stop.subscribe());
                        tokio::spawn(async move {
                            connection.await;
                            drop(place);
                        });
                    }
                    // Too many open files, most likely: it passes when connections end.
                    Err(error) => {
                        tracing::warn!(%error, "a connection was not accepted");
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                }
            }
        })
    }

    /// Stops accepting, lets requests in flight end and closes their connections.
    pub(crate) async fn stop(&self) {
        self.stop.send_replace(true);
        let _ = tokio::time::timeout(LAST_CALL, self.places.acquire_many(CONNECTIONS)).await;
    }
}

/// The answer with its room, until the client has read it.
fn in_room(response: Response<Body>) -> Response<Body> {
    let (head, body) = response.into_parts();
    match body.in_room() {
        Ok(body) => Response::from_parts(head, body),
        Err(crowded) => {
            tracing::warn!("an answer was given up: {crowded}");
            plane::refusal(StatusCode::SERVICE_UNAVAILABLE, &format!("the embedded cloud is crowded: {crowded}"))
        }
    }
}

async fn serve(stream: TcpStream, peer: SocketAddr, handler: Handler, mut stop: watch::Receiver<bool>) {
    // Answers are small and clients wait for them.
    let _ = stream.set_nodelay(true);
    let memory = Memory::default();
    let heard = memory.clone();
    let service = service_fn(move |mut request: Request<Incoming>| {
        if let Some(names) = heard.names() {
            request.extensions_mut().insert(names);
        }
        let (line, hangup) = hangup::line();
        request.extensions_mut().insert(hangup);
        // A task of its own: what was begun is done even if the client goes, and a panic costs one answer only.
        let answer = tokio::spawn(handler(request, peer));
        async move {
            // It is cut with this future, which ends with the connection.
            let _line = line;
            let response = answer.await.unwrap_or_else(|error| {
                tracing::error!(%error, "a request's handler panicked");
                plane::refusal(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "the embedded cloud failed: a request's handler panicked",
                )
            });
            Ok::<_, Infallible>(in_room(response))
        }
    });
    let mut connection = std::pin::pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD)
            .max_buf_size(HEAD_BYTES)
            .serve_connection(TokioIo::new(Listening::new(stream, memory, HEAD_BYTES)), service)
            .with_upgrades()
    );
    tokio::select! {
        ended = connection.as_mut() => {
            if let Err(error) = ended {
                tracing::debug!(%error, %peer, "a connection broke");
            }
            return;
        }
        _ = stop.wait_for(|stop| *stop) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}
