//! The key of an installation, and its certificate.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs1v15::SigningKey;
use rsa::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, EncodePublicKey as _, LineEnding};
use rsa::sha2::Sha256;
use rsa::signature::Keypair as _;
use rsa::{Pkcs1v15Sign, PrivateKey};
use sha1::{Digest as _, Sha1};
use slam_cloud_core::{AwsError, AwsResult, Durability};
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::str::FromStr as _;
use std::time::Duration;
use x509_cert::builder::profile::BuilderProfile;
use x509_cert::builder::{Builder as _, CertificateBuilder};
use x509_cert::certificate::TbsCertificate;
use x509_cert::der::EncodePem as _;
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage, KeyUsages};
use x509_cert::ext::{Extension, ToExtension as _};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::{SubjectPublicKeyInfo, SubjectPublicKeyInfoRef};
use x509_cert::time::Validity;

/// The length of the key, which is that of AWS's.
const BITS: usize = 2048;
/// For how long the certificate holds: the installation has no other, and its clock may be a fast one.
const YEARS: u64 = 20;
/// Where the certificate begins in the file.
const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----";

/// What stands before a hash where it is signed (RFC 8017, 9.2, note 1): of SHA-1, and of SHA-256.
const OF_SHA1: [u8; 15] = [0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14];
const OF_SHA256: [u8; 19] =
    [0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20];

/// A key with its certificate.
pub struct Pair {
    key: PrivateKey,
    certificate: String,
    path: String,
}

impl Pair {
    /// That of a file, which is made where it is missing.
    ///
    /// # Errors
    /// When it cannot be read or made.
    pub fn of_file(file: &Path) -> AwsResult<Self> {
        let text = match fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let text = new().map_err(|error| AwsError::internal(format_args!("no key for signatures: {error}")))?;
                write(file, &text)?;
                text
            }
            Err(error) => return Err(error.into()),
        };
        Self::read(&text).map_err(|reason| {
            let file = file.display();
            AwsError::internal(format_args!("{file} has no key for signatures ({reason}); without it, another is made"))
        })
    }

    fn read(text: &str) -> Result<Self, String> {
        let (key, certificate) = text.split_at(text.find(CERTIFICATE).ok_or("no certificate")?);
        let key = PrivateKey::from_pkcs8_pem(key.trim()).map_err(|error| error.to_string())?;
        let public = key.to_public_key().to_public_key_der().map_err(|error| error.to_string())?;
        let name = hex::encode(&sha2::Sha256::digest(public.as_bytes())[..16]);
        Ok(Self { key, certificate: certificate.to_owned(), path: format!("{}{name}.pem", super::CERTIFICATES) })
    }

    /// The path of the certificate.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The certificate, as PEM.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// Signs a text, with the hash of a version.
    ///
    /// # Errors
    /// When the key cannot.
    pub fn sign(&self, version: u8, text: &str) -> AwsResult<String> {
        let (prefix, hash): (&[u8], Vec<u8>) = match version {
            1 => (&OF_SHA1, Sha1::digest(text).to_vec()),
            _ => (&OF_SHA256, sha2::Sha256::digest(text).to_vec()),
        };
        let padding = Pkcs1v15Sign { hash_len: Some(hash.len()), prefix: prefix.into() };
        let signature = self.key.sign_with_rng(&mut getrandom::SysRng, padding, &hash);
        signature.map(|signature| STANDARD.encode(signature)).map_err(AwsError::internal)
    }
}

/// A new key and its certificate, as PEM.
fn new() -> Result<String, Box<dyn std::error::Error>> {
    let key = PrivateKey::new(&mut getrandom::SysRng, BITS)?;
    let pem = key.to_pkcs8_pem(LineEnding::LF)?;
    let signer = SigningKey::<Sha256>::new(key);
    let public = SubjectPublicKeyInfo::from_key(&signer.verifying_key())?;
    let serial = SerialNumber::new(&uuid::Uuid::new_v4().into_bytes()[..8])?;
    let validity = Validity::from_now(Duration::from_secs(YEARS * 365 * 24 * 60 * 60))?;
    let name = Name::from_str("CN=sns.localhost,O=slam embedded cloud")?;
    let certificate = CertificateBuilder::new(Own(name), serial, validity, public)?.build(&signer)?;
    Ok(format!("{}{}", &*pem, certificate.to_pem(LineEnding::LF)?))
}

/// A certificate that nobody else signed, for signatures.
struct Own(Name);

impl BuilderProfile for Own {
    fn get_issuer(&self, subject: &Name) -> Name {
        subject.clone()
    }

    fn get_subject(&self) -> Name {
        self.0.clone()
    }

    fn build_extensions(
        &self,
        _: SubjectPublicKeyInfoRef<'_>,
        _: SubjectPublicKeyInfoRef<'_>,
        _: &TbsCertificate,
    ) -> x509_cert::builder::Result<Vec<Extension>> {
        let constraints = BasicConstraints { ca: false, path_len_constraint: None };
        let usage = KeyUsage(KeyUsages::DigitalSignature.into());
        Ok(vec![(&constraints).to_extension(&self.0, &[])?, (&usage).to_extension(&self.0, &[])?])
    }
}

/// Writes a file that only its owner may read, whole or not at all: with another key, nobody could verify what was sent.
fn write(file: &Path, text: &str) -> std::io::Result<()> {
    let temporary = file.with_extension("new");
    let _ = fs::remove_file(&temporary);
    let mut opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
    opened.write_all(text.as_bytes())?;
    opened.sync_all()?;
    fs::rename(&temporary, file)?;
    file.parent().map_or(Ok(()), |folder| Durability::Fsync.keep_names(folder))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_key_is_made_once_and_for_its_owner_alone() {
        let folder = std::env::temp_dir().join(format!("slam-sns-{}", uuid::Uuid::new_v4()));
        fs::create_dir(&folder).unwrap();
        let file = folder.join("key.pem");
        let (first, again) = (Pair::of_file(&file).unwrap(), Pair::of_file(&file).unwrap());
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!((first.path(), first.sign(1, "a").unwrap()), (again.path(), again.sign(1, "a").unwrap()));
        assert_ne!(first.sign(1, "a").unwrap(), first.sign(2, "a").unwrap());
        fs::write(&file, "x").unwrap();
        assert!(Pair::of_file(&file).is_err());
        fs::remove_dir_all(&folder).unwrap();
    }
}
