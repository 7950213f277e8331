//! Who is let in, over real sockets: the rules of the gate and of the signature hold for every operation there is.

#![allow(clippy::unwrap_used, reason = "the helpers of a test fail it by panicking")]

use slam_cloud_core::ServiceModel;
use slam_cloud_core::schema::Protocol;
use slam_cloud_server::{Server, ServerConfig};
use slam_cloud_wire::ALL;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A cloud of its own for each test, in a folder of its own.
struct Cloud {
    server: Server,
    data: PathBuf,
}

impl Cloud {
    async fn start(open: bool) -> Self {
        let data = std::env::temp_dir().join(format!("slam-server-{}", slam_cloud_core::id::request_id()));
        let config = ServerConfig {
            data: data.clone(),
            host: Ipv4Addr::LOCALHOST.into(),
            port: 0,
            allow_remote: false,
            open,
            allowed_hosts: Vec::new(),
            fsync: false,
            time_scale: 1,
            account: "000000000000".into(),
            region: "us-east-1".into(),
            version: "test".into(),
        };
        Self { server: Server::start(config).await.unwrap(), data }
    }

    async fn stop(self) {
        self.server.run_until(async {}).await;
        std::fs::remove_dir_all(self.data).unwrap();
    }

    /// Sends a request and returns the status and everything that came.
    async fn send(&self, request: &str) -> (u16, String) {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.server.port())).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        // A connection may be reset once the answer is there.
        let _ = stream.read_to_end(&mut answer).await;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let status = answer.strip_prefix("HTTP/1.1 ").and_then(|rest| rest[..3].parse().ok()).unwrap_or(0);
        (status, answer)
    }
}

