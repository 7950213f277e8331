//! Asking the embedded cloud's own endpoints, over plain HTTP on loopback.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

/// Answers are small; more than this is not the cloud talking.
const LIMIT: u64 = 1024 * 1024;

/// Sends one request, with the installation's token, and returns status and body; `None` when nobody answers in HTTP.
pub fn request(port: u16, token: &str, method: &str, path: &str) -> Option<(u16, String)> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    ask(address, &format!("Host: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}"), method, path)
}

fn ask(address: SocketAddr, headers: &str, method: &str, path: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_millis(500)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    let head = format!("{method} {path} HTTP/1.1\r\n{headers}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.take(LIMIT).read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
    Some((status, body.to_owned()))
}

/// What `/_slam/health` tells, when a slam cloud listens there.
pub fn health(port: u16) -> Option<serde_json::Value> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let (status, body) = ask(address, &format!("Host: 127.0.0.1:{port}"), "GET", "/_slam/health")?;
    (status == 200).then(|| serde_json::from_str(&body).ok()).flatten()
}

/// Whether an embedded cloud of slam's listens at a URL, on this machine or another.
pub fn is_slam(url: &str) -> bool {
    // The embedded cloud speaks plain HTTP only.
    let Some(rest) = url.strip_prefix("http://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let authority = authority.rsplit('@').next().unwrap_or_default();
    let has_port = authority.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    let authority = if has_port { authority.to_owned() } else { format!("{authority}:80") };
    let Ok(addresses) = authority.to_socket_addrs() else { return false };
    addresses.into_iter().any(|address| {
        // A name that leads to loopback need not be one that the cloud answers to.
        let host = if address.ip().is_loopback() { format!("127.0.0.1:{}", address.port()) } else { authority.clone() };
        let answer =
            ask(address, &format!("Host: {host}"), "GET", "/_slam/health").filter(|(status, _)| *status == 200);
        let health = answer.and_then(|(_, body)| serde_json::from_str::<serde_json::Value>(&body).ok());
        health.is_some_and(|health| health["status"] == "running" && health["services"].is_array())
    })
}
