//! Codes that were sent to users.

use crate::error::{expired_code, too_many_attempts, wrong_code};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use slam_cloud_core::{AwsResult, Timestamp, id};
use subtle::ConstantTimeEq as _;

/// How often somebody may be wrong about a code.
const ATTEMPTS: u32 = 5;

/// What a code is for, and thereby for how long it is good.
/// <https://docs.aws.amazon.com/cognito/latest/developerguide/limits.html> ("Verification code expiration")
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// To confirm who signed up: a day.
    SignUp,
    /// To set another password: an hour.
    Password,
}

/// A code.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Code {
    purpose: Purpose,
    /// Its six digits.
    pub digits: String,
    expires: Timestamp,
    attempts: u32,
    /// The attribute that whoever knows it has access to.
    pub attribute: String,
}

impl Code {
    /// A new one, sent to what an attribute says.
    ///
    /// # Errors
    /// When the kernel's random generator cannot be read.
    pub fn new(purpose: Purpose, attribute: &str, now: Timestamp) -> Result<Self, getrandom::Error> {
        let hours = match purpose {
            Purpose::SignUp => 24,
            Purpose::Password => 1,
        };
        Ok(Self {
            purpose,
            digits: id::chosen(b"0123456789", 6)?,
            expires: now.checked_add(SignedDuration::from_hours(hours)).unwrap_or(now),
            attempts: 0,
            attribute: attribute.to_owned(),
        })
    }
}

/// Checks a code against the one that was sent last, and counts the attempt.
///
/// # Errors
/// When none was sent, it is no longer good, or another one.
pub fn check(sent: &mut Option<Code>, purpose: Purpose, given: &str, now: Timestamp) -> AwsResult<()> {
    let code = sent.as_mut().filter(|code| code.purpose == purpose && now < code.expires).ok_or_else(expired_code)?;
    if code.attempts >= ATTEMPTS {
        return Err(too_many_attempts());
    }
    code.attempts += 1;
    match bool::from(code.digits.as_bytes().ct_eq(given.as_bytes())) {
        true => Ok(()),
        false => Err(wrong_code()),
    }
}
