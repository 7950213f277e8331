//! `aws-chunked`: `<hex size>[;chunk-signature=<hex>]\r\n<bytes>\r\n`, ended by a chunk of no bytes and trailers.

use super::super::strip::Signature;
use super::Chunks;
use crate::call::Trailers;
use crate::error::payload::PayloadError;
use ::http::{HeaderMap, HeaderName, HeaderValue};
use bytes::{Buf, Bytes, BytesMut};
use futures_util::StreamExt;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use std::str::FromStr;

/// The longest line of a chunk's head or a trailer.
const MAX_LINE: usize = 4096;
/// The most trailers.
const MAX_TRAILERS: usize = 16;

enum State {
    /// Before a chunk's head.
    Head,
    /// Within a chunk's bytes.
    Data { left: u64, signature: Option<String> },
    /// After the last byte.
    Done,
}

/// Decodes a body piece by piece.
pub struct Decoder {
    chunks: Chunks,
    buffer: BytesMut,
    state: State,
    /// Bytes that are still to come.
    left: u64,
    verifier: Option<Verifier>,
    trailers: Trailers,
}

impl Decoder {
    /// Decodes `chunks` into `length` bytes.
    pub fn new(chunks: Chunks, length: u64, verifier: Option<Verifier>, trailers: Trailers) -> Self {
        Self { chunks, buffer: BytesMut::new(), state: State::Head, left: length, verifier, trailers }
    }

    /// The next bytes; `None` at the end.
    ///
    /// # Errors
    /// When the encoding, a signature or the length is wrong.
    pub async fn next(&mut self) -> Result<Option<Bytes>, PayloadError> {
        loop {
            match &mut self.state {
                State::Head => self.head().await?,
                State::Data { left, .. } if *left > 0 => {
                    if self.buffer.is_empty() {
                        self.fill().await?;
                        continue;
                    }
                    let State::Data { left, .. } = &mut self.state else { continue };
                    let take = usize::try_from(*left).unwrap_or(usize::MAX).min(self.buffer.len());
                    *left -= take as u64;
                    let bytes = self.buffer.split_to(take).freeze();
                    if let Some(verifier) = &mut self.verifier {
                        verifier.hash.update(&bytes);
                    }
                    self.left = self.left.checked_sub(take as u64).ok_or(PayloadError::Length)?;
                    return Ok(Some(bytes));
                }
                State::Data { signature, .. } => {
                    let signature = signature.take();
                    self.end_of_chunk(signature).await?;
                }
                State::Done => return Ok(None),
            }
        }
    }

    async fn fill(&mut self) -> Result<(), PayloadError> {
        match self.chunks.next().await {
            Some(bytes) => self.buffer.extend_from_slice(&bytes?),
            None => return Err(PayloadError::Length),
        }
        Ok(())
    }

    /// A line without its end.
    async fn line(&mut self) -> Result<String, PayloadError> {
        loop {
            if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let line = self.buffer.split_to(end + 1);
                let line = line.strip_suffix(b"\r\n").or_else(|| line.strip_suffix(b"\n")).unwrap_or(&line);
                return String::from_utf8(line.to_vec()).map_err(|_| PayloadError::Malformed("a line is not text"));
            }
            if self.buffer.len() > MAX_LINE {
                return Err(PayloadError::Malformed("a line is too long"));
            }
            self.fill().await?;
        }
    }

    async fn head(&mut self) -> Result<(), PayloadError> {
        let line = self.line().await?;
        let (size, extension) = line.split_once(';').unwrap_or((&line, ""));
        let size = u64::from_str_radix(size.trim(), 16)
            .map_err(|_| PayloadError::Malformed("a chunk's size is not a hexadecimal number"))?;
        let signature = extension.trim().strip_prefix("chunk-signature=").map(str::to_owned);
        if size > 0 {
            self.state = State::Data { left: size, signature };
            return Ok(());
        }
        if let Some(verifier) = &mut self.verifier {
            verifier.end_of_chunk(signature)?;
        }
        self.trailers().await?;
        if self.left > 0 {
            return Err(PayloadError::Length);
        }
        self.state = State::Done;
        Ok(())
    }

    async fn end_of_chunk(&mut self, signature: Option<String>) -> Result<(), PayloadError> {
        while self.buffer.len() < 2 {
            self.fill().await?;
        }
        if &self.buffer[..2] != b"\r\n" {
            return Err(PayloadError::Malformed("a chunk is longer than its size"));
        }
        self.buffer.advance(2);
        if let Some(verifier) = &mut self.verifier {
            verifier.end_of_chunk(signature)?;
        }
        self.state = State::Head;
        Ok(())
    }

    async fn trailers(&mut self) -> Result<(), PayloadError> {
        let mut trailers = HeaderMap::new();
        let mut signed = String::new();
        let mut signature = None;
        for _ in 0..=MAX_TRAILERS {
            let line = match self.line().await {
                Ok(line) if !line.is_empty() => line,
                // Some clients leave the empty line at the very end out.
                Ok(_) | Err(PayloadError::Length) => {
                    if let Some(verifier) = &mut self.verifier
                        && !signed.is_empty()
                    {
                        verifier.check_trailers(&signed, signature)?;
                    }
                    self.trailers.set(trailers);
                    return Ok(());
                }
                Err(error) => return Err(error),
            };
            let (name, value) = line.split_once(':').ok_or(PayloadError::Malformed("a trailer has no colon"))?;
            let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
            if name == "x-amz-trailer-signature" {
                signature = Some(value.to_owned());
                continue;
            }
            signed.push_str(&format!("{name}:{value}\n"));
            let invalid = PayloadError::Malformed("a trailer is not a header");
            let name = HeaderName::from_str(&name).map_err(|_| invalid.clone())?;
            trailers.insert(name, HeaderValue::from_str(value).map_err(|_| invalid)?);
        }
        Err(PayloadError::Malformed("there are too many trailers"))
    }
}

