//! A cloud with S3 alone, entered as the server enters it.
#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

pub use slam_cloud_testing::ACCOUNT;

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use slam_cloud_core::credential::Keys;
use slam_cloud_core::{Cloud, Context, Credential, Principal, Registry, Service as _, Store, StoreError};
use slam_cloud_s3::S3Service;
use slam_cloud_testing::recorded::Recorded;
use slam_cloud_testing::{Asked, TestCloud};
use std::sync::Arc;

/// S3 alone, with everybody but root refused.
fn composed(
    denier: &Arc<Asked>,
) -> impl FnOnce(&Cloud, &Arc<Store>, &mut Registry) -> Result<Arc<S3Service>, StoreError> {
    let denier = Arc::clone(denier);
    move |cloud, store, registry| {
        registry.authorizer(denier);
        registry.keys(Arc::new(OneKey));
        slam_cloud_s3::register(cloud, store, registry)
    }
}

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

    /// That it is the error that was recorded at a step.
    pub fn expect_recorded(&self, recorded: &mut Recorded, step: &str) {
        let status = serde_json::json!(self.status.as_u16());
        recorded.check(&format!("{step}.ResponseMetadata.HTTPStatusCode"), &status);
        let text = self.text();
        let elements = text.split_once("<Error>").map_or("", |(_, elements)| elements);
        let names = elements.split('<').filter_map(|begin| begin.split_once('>').map(|(name, _)| name));
        // boto3 tells the request's and the host's apart from the error.
        let names = names.filter(|name| !name.starts_with('/') && !["RequestId", "HostId"].contains(name));
        let error = names.map(|name| (name.to_owned(), self.element(name).replace("&amp;", "&").into()));
        recorded.check(&format!("{step}.Error"), &serde_json::Value::Object(error.collect()));
    }
}

/// Knows the key that signs chunks.
struct OneKey;

impl Keys for OneKey {
    fn credential(&self, access_key_id: &str) -> Option<Credential> {
        (access_key_id == "AKIA").then(|| Credential {
            access_key_id: access_key_id.into(),
            secret_access_key: "secret".into(),
            session_token: None,
            principal: Principal::Root { account: ACCOUNT.into() },
            account: ACCOUNT.into(),
            session: None,
            expires: None,
        })
    }

    fn note_use(&self, _: &str, _: &str, _: &str) {}
}

pub struct Fixture {
    pub cloud: Cloud,
    pub service: Arc<S3Service>,
    pub context: Context,
    pub denier: Arc<Asked>,
    test: TestCloud,
}

impl Fixture {
    pub fn new() -> Self {
        let denier = Arc::new(Asked::default());
        Self::of(TestCloud::new(composed(&denier)), denier)
    }

    /// The same data in a new process, as far as the service can tell.
    pub fn reopen(&self) -> Self {
        let denier = Arc::new(Asked::default());
        Self::of(self.test.again(composed(&denier)), denier)
    }

    fn of((test, service): (TestCloud, Arc<S3Service>), denier: Arc<Asked>) -> Self {
        Self { cloud: test.cloud.clone(), context: test.root(), service, denier, test }
    }

    pub fn bodies(&self) -> usize {
        let folders = std::fs::read_dir(self.test.data().join("s3")).unwrap();
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
        let mut request = Request::builder().method(method).uri(target);
        if !headers.iter().any(|(name, _)| *name == "host") {
            request = request.header("host", "127.0.0.1:4566");
        }
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
