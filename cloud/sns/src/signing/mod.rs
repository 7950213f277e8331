//! Signatures of what subscribers are sent, and the certificate that verifies them.
//!
//! An installation has one key, which is made when something is to be signed for the first time and kept beside the data, for its owner
//! alone to read. Signing takes a processor a millisecond or two, so it is done on a thread for such work, and once for all
//! subscribers who get the same.
//!
//! - [`pair`]: the key and its certificate.

mod pair;

use pair::Pair;
use slam_cloud_core::{AwsError, AwsResult, Settings};
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

/// How the path of a certificate begins; what follows is the key's own.
pub const CERTIFICATES: &str = "/SimpleNotificationService-";

/// Signatures that are remembered, for the other subscribers of a topic.
const REMEMBERED: usize = 64;

/// A text that was signed: the version, the text and the signature.
type Signed = (u8, Arc<str>, Arc<str>);

/// The signer of an installation.
pub struct Signing {
    file: PathBuf,
    endpoint: String,
    pair: OnceCell<Arc<Pair>>,
    /// What was signed last.
    recent: Mutex<VecDeque<Signed>>,
}

impl Signing {
    /// The signer with the key of an installation, or that it will have.
    pub fn new(settings: &Settings) -> Self {
        Self {
            file: settings.data.join("sns-signing.pem"),
            endpoint: settings.endpoint(),
            pair: OnceCell::new(),
            recent: Mutex::default(),
        }
    }

    /// Signs a text: version 1 with SHA-1, version 2 with SHA-256, in base 64.
    ///
    /// # Errors
    /// When there is no key and none can be made.
    pub async fn sign(&self, version: u8, text: String) -> AwsResult<Arc<str>> {
        let known = {
            let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
            let found = recent.iter().find(|(by, signed, _)| *by == version && **signed == *text);
            found.map(|(.., signature)| Arc::clone(signature))
        };
        if let Some(signature) = known {
            return Ok(signature);
        }
        let pair = self.pair().await?;
        let text: Arc<str> = text.into();
        let signed = Arc::clone(&text);
        let signature: Arc<str> = blocking(move || pair.sign(version, &signed)).await?.into();
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if recent.len() >= REMEMBERED {
            recent.pop_front();
        }
        recent.push_back((version, text, Arc::clone(&signature)));
        Ok(signature)
    }

    /// `SigningCertURL`
    ///
    /// # Errors
    /// As [`Self::sign`].
    pub async fn certificate_url(&self) -> AwsResult<String> {
        Ok(format!("{}{}", self.endpoint, self.pair().await?.path()))
    }

    /// The certificate that is at a path, if it is there.
    ///
    /// # Errors
    /// As [`Self::sign`].
    pub async fn certificate(&self, path: &str) -> AwsResult<Option<String>> {
        let pair = self.pair().await?;
        Ok((pair.path() == path).then(|| pair.certificate().to_owned()))
    }

    async fn pair(&self) -> AwsResult<Arc<Pair>> {
        let make = || async {
            let file = self.file.clone();
            blocking(move || Pair::of_file(&file)).await.map(Arc::new)
        };
        self.pair.get_or_try_init(make).await.cloned()
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> AwsResult<T> + Send + 'static) -> AwsResult<T> {
    tokio::task::spawn_blocking(work).await.map_err(AwsError::internal)?
}
