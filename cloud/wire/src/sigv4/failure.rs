//! Why a request's signature is refused, and how each kind of service says so.

use crate::timestamp::iso8601_seconds;
use slam_cloud_core::schema::Protocol;
use slam_cloud_core::{AwsError, Timestamp};

/// Why a request is not let in.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// It is not signed.
    Missing,
    /// The Authorization header lacks something: AWS's sentence about it.
    Incomplete(String),
    /// Another scheme than `AWS4-HMAC-SHA256`.
    Algorithm(String),
    /// Signed in the header and in the query string.
    TwoMechanisms,
    /// A presigned URL's parameters are wrong: AWS's sentence about it.
    BadQuery(String),
    /// A presigned URL's credential is wrong: AWS's sentence about it.
    BadCredential(String),
    /// The credential scope is wrong: AWS's sentence about it.
    Scope(String),
    /// The Host header is not among the signed headers.
    HostNotSigned,
    /// Amazon's headers that are not covered by the signature (S3).
    HeadersNotSigned(String),
    /// The header with the payload's hash is missing (S3).
    PayloadHashMissing,
    /// Nobody has that access key.
    UnknownKey(String),
    /// The session token does not belong to the access key.
    WrongToken,
    /// The temporary credentials have expired.
    TokenExpired,
    /// The signature is another one.
    Mismatch,
    /// Signed too long ago.
    Expired {
        /// When it was signed.
        signed_at: Timestamp,
        /// The cloud's clock.
        now: Timestamp,
        /// How many seconds it may be old.
        tolerance: i64,
    },
    /// Signed in the future.
    NotYetCurrent {
        /// When it was signed.
        signed_at: Timestamp,
        /// The cloud's clock.
        now: Timestamp,
        /// How many seconds it may be ahead.
        tolerance: i64,
    },
    /// A presigned URL is past its expiry.
    PresignedExpired {
        /// When it was signed.
        signed_at: Timestamp,
        /// For how many seconds it was valid.
        expires: i64,
        /// The cloud's clock.
        now: Timestamp,
    },
}

impl Failure {
    /// The error as a service of that protocol answers it.
    pub fn into_error(self, protocol: Protocol) -> AwsError {
        match protocol {
            Protocol::RestXml => self.of_s3(),
            Protocol::Query | Protocol::Ec2 => self.of_query(),
            Protocol::Json(_) | Protocol::RpcV2Cbor => self.of_json(400),
            Protocol::RestJson => self.of_json(403),
        }
    }

    fn of_s3(self) -> AwsError {
        let (code, status, message) = match &self {
            Self::Missing => ("AccessDenied", 403, "Access Denied"),
            Self::Incomplete(message) | Self::Scope(message) => {
                let message = format!("The authorization header is malformed; {message}");
                return AwsError::new("AuthorizationHeaderMalformed", 400, message);
            }
            Self::Algorithm(_) => ("InvalidRequest", 400, S3_ALGORITHM),
            Self::TwoMechanisms => ("InvalidArgument", 400, S3_TWO_MECHANISMS),
            Self::BadQuery(message) => ("AuthorizationQueryParametersError", 400, message.as_str()),
            Self::BadCredential(_) => ("AuthorizationQueryParametersError", 400, S3_BAD_CREDENTIAL),
            Self::PayloadHashMissing => ("InvalidRequest", 400, S3_PAYLOAD_HASH_MISSING),
            Self::HostNotSigned | Self::HeadersNotSigned(_) => ("AccessDenied", 403, S3_NOT_SIGNED),
            Self::UnknownKey(_) => ("InvalidAccessKeyId", 403, S3_UNKNOWN_KEY),
            Self::WrongToken => ("InvalidToken", 400, "The provided token is malformed or otherwise invalid."),
            Self::TokenExpired => ("ExpiredToken", 400, "The provided token has expired."),
            Self::Mismatch => ("SignatureDoesNotMatch", 403, S3_MISMATCH),
            Self::Expired { .. } | Self::NotYetCurrent { .. } => ("RequestTimeTooSkewed", 403, S3_SKEWED),
            Self::PresignedExpired { .. } => ("AccessDenied", 403, "Request has expired"),
        };
        let error = AwsError::new(code, status, message);
        match self {
            Self::HostNotSigned => error.with("HeadersNotSigned", "host"),
            Self::HeadersNotSigned(names) => error.with("HeadersNotSigned", names),
            Self::UnknownKey(key) => error.with("AWSAccessKeyId", key),
            Self::Expired { signed_at, now, .. } | Self::NotYetCurrent { signed_at, now, .. } => error
                .with("RequestTime", basic(signed_at))
                .with("ServerTime", iso8601_seconds(now))
                .with("MaxAllowedSkewMilliseconds", (super::TOLERANCE * 1000).to_string()),
            Self::PresignedExpired { signed_at, expires, now } => error
                .with("X-Amz-Expires", expires.to_string())
                .with("Expires", iso8601_seconds(shifted(signed_at, expires)))
                .with("ServerTime", iso8601_seconds(now)),
            _ => error,
        }
    }

