//! What the process was started with; the same for every request.

use crate::clock::Clock;
use crate::credential::{RootKey, Token};
use http::uri::Authority;
use std::path::PathBuf;
use std::sync::Arc;

/// Where the cloud lives and how the outside names it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The folder of everything durable.
    pub data: PathBuf,
    /// The one port of the cloud.
    pub port: u16,
    /// The account of requests that name none.
    pub account: String,
    /// The region of requests that name none.
    pub region: String,
    /// Any access key is accepted, as LocalStack does; a twelve-digit key is the account.
    pub open: bool,
    /// The installation's own access key.
    pub root: RootKey,
    /// Hosts of this machine that requests on behalf of others may go to: names, each with its port or without.
    pub allowed_hosts: Arc<[Authority]>,
    /// What opens the cloud's own endpoints.
    pub token: Token,
    /// The time.
    pub clock: Clock,
}

impl Settings {
    /// The URL that clients on this machine use: `http://127.0.0.1:4566`.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What `AWS::URLSuffix` is here, so that `https?://ID.execute-api.REGION.SUFFIX/STAGE` reaches this cloud.
    pub fn url_suffix(&self) -> String {
        format!("localhost:{}", self.port)
    }
}
