//! What a backend answers, before it is mapped.

use bytes::Bytes;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use slam_cloud_gateway::request::customary_name;

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

/// Headers as mappings read them, in the customary capitals.
pub fn received(headers: &HeaderMap) -> Vec<(String, String)> {
    let header = |(name, value): (&HeaderName, &HeaderValue)| {
        let value = value.as_bytes().iter().map(|byte| char::from(*byte)).collect();
        (customary_name(name.as_str()), value)
    };
    headers.iter().map(header).collect()
}
