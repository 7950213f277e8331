//! What a function says of a batch when it reports the records that failed (`ReportBatchItemFailures`).

use serde_json::Value;

/// What becomes of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// All of it is done.
    Done,
    /// These are not, by their identifiers.
    Failed(Vec<String>),
    /// None of it is done.
    Whole,
}

/// Reads an answer. An empty list, none, an empty answer and none are a success; what is no JSON, and an identifier that is empty,
/// null or under another name fail the batch whole (AWS: "Handling errors for an SQS event source in Lambda").
/// An empty list as the whole answer is a success, and what is not in the batch fails it whole (recorded:
/// `test_dynamodb_report_batch_item_success_scenarios`, `test_dynamodb_report_batch_item_failure_scenarios`).
pub fn read(payload: &[u8], is_known: impl Fn(&str) -> bool) -> Answer {
    let Ok(answer) = serde_json::from_slice::<Value>(payload) else { return Answer::Whole };
    let failures = match &answer {
        Value::Null => return Answer::Done,
        Value::Array(list) if list.is_empty() => return Answer::Done,
        Value::Object(answer) => answer.get("batchItemFailures"),
        _ => return Answer::Whole,
    };
    let failures = match failures {
        None | Some(Value::Null) => return Answer::Done,
        Some(Value::Array(failures)) if failures.is_empty() => return Answer::Done,
        Some(Value::Array(failures)) => failures,
        Some(_) => return Answer::Whole,
    };
    let identifiers = failures.iter().map(|failure| {
        let identifier = failure.get("itemIdentifier")?.as_str()?;
        is_known(identifier).then(|| identifier.to_owned())
    });
    identifiers.collect::<Option<Vec<_>>>().map_or(Answer::Whole, Answer::Failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_as_aws_reads_them() {
        let check = |text: &str, expected: Answer| {
            assert_eq!(read(text.as_bytes(), |id| ["a", "b"].contains(&id)), expected, "{text}");
        };
        for text in ["null", "{}", "[]", r#"{"batchItemFailures":[]}"#, r#"{"batchItemFailures":null}"#] {
            check(text, Answer::Done);
        }
        check(r#"{"batchItemFailures":[{"itemIdentifier":"b"}]}"#, Answer::Failed(vec!["b".into()]));
        for text in [
            "no JSON",
            r#"{"batchItemFailures":[{"itemIdentifier":""}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":null}]}"#,
            r#"{"batchItemFailures":[{"foo":"a"}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"123"}]}"#,
            r#"{"batchItemFailures":[null]}"#,
        ] {
            check(text, Answer::Whole);
        }
    }
}
