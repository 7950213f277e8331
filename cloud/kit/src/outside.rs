//! Requests that services send for others: integrations with HTTP servers, webhooks.
//!
//! Who configures them, and much more who triggers them, is not whoever owns this machine. What listens on its loopback trusts
//! everybody there, the cloud's own port among it, and on AWS nothing of it would be in reach; so such requests go
//! to this machine only where its owner named the host. Names are judged by what they resolve to, at the time when the
//! connection is made. Redirects are not followed.

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::uri::{Authority, Scheme};
use http::{Request, Response, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use hyper_util::rt::TokioExecutor;
use slam_cloud_core::Settings;
use std::error::Error;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use std::vec::IntoIter;
use tokio::sync::OnceCell;
use tower_service::Service;

type Body = Full<Bytes>;

/// A client of servers outside, its connections kept for reuse.
#[derive(Clone)]
pub struct Outside {
    allowed: Arc<[Authority]>,
    /// For the hosts that the machine's owner named.
    free: Client<HttpConnector, Body>,
    /// For all others.
    guarded: Client<HttpConnector<Guard>, Body>,
    /// The same two with TLS, made when they are first needed: that reads whom this machine trusts.
    secure: Arc<OnceCell<Secure>>,
}

/// The clients for TLS.
struct Secure {
    free: Client<HttpsConnector<HttpConnector>, Body>,
    guarded: Client<HttpsConnector<HttpConnector<Guard>>, Body>,
}

impl Secure {
    async fn new() -> Result<Self, Unsent> {
        let unreadable = |error: &dyn fmt::Display| {
            Unsent::Unreachable(format!("nobody is known whom this machine trusts: {error}"))
        };
        let trusting = || {
            let one = || HttpsConnectorBuilder::new().with_native_roots();
            Ok::<_, std::io::Error>((one()?, one()?))
        };
        let trusting = tokio::task::spawn_blocking(trusting).await.map_err(|error| unreadable(&error))?;
        let (of_free, of_guarded) = trusting.map_err(|error| unreadable(&error))?;
        let (mut free, mut guarded) =
            (HttpConnector::new(), HttpConnector::new_with_resolver(Guard(GaiResolver::new())));
        free.enforce_http(false);
        guarded.enforce_http(false);
        let client = || Client::builder(TokioExecutor::new());
        Ok(Self {
            free: client().build(of_free.https_only().enable_http1().wrap_connector(free)),
            guarded: client().build(of_guarded.https_only().enable_http1().wrap_connector(guarded)),
        })
    }
}

impl Outside {
    /// A client under the rules of a cloud.
    pub fn new(settings: &Settings) -> Self {
        Self {
            allowed: settings.allowed_hosts.clone(),
            free: Client::builder(TokioExecutor::new()).build_http(),
            guarded: Client::builder(TokioExecutor::new())
                .build(HttpConnector::new_with_resolver(Guard(GaiResolver::new()))),
            secure: Arc::default(),
        }
    }

    /// Sends a request. The answer's head is there when this returns, its body follows.
    ///
    /// # Errors
    /// What cannot be reached, or may not be.
    pub async fn request(&self, request: Request<Body>) -> Result<Response<Incoming>, Unsent> {
        let secure = match request.uri().scheme() == Some(&Scheme::HTTPS) {
            true => Some(self.secure.get_or_try_init(Secure::new).await?),
            false => None,
        };
        let answer = if self.allows(request.uri()) {
            match secure {
                Some(secure) => secure.free.request(request).await,
                None => self.free.request(request).await,
            }
        } else {
            // Addresses are not resolved, so the guard does not see them.
            let address = request.uri().host().and_then(literal);
            if let Some(address) = address.filter(is_own) {
                return Err(Unsent::Own(Own { host: address.to_string() }));
            }
            match secure {
                Some(secure) => secure.guarded.request(request).await,
                None => self.guarded.request(request).await,
            }
        };
        answer.map_err(|error| {
            // The client's own words say that it could not connect; the innermost cause says why.
            let mut reason: &dyn Error = &error;
            loop {
                if let Some(own) = reason.downcast_ref::<Own>() {
                    return Unsent::Own(own.clone());
                }
                match reason.source() {
                    Some(cause) => reason = cause,
                    None => return Unsent::Unreachable(reason.to_string()),
                }
            }
        })
    }

    /// The answer to a request, with its body, or without one of more than `largest` bytes. A server answers in the machine's time,
    /// however fast the cloud's is.
    ///
    /// # Errors
    /// When nothing is answered, or not in time.
    pub async fn ask(
        &self,
        request: Request<Body>,
        patience: Duration,
        largest: usize,
    ) -> Result<Response<Bytes>, Unanswered> {
        let answered = tokio::time::timeout(patience, async {
            let (head, body) = self.request(request).await?.into_parts();
            let body = Limited::new(body, largest).collect().await.map(|body| body.to_bytes()).unwrap_or_default();
            Ok(Response::from_parts(head, body))
        });
        match answered.await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(Unsent::Own(own))) => Err(Unanswered::Own(own)),
            Ok(Err(Unsent::Unreachable(why))) => Err(Unanswered::Unreachable(why)),
            Err(_) => Err(Unanswered::Late(patience)),
        }
    }

    /// Whether the machine's owner named the host: with any port, or with this one.
    fn allows(&self, uri: &Uri) -> bool {
        let port = uri.port_u16().unwrap_or(if uri.scheme() == Some(&Scheme::HTTPS) { 443 } else { 80 });
        self.allowed.iter().any(|allowed| {
            let host = uri.host().is_some_and(|host| host.eq_ignore_ascii_case(allowed.host()));
            host && allowed.port_u16().is_none_or(|allowed| allowed == port)
        })
    }
}

