//! Where Scheduler differs from other services in how it says what is wrong.

use slam_cloud_core::dialect::Dialect;

/// Scheduler's. The text of an error of its model is called `Message`, as there.
pub static DIALECT: Dialect =
    Dialect { message_member: |code| if MODELLED.contains(&code) { "Message" } else { "message" }, ..Dialect::DEFAULT };

/// The errors of its model.
const MODELLED: [&str; 6] = [
    "ConflictException",
    "InternalServerException",
    "ResourceNotFoundException",
    "ServiceQuotaExceededException",
    "ThrottlingException",
    "ValidationException",
];
