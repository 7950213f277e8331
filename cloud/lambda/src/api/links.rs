//! Links to packages, as GetFunction gives them: whoever has one may fetch the package for ten minutes.

use crate::LambdaService;
use sha2::{Digest, Sha256};
use slam_cloud_core::Timestamp;
use std::path::PathBuf;

/// How long a link is good, in seconds.
const GOOD: i64 = 600;

/// Makes and checks links. They are good as long as the process lives.
pub struct Links {
    secret: String,
}

impl Links {
    /// With a secret of its own.
    ///
    /// # Errors
    /// When the kernel gives no random bytes.
    pub fn new() -> std::io::Result<Self> {
        let secret = slam_cloud_core::id::secret(40).map_err(|error| std::io::Error::other(error.to_string()))?;
        Ok(Self { secret })
    }

    /// The path and query of a link to a package: `/_slam/lambda/code/HASH?Expires=…&Signature=…`.
    pub fn to(&self, hash: &str) -> String {
        let expires = Timestamp::now().as_second() + GOOD;
        format!("/_slam/lambda/code/{hash}?Expires={expires}&Signature={}", self.sign(hash, expires))
    }

    fn is_good(&self, hash: &str, expires: &str, signature: &str) -> bool {
        let Ok(expires) = expires.parse::<i64>() else { return false };
        expires >= Timestamp::now().as_second() && self.sign(hash, expires) == signature
    }

    /// Both ends of the hash are ours, so that nothing can be appended to what was signed.
    fn sign(&self, hash: &str, expires: i64) -> String {
        let digest = Sha256::digest(format!("{0}:{hash}:{expires}:{0}", self.secret));
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl LambdaService {
    /// The file that a link to a package leads to: for whoever serves `/_slam/lambda/code/HASH`. `None` when the
    /// link is not (or no longer) good, for which AWS answers 403.
    pub fn package(&self, hash: &str, expires: &str, signature: &str) -> Option<PathBuf> {
        let path = self.links.is_good(hash, expires, signature).then(|| self.code.package(hash));
        path.filter(|path| path.is_file())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_links_are_good() {
        let links = Links::new().unwrap();
        let link = links.to("abc");
        let (_, query) = link.split_once("?Expires=").unwrap();
        let (expires, signature) = query.split_once("&Signature=").unwrap();
        assert!(links.is_good("abc", expires, signature));
        assert!(!links.is_good("abd", expires, signature));
        assert!(!links.is_good("abc", "1", signature));
        assert!(!Links::new().unwrap().is_good("abc", expires, signature));
    }
}
