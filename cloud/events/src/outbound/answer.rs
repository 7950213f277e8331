//! What an invocation came to, and when the next one may be made.
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html>; the codes are those of dead letters:
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html>.

use bytes::Bytes;
use http::header::{DATE, RETRY_AFTER};
use http::{HeaderMap, Response};
use slam_cloud_core::schema::TimestampFormat;
use slam_cloud_core::{AwsError, Timestamp};
use slam_cloud_kit::outside::Unanswered;
use slam_cloud_wire::timestamp;

/// The codes of errors that are EventBridge's own words.
pub const CODES: [&str; 6] =
    ["CONNECTION_FAILURE", "ERROR_FROM_TARGET", "INVALID_JSON", "INVALID_PARAMETER", "SDK_CLIENT_ERROR", "TIMEOUT"];

/// Why an invocation failed.
#[derive(Debug)]
pub struct Failure {
    /// The error, whose status says whether it may go better later.
    pub error: AwsError,
    /// What the server says of the next one.
    pub next: Option<RetryAfter>,
}

/// The header `Retry-After`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// After so many seconds.
    Seconds(u64),
    /// It does not want another one, which a negative number says.
    Never,
}

impl From<AwsError> for Failure {
    fn from(error: AwsError) -> Self {
        Self { error, next: None }
    }
}

/// A failure that another attempt may mend.
pub fn transient(code: &'static str, why: impl std::fmt::Display) -> AwsError {
    AwsError::new(code, 503, why.to_string())
}

/// One that it may not.
pub fn permanent(code: &'static str, why: impl std::fmt::Display) -> AwsError {
    AwsError::bad_request(code, why.to_string())
}

/// Whether a status says that the server does not know who asks.
pub fn is_unauthorized(status: u16) -> bool {
    matches!(status, 401 | 407)
}

/// What an answer means.
///
/// # Errors
/// When it is no success.
pub fn judged(answer: Result<&Response<Bytes>, &Unanswered>, now: Timestamp) -> Result<(), Failure> {
    let error = match answer {
        Ok(answer) if answer.status().is_success() => return Ok(()),
        Ok(answer) => {
            let status = answer.status().as_u16();
            let said = format!("the server answered {status}");
            match status {
                429 => AwsError::new("ThrottlingException", 429, said),
                401 | 407 | 409 | 500.. => transient("ERROR_FROM_TARGET", said),
                _ => permanent("ERROR_FROM_TARGET", said),
            }
        }
        Err(error @ Unanswered::Own(_)) => permanent("CONNECTION_FAILURE", error),
        Err(error @ Unanswered::Unreachable(_)) => transient("CONNECTION_FAILURE", error),
        Err(error @ Unanswered::Late(_)) => transient("TIMEOUT", error),
    };
    Err(Failure { error, next: answer.ok().and_then(|answer| retry_after(answer.headers(), now)) })
}

/// The header, in seconds or as a date: that is the server's, by whose own clock it is read where it tells that.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<RetryAfter> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<i64>() {
        return Some(u64::try_from(seconds).map_or(RetryAfter::Never, RetryAfter::Seconds));
    }
    let date = |text: &str| timestamp::parse(TimestampFormat::Rfc822, text);
    let told = headers.get(DATE).and_then(|date| date.to_str().ok()).and_then(date);
    let seconds = date(text)?.duration_since(told.unwrap_or(now)).as_secs();
    Some(RetryAfter::Seconds(u64::try_from(seconds).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use slam_cloud_kit::delivery::is_transient;

    fn answer(status: u16, headers: &[(http::HeaderName, &'static str)]) -> Response<Bytes> {
        let mut answer = Response::new(Bytes::new());
        *answer.status_mut() = status.try_into().unwrap();
        *answer.headers_mut() =
            headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect();
        answer
    }

    #[test]
    fn only_some_statuses_are_tried_again() {
        let check = |status: u16, expected: Option<bool>| {
            let judged = judged(Ok(&answer(status, &[])), Timestamp::UNIX_EPOCH);
            assert_eq!(judged.err().map(|failure| is_transient(&failure.error)), expected, "{status}");
        };
        for status in [200, 204, 299] {
            check(status, None);
        }
        for status in [401, 407, 409, 429, 500, 501, 503, 599] {
            check(status, Some(true));
        }
        for status in [301, 307, 400, 403, 404, 418] {
            check(status, Some(false));
        }
    }

    #[test]
    fn a_server_says_when_it_wants_to_be_asked_again() {
        let check = |headers: &[(http::HeaderName, &'static str)], expected: Option<RetryAfter>| {
            let now = Timestamp::from_second(784_111_777).unwrap();
            let failure = judged(Ok(&answer(503, headers)), now).unwrap_err();
            assert_eq!(failure.next, expected, "{headers:?}");
        };
        check(&[], None);
        check(&[(RETRY_AFTER, "120")], Some(RetryAfter::Seconds(120)));
        check(&[(RETRY_AFTER, "-1")], Some(RetryAfter::Never));
        check(&[(RETRY_AFTER, "soon")], None);
        let date = (RETRY_AFTER, "Sun, 06 Nov 1994 08:50:00 GMT");
        check(std::slice::from_ref(&date), Some(RetryAfter::Seconds(23)));
        check(&[date, (DATE, "Sun, 06 Nov 1994 08:49:00 GMT")], Some(RetryAfter::Seconds(60)));
    }
}