/// Why a request was not sent.
#[derive(Debug, thiserror::Error)]
pub enum Unsent {
    /// Nobody answers there.
    #[error("{0}")]
    Unreachable(String),
    /// It would go to this machine.
    #[error(transparent)]
    Own(Own),
}

/// Why a request was not answered.
#[derive(Debug, thiserror::Error)]
pub enum Unanswered {
    /// It would go to this machine.
    #[error(transparent)]
    Own(Own),
    /// Nobody answers there.
    #[error("the server cannot be reached: {0}")]
    Unreachable(String),
    /// The answer was not there, or not whole, after this time.
    #[error("the server did not answer within {} seconds", .0.as_secs())]
    Late(Duration),
}

/// A host that is this machine.
#[derive(Clone, Debug, thiserror::Error)]
#[error(
    "{host} is this machine's own, which nothing on AWS could reach; if it shall be in reach here, start the cloud with \
     SLAM_ALLOW_HOSTS={host} (several, apart by commas, each with its port or without)"
)]
pub struct Own {
    host: String,
}

/// The system's resolver, without what leads to this machine.
#[derive(Clone)]
struct Guard(GaiResolver);

impl fmt::Debug for Guard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Guard")
    }
}

impl Service<Name> for Guard {
    type Response = IntoIter<SocketAddr>;
    type Error = Box<dyn Error + Send + Sync>;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let host = name.to_string();
        let resolved = self.0.call(name);
        Box::pin(async move {
            let (own, others): (Vec<_>, Vec<_>) = resolved.await?.partition(|address| is_own(&address.ip()));
            match others.is_empty() && !own.is_empty() {
                true => Err(Own { host }.into()),
                false => Ok(others.into_iter()),
            }
        })
    }
}

/// An address that a URI writes out.
fn literal(host: &str) -> Option<IpAddr> {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host).parse().ok()
}

/// Whether only this machine has what is there: loopback, no address at all (which means loopback, too), and link-local
/// addresses, where clouds tell machines their secrets.
fn is_own(address: &IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            address.is_loopback() || address.is_unspecified() || address.is_link_local() || address.octets()[0] == 0
        }
        IpAddr::V6(address) => address.is_loopback() || address.is_unspecified() || address.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use slam_cloud_testing::TestCloud;

    #[test]
    fn addresses_of_this_machine_are_known() {
        let own = [
            "127.0.0.1",
            "127.9.9.9",
            "0.0.0.0",
            "0.1.2.3",
            "169.254.169.254",
            "::1",
            "::",
            "::ffff:127.0.0.1",
            "fe80::1",
            "::ffff:169.254.169.254",
        ];
        for address in own {
            assert!(is_own(&address.parse().unwrap()), "{address}");
        }
        for address in ["10.0.0.1", "192.168.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:10.0.0.1"] {
            assert!(!is_own(&address.parse().unwrap()), "{address}");
        }
    }

    /// What is answered under these rules: only reaching a server that does not listen is no refusal.
    async fn check(allowed: &[&str], uri: &str, is_refused: bool) {
        let allowed = allowed.iter().map(|host| host.parse().unwrap()).collect();
        let (test, ()) = TestCloud::new(|_, _, _| Ok(()));
        let outside = Outside { allowed, ..Outside::new(test.cloud.settings()) };
        let request = Request::get(uri).body(Body::default()).unwrap();
        let answer = outside.request(request).await;
        assert_eq!(matches!(&answer, Err(Unsent::Own(_))), is_refused, "{uri}, {:?}: {answer:?}", outside.allowed);
        if let Err(Unsent::Unreachable(why)) = &answer {
            assert!(why.starts_with("Connection refused"), "{why}");
        }
    }

    #[tokio::test]
    async fn this_machine_is_in_reach_by_name_alone() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let (by_name, by_address) = (format!("http://localhost:{port}/"), format!("http://127.0.0.1:{port}/"));
        let named = format!("localhost:{port}");
        check(&[], &by_name, true).await;
        check(&[], &by_address, true).await;
        check(&[], &format!("http://2130706433:{port}/"), true).await;
        check(&[], &format!("http://[::ffff:127.0.0.1]:{port}/"), true).await;
        check(&["localhost"], &by_name, false).await;
        check(&[&named], &by_name, false).await;
        check(&["localhost:1"], &by_name, true).await;
        check(&["localhost"], &by_address, true).await;
        check(&["other", "127.0.0.1"], &by_address, false).await;
        for plain in [&by_name, &by_address] {
            let secure = plain.replacen("http", "https", 1);
            check(&[], &secure, true).await;
            check(&["localhost", "127.0.0.1"], &secure, false).await;
        }
    }
}