    fn of_query(self) -> AwsError {
        let (code, status, message) = match self {
            Self::Missing => ("MissingAuthenticationToken", 403, "Request is missing Authentication Token".to_owned()),
            Self::Incomplete(message) | Self::BadQuery(message) | Self::BadCredential(message) => {
                ("IncompleteSignature", 400, message)
            }
            Self::Algorithm(name) => ("IncompleteSignature", 400, unsupported_algorithm(&name)),
            Self::TwoMechanisms => ("IncompleteSignature", 400, TWO_MECHANISMS.to_owned()),
            Self::UnknownKey(_) | Self::WrongToken => ("InvalidClientTokenId", 403, INVALID_TOKEN.to_owned()),
            Self::TokenExpired => ("ExpiredToken", 403, EXPIRED_TOKEN.to_owned()),
            other => ("SignatureDoesNotMatch", 403, other.signature_message()),
        };
        AwsError::new(code, status, message)
    }

    fn of_json(self, status: u16) -> AwsError {
        let (code, message) = match self {
            Self::Missing => ("MissingAuthenticationTokenException", "Missing Authentication Token".to_owned()),
            Self::Incomplete(message) | Self::BadQuery(message) | Self::BadCredential(message) => {
                ("IncompleteSignatureException", message)
            }
            Self::Algorithm(name) => ("IncompleteSignatureException", unsupported_algorithm(&name)),
            Self::TwoMechanisms => ("IncompleteSignatureException", TWO_MECHANISMS.to_owned()),
            Self::UnknownKey(_) | Self::WrongToken => ("UnrecognizedClientException", INVALID_TOKEN.to_owned()),
            Self::TokenExpired => ("ExpiredTokenException", EXPIRED_TOKEN.to_owned()),
            other => ("InvalidSignatureException", other.signature_message()),
        };
        AwsError::new(code, status, message)
    }

    /// What all services but S3 say about a signature that is complete but not right.
    fn signature_message(&self) -> String {
        match self {
            Self::Scope(message) => message.clone(),
            Self::HostNotSigned => {
                "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.".to_owned()
            }
            Self::HeadersNotSigned(names) => format!("'{names}' must be a 'SignedHeader' in the AWS Authorization."),
            Self::Expired { signed_at, now, tolerance } => format!(
                "Signature expired: {} is now earlier than {} ({} - {} min.)",
                basic(*signed_at),
                basic(shifted(*now, -tolerance)),
                basic(*now),
                tolerance / 60
            ),
            Self::PresignedExpired { signed_at, expires, now } => format!(
                "Signature expired: {} is now earlier than {} ({} - {} min.)",
                basic(*signed_at),
                basic(shifted(*now, -expires)),
                basic(*now),
                expires / 60
            ),
            Self::NotYetCurrent { signed_at, now, tolerance } => format!(
                "Signature not yet current: {} is still later than {} ({} + {} min.)",
                basic(*signed_at),
                basic(shifted(*now, *tolerance)),
                basic(*now),
                tolerance / 60
            ),
            _ => MISMATCH.to_owned(),
        }
    }
}

const S3_ALGORITHM: &str =
    "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.";
/// Recorded: test_presigned_double_encoded_credentials.
const S3_BAD_CREDENTIAL: &str = "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting \
                                 \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".";
const S3_TWO_MECHANISMS: &str = "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature \
                                 query string parameter or the Authorization header should be specified";
const S3_PAYLOAD_HASH_MISSING: &str = "Missing required header for this request: x-amz-content-sha256";
const S3_NOT_SIGNED: &str = "There were headers present in the request which were not signed";
const S3_UNKNOWN_KEY: &str = "The AWS Access Key Id you provided does not exist in our records.";
const S3_MISMATCH: &str = "The request signature we calculated does not match the signature you provided. Check your \
                           key and signing method.";
const S3_SKEWED: &str = "The difference between the request time and the current time is too large.";
const INVALID_TOKEN: &str = "The security token included in the request is invalid.";
const EXPIRED_TOKEN: &str = "The security token included in the request is expired";
const TWO_MECHANISMS: &str = "Only one auth mechanism allowed";
const MISMATCH: &str = "The request signature we calculated does not match the signature you provided. Check your \
                        AWS Secret Access Key and signing method. Consult the service documentation for details.";

fn unsupported_algorithm(name: &str) -> String {
    format!("Unsupported AWS 'algorithm': '{name}' (only AWS4-HMAC-SHA256 is supported).")
}

fn basic(moment: Timestamp) -> String {
    moment.strftime("%Y%m%dT%H%M%SZ").to_string()
}

fn shifted(moment: Timestamp, seconds: i64) -> Timestamp {
    Timestamp::from_second(moment.as_second() + seconds).unwrap_or(moment)
}
