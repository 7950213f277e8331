//! What a route answers, and the HTTP response made of it.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use slam_cloud_core::Body;
use slam_cloud_gateway::arrival::Arrival;
use slam_cloud_gateway::request::header_name;

/// An answer before the API adds its own headers.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// In order, names may repeat.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

/// Headers of the connection, which backends cannot set. Others pass: nothing is documented of renamed ones, as REST APIs
/// have them.
const DROPPED: [&str; 9] = [
    "connection",
    "content-length",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "apigw-requestid",
];

const REQUEST_ID: HeaderName = HeaderName::from_static("apigw-requestid");

impl Answer {
    /// An answer of JSON.
    pub fn json(status: u16, body: impl Into<Bytes>) -> Self {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Self { status, headers, body: body.into() }
    }

    /// The HTTP response. What no header can hold is left out: text beyond ASCII becomes question marks.
    pub fn response(self, arrival: &Arrival) -> http::Response<Body> {
        let mut headers = HeaderMap::with_capacity(self.headers.len() + 1);
        for (name, text) in &self.headers {
            let Some(name) = header_name(name).filter(|name| !DROPPED.contains(&name.as_str())) else { continue };
            let ascii: String = text.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect();
            let Ok(value) = HeaderValue::from_str(&ascii) else { continue };
            match name == CONTENT_TYPE {
                true => drop(headers.insert(name, value)),
                false => drop(headers.append(name, value)),
            }
        }
        if let Ok(id) = HeaderValue::from_str(&arrival.extended_request_id) {
            headers.insert(REQUEST_ID, id);
        }
        let mut response = http::Response::new(Body::from(self.body));
        *response.status_mut() =
            http::StatusCode::from_u16(self.status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
        *response.headers_mut() = headers;
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_connection_is_the_apis_own() {
        let headers = [("X-A", "Zoë"), ("Transfer-Encoding", "chunked"), ("set-cookie", "a=1"), ("Set-Cookie", "b=2")];
        let headers = headers.into_iter().chain([("x y", "1"), ("x-b", "a\r\nc: d"), ("Date", "today")]);
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let response = Answer { status: 201, headers, body: Bytes::new() }.response(&Arrival::new(None));
        let headers = response.headers();
        assert_eq!(headers.get("x-a").unwrap(), "Zo?");
        assert_eq!(headers.get_all("set-cookie").iter().count(), 2);
        assert!(headers.contains_key("apigw-requestid") && headers.contains_key("date"));
        assert!(
            !headers.contains_key("transfer-encoding") && !headers.contains_key("x-b") && !headers.contains_key("c")
        );
    }
}
