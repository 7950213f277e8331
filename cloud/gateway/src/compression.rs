//! Payload compression, when an API has a minimum compression size.
//!
//! AWS: "Payload compression for REST APIs": gzip and deflate, responses from that size on, requests always.

use crate::BODY;
use bytes::Bytes;
use flate2::Compression;
use flate2::read::{GzDecoder, ZlibDecoder};
use flate2::write::{GzEncoder, ZlibEncoder};
use std::io::{Read as _, Write as _};

/// How a body is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// `gzip`
    Gzip,
    /// `deflate`, which is zlib's format on the web.
    Deflate,
}

impl Coding {
    /// The name in headers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
        }
    }

    /// The coding of a Content-Encoding header.
    pub fn of_content(encoding: &str) -> Option<Self> {
        match encoding.trim().to_ascii_lowercase().as_str() {
            "gzip" => Some(Self::Gzip),
            "deflate" => Some(Self::Deflate),
            _ => None,
        }
    }

    /// The first coding of an Accept-Encoding header that is known and wanted.
    pub fn accepted(accept: &str) -> Option<Self> {
        accept.split(',').find_map(|item| {
            let mut parts = item.split(';').map(str::trim);
            let name = parts.next()?;
            let refused = parts.any(|part| part.strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0)));
            if refused {
                return None;
            }
            if name == "*" { Some(Self::Gzip) } else { Self::of_content(name) }
        })
    }
}

/// Compresses a body.
pub fn compress(body: &[u8], coding: Coding) -> std::io::Result<Bytes> {
    let out = Vec::with_capacity(body.len() / 2);
    let compressed = match coding {
        Coding::Gzip => {
            let mut encoder = GzEncoder::new(out, Compression::default());
            encoder.write_all(body)?;
            encoder.finish()?
        }
        Coding::Deflate => {
            let mut encoder = ZlibEncoder::new(out, Compression::default());
            encoder.write_all(body)?;
            encoder.finish()?
        }
    };
    Ok(compressed.into())
}

/// Decompresses a body, which may not grow beyond what a request may have. `None` when it does or is damaged.
pub fn decompress(body: &[u8], coding: Coding) -> Option<Bytes> {
    let mut out = Vec::new();
    let limit = BODY as u64 + 1;
    match coding {
        Coding::Gzip => GzDecoder::new(body).take(limit).read_to_end(&mut out),
        Coding::Deflate => ZlibDecoder::new(body).take(limit).read_to_end(&mut out),
    }
    .ok()?;
    (out.len() <= BODY).then(|| out.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_compressed_comes_back() {
        let body = b"slam ".repeat(100);
        for coding in [Coding::Gzip, Coding::Deflate] {
            let compressed = compress(&body, coding).unwrap();
            assert!(compressed.len() < body.len());
            assert_eq!(decompress(&compressed, coding).unwrap(), body);
        }
        assert_eq!(decompress(b"no gzip", Coding::Gzip), None);
    }

    #[test]
    fn a_bomb_does_not_go_off() {
        let bomb = compress(&vec![0; BODY + 1], Coding::Gzip).unwrap();
        assert_eq!(decompress(&bomb, Coding::Gzip), None);
    }

    #[test]
    fn the_client_chooses() {
        for (accept, expected) in [
            ("gzip, deflate, br", Some(Coding::Gzip)),
            ("br, deflate", Some(Coding::Deflate)),
            ("gzip;q=0, deflate", Some(Coding::Deflate)),
            ("*", Some(Coding::Gzip)),
            ("identity", None),
            ("", None),
        ] {
            assert_eq!(Coding::accepted(accept), expected, "{accept}");
        }
    }
}
