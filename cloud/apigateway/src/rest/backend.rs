//! What a backend answers, before it is mapped.

use bytes::Bytes;

/// What came from a backend.
pub struct FromBackend {
    /// What selection patterns look at: the status, or the function's error message.
    pub selector: Option<String>,
    /// In order, names may repeat.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

/// Puts values in place of what a header was.
pub fn set_header(headers: &mut Vec<(String, String)>, name: &str, values: Vec<String>) {
    if values.is_empty() {
        return;
    }
    headers.retain(|(own, _)| !own.eq_ignore_ascii_case(name));
    headers.extend(values.into_iter().map(|value| (name.to_owned(), value)));
}
