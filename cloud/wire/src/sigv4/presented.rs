//! What a request presents: in its Authorization header or, presigned, in its query string.

use super::Failure;
use crate::uri;
use http::request::Parts;
use http::{HeaderMap, header};
use slam_cloud_core::Timestamp;

/// The claim that a request makes about its sender, not verified yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Presented {
    /// Whose key signed it.
    pub access_key_id: String,
    /// The day of the credential scope: `20261123`.
    pub day: String,
    /// The region of the credential scope.
    pub region: String,
    /// The service of the credential scope.
    pub service: String,
    /// When it was signed.
    pub signed_at: Timestamp,
    /// The same as the request wrote it: `20261123T150000Z`.
    pub amz_date: String,
    /// The names of the headers that were signed, in lower case.
    pub signed_headers: Vec<String>,
    /// The signature, in hexadecimal.
    pub signature: String,
    /// The token of temporary credentials.
    pub token: Option<String>,
    /// How many seconds a presigned URL is valid; `None` where the signature is in a header.
    pub expires: Option<i64>,
}

/// The longest that a presigned URL may be valid: a week.
const LONGEST: i64 = 604_800;

impl Presented {
    /// Reads what a request presents; `None` when it is not signed at all.
    ///
    /// # Errors
    /// What is missing or malformed.
    pub fn of(head: &Parts) -> Result<Option<Self>, Failure> {
        let query = head.uri.query().unwrap_or_default();
        let in_query = query.contains("X-Amz-Algorithm=") || query.contains("X-Amz-Signature=");
        match (head.headers.get(header::AUTHORIZATION), in_query) {
            (Some(_), true) => Err(Failure::TwoMechanisms),
            (Some(value), false) => {
                let value = value.to_str().map_err(|_| Failure::Incomplete("the header is not text".to_owned()))?;
                Self::from_header(value, &head.headers).map(Some)
            }
            (None, true) => Self::from_query(&uri::query(query)).map(Some),
            (None, false) => Ok(None),
        }
    }

