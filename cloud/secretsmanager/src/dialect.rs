//! Where Secrets Manager differs from other services in how it says what is wrong.

use slam_cloud_core::dialect::Dialect;

/// Secrets Manager's. The text of an error of its model is called `Message`, as there; that of others is called `message`
/// (recorded: `test_secret_not_found`, `test_invalid_secret_name`).
pub static DIALECT: Dialect =
    Dialect { message_member: |code| if MODELLED.contains(&code) { "Message" } else { "message" }, ..Dialect::DEFAULT };

/// The errors of its model.
const MODELLED: [&str; 12] = [
    "DecryptionFailure",
    "EncryptionFailure",
    "InternalServiceError",
    "InvalidNextTokenException",
    "InvalidParameterException",
    "InvalidRequestException",
    "LimitExceededException",
    "MalformedPolicyDocumentException",
    "PreconditionNotMetException",
    "PublicPolicyException",
    "ResourceExistsException",
    "ResourceNotFoundException",
];