/// A request for an operation as a client would send it, but for what `headers` adds; its labels are all `x`.
fn request(service: &ServiceModel, name: &str, method: &str, uri: &str, headers: &str) -> String {
    let mut path = String::new();
    let mut in_label = false;
    for character in uri.chars() {
        match character {
            '{' => {
                in_label = true;
                path.push('x');
            }
            '}' => in_label = false,
            _ if in_label => {}
            character => path.push(character),
        }
    }
    // Without these, S3 has no such method there: the lines are no other operation's.
    let needed = match name {
        "CompleteMultipartUpload" => {
            path.push_str("?uploadId=x");
            ""
        }
        "WriteGetObjectResponse" => "X-Amz-Request-Route: x\r\n",
        _ => "",
    };
    let (own, body) = match service.protocols[0] {
        // DynamoDB looks no further without the type.
        Protocol::Json(version) => (
            format!(
                "Content-Type: application/x-amz-json-{version}\r\nX-Amz-Target: {}.{name}\r\n",
                service.target_prefix
            ),
            "{}".to_owned(),
        ),
        Protocol::Query => (
            "Content-Type: application/x-www-form-urlencoded\r\n".to_owned(),
            format!("Action={name}&Version={}", service.api_version),
        ),
        _ => (needed.to_owned(), String::new()),
    };
    format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{own}{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Every operation of every service, supported or not.
fn operations() -> Vec<(&'static ServiceModel, &'static str, &'static str, &'static str)> {
    let mut all = Vec::new();
    for service in ALL {
        all.extend(
            service.operations.iter().map(|operation| (*service, operation.name, operation.method, operation.uri)),
        );
        all.extend(service.others.iter().map(|(name, method, uri)| (*service, *name, *method, *uri)));
    }
    all
}

#[tokio::test]
async fn no_operation_is_open_to_the_unsigned_or_the_wrongly_signed() {
    let cloud = Cloud::start(false).await;
    let scope = |service: &ServiceModel| {
        format!(
            "X-Amz-Date: 20261123T120000Z\r\nX-Amz-Content-Sha256: UNSIGNED-PAYLOAD\r\nAuthorization: AWS4-HMAC-SHA256 \
             Credential=AKIAIOSFODNN7EXAMPLE/20261123/us-east-1/{}/aws4_request, \
             SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature={}\r\n",
            service.signing_name,
            "0".repeat(64)
        )
    };
    for (service, name, method, uri) in operations() {
        // The options request that browsers send first is never signed.
        for (kind, headers) in [("unsigned", String::new()), ("unknown key", scope(service))] {
            let (status, answer) = cloud.send(&request(service, name, method, uri, &headers)).await;
            // What proves who calls is in the input of these, which is empty here.
            if kind == "unsigned" && service.unsigned.contains(&name) {
                let is_here = service.operations.iter().any(|operation| operation.name == name);
                let lacks = status == 400 && answer.contains("Member must not be null");
                let as_expected = if is_here { lacks } else { status == 501 && answer.contains(name) };
                assert!(as_expected, "{} {name}: {answer}", service.name);
                continue;
            }
            let refused = matches!(status, 400 | 403) || (method == "HEAD" && status >= 400);
            assert!(refused, "{} {name}, {kind}: {answer}", service.name);
        }
    }
    cloud.stop().await;
}

#[tokio::test]
async fn pages_from_elsewhere_call_no_operation_even_of_an_open_cloud() {
    let cloud = Cloud::start(true).await;
    let signed = |service: &ServiceModel| {
        format!(
            "X-Amz-Date: 20261123T120000Z\r\nX-Amz-Content-Sha256: UNSIGNED-PAYLOAD\r\nAuthorization: AWS4-HMAC-SHA256 \
             Credential=test/20261123/us-east-1/{}/aws4_request, SignedHeaders=host, Signature={}\r\n",
            service.signing_name,
            "0".repeat(64)
        )
    };
    for origin in ["Origin: https://evil.example\r\n", "Origin: null\r\n", "Sec-Fetch-Site: cross-site\r\n"] {
        for (service, name, method, uri) in operations() {
            let headers = format!("{origin}{}", signed(service));
            let (status, answer) = cloud.send(&request(service, name, method, uri, &headers)).await;
            assert_eq!(status, 403, "{} {name}, {origin}: {answer}", service.name);
            assert!(!answer.to_ascii_lowercase().contains("access-control-allow-origin"), "{answer}");
        }
        for endpoint in ["GET /_slam/health", "GET /_slam/apis", "POST /_slam/reset"] {
            let request = format!("{endpoint} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{origin}\r\n");
            assert_eq!(cloud.send(&request).await.0, 403, "{endpoint}, {origin}");
        }
    }
    cloud.stop().await;
}

/// Applications in browsers sign their users up and in: a page from anywhere may call what needs no signature, and read the answer.
#[tokio::test]
async fn pages_from_elsewhere_call_what_needs_no_signature() {
    let cloud = Cloud::start(false).await;
    let page = "Origin: https://app.example\r\nSec-Fetch-Site: cross-site\r\n";
    let preflight = format!(
        "OPTIONS / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{page}Access-Control-Request-Method: POST\r\n\
         Access-Control-Request-Headers: content-type,x-amz-target\r\n\r\n"
    );
    let (status, answer) = cloud.send(&preflight).await;
    let answer = answer.to_ascii_lowercase();
    assert_eq!(status, 200, "{answer}");
    for header in ["allow-origin: *", "allow-methods: post", "allow-headers: content-type,x-amz-target"] {
        assert!(answer.contains(&format!("access-control-{header}\r\n")), "{header}: {answer}");
    }
    let cognito = ALL.iter().find(|service| service.name == "cognito").unwrap();
    let call = async |name: &str| cloud.send(&request(cognito, name, "POST", "/", page)).await;
    for name in ["SignUp", "InitiateAuth", "GetUser"] {
        let (status, answer) = call(name).await;
        assert_eq!(status, 400, "{name}: {answer}");
        assert!(answer.to_ascii_lowercase().contains("access-control-allow-origin: *\r\n"), "{name}: {answer}");
    }
    for name in ["AdminGetUser", "ListUsers", "CreateUserPool"] {
        let (status, answer) = call(name).await;
        assert!(
            status == 403 && !answer.to_ascii_lowercase().contains("access-control-allow-origin"),
            "{name}: {answer}"
        );
    }
    cloud.stop().await;
}

#[tokio::test]
async fn the_clouds_own_endpoints_need_its_token() {
    let cloud = Cloud::start(true).await;
    let credentials = std::fs::read_to_string(cloud.data.join("credentials.json")).unwrap();
    let credentials: serde_json::Value = serde_json::from_str(&credentials).unwrap();
    let (key, token) = (&credentials["secret_access_key"], &credentials["token"]);
    let right = format!("Authorization: Bearer {}\r\n", token.as_str().unwrap());
    let key = format!("Authorization: Bearer {}\r\n", key.as_str().unwrap());
    for endpoint in ["GET /_slam/apis", "GET /_slam/runtimes/python3.13", "GET /_slam/anything", "POST /_slam/reset"] {
        for (headers, admitted) in [("", false), ("Authorization: Bearer x\r\n", false), (&key, false), (&right, true)]
        {
            let request = format!("{endpoint} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n");
            let (status, answer) = cloud.send(&request).await;
            assert_eq!(status != 401, admitted, "{endpoint}: {answer}");
        }
    }
    cloud.stop().await;
}

#[tokio::test]
async fn what_is_not_quite_http_is_refused() {
    let cloud = Cloud::start(false).await;
    let check = async |head: &str, body: &str, expected: &[u16]| {
        let (status, answer) = cloud.send(&format!("{head}\r\nConnection: close\r\n\r\n{body}")).await;
        assert!(expected.contains(&status), "{head}: {answer}");
    };
    check("GET /_slam/health HTTP/1.1\r\nHost: localhost", "", &[200]).await;
    check("GET /_slam/health HTTP/1.1\r\nHost: evil.example", "", &[403]).await;
    check("GET /_slam/health HTTP/1.1", "", &[400]).await;
    check("GET /_slam/health HTTP/1.1\r\nHost: localhost\r\nHost: localhost", "", &[400]).await;
    check("GET http://evil.example/_slam/health HTTP/1.1\r\nHost: localhost", "", &[400]).await;
    check("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2", "ab", &[400]).await;
    check("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: xchunked", "", &[400]).await;
    check("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: +5", "abcde", &[400]).await;
    check("GET / HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b", "", &[400]).await;
    let long = "a".repeat(200_000);
    check(&format!("GET /{long} HTTP/1.1\r\nHost: localhost"), "", &[414, 431]).await;
    check(&format!("GET / HTTP/1.1\r\nHost: localhost\r\nX: {long}"), "", &[431]).await;
    cloud.stop().await;
}
