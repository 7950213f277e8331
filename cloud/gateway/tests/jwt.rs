//! Tokens that are good and tokens that are forged, each signed by another implementation (`data/tokens.json`), and where the
//! keys that verify them come from.
#![allow(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::future::BoxFuture;
use http::{Response, StatusCode};
use serde_json::{Value, json};
use slam_cloud_core::plane::{self, Arrival, Claim, Plane};
use slam_cloud_core::{AwsResult, Body, Clock, Service, ServiceModel};
use slam_cloud_gateway::jwt::issuers::KEPT_BY_HTTP_APIS;
use slam_cloud_gateway::jwt::{Algorithm, Audience, Invalid, Issuers, Trusted};
use slam_cloud_testing::TestCloud;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// When the tokens are looked at, in seconds since 1970.
const NOW: i64 = 1500;

/// A service with one user pool.
struct Pools;

impl Service for Pools {
    fn name(&self) -> &'static str {
        "pools"
    }

    fn models(&self) -> Vec<&'static ServiceModel> {
        Vec::new()
    }

    fn planes(self: Arc<Self>) -> Vec<Arc<dyn Plane>> {
        vec![self]
    }

    fn reset(&self) -> BoxFuture<'_, AwsResult<()>> {
        Box::pin(async { Ok(()) })
    }
}

impl Plane for Pools {
    fn claim(&self, arrival: &Arrival) -> Claim {
        let is_here = arrival.host() == Some("cognito-idp.us-east-1.amazonaws.com")
            && arrival.head.uri.path().starts_with("/us-east-1_Example01/");
        if is_here { Claim::Mine } else { Claim::No }
    }

    fn answer(self: Arc<Self>, arrival: Arrival) -> BoxFuture<'static, Response<Body>> {
        let data = data();
        let issuer = text(&data, "issuer");
        let document = match arrival.head.uri.path() {
            "/us-east-1_Example01/.well-known/openid-configuration" => {
                json!({ "issuer": issuer, "jwks_uri": format!("{issuer}/.well-known/jwks.json") })
            }
            _ => json!({ "keys": data["keys"] }),
        };
        Box::pin(async move { plane::json(StatusCode::OK, &document) })
    }
}

fn data() -> Value {
    serde_json::from_str(include_str!("data/tokens.json")).unwrap()
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap()
}

/// A clock that stands, and the hand that moves it.
fn clock() -> (Clock, &'static AtomicI64) {
    let hand = Box::leak(Box::new(AtomicI64::new(NOW * 1000)));
    (Clock::by_hand(hand), hand)
}

async fn check(issuers: &Issuers, row: &Value, issuer: &str, algorithms: &[Algorithm]) {
    let audience = Audience::AudOrClient(vec!["app".to_owned()]);
    let trusted = [Trusted { issuer: issuer.to_owned(), audience, required: Vec::new() }];
    let verified = issuers.verify(text(row, "token"), &trusted, algorithms).await;
    let said = verified.as_ref().map_or_else(|Invalid(said)| said.as_str(), |_| "fine");
    assert_eq!(said, text(row, "expected"), "{}", row["what"]);
    if let Ok(verified) = verified {
        assert_eq!((&verified.claims["sub"], &*verified.scopes), (&json!("u"), &["read".into(), "write".into()][..]));
        assert!(verified.has_one_of(&[]) && verified.has_one_of(&["admin".into(), "read".into()]));
        assert!(!verified.has_one_of(&["admin".into()]));
    }
}

#[tokio::test]
async fn forged_tokens_are_refused() {
    let (test, ()) = TestCloud::timed(clock().0, |_, _, registry| {
        registry.service(&Arc::new(Pools));
        Ok(())
    });
    let (issuers, data) = (Issuers::new(&test.cloud, KEPT_BY_HTTP_APIS), data());
    for row in data["tokens"].as_array().unwrap() {
        check(&issuers, row, text(&data, "issuer"), &Algorithm::RSA).await;
    }
    for row in data["curves"].as_array().unwrap() {
        check(&issuers, row, text(&data, "issuer"), &[Algorithm::Es256, Algorithm::Es384]).await;
    }
}

