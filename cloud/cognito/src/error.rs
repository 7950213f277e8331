//! Cognito's errors. Their texts are those that its clients know and compare with; where the API reference has none, they are told by
//! what is asked about them in public.

use slam_cloud_core::AwsError;

/// What is not there.
pub(crate) fn not_found(message: impl Into<String>) -> AwsError {
    AwsError::bad_request("ResourceNotFoundException", message)
}

/// A pool that is not there.
pub(crate) fn no_pool(id: &str) -> AwsError {
    not_found(format!("User pool {id} does not exist."))
}

/// A client that is not there.
pub(crate) fn no_client(id: &str) -> AwsError {
    not_found(format!("User pool client {id} does not exist."))
}

/// A user who is not there.
pub(crate) fn no_user() -> AwsError {
    AwsError::bad_request("UserNotFoundException", "User does not exist.")
}

/// Who is not let in.
pub(crate) fn not_authorized(message: impl Into<String>) -> AwsError {
    AwsError::bad_request("NotAuthorizedException", message)
}

/// A wrong password, and an unknown user where that is not to be known.
pub(crate) fn wrong_password() -> AwsError {
    not_authorized("Incorrect username or password.")
}

/// A member with a wrong value.
pub(crate) fn invalid_parameter(message: impl Into<String>) -> AwsError {
    AwsError::bad_request("InvalidParameterException", message)
}

/// A password that its pool does not allow.
pub(crate) fn invalid_password(what: &str) -> AwsError {
    let message = format!("Password did not conform with policy: {what}");
    AwsError::bad_request("InvalidPasswordException", message)
}

/// A name that is taken.
pub(crate) fn user_exists(message: impl Into<String>) -> AwsError {
    AwsError::bad_request("UsernameExistsException", message)
}

/// What already stands for another user.
pub(crate) fn alias_exists(what: &str) -> AwsError {
    AwsError::bad_request("AliasExistsException", format!("An account with the {what} already exists."))
}

/// A code that was never sent, or is no longer good.
pub(crate) fn expired_code() -> AwsError {
    AwsError::bad_request("ExpiredCodeException", "Invalid code provided, please request a code again.")
}

/// Another code than was sent.
pub(crate) fn wrong_code() -> AwsError {
    AwsError::bad_request("CodeMismatchException", "Invalid verification code provided, please try again.")
}

/// Too many wrong codes.
pub(crate) fn too_many_attempts() -> AwsError {
    AwsError::bad_request("LimitExceededException", "Attempt limit exceeded, please try after some time.")
}
