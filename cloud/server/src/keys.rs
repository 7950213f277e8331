//! The installation's own secrets, made at the first start: the access key of the account's root user, and the token that
//! opens the cloud's own endpoints.

use crate::StartError;
use crate::data::DataFolder;
use serde::{Deserialize, Serialize};
use slam_cloud_core::{RootKey, Token, id};
use std::io::ErrorKind;

const FILE: &str = "credentials.json";

/// The file's form.
#[derive(Serialize, Deserialize)]
struct Credentials {
    access_key_id: String,
    secret_access_key: String,
    /// Folders of earlier versions have none yet.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    token: String,
}

/// The secrets of the data folder, made now if there are none.
pub(crate) fn of(folder: &DataFolder) -> Result<(RootKey, Token), StartError> {
    let file = folder.join(FILE);
    let secret = || id::secret(40).map_err(|error| StartError::Random(error.to_string()));
    let mut credentials: Credentials = match std::fs::read_to_string(&file) {
        Ok(text) => serde_json::from_str(&text).map_err(|error| StartError::Damaged {
            file,
            reason: format!("{error}; delete it and a new key is made at the next start"),
        })?,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Credentials { access_key_id: id::access_key("AKIA"), secret_access_key: secret()?, token: String::new() }
        }
        Err(reason) => return Err(StartError::Folder { folder: file, reason }),
    };
    if credentials.token.is_empty() {
        credentials.token = secret()?;
        folder.write(FILE, &serde_json::to_vec_pretty(&credentials).expect("strings are valid JSON"))?;
    }
    let Credentials { access_key_id, secret_access_key, token } = credentials;
    Ok((RootKey { access_key_id, secret_access_key }, Token::new(token)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once() {
        let path = std::env::temp_dir().join(format!("slam-keys-{}", id::request_id()));
        let folder = DataFolder::open(&path).unwrap();
        let (first, _) = of(&folder).unwrap();
        let (second, token) = of(&folder).unwrap();
        assert_eq!((first.access_key_id.len(), first.secret_access_key.len()), (20, 40));
        assert_eq!(first.secret_access_key, second.secret_access_key);
        let bearer = |token: &str| http::HeaderMap::from_iter([(http::header::AUTHORIZATION, token.parse().unwrap())]);
        let written = std::fs::read_to_string(folder.join(FILE)).unwrap();
        let written: Credentials = serde_json::from_str(&written).unwrap();
        for (given, fits) in
            [(format!("Bearer {}", written.token), true), ("Bearer x".into(), false), (written.token, false)]
        {
            assert_eq!(token.is_with(&bearer(&given)), fits, "{given}");
        }
        std::fs::write(folder.join(FILE), "{").unwrap();
        assert!(matches!(of(&folder), Err(StartError::Damaged { .. })));
        std::fs::remove_dir_all(path).unwrap();
    }
}
