//! How SQS says what is wrong, in its two protocols.

use crate::error;
use slam_cloud_core::dialect::{Dialect, InQuery, QueryError};

/// SQS's. It checks the values of enumerations itself, as it has errors of their own for them.
pub static DIALECT: Dialect = Dialect {
    unenforced: &["*"],
    missing: Some(|member, operation| match (member, operation.strip_suffix("Batch")) {
        ("Entries", Some(_)) => error::empty_batch(&format!("{operation}RequestEntry")),
        _ => error::missing(member),
    }),
    in_query: Some(&IN_QUERY),
    // Recorded: `test_send_batch_message_size`.
    left_out: &["Successful", "Failed"],
    namespace: |code| if is_modelled(code) { "com.amazonaws.sqs#" } else { "com.amazon.coral.service#" },
    ..Dialect::DEFAULT
};

/// The names of its older protocol, as the last model of that had them (botocore 1.31.80, Apache-2.0,
/// `data/sqs/2012-11-05/service-2.json`). A queue's requests are sent to its URL there.
static IN_QUERY: InQuery = InQuery {
    xml_namespace: "http://queue.amazonaws.com/doc/2012-11-05/",
    of_path: "QueueUrl",
    // Asserted on AWS: `test_get_queue_url_works_for_same_queue`, `test_get_create_queue_fails`.
    at_path: &["GetQueueUrl"],
    members: &[
        ("AWSAccountIds", "AWSAccountId"),
        ("Actions", "ActionName"),
        ("AttributeNames", "AttributeName"),
        ("Attributes", "Attribute"),
        ("BinaryListValues", "BinaryListValue"),
        ("MessageAttributeNames", "MessageAttributeName"),
        ("MessageAttributes", "MessageAttribute"),
        ("MessageSystemAttributeNames", "MessageSystemAttributeName"),
        ("MessageSystemAttributes", "MessageSystemAttribute"),
        ("QueueUrls", "QueueUrl"),
        ("StringListValues", "StringListValue"),
        ("TagKeys", "TagKey"),
        ("Tags", "Tag"),
        ("queueUrls", "QueueUrl"),
        ("tags", "Tag"),
    ],
    // Mapping templates of API Gateway that are written for AWS have it by either name: localstack/localstack#10949.
    both: &["MessageAttributes"],
    keyed: &["Tags", "tags"],
    error: in_query,
};

/// The errors that have another code there, which all clients see, and their texts where these are others.
const ERRORS: [(&str, &str, Option<&str>); 15] = [
    ("AccessDeniedException", "AccessDenied", None),
    ("BatchEntryIdsNotDistinct", "AWS.SimpleQueueService.BatchEntryIdsNotDistinct", None),
    ("BatchRequestTooLong", "AWS.SimpleQueueService.BatchRequestTooLong", None),
    ("EmptyBatchRequest", "AWS.SimpleQueueService.EmptyBatchRequest", None),
    ("InvalidBatchEntryId", "AWS.SimpleQueueService.InvalidBatchEntryId", None),
    ("InvalidParameterValueException", "InvalidParameterValue", None),
    ("MessageNotInflight", "AWS.SimpleQueueService.MessageNotInflight", None),
    ("MissingRequiredParameterException", "MissingParameter", None),
    ("PurgeQueueInProgress", "AWS.SimpleQueueService.PurgeQueueInProgress", None),
    ("QueueDeletedRecently", "AWS.SimpleQueueService.QueueDeletedRecently", None),
    (
        "QueueDoesNotExist",
        "AWS.SimpleQueueService.NonExistentQueue",
        // Recorded: `test_non_existent_queue`.
        Some("The specified queue does not exist for this wsdl version."),
    ),
    ("QueueNameExists", "QueueAlreadyExists", None),
    ("TooManyEntriesInBatchRequest", "AWS.SimpleQueueService.TooManyEntriesInBatchRequest", None),
    ("UnsupportedOperation", "AWS.SimpleQueueService.UnsupportedOperation", None),
    ("ValidationException", "InvalidParameterValue", None),
];

/// The errors of SQS's model that have the same code in both protocols.
const SAME: [&str; 11] = [
    "InvalidAddress",
    "InvalidAttributeName",
    "InvalidAttributeValue",
    "InvalidIdFormat",
    "InvalidMessageContents",
    "InvalidSecurity",
    "OverLimit",
    "ReceiptHandleIsInvalid",
    "RequestThrottled",
    "ResourceNotFoundException",
    "KmsAccessDenied",
];

fn in_query(code: &str) -> QueryError {
    let found = ERRORS.iter().find(|(name, ..)| *name == code);
    match found {
        Some((_, code, message)) => QueryError { code: (*code).into(), message: *message },
        None => QueryError { code: code.to_owned().into(), message: None },
    }
}

fn is_modelled(code: &str) -> bool {
    const OTHERS: [&str; 3] =
        ["InvalidParameterValueException", "MissingRequiredParameterException", "ValidationException"];
    SAME.contains(&code) || (!OTHERS.contains(&code) && ERRORS.iter().any(|(name, ..)| *name == code))
}

/// The code of an error as clients and the entries of batches see it.
pub fn code_in_query(code: &str) -> String {
    in_query(code).code.into_owned()
}
