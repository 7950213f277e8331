//! A cloud with S3 alone, entered as the server enters it.
#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use slam_cloud_core::{
    Access, Authorizer, Cloud, Context, Denial, Durability, Principal, Registry, Service, Settings, Store,
};
use slam_cloud_s3::S3Service;
use std::sync::{Arc, Mutex};

pub const ACCOUNT: &str = "000000000000";

/// An answer, its body read.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The text of the first element of that name.
    pub fn element(&self, name: &str) -> String {
        let text = self.text();
        let rest = text.split_once(&format!("<{name}>")).map_or("", |(_, rest)| rest);
        rest.split_once(&format!("</{name}>"))
            .map_or("", |(inner, _)| inner)
            .replace("&quot;", "\"")
            .replace("&apos;", "'")
    }

    /// The texts of all elements of that name.
    pub fn elements(&self, name: &str) -> Vec<String> {
        let text = self.text();
        let tag = format!("<{name}>");
        let begins = text.split(&tag).skip(1);
        begins.map(|rest| rest.split("</").next().unwrap_or_default().to_owned()).collect()
    }

    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        self
    }

    #[track_caller]
    pub fn expect_error(self, status: u16, code: &str) -> Self {
        let answer = self.expect(status);
        assert_eq!(answer.element("Code"), code, "{}", answer.text());
        answer
    }
}

/// Denies everything and remembers what it was asked.
#[derive(Default)]
pub struct DenyAll(pub Mutex<Vec<Access>>);

impl Authorizer for DenyAll {
    fn authorize(&self, _: &Context, access: &Access) -> Result<(), Denial> {
        self.0.lock().unwrap().push(access.clone());
        Err(Denial { message: "denied".into(), access: access.clone() })
    }
}

pub struct Fixture {
    pub cloud: Cloud,
    pub service: Arc<S3Service>,
    pub context: Context,
    pub denier: Arc<DenyAll>,
    folder: Arc<tempfile::TempDir>,
}

impl Fixture {
    pub fn new() -> Self {
        Self::open(Arc::new(tempfile::tempdir().unwrap()))
    }

    /// The same data in a new process, as far as the service can tell.
    pub fn reopen(&self) -> Self {
        Self::open(Arc::clone(&self.folder))
    }

    fn open(folder: Arc<tempfile::TempDir>) -> Self {
        let settings = Settings {
            data: folder.path().to_owned(),
            port: 4566,
            account: ACCOUNT.into(),
            region: "us-east-1".into(),
            open: true,
        };
        let cloud = Cloud::new(settings);
        let store = Store::open(&folder.path().join("slam.db"), Durability::Process).unwrap();
        let mut registry = Registry::new();
        let denier = Arc::new(DenyAll::default());
        registry.authorizer(denier.clone());
        let secrets = Arc::new(|key: &str| (key == "AKIA").then(|| "secret".to_owned()));
        let service = slam_cloud_s3::register(&cloud, &store, &mut registry, secrets).unwrap();
        cloud.open(registry);
        let context = Context::new(ACCOUNT, "us-east-1", Principal::Root { account: ACCOUNT.into() });
        Self { cloud, service, context, denier, folder }
    }

    pub fn bodies(&self) -> usize {
        let folders = std::fs::read_dir(self.folder.path().join("s3")).unwrap();
        folders.map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap().count()).sum()
    }

    pub async fn send_as(
        &self,
        context: &Context,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Answer {
        let body = body.into();
        let mut request = Request::builder().method(method).uri(target).header("host", "127.0.0.1:4566");
        if !headers.iter().any(|(name, _)| *name == "content-length") {
            request = request.header("content-length", body.len());
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.extension(context.clone()).body(Full::new(body)).unwrap();
        let response = self.service.handle(request).await;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub async fn send(&self, method: &str, target: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Answer {
        self.send_as(&self.context, method, target, headers, body).await
    }

    pub async fn get(&self, target: &str) -> Answer {
        self.send("GET", target, &[], "").await
    }

    pub async fn put(&self, target: &str, body: impl Into<Bytes>) -> Answer {
        self.send("PUT", target, &[], body).await
    }

    pub async fn delete(&self, target: &str) -> Answer {
        self.send("DELETE", target, &[], "").await
    }

    /// A fixture with the bucket `b`.
    pub async fn with_bucket() -> Self {
        let f = Self::new();
        f.put("/bbb", "").await.expect(200);
        f
    }

    pub async fn enable_versioning(&self, status: &str) {
        let body = format!("<VersioningConfiguration><Status>{status}</Status></VersioningConfiguration>");
        self.put("/bbb?versioning", body).await.expect(200);
    }

    pub async fn reset(&self) {
        self.service.reset().await.unwrap();
    }
}
