//! What a method answers, and the HTTP response made of it.

use crate::arrival::Arrival;
use crate::compression::{Coding, compress};
use crate::request::header_name;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use slam_cloud_core::Body;

/// An answer before API Gateway adds its own headers.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// In order, names may repeat.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Body,
}

/// Why an answer cannot be sent: what is wrong with its status or a header, for the log.
#[derive(Debug)]
pub struct Unsendable(pub String);

/// Headers of backends that come out as `x-amzn-Remapped-…`: API Gateway and the connection have their own (recorded:
/// test_apigateway_header_remapping_aws, test_apigateway_header_remapping_http).
const REMAPPED: [&str; 15] = [
    "authorization",
    "connection",
    "content-length",
    "content-md5",
    "date",
    "expect",
    "host",
    "max-forwards",
    "proxy-authenticate",
    "server",
    "trailer",
    "upgrade",
    "user-agent",
    "www-authenticate",
    "x-amzn-requestid",
];

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const APIGW_ID: HeaderName = HeaderName::from_static("x-amz-apigw-id");
const TRACE_ID: HeaderName = HeaderName::from_static("x-amzn-trace-id");

impl Answer {
    /// The HTTP response.
    ///
    /// # Errors
    /// When the status or a header cannot be sent.
    pub fn response(self, arrival: &Arrival, traced: bool) -> Result<http::Response<Body>, Unsendable> {
        let mut response = self.plain_response()?;
        if traced && !response.headers().contains_key(TRACE_ID) {
            response.headers_mut().insert(TRACE_ID, value(&arrival.traced()));
        }
        sign(&mut response, arrival);
        Ok(response)
    }

    /// The same without the names of the request.
    ///
    /// # Errors
    /// As [`Self::response`].
    pub fn plain_response(self) -> Result<http::Response<Body>, Unsendable> {
        let streams = matches!(self.body, Body::Stream(_));
        let mut headers = HeaderMap::with_capacity(self.headers.len() + 4);
        for (name, text) in &self.headers {
            // Of a stream only its backend can know the length: "the output expects the headers to contain either
            // Transfer-Encoding: chunked or Content-length" (AWS: "Set up a Lambda proxy integration with payload
            // response streaming").
            if streams && name.eq_ignore_ascii_case("content-length") {
                headers.insert(CONTENT_LENGTH, value(text));
            } else {
                add(&mut headers, name, text)?;
            }
        }
        if !headers.contains_key(CONTENT_TYPE) {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let mut response = http::Response::new(self.body);
        *response.status_mut() = http::StatusCode::from_u16(self.status)
            .map_err(|_| Unsendable(format!("{} is no HTTP status", self.status)))?;
        *response.headers_mut() = headers;
        Ok(response)
    }
}

fn add(headers: &mut HeaderMap, name: &str, text: &str) -> Result<(), Unsendable> {
    let unusable = || Unsendable(format!("the response header {name:?} cannot be sent"));
    let lower = name.to_ascii_lowercase();
    if lower == "transfer-encoding" {
        return Ok(());
    }
    let sent = match REMAPPED.contains(&lower.as_str()) {
        true => header_name(&format!("x-amzn-remapped-{lower}")),
        false => header_name(name),
    };
    // Text beyond ASCII does not fit into a header: AWS sends a question mark.
    let ascii: String = text.chars().map(|character| if character.is_ascii() { character } else { '?' }).collect();
    let value = HeaderValue::from_str(&ascii).map_err(|_| unusable())?;
    let sent = sent.ok_or_else(unusable)?;
    match sent == CONTENT_TYPE {
        true => drop(headers.insert(sent, value)),
        false => drop(headers.append(sent, value)),
    }
    Ok(())
}

fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// Gives a response the ids of its request.
pub fn sign(response: &mut http::Response<Body>, arrival: &Arrival) {
    response.headers_mut().insert(REQUEST_ID, value(&arrival.request_id));
    response.headers_mut().insert(APIGW_ID, value(&arrival.extended_request_id));
}

/// Bodies larger than this are compressed on a thread of their own.
const LARGE: usize = 64 * 1024;

/// Compresses a response for a client that accepts it, from `minimum` bytes on. A stream is as its backend made it:
/// content encoding is not supported with it.
pub async fn compressed(
    mut response: http::Response<Body>,
    minimum: usize,
    accept_encoding: Option<&str>,
) -> http::Response<Body> {
    let Some(coding) = accept_encoding.and_then(Coding::accepted) else { return response };
    let Body::Whole(body) = response.body() else { return response };
    let body = body.clone();
    if body.is_empty() || body.len() < minimum || response.headers().contains_key(CONTENT_ENCODING) {
        return response;
    }
    let result = match body.len() > LARGE {
        true => tokio::task::spawn_blocking(move || compress(&body, coding)).await.ok().and_then(Result::ok),
        false => compress(&body, coding).ok(),
    };
    if let Some(compressed) = result {
        *response.body_mut() = compressed.into();
        response.headers_mut().remove(CONTENT_LENGTH);
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(headers: &[(&str, &str)]) -> Result<HeaderMap, Unsendable> {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let answer = Answer { status: 200, headers, body: Body::from("") };
        answer.response(&Arrival::new(None), true).map(|response| response.headers().clone())
    }

    /// Recorded: test_apigateway_header_remapping_aws[AWS], full-integration.
    #[test]
    fn headers_of_the_connection_are_remapped_and_the_rest_passes() {
        let mapped = ["Authorization", "Connection", "Content-Length", "Content-MD5", "Date", "Expect", "Host"]
            .into_iter()
            .chain(["Max-Forwards", "Proxy-Authenticate", "Server", "Trailer", "Upgrade", "User-Agent"])
            .chain(["WWW-Authenticate"]);
        for name in mapped {
            let headers = answer(&[(name, "v")]).unwrap();
            assert_eq!(headers.get(format!("x-amzn-remapped-{name}").to_lowercase()).unwrap(), "v", "{name}");
            assert!(!headers.contains_key(name), "{name}");
        }
        for name in ["Accept", "Age", "Content-Encoding", "Content-Type", "Pragma", "Range", "Referer", "TE", "Via"] {
            assert_eq!(answer(&[(name, "v")]).unwrap().get(name).unwrap(), "v", "{name}");
        }
        assert!(!answer(&[("Transfer-Encoding", "chunked")]).unwrap().contains_key("transfer-encoding"));
    }

    #[test]
    fn every_answer_has_its_ids_and_a_content_type() {
        let headers = answer(&[("Set-Cookie", "a=1"), ("set-cookie", "b=2"), ("X-Name", "Zoë")]).unwrap();
        assert_eq!(headers.get("content-type").unwrap(), "application/json");
        assert_eq!(headers.get_all("set-cookie").iter().count(), 2);
        assert_eq!(headers.get("x-name").unwrap(), "Zo?");
        for name in ["x-amzn-requestid", "x-amz-apigw-id", "x-amzn-trace-id"] {
            assert!(headers.contains_key(name), "{name}");
        }
    }

    #[test]
    fn a_header_that_would_split_the_response_is_a_bad_gateway() {
        assert!(matches!(answer(&[("X", "a\r\nY: b")]), Err(Unsendable(_))));
        assert!(matches!(answer(&[("X Y", "a")]), Err(Unsendable(_))));
    }
}
