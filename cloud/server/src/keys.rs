//! The installation's own access key: the account's root user, made at the first start.

use crate::StartError;
use crate::data::DataFolder;
use serde::{Deserialize, Serialize};
use slam_cloud_core::{RootKey, id};
use std::io::ErrorKind;

const FILE: &str = "credentials.json";

/// The file's form.
#[derive(Serialize, Deserialize)]
struct Credentials {
    access_key_id: String,
    secret_access_key: String,
}

/// The key of the data folder, made now if there is none.
pub(crate) fn root_key(folder: &DataFolder) -> Result<RootKey, StartError> {
    let file = folder.join(FILE);
    let credentials = match std::fs::read_to_string(&file) {
        Ok(text) => serde_json::from_str(&text).map_err(|error| StartError::Damaged {
            file,
            reason: format!("{error}; delete it and a new key is made at the next start"),
        })?,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let secret = id::secret(40).map_err(|error| StartError::Random(error.to_string()))?;
            let made = Credentials { access_key_id: id::access_key("AKIA"), secret_access_key: secret };
            folder.write(FILE, &serde_json::to_vec_pretty(&made).expect("two strings are valid JSON"))?;
            made
        }
        Err(reason) => return Err(StartError::Folder { folder: file, reason }),
    };
    let Credentials { access_key_id, secret_access_key } = credentials;
    Ok(RootKey { access_key_id, secret_access_key })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once() {
        let path = std::env::temp_dir().join(format!("slam-keys-{}", id::request_id()));
        let folder = DataFolder::open(&path).unwrap();
        let first = root_key(&folder).unwrap();
        let second = root_key(&folder).unwrap();
        assert_eq!((first.access_key_id.len(), first.secret_access_key.len()), (20, 40));
        assert_eq!(first.secret_access_key, second.secret_access_key);
        std::fs::write(folder.join(FILE), "{").unwrap();
        assert!(matches!(root_key(&folder), Err(StartError::Damaged { .. })));
        std::fs::remove_dir_all(path).unwrap();
    }
}
