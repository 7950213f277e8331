//! What the server is started with.

use crate::data::DataFolder;
use crate::error::StartError;
use crate::{clock, keys};
use http::uri::Authority;
use slam_cloud_core::Settings;
use std::net::IpAddr;
use std::path::PathBuf;

/// What the server is started with.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// The folder of everything durable; made when it does not exist.
    pub data: PathBuf,
    /// The address to listen on. Anything but loopback needs `allow_remote` too.
    pub host: IpAddr,
    /// The port; 0 takes any free one.
    pub port: u16,
    /// Whether other machines may be let in. Whoever reaches the cloud can run code on this machine.
    pub allow_remote: bool,
    /// Accept any access key, as LocalStack does; a key of twelve digits is the account.
    pub open: bool,
    /// Hosts of this machine that integrations and the like may send requests to, as `NAME` or `NAME:PORT`.
    pub allowed_hosts: Vec<Authority>,
    /// Acknowledge writes only after they survive power loss.
    pub fsync: bool,
    /// How many of the cloud's seconds pass in one of the machine's: 1 to [`slam_cloud_core::clock::FASTEST`].
    pub time_scale: u32,
    /// The account of the installation's own key, and of keys that name none.
    pub account: String,
    /// The region of requests that name none.
    pub region: String,
    /// The version to tell whoever asks.
    pub version: String,
}

impl ServerConfig {
    /// What services see of it, with the secrets of the data folder.
    pub(crate) fn settings(&self, folder: &DataFolder, port: u16) -> Result<Settings, StartError> {
        let (root, token) = keys::of(folder)?;
        Ok(Settings {
            data: self.data.clone(),
            port,
            account: self.account.clone(),
            region: self.region.clone(),
            open: self.open,
            allowed_hosts: self.allowed_hosts.clone().into(),
            root,
            token,
            clock: clock::of(folder, self.time_scale)?,
        })
    }
}