/// Verifies the signatures of chunks, each of which continues the one before.
pub struct Verifier {
    key: [u8; 32],
    date: String,
    scope: String,
    previous: String,
    hash: Sha256,
}

impl Verifier {
    /// Begins with the signature of the headers.
    pub fn new(signature: &Signature, secret: &str) -> Self {
        let mut key = mac(format!("AWS4{secret}").as_bytes(), signature.scope.split('/').next().unwrap_or_default());
        for part in signature.scope.split('/').skip(1) {
            key = mac(&key, part);
        }
        Self {
            key,
            date: signature.date.clone(),
            scope: signature.scope.clone(),
            previous: signature.seed.clone(),
            hash: Sha256::new(),
        }
    }

    fn end_of_chunk(&mut self, signature: Option<String>) -> Result<(), PayloadError> {
        let hash = std::mem::take(&mut self.hash).finalize();
        let content = format!("{}\n{}", hex::encode(Sha256::digest(b"")), hex::encode(hash));
        self.check("AWS4-HMAC-SHA256-PAYLOAD", &content, signature)
    }

    fn check_trailers(&mut self, trailers: &str, signature: Option<String>) -> Result<(), PayloadError> {
        let content = hex::encode(Sha256::digest(trailers));
        self.check("AWS4-HMAC-SHA256-TRAILER", &content, signature)
    }

    fn check(&mut self, algorithm: &str, content: &str, signature: Option<String>) -> Result<(), PayloadError> {
        let Self { key, date, scope, previous, .. } = self;
        let computed = mac_of(key, &format!("{algorithm}\n{date}\n{scope}\n{previous}\n{content}"));
        let given = signature.and_then(|signature| hex::decode(signature).ok()).unwrap_or_default();
        // The comparison takes the same time whatever is given.
        computed.clone().verify_slice(&given).map_err(|_| PayloadError::Signature)?;
        self.previous = hex::encode(computed.finalize().into_bytes());
        Ok(())
    }
}

fn mac_of(key: &[u8], text: &str) -> Hmac<Sha256> {
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    mac
}

fn mac(key: &[u8], text: &str) -> [u8; 32] {
    mac_of(key, text).finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn decode(
        input: &[u8],
        piece: usize,
        length: u64,
        verifier: Option<Verifier>,
    ) -> Result<(Vec<u8>, Trailers), PayloadError> {
        let pieces: Vec<_> = input.chunks(piece).map(|bytes| Ok(Bytes::copy_from_slice(bytes))).collect();
        let trailers = Trailers::default();
        let chunks: Chunks = Box::pin(futures_util::stream::iter(pieces));
        let mut decoder = Decoder::new(chunks, length, verifier, trailers.clone());
        let mut decoded = Vec::new();
        while let Some(bytes) = decoder.next().await? {
            decoded.extend_from_slice(&bytes);
        }
        Ok((decoded, trailers))
    }

    #[tokio::test]
    async fn chunks_of_any_cut_become_the_bytes_and_the_trailers() {
        let input = b"5\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n";
        for piece in [1, 3, 1000] {
            let (decoded, trailers) = decode(input, piece, 11, None).await.unwrap();
            assert_eq!(decoded, b"hello world");
            assert_eq!(trailers.get("x-amz-checksum-crc32").as_deref(), Some("DUoRhQ=="));
        }
    }

    #[tokio::test]
    async fn what_is_not_aws_chunked_is_refused() {
        let check = async |input: &[u8], length, expected| {
            assert_eq!(decode(input, 7, length, None).await.err(), Some(expected), "{input:?}");
        };
        check(b"5\r\nhello\r\n", 5, PayloadError::Length).await;
        check(b"5\r\nhello\r\n0\r\n\r\n", 6, PayloadError::Length).await;
        check(b"5\r\nhello\r\n0\r\n\r\n", 4, PayloadError::Length).await;
        check(b"x\r\n", 5, PayloadError::Malformed("a chunk's size is not a hexadecimal number")).await;
        check(b"4\r\nhello\r\n", 5, PayloadError::Malformed("a chunk is longer than its size")).await;
    }

    // The example of "Signature calculations for the Authorization header: transferring payload in multiple chunks".
    #[tokio::test]
    async fn chunk_signatures_are_those_of_the_documentation() {
        let signature = Signature {
            access_key: "AKIAIOSFODNN7EXAMPLE".into(),
            scope: "20130524/us-east-1/s3/aws4_request".into(),
            date: "20130524T000000Z".into(),
            seed: "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9".into(),
        };
        let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
        let mut input =
            b"10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n".to_vec();
        input.extend(vec![b'a'; 65536]);
        input.extend(b"\r\n400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n");
        input.extend(vec![b'a'; 1024]);
        input.extend(b"\r\n0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n");
        let verifier = || Some(Verifier::new(&signature, secret));
        assert_eq!(decode(&input, 4000, 66560, verifier()).await.unwrap().0.len(), 66560);
        let place = input.iter().position(|byte| *byte == b'a').unwrap() + 60_000;
        input[place] = b'b';
        assert_eq!(decode(&input, 4000, 66560, verifier()).await.err(), Some(PayloadError::Signature));
    }
}
