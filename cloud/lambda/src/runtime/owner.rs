//! Whose a Runtime API is: the processes of one environment's, and nobody else's.
//!
//! All clients of the Runtime API speak HTTP over TCP with the `host:port` of `AWS_LAMBDA_RUNTIME_API`, and not all of them
//! bear a path or a user behind it: awslambdaric's `http.client` and aws-lambda-ric's `http` among them. So the API stays on
//! the loopback, where everything on this machine can connect, and each connection is looked at, once: the kernel tells
//! which socket is its other end, and /proc which processes have that.

use slam_cloud_sandbox::Group;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Once;
use tokio::net::TcpStream;

/// Said once, where the system does not tell whose a connection is.
static UNTOLD: Once = Once::new();

/// The one who may use a Runtime API.
#[derive(Debug)]
pub struct Owner {
    group: Group,
    function: String,
    refused: Once,
}

impl Owner {
    /// The processes of `group`, which run this function.
    pub fn new(group: Group, function: &str) -> Self {
        Self { group, function: function.to_owned(), refused: Once::new() }
    }

    /// Whether a connection is the owner's. One that nobody has any more is nobody's.
    pub async fn owns(&self, stream: &TcpStream, peer: SocketAddr) -> bool {
        let (Ok(SocketAddr::V4(local)), SocketAddr::V4(peer)) = (stream.local_addr(), peer) else { return false };
        let group = self.group.clone();
        match tokio::task::spawn_blocking(move || group.is_peer(peer, local)).await {
            Ok(Ok(true)) => true,
            Ok(Err(reason)) if reason.kind() == ErrorKind::Unsupported => {
                UNTOLD.call_once(|| {
                    tracing::warn!(
                        "this system does not tell whose a connection is: whatever runs on this machine can use the \
                         Runtime APIs of functions"
                    );
                });
                true
            }
            _ => {
                self.refused.call_once(|| {
                    tracing::warn!(
                        function = self.function,
                        %peer,
                        "something that is none of a function's processes tried to use the Runtime API of one of its \
                         environments, and was refused"
                    );
                });
                false
            }
        }
    }
}
