//! What an HTTP API answers itself. The sentences are those that people have met on AWS; nobody can change them, as with REST APIs.

use super::answer::Answer;

/// A refusal, or a failure of what stands behind the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// No such stage or route.
    NotFound,
    /// Nobody whom an authorizer knows, with the value of `www-authenticate` for tokens.
    Unauthorized(Option<String>),
    /// Whoever it is may not, with the value of `www-authenticate` for tokens that lack a scope.
    Forbidden(Option<String>),
    /// The body is too large.
    TooLarge,
    /// The request line and headers are.
    HeadersTooLarge,
    /// The bucket is empty.
    TooManyRequests,
    /// What is configured does not work: the log says why.
    Internal(String),
    /// What stands behind the API does not answer, or not in time.
    Unavailable(String),
}

impl Failure {
    /// HTTP status, AWS's sentence, and what `$context.error.responseType` says of it, as with REST APIs.
    pub fn parts(&self) -> (u16, &'static str, &'static str) {
        match self {
            Self::NotFound => (404, "Not Found", "RESOURCE_NOT_FOUND"),
            Self::Unauthorized(_) => (401, "Unauthorized", "UNAUTHORIZED"),
            Self::Forbidden(_) => (403, "Forbidden", "ACCESS_DENIED"),
            Self::TooLarge => (413, "Request Entity Too Large", "REQUEST_TOO_LARGE"),
            Self::HeadersTooLarge => (431, "Request Header Fields Too Large", "DEFAULT_4XX"),
            Self::TooManyRequests => (429, "Too Many Requests", "THROTTLED"),
            Self::Internal(_) => (500, "Internal Server Error", "INTEGRATION_FAILURE"),
            Self::Unavailable(_) => (503, "Service Unavailable", "INTEGRATION_TIMEOUT"),
        }
    }

    /// Why, for logs; clients are told no more than the sentence.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Internal(reason) | Self::Unavailable(reason) => Some(reason),
            _ => None,
        }
    }

    /// The answer.
    pub fn answer(&self) -> Answer {
        let (status, sentence, _) = self.parts();
        let mut answer = Answer::json(status, format!("{{\"message\":\"{sentence}\"}}"));
        if let Self::Unauthorized(Some(challenge)) | Self::Forbidden(Some(challenge)) = self {
            answer.headers.push(("www-authenticate".into(), challenge.clone()));
        }
        answer
    }
}
