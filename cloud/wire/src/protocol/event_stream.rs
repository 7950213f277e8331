//! `application/vnd.amazon.eventstream`: messages in frames, each with its headers and two checksums.
//! <https://smithy.io/2.0/aws/amazon-eventstream.html>

use crate::json::to_json;
use bytes::{BufMut as _, Bytes, BytesMut};
use slam_cloud_core::schema::{Location, Member, Schema};
use slam_cloud_core::{Body, EventStream, Value};

pub(super) const CONTENT_TYPE: &str = "application/vnd.amazon.eventstream";

/// The frames of events, each made when it is asked for. `schema` is the structure that names the events.
pub(super) fn encode(schema: &'static Schema, events: &EventStream<Value>) -> Body {
    let frames = events.map(|event| Ok(event_frame(schema, event)));
    Body::Stream(frames.take())
}

/// The frame of an event, which is the one member that is set.
fn event_frame(schema: &Schema, event: Value) -> Bytes {
    let named = match (schema, event) {
        (Schema::Structure(structure), Value::Structure(members)) => {
            structure.members.iter().zip(members).find_map(|(member, value)| Some((member, value?)))
        }
        _ => None,
    };
    let Some((member, value)) = named else { return Bytes::new() };
    let (content_type, payload) = payload(member, value);
    frame(&[(":event-type", member.name), (":content-type", content_type), (":message-type", "event")], &payload)
}

fn payload(member: &Member, value: Value) -> (&'static str, Bytes) {
    if let (Schema::Structure(structure), Value::Structure(members)) = (member.schema, &value) {
        let mut members = structure.members.iter().zip(members);
        if let Some((_, value)) = members.find(|(member, _)| member.location == Location::EventPayload) {
            let bytes = if let Some(Value::Blob(bytes)) = value { bytes.clone() } else { Bytes::new() };
            return ("application/octet-stream", bytes);
        }
    }
    ("application/json", to_json(member.schema, value).to_string().into())
}

/// Lengths, their checksum, headers, payload, and the checksum of all that.
fn frame(headers: &[(&str, &str)], payload: &[u8]) -> Bytes {
    const TEXT: u8 = 7;
    const AROUND: usize = 16;
    let length: usize = headers.iter().map(|(name, value)| 1 + name.len() + 1 + 2 + value.len()).sum();
    let mut frame = BytesMut::with_capacity(AROUND + length + payload.len());
    // Payloads are at most a few megabytes and headers are ours, so the lengths fit.
    frame.put_u32((AROUND + length + payload.len()) as u32);
    frame.put_u32(length as u32);
    let checksum = crc32fast::hash(&frame);
    frame.put_u32(checksum);
    for (name, value) in headers {
        frame.put_u8(name.len() as u8);
        frame.put_slice(name.as_bytes());
        frame.put_u8(TEXT);
        frame.put_u16(value.len() as u16);
        frame.put_slice(value.as_bytes());
    }
    frame.put_slice(payload);
    let checksum = crc32fast::hash(&frame);
    frame.put_u32(checksum);
    frame.freeze()
}

#[cfg(test)]
mod tests {
    use super::super::{Voice, encode};
    use super::*;
    use crate::lambda;
    use slam_cloud_core::{Operation as _, Shape as _};

    /// The frame that botocore's tests call "payload one string header" (`tests/unit/test_eventstream.py`).
    #[test]
    fn a_frame_has_lengths_headers_and_checksums() {
        let expected = b"\x00\x00\x00\x3d\x00\x00\x00\x20\x07\xfd\x83\x96\x0ccontent-type\x07\x00\x10application/json\
                         {'foo':'bar'}\x8d\x9c\x08\xb1";
        assert_eq!(&frame(&[("content-type", "application/json")], b"{'foo':'bar'}")[..], expected);
    }

    #[tokio::test]
    async fn an_output_with_events_is_a_stream_of_frames() {
        let chunk = lambda::InvokeWithResponseStreamResponseEvent {
            payload_chunk: Some(lambda::InvokeResponseStreamUpdate { payload: Some(Bytes::from_static(b"a\0")) }),
            ..Default::default()
        };
        let complete = lambda::InvokeWithResponseStreamResponseEvent {
            invoke_complete: Some(lambda::InvokeWithResponseStreamCompleteEvent {
                error_code: Some("E".into()),
                ..Default::default()
            }),
            ..Default::default()
        };
        let output = lambda::InvokeWithResponseStreamResponse {
            status_code: Some(200),
            event_stream: Some(EventStream::new(futures_util::stream::iter([chunk, complete]))),
            ..Default::default()
        };
        let response =
            encode(&Voice::of(&lambda::SERVICE), lambda::InvokeWithResponseStream::MODEL, output.into_value(), "id");
        assert_eq!(response.headers()["content-type"], CONTENT_TYPE);
        let body = response.into_body().collect().await.unwrap();
        let of = |kind, content, payload| {
            frame(&[(":event-type", kind), (":content-type", content), (":message-type", "event")], payload)
        };
        let chunk = of("PayloadChunk", "application/octet-stream", b"a\0");
        let complete = of("InvokeComplete", "application/json", br#"{"ErrorCode":"E"}"#);
        assert_eq!(body, [chunk, complete].concat());
    }
}
