//! Whatever bytes arrive at the port: the whole cloud answers, and lives on.
#![no_main]

use slam_cloud_server::{Server, ServerConfig};
use std::sync::LazyLock;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;

/// A cloud for the whole run, at the port that is given here.
static CLOUD: LazyLock<(Runtime, u16)> = LazyLock::new(|| {
    let runtime = Runtime::new().expect("a runtime");
    let data = tempfile::tempdir().expect("a folder").keep();
    let config = ServerConfig {
        data,
        host: [127, 0, 0, 1].into(),
        port: 0,
        allow_remote: false,
        open: true,
        allowed_hosts: Vec::new(),
        fsync: false,
        time_scale: 1,
        account: "000000000000".into(),
        region: "us-east-1".into(),
        version: "fuzz".into(),
    };
    let server = runtime.block_on(Server::start(config)).expect("a cloud");
    let port = server.port();
    runtime.spawn(server.run_until(std::future::pending()));
    (runtime, port)
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let (runtime, port) = &*CLOUD;
    runtime.block_on(async {
        let mut client = TcpStream::connect(("127.0.0.1", *port)).await.expect("the cloud lives");
        let _ = client.write_all(bytes).await;
        let _ = client.shutdown().await;
        let mut answer = Vec::new();
        // What waits for more is left alone: nothing more comes, and the cloud knows it.
        let _ = tokio::time::timeout(Duration::from_secs(2), client.read_to_end(&mut answer)).await;
        assert!(!answer.starts_with(b"HTTP/1.1 500"), "{}", String::from_utf8_lossy(&answer));
    });
});
