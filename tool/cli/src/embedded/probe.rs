//! Asking the embedded cloud's own endpoints, over plain HTTP on loopback.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

/// Answers are small; more than this is not the cloud talking.
const LIMIT: u64 = 1024 * 1024;

/// Sends one request and returns status and body; `None` when nobody answers in HTTP.
pub fn request(port: u16, method: &str, path: &str) -> Option<(u16, String)> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_millis(500)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    let head =
        format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.take(LIMIT).read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
    Some((status, body.to_owned()))
}

/// What `/_slam/health` tells, when a slam cloud listens there.
pub fn health(port: u16) -> Option<serde_json::Value> {
    let (status, body) = request(port, "GET", "/_slam/health")?;
    (status == 200).then(|| serde_json::from_str(&body).ok()).flatten()
}
