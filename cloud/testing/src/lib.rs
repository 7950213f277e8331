//! The cloud that the tests of the services run on: some services in this process, in a folder of their own;
//! and what AWS was [`recorded`] to answer.
#![allow(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

pub mod recorded;

use slam_cloud_core::{
    Access, Authorizer, AwsError, AwsResult, Clock, Cloud, Context, Denial, Durability, Operation, Principal, Registry,
    RootKey, Settings, Store, StoreError, Token,
};
use std::path::Path;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

/// The account of the tests that do not choose another.
pub const ACCOUNT: &str = "000000000000";
/// The region of the tests that do not choose another.
pub const REGION: &str = "us-east-1";

/// A cloud of some services.
pub struct TestCloud {
    /// Its door.
    pub cloud: Cloud,
    folder: Arc<TempDir>,
}

impl TestCloud {
    /// A new one, with the services that `compose` registers, and whatever of them a test needs beside.
    pub fn new<T>(compose: impl FnOnce(&Cloud, &Arc<Store>, &mut Registry) -> Result<T, StoreError>) -> (Self, T) {
        Self::at(ACCOUNT, REGION, compose)
    }

    /// The same in another account and region.
    pub fn at<T>(
        account: &str,
        region: &str,
        compose: impl FnOnce(&Cloud, &Arc<Store>, &mut Registry) -> Result<T, StoreError>,
    ) -> (Self, T) {
        Self::open(Arc::new(tempfile::tempdir().unwrap()), account, region, Clock::default(), compose)
    }

    /// A new one whose time is that of a clock.
    pub fn timed<T>(
        clock: Clock,
        compose: impl FnOnce(&Cloud, &Arc<Store>, &mut Registry) -> Result<T, StoreError>,
    ) -> (Self, T) {
        Self::open(Arc::new(tempfile::tempdir().unwrap()), ACCOUNT, REGION, clock, compose)
    }

    /// The same data in a new process, as far as the services can tell.
    pub fn again<T>(
        &self,
        compose: impl FnOnce(&Cloud, &Arc<Store>, &mut Registry) -> Result<T, StoreError>,
    ) -> (Self, T) {
        let settings = self.cloud.settings();
        Self::open(Arc::clone(&self.folder), &settings.account, &settings.region, settings.clock, compose)
    }

    fn open<T>(
        folder: Arc<TempDir>,
        account: &str,
        region: &str,
        clock: Clock,
        compose: impl FnOnce(&Cloud, &Arc<Store>, &mut Registry) -> Result<T, StoreError>,
    ) -> (Self, T) {
        let settings = Settings {
            data: folder.path().to_owned(),
            port: 4566,
            account: account.into(),
            region: region.into(),
            open: false,
            root: RootKey { access_key_id: "AKIAROOT".into(), secret_access_key: "secret".into() },
            // Where tests have their own servers.
            allowed_hosts: Arc::new(["127.0.0.1".parse().unwrap()]),
            token: Token::new("token"),
            clock,
        };
        let cloud = Cloud::new(settings);
        let store = Store::open(&folder.path().join("slam.db"), Durability::Process).unwrap();
        let mut registry = Registry::new();
        let composed = compose(&cloud, &store, &mut registry).unwrap();
        cloud.open(registry);
        (Self { cloud, folder }, composed)
    }

    /// The folder of its data.
    pub fn data(&self) -> &Path {
        self.folder.path()
    }

    /// The context of a request of a principal's.
    pub fn context(&self, principal: Principal) -> Context {
        let settings = self.cloud.settings();
        Context::new(settings.account.as_str(), settings.region.as_str(), principal)
    }

    /// The context of a request of the account's root user.
    pub fn root(&self) -> Context {
        self.context(Principal::Root { account: self.cloud.settings().account.clone() })
    }

    /// Calls an operation as the account's root user.
    ///
    /// # Errors
    /// Those of the operation.
    pub async fn call<O: Operation>(&self, input: O) -> AwsResult<O::Output> {
        self.cloud.call(self.root(), input).await
    }

    /// What an operation that must fail answers, as `code: message`.
    ///
    /// # Panics
    /// When it does not fail.
    pub async fn error<O: Operation>(&self, input: O) -> String {
        match self.call(input).await {
            Ok(_) => panic!("{} did not fail", O::MODEL.name),
            Err(AwsError { code, message, .. }) => format!("{code}: {message}"),
        }
    }
}

/// Refuses everybody whom the door asks about, and remembers what it was asked.
#[derive(Default)]
pub struct Asked(Mutex<Vec<Access>>);

impl Asked {
    /// What was asked since the last time.
    pub fn take(&self) -> Vec<Access> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

impl Authorizer for Asked {
    fn authorize(&self, _: &Context, access: &Access) -> Result<(), Denial> {
        self.0.lock().unwrap().push(access.clone());
        Err(Denial { message: "denied".into(), access: Box::new(access.clone()), explicit: false })
    }
}