    fn from_header(value: &str, headers: &HeaderMap) -> Result<Self, Failure> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let Some(parameters) = value.strip_prefix("AWS4-HMAC-SHA256") else {
            let scheme = value.split_whitespace().next().unwrap_or_default();
            return Err(Failure::Algorithm(scheme.to_owned()));
        };
        let parameter = |name: &str| {
            let mut parts = parameters.split(',').filter_map(|part| part.trim().split_once('='));
            parts.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
        };
        let credential = parameter("Credential");
        let signature = parameter("Signature");
        let signed_headers = parameter("SignedHeaders");
        let date = text("x-amz-date").or_else(|| text("date").and_then(|date| in_basic_format(&date)));
        let (Some(credential), Some(signature), Some(signed_headers), Some(amz_date)) =
            (&credential, &signature, &signed_headers, &date)
        else {
            let mut missing = String::new();
            for (found, name) in
                [(&credential, "Credential"), (&signature, "Signature"), (&signed_headers, "SignedHeaders")]
            {
                if found.is_none() {
                    missing.push_str(&format!("Authorization header requires '{name}' parameter. "));
                }
            }
            if date.is_none() {
                missing
                    .push_str("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ");
            }
            // AWS shows the header; the signature in it is worth nothing without the rest.
            return Err(Failure::Incomplete(format!("{missing}Authorization={}", scheme_of(value))));
        };
        let mut presented = Self::scoped(credential, amz_date)?;
        presented.signature = signature.clone();
        presented.signed_headers = names(signed_headers);
        presented.token = text("x-amz-security-token");
        presented.checked()
    }

    fn from_query(query: &[(String, String)]) -> Result<Self, Failure> {
        let parameter = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let required = |name: &'static str| {
            parameter(name).ok_or_else(|| {
                Failure::BadQuery(
                    "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, \
                     X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."
                        .to_owned(),
                )
            })
        };
        let algorithm = required("X-Amz-Algorithm")?;
        if algorithm != "AWS4-HMAC-SHA256" {
            return Err(Failure::BadQuery("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"".to_owned()));
        }
        let mut presented =
            Self::scoped(required("X-Amz-Credential")?, required("X-Amz-Date")?).map_err(|failure| match failure {
                Failure::Incomplete(message) if message.starts_with("Credential") => Failure::BadCredential(message),
                other => other,
            })?;
        presented.signature = required("X-Amz-Signature")?.to_owned();
        presented.signed_headers = names(required("X-Amz-SignedHeaders")?);
        presented.token = parameter("X-Amz-Security-Token").map(str::to_owned);
        // S3 demands an expiry; the other services take a presigned request for as long as a signed one.
        let expires = match parameter("X-Amz-Expires") {
            None if presented.service == "s3" => required("X-Amz-Expires")?,
            None => "900",
            Some(expires) => expires,
        };
        let expires: i64 =
            expires.parse().map_err(|_| Failure::BadQuery("X-Amz-Expires should be a number".to_owned()))?;
        if expires < 0 {
            return Err(Failure::BadQuery("X-Amz-Expires must be non-negative".to_owned()));
        }
        if expires > LONGEST {
            let message = format!(
                "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less \
                 than {LONGEST} seconds"
            );
            return Err(Failure::BadQuery(message));
        }
        presented.expires = Some(expires);
        presented.checked()
    }

    /// The credential scope and the date; the rest is filled in by the caller.
    fn scoped(credential: &str, amz_date: &str) -> Result<Self, Failure> {
        // From the right: an access key of another make may contain slashes.
        let mut parts = credential.rsplitn(5, '/');
        let scope = (parts.next(), parts.next(), parts.next(), parts.next(), parts.next());
        let (Some("aws4_request"), Some(service), Some(region), Some(day), Some(key)) = scope else {
            return Err(Failure::Incomplete(format!(
                "Credential must have exactly 5 slash-delimited elements, e.g. \
                 keyid/date/region/service/term, got '{credential}'"
            )));
        };
        let signed_at = parse_basic(amz_date).ok_or_else(|| {
            Failure::Incomplete(format!(
                "Date must be in ISO-8601 'basic format'. Got '{amz_date}'. See http://en.wikipedia.org/wiki/ISO_8601"
            ))
        })?;
        Ok(Self {
            access_key_id: key.to_owned(),
            day: day.to_owned(),
            region: region.to_owned(),
            service: service.to_owned(),
            signed_at,
            amz_date: amz_date.to_owned(),
            signed_headers: Vec::new(),
            signature: String::new(),
            token: None,
            expires: None,
        })
    }

    fn checked(self) -> Result<Self, Failure> {
        if !self.amz_date.starts_with(&self.day) || self.day.len() != 8 {
            let Self { day, amz_date, .. } = &self;
            return Err(Failure::Scope(format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: \
                 '{day}' != '{}', from '{amz_date}'.",
                amz_date.get(..8).unwrap_or_default()
            )));
        }
        if !self.signed_headers.iter().any(|name| name == "host") {
            return Err(Failure::HostNotSigned);
        }
        Ok(self)
    }
}

fn names(signed_headers: &str) -> Vec<String> {
    signed_headers.split(';').map(str::to_ascii_lowercase).collect()
}

fn scheme_of(value: &str) -> &str {
    value.split_whitespace().next().unwrap_or_default()
}

/// `20261123T150000Z`
fn parse_basic(text: &str) -> Option<Timestamp> {
    let digits = |range: std::ops::Range<usize>| {
        let part = text.get(range)?;
        part.bytes().all(|byte| byte.is_ascii_digit()).then_some(part)
    };
    if text.len() != 16 || text.get(8..9) != Some("T") || text.get(15..) != Some("Z") {
        return None;
    }
    let (year, month, day) = (digits(0..4)?, digits(4..6)?, digits(6..8)?);
    let (hour, minute, second) = (digits(9..11)?, digits(11..13)?, digits(13..15)?);
    format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z").parse().ok()
}

/// A `Date` header in the basic format that the string to sign carries.
fn in_basic_format(date: &str) -> Option<String> {
    if parse_basic(date).is_some() {
        return Some(date.to_owned());
    }
    let moment = jiff::fmt::rfc2822::parse(date).ok()?.timestamp();
    Some(moment.strftime("%Y%m%dT%H%M%SZ").to_string())
}
