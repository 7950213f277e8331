//! Additional checksums ("Checking object integrity in Amazon S3").

use crate::error::{Answer, Fault};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use s3s::checksum::ChecksumHasher;
use serde::{Deserialize, Serialize};

/// The algorithms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Algorithm {
    /// CRC-32, which SDKs send when nothing else is asked for.
    Crc32,
    /// CRC-32C
    Crc32c,
    /// CRC-64/NVME, which S3 computes when nothing else is sent.
    Crc64Nvme,
    /// SHA-1
    Sha1,
    /// SHA-256
    Sha256,
}

/// Whether a checksum is of all bytes, or of the checksums of parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// Of all bytes.
    FullObject,
    /// Of the parts' checksums.
    Composite,
}

/// A checksum.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checksum {
    /// How it was computed.
    pub algorithm: Algorithm,
    /// Base 64, with `-N` after it when it is composite.
    pub value: String,
    /// Of what.
    pub kind: Kind,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Crc32, Self::Crc32c, Self::Crc64Nvme, Self::Sha1, Self::Sha256];

    /// `CRC32`
    pub fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64Nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }

    /// `crc32`, as in messages and header names.
    pub fn lower_name(self) -> String {
        self.name().to_ascii_lowercase()
    }

    /// The algorithm of a name.
    ///
    /// # Errors
    /// AWS's `InvalidRequest`.
    pub fn parse(name: &str) -> Answer<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name().eq_ignore_ascii_case(name)).ok_or_else(|| {
            Fault::invalid_request(
                "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, \
                 CRC32C, CRC64NVME, SHA1, SHA256]",
            )
        })
    }

    /// The algorithm of a header `x-amz-checksum-…`.
    pub fn of_header(name: &str) -> Option<Self> {
        let name = name.strip_prefix("x-amz-checksum-")?;
        Self::ALL.into_iter().find(|algorithm| algorithm.lower_name() == name)
    }

    fn length(self) -> usize {
        match self {
            Self::Crc32 | Self::Crc32c => 4,
            Self::Crc64Nvme => 8,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    /// Checks that a value has the form of this algorithm's.
    ///
    /// # Errors
    /// AWS's `InvalidRequest`, as recorded in `test_put_object_checksum`.
    pub fn check(self, value: &str) -> Answer<()> {
        match BASE64.decode(value) {
            Ok(bytes) if bytes.len() == self.length() => Ok(()),
            _ => {
                let header = self.lower_name();
                Err(Fault::invalid_request(format!("Value for x-amz-checksum-{header} header is invalid.")))
            }
        }
    }

    /// `BadDigest`: what was received is not what was said.
    pub fn bad_digest(self) -> Fault {
        let message = format!("The {} you specified did not match the calculated checksum.", self.name());
        Fault::new("BadDigest", 400, message)
    }

    /// Something to compute it with.
    pub fn hasher(self) -> Hasher {
        let mut hasher = ChecksumHasher::default();
        match self {
            Self::Crc32 => hasher.crc32 = Some(Default::default()),
            Self::Crc32c => hasher.crc32c = Some(Default::default()),
            Self::Crc64Nvme => hasher.crc64nvme = Some(Default::default()),
            Self::Sha1 => hasher.sha1 = Some(Default::default()),
            Self::Sha256 => hasher.sha256 = Some(Default::default()),
        }
        Hasher(hasher)
    }

    /// The checksum of parts' checksums.
    pub fn composite<'v>(self, parts: impl ExactSizeIterator<Item = &'v str>) -> Checksum {
        let count = parts.len();
        let mut hasher = self.hasher();
        for part in parts {
            hasher.update(&BASE64.decode(part).unwrap_or_default());
        }
        Checksum { algorithm: self, value: format!("{}-{count}", hasher.finish()), kind: Kind::Composite }
    }

    /// A checksum of all bytes.
    pub fn full(self, value: String) -> Checksum {
        Checksum { algorithm: self, value, kind: Kind::FullObject }
    }
}

impl Kind {
    /// `FULL_OBJECT`
    pub fn name(self) -> &'static str {
        match self {
            Self::FullObject => "FULL_OBJECT",
            Self::Composite => "COMPOSITE",
        }
    }
}

/// The bytes of `Content-MD5`.
///
/// # Errors
/// `InvalidDigest`.
pub fn parse_md5(text: &str) -> Answer<[u8; 16]> {
    BASE64.decode(text).ok().and_then(|bytes| bytes.try_into().ok()).ok_or_else(|| {
        Fault::new("InvalidDigest", 400, "The Content-MD5 you specified was invalid.").with("Content-MD5", text)
    })
}