/// A server of an issuer's documents, and how often each was asked for.
struct Server {
    url: String,
    keys: Arc<Mutex<Value>>,
    asked: Arc<AtomicUsize>,
}

impl Server {
    async fn new(issuer: &'static str, size: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (keys, asked) = (Arc::new(Mutex::new(data()["keys"].clone())), Arc::<AtomicUsize>::default());
        let (own, kept, count) = (url.clone(), Arc::clone(&keys), Arc::clone(&asked));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut head = [0; 4096];
                let length = stream.read(&mut head).await.unwrap();
                let head = String::from_utf8_lossy(&head[..length]).into_owned();
                let document = if head.starts_with("GET /.well-known/openid-configuration ") {
                    let issuer = if issuer.is_empty() { &own } else { issuer };
                    json!({ "issuer": issuer, "jwks_uri": format!("{own}/keys") })
                } else {
                    count.fetch_add(1, Ordering::Relaxed);
                    json!({ "keys": *kept.lock().unwrap(), "padding": "x".repeat(size) })
                };
                let body = document.to_string();
                let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
                stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
            }
        });
        Self { url, keys, asked }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

/// What is said of a token that nobody signed: that its key could not be found, or that the key did not sign it.
async fn said(issuers: &Issuers, issuer: &str, kid: &str) -> String {
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let token = format!("{}.{}.AA", part(json!({"alg": "RS256", "kid": kid})), part(json!({"iss": issuer})));
    let trusted = [Trusted { issuer: issuer.to_owned(), audience: Audience::Any, required: Vec::new() }];
    issuers.verify(&token, &trusted, &Algorithm::RSA).await.unwrap_err().0
}

const REACHED: &str = "the signature of the token is not valid";
const UNKNOWN: &str = "the issuer has no such key";
const UNFETCHED: &str = "the keys of the issuer cannot be fetched";

#[tokio::test]
async fn keys_are_kept_and_unknown_ones_asked_for_with_pauses() {
    let (clock, hand) = clock();
    let (test, ()) = TestCloud::timed(clock, |_, _, _| Ok(()));
    let issuers = Issuers::new(&test.cloud, KEPT_BY_HTTP_APIS);
    let server = Server::new("", 0).await;
    for _ in 0..3 {
        assert_eq!(said(&issuers, &server.url, "one").await, REACHED);
        assert_eq!(said(&issuers, &server.url, "unknown").await, UNKNOWN);
    }
    assert_eq!(server.asked(), 1);
    let removed: Vec<Value> = data()["keys"].as_array().unwrap()[1..].to_vec();
    *server.keys.lock().unwrap() = removed.into();
    hand.store((NOW + 7199) * 1000, Ordering::Relaxed);
    assert_eq!(said(&issuers, &server.url, "one").await, REACHED);
    hand.store((NOW + 7200) * 1000, Ordering::Relaxed);
    assert_eq!(said(&issuers, &server.url, "one").await, UNKNOWN);
    assert_eq!((said(&issuers, &server.url, "any").await.as_str(), server.asked()), (REACHED, 2));
}

#[tokio::test]
async fn documents_of_others_and_large_ones_are_not_taken() {
    let (test, ()) = TestCloud::timed(clock().0, |_, _, _| Ok(()));
    let issuers = Issuers::new(&test.cloud, KEPT_BY_HTTP_APIS);
    for server in [Server::new("https://other.example.com", 0).await, Server::new("", 150_000).await] {
        assert_eq!(said(&issuers, &server.url, "one").await, UNFETCHED);
    }
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    assert_eq!(said(&issuers, &format!("http://{free}"), "one").await, UNFETCHED);
    // Only hosts that the machine's owner named are asked; this name is none of them.
    let server = Server::new("", 0).await;
    let by_name = server.url.replace("127.0.0.1", "localhost");
    assert_eq!((said(&issuers, &by_name, "one").await.as_str(), server.asked()), (UNFETCHED, 0));
}
