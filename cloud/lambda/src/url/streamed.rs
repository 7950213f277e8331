//! Answers that are handed on as they come (`RESPONSE_STREAM`).
//!
//! What the function sends is the body. A runtime says by its content type that status, headers and cookies come first: JSON, then
//! eight null bytes. <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-response-streaming>. A function
//! that does not stream is answered with what it returned, whatever that is (asserted on AWS: test_lambda_url_echo_invoke).

use super::failure::Failure;
use super::reply;
use crate::pool::{End, Reply};
use crate::runtime::streamed::Pieces;
use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, StreamExt as _};
use serde_json::Value;
use slam_cloud_core::Body;
use slam_cloud_core::stream::BrokenOff;
use slam_cloud_gateway::answer::Answer;

/// The content type of an answer that begins with its metadata.
const WITH_METADATA: &str = "application/vnd.awslambda.http-integration-response";
/// Where the metadata end, and the most that is read to find that.
const DELIMITER: [u8; 8] = [0; 8];
const METADATA: usize = 16 * 1024;

/// Reads a function's answer as far as its body.
///
/// # Errors
/// 502 for what fails before the body, or is not in the format.
pub async fn read(reply: Reply) -> Result<Answer, Failure> {
    let (mut pieces, end) = match reply {
        Reply::Whole(execution) if execution.failed => return Err(Failure::BadGateway("the function failed".into())),
        Reply::Whole(execution) => {
            return Ok(Answer { status: 200, headers: Vec::new(), body: execution.payload.into() });
        }
        Reply::Streamed { pieces, end } => (pieces, end),
    };
    let content_type = pieces.content_type.take();
    if content_type.as_deref() == Some(WITH_METADATA) {
        let (metadata, first) = metadata(&mut pieces).await?;
        let Ok(Value::Object(members)) = serde_json::from_slice(&metadata) else {
            return Err(Failure::BadGateway("the metadata of the function's answer are no JSON object".into()));
        };
        let mut answer = reply::head(&members)?;
        answer.body = body(first, pieces, end);
        return Ok(answer);
    }
    let content_type = content_type.unwrap_or_else(|| "application/octet-stream".into());
    let headers = vec![("content-type".to_owned(), content_type)];
    Ok(Answer { status: 200, headers, body: body(Bytes::new(), pieces, end) })
}

/// The metadata, and what of the body came with them.
async fn metadata(pieces: &mut Pieces) -> Result<(Bytes, Bytes), Failure> {
    let mut head = BytesMut::new();
    while let Some(piece) = pieces.recv().await {
        head.extend_from_slice(&piece);
        let within = &head[..head.len().min(METADATA)];
        if let Some(at) = within.windows(DELIMITER.len()).position(|bytes| bytes == DELIMITER) {
            let metadata = head.split_to(at).freeze();
            return Ok((metadata, head.freeze().slice(DELIMITER.len()..)));
        }
        if head.len() >= METADATA {
            break;
        }
    }
    Err(Failure::BadGateway("the metadata of the function's answer do not end with 8 null bytes within 16 KB".into()))
}

/// What came with the metadata, then what comes. A function that fails on the way breaks the connection off.
fn body(first: Bytes, pieces: Pieces, end: End) -> Body {
    let first = stream::iter((!first.is_empty()).then_some(Ok(first)));
    let rest = stream::unfold(pieces, |mut pieces| async move { Some((Ok(pieces.recv().await?), pieces)) });
    let last = stream::once(async move {
        match end.await {
            Ok(Ok(execution)) if !execution.failed => None,
            Ok(Ok(_)) => Some(Err(BrokenOff("the function failed".into()))),
            Ok(Err(error)) => Some(Err(BrokenOff(error.to_string()))),
            Err(_) => Some(Err(BrokenOff("the invocation was lost".into()))),
        }
    });
    Body::stream(first.chain(rest).chain(last.filter_map(std::future::ready)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::streamed::channel;

    async fn check(pieces: &[&'static [u8]], expected: Option<(&[u8], &[u8])>) {
        let (sender, mut received) = channel(None);
        let pieces = pieces.to_vec();
        tokio::spawn(async move {
            for piece in pieces {
                let _ = sender.send(Bytes::from_static(piece)).await;
            }
        });
        let found = metadata(&mut received).await.ok();
        assert_eq!(found.as_ref().map(|(one, two)| (&one[..], &two[..])), expected);
    }

    #[tokio::test]
    async fn metadata_end_with_eight_null_bytes_wherever_pieces_do() {
        check(&[b"{}\0\0\0\0\0\0\0\0body"], Some((b"{}", b"body"))).await;
        check(&[b"{", b"}\0\0\0", b"\0\0\0\0\0", b"x"], Some((b"{}", b""))).await;
        check(&[b"{}\0\0\0\0\0\0\0\0\0"], Some((b"{}", b"\0"))).await;
        check(&[b"{\"statusCode\": 200}"], None).await;
        check(&[], None).await;
        check(&[&[b' '; METADATA], &DELIMITER], None).await;
    }
}