/// `BadDigest`: what was received has another MD5 than was said. Of parts that is told as it was said (recorded:
/// test_s3_invalid_content_md5).
pub fn bad_md5(said: [u8; 16], computed: [u8; 16], of_part: bool) -> Fault {
    let said = if of_part { BASE64.encode(said) } else { hex::encode(said) };
    Fault::new("BadDigest", 400, "The Content-MD5 you specified did not match what we received.")
        .with("CalculatedDigest", BASE64.encode(computed))
        .with("ExpectedDigest", said)
}

/// Computes one checksum.
pub struct Hasher(ChecksumHasher);

impl Hasher {
    /// Takes more bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The checksum in base 64.
    pub fn finish(self) -> String {
        let sums = self.0.finalize();
        let sums = [
            sums.checksum_crc32,
            sums.checksum_crc32c,
            sums.checksum_crc64nvme,
            sums.checksum_sha1,
            sums.checksum_sha256,
        ];
        sums.into_iter().flatten().next().unwrap_or_default()
    }
}

/// Writes a checksum into the member of an s3s structure that is for it.
macro_rules! set_checksum {
    ($output:expr, $algorithm:expr, $value:expr) => {
        match $algorithm {
            $crate::model::checksum::Algorithm::Crc32 => $output.checksum_crc32 = Some($value),
            $crate::model::checksum::Algorithm::Crc32c => $output.checksum_crc32c = Some($value),
            $crate::model::checksum::Algorithm::Crc64Nvme => $output.checksum_crc64nvme = Some($value),
            $crate::model::checksum::Algorithm::Sha1 => $output.checksum_sha1 = Some($value),
            $crate::model::checksum::Algorithm::Sha256 => $output.checksum_sha256 = Some($value),
        }
    };
}
pub(crate) use set_checksum;

/// The same with the checksum's type.
macro_rules! set_typed_checksum {
    ($output:expr, $checksum:expr) => {
        if let Some(checksum) = $checksum {
            $crate::model::checksum::set_checksum!($output, checksum.algorithm, checksum.value.clone());
            $output.checksum_type = Some(s3s::dto::ChecksumType::from_static(checksum.kind.name()));
        }
    };
}
pub(crate) use set_typed_checksum;

/// The one checksum that an s3s structure has.
macro_rules! given_checksum {
    ($input:expr) => {{
        use $crate::model::checksum::Algorithm;
        $crate::model::checksum::one_of([
            (Algorithm::Crc32, $input.checksum_crc32.take()),
            (Algorithm::Crc32c, $input.checksum_crc32c.take()),
            (Algorithm::Crc64Nvme, $input.checksum_crc64nvme.take()),
            (Algorithm::Sha1, $input.checksum_sha1.take()),
            (Algorithm::Sha256, $input.checksum_sha256.take()),
        ])
    }};
}
pub(crate) use given_checksum;

/// The one that is given.
///
/// # Errors
/// When there are several.
pub fn one_of(given: [(Algorithm, Option<String>); 5]) -> Answer<Option<(Algorithm, String)>> {
    let mut given = given.into_iter().filter_map(|(algorithm, value)| Some((algorithm, value?)));
    let first = given.next();
    if given.next().is_some() {
        return Err(Fault::invalid_request(
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
        ));
    }
    Ok(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Recorded: test_s3_get_object_checksum, test_put_object_checksum.
    #[test]
    fn checksums_are_those_that_aws_computes() {
        let check = |algorithm: Algorithm, text: &str, expected: &str| {
            let mut hasher = algorithm.hasher();
            hasher.update(text.as_bytes());
            assert_eq!(hasher.finish(), expected, "{algorithm:?}");
        };
        check(Algorithm::Crc64Nvme, "test-checksum", "1f2xscCCZCU=");
        check(Algorithm::Crc32, "test-delete", "1jy6qw==");
        check(Algorithm::Crc32, "", "AAAAAA==");
    }

    // Recorded: test_complete_multipart_parts_checksum_composite[CRC32].
    #[test]
    fn a_composite_checksum_is_of_the_parts() {
        let parts = ["NRU+Sw==", "NRU+Sw==", "TBHN8A=="];
        assert_eq!(Algorithm::Crc32.composite(parts.into_iter()).value, "5FRUiw==-3");
    }
}
