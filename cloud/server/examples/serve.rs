//! The embedded cloud alone, without the tool: `cargo run -p slam-cloud-server --example serve -- FOLDER PORT [--open]`.

use slam_cloud_server::{Server, ServerConfig};
use std::net::Ipv4Addr;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let data = arguments.next().ok_or("the first argument is the data folder")?.into();
    let port = arguments.next().ok_or("the second argument is the port")?.parse()?;
    let config = ServerConfig {
        data,
        host: Ipv4Addr::LOCALHOST.into(),
        port,
        allow_remote: false,
        open: arguments.next().as_deref() == Some("--open"),
        allowed_hosts: Vec::new(),
        fsync: false,
        time_scale: 1,
        account: "000000000000".to_owned(),
        region: "us-east-1".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let server = Server::start(config).await.map_err(|error| error.to_string())?;
    println!("http://127.0.0.1:{}", server.port());
    server.run_until(async { drop(tokio::signal::ctrl_c().await) }).await;
    Ok(())
}
