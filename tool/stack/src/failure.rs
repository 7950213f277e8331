//! Resources that CloudFormation could not make, change or delete, and why, without what only machines read.

use std::fmt;

/// A resource that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Its logical id.
    pub logical_id: String,
    /// `CREATE_FAILED` …
    pub status: String,
    /// Why, in the service's words.
    pub reason: String,
}

impl Failure {
    /// A failure as an event tells it; `None` for a resource that was given up because another one failed.
    pub(crate) fn of_event(logical_id: &str, status: &str, reason: Option<&str>) -> Option<Self> {
        let reason = reason.map(readable).filter(|reason| !reason.is_empty());
        let reason = reason.unwrap_or_else(|| "no reason was given".to_owned());
        // "Resource creation cancelled", "Resource update cancelled": these are no causes.
        let cancelled = reason.starts_with("Resource ") && reason.trim_end_matches('.').ends_with(" cancelled");
        let failed = status.ends_with("_FAILED") && !cancelled;
        failed.then(|| Self { logical_id: logical_id.to_owned(), status: status.to_owned(), reason })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}  {}  {}", self.logical_id, self.status, self.reason)
    }
}

/// One line each, below a summary.
pub fn lines(failures: &[Failure]) -> String {
    failures.iter().map(|failure| format!("\n  {failure}")).collect()
}

/// A reason without the names by which AWS's support finds a request, which CloudFormation's handlers and the SDK below
/// them add: `Resource handler returned message: "…" (RequestToken: …, HandlerErrorCode: …)`,
/// `… (Service: S3, Status Code: 409, Request ID: …)`.
fn readable(reason: &str) -> String {
    let mut text = reason.trim();
    if let Some((said, _)) = text.rsplit_once(" (RequestToken: ") {
        text = said;
    }
    if let Some(quoted) = text.strip_prefix("Resource handler returned message: \"") {
        text = quoted.strip_suffix('"').unwrap_or(quoted);
    }
    let mut text = text.trim();
    while let Some((said, noise)) = text.rsplit_once(" (Service: ") {
        // Only a note at the very end is noise; a bracket in the middle belongs to what is said.
        if !noise.trim_end_matches('.').ends_with(')') {
            break;
        }
        text = said.trim_end();
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_for_people() {
        for (reason, expected) in [
            // From AWS's documentation of failed stacks, and as the embedded cloud answers.
            (
                "Resource handler returned message: \"tasks already exists (Service: DynamoDb, Status Code: 400, Request ID: \
                 ABC)\" (RequestToken: 8d-4f, HandlerErrorCode: AlreadyExists)",
                "tasks already exists",
            ),
            (
                "Resource handler returned message: \"The bucket is taken (and in use)\" (RequestToken: 1, \
                 HandlerErrorCode: AlreadyExists)",
                "The bucket is taken (and in use)",
            ),
            (
                "Table already exists: dev.tasks (Service: DynamoDb) is there",
                "Table already exists: dev.tasks (Service: DynamoDb) is there",
            ),
            ("plain", "plain"),
        ] {
            assert_eq!(readable(reason), expected);
        }
    }

    #[test]
    fn what_was_cancelled_is_no_cause() {
        let check = |status: &str, reason: Option<&str>| Failure::of_event("A", status, reason).map(|it| it.reason);
        assert_eq!(check("CREATE_FAILED", Some("Resource creation cancelled")), None);
        assert_eq!(check("UPDATE_FAILED", Some("Resource update cancelled")), None);
        assert_eq!(
            check("CREATE_FAILED", Some("the order was cancelled by the bank")).as_deref(),
            Some("the order was cancelled by the bank")
        );
        assert_eq!(check("CREATE_FAILED", None).as_deref(), Some("no reason was given"));
        assert_eq!(check("UPDATE_COMPLETE", Some("x")), None);
    }
}
