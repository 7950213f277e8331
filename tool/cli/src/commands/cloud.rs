//! `slam cloud`: the embedded cloud itself.

use crate::embedded;
use crate::home::{self, Home};
use crate::terminal::{Terminal, print, print_for_people, print_json};
use clap::{Args, Subcommand};
use slam_cloud_server::{Finding, Server, ServerConfig};
use slam_project::variables::SLAM_LOG;
use slam_report::{Context, Report, Result};
use tokio::signal::unix::{SignalKind, signal};

/// What is logged unless `SLAM_LOG` says otherwise: s3s calls every refusal of a request an error, and what functions run
/// on is the user's business.
const QUIET: &str = "warn,s3s=off,slam_cloud_lambda::runtime=info";

/// Start, stop and look after the embedded cloud
#[derive(Args)]
pub struct Cloud {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start the cloud, in the background unless told otherwise
    Start(Start),
    /// Stop the cloud; its data stays
    Stop,
    /// Tell whether the cloud runs, and where
    Status {
        /// Print a JSON object
        #[arg(long)]
        json: bool,
    },
    /// Look whether everything stored is whole, while the cloud is stopped
    Check {
        /// Save what can be read of what is damaged, and set the rest aside
        #[arg(long)]
        repair: bool,
        /// Print a JSON array
        #[arg(long)]
        json: bool,
    },
    /// Delete everything in the cloud
    Reset {
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
}

#[derive(Args)]
struct Start {
    /// Stay in the foreground until a signal comes, as CI and containers want it
    #[arg(long)]
    foreground: bool,
    /// Accept any access key, as LocalStack does; a key of twelve digits is the account
    #[arg(long)]
    open: bool,
    /// The address to listen on; anything but loopback also needs --allow-remote
    #[arg(long, default_value = "127.0.0.1")]
    host: std::net::IpAddr,
    /// Let other machines in: they can run code here
    #[arg(long)]
    allow_remote: bool,
    /// Acknowledge a write only after it survives power loss
    #[arg(long)]
    durability_fsync: bool,
    /// Let so many seconds of AWS's time pass in one second, for tests that wait: from 1 to 3600
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=FASTEST))]
    time_scale: u32,
}

/// As fast as the clock may be.
const FASTEST: i64 = slam_cloud_server::FASTEST as i64;

/// What a thread of the cloud may nest its calls in: as much as what AWS allows to be nested (300 operators in an
/// expression, 128 levels of JSON) needs where it was compiled without optimisation. Only what is used takes memory.
const STACK: usize = 16 << 20;

impl Cloud {
    /// Runs the command.
    pub fn run(&self, home: &Home, terminal: &Terminal) -> Result<()> {
        match &self.command {
            Command::Start(start) if start.foreground => start.foreground(home),
            Command::Start(start) => start.background(home, terminal),
            Command::Stop => {
                let stopped = embedded::stop(home)?;
                terminal.step("cloud", if stopped { "stopped; its data stays" } else { "was not running" }, None);
                Ok(())
            }
            Command::Status { json } => status(home, *json),
            Command::Check { repair, json } => check(home, *repair, *json),
            Command::Reset { yes } => reset(home, *yes, terminal),
        }
    }
}

impl Start {
    fn background(&self, home: &Home, terminal: &Terminal) -> Result<()> {
        let mut arguments = vec![format!("--host={}", self.host), format!("--time-scale={}", self.time_scale)];
        let flags = [
            (self.open, "--open"),
            (self.allow_remote, "--allow-remote"),
            (self.durability_fsync, "--durability-fsync"),
        ];
        arguments.extend(flags.into_iter().filter(|(set, _)| *set).map(|(_, flag)| flag.to_owned()));
        let running = match embedded::running(home) {
            Some(running) => running,
            None => embedded::start(home, &arguments)?,
        };
        // Another command may have started it meanwhile, in its own way.
        let text = match running.started_now {
            true => format!("started on {}:{}", self.host, running.port),
            false => format!("runs already on 127.0.0.1:{}", running.port),
        };
        terminal.step("cloud", &text, None);
        Ok(())
    }

    fn foreground(&self, home: &Home) -> Result<()> {
        tracing_subscriber::fmt()
            .with_env_filter(tracing_subscriber::EnvFilter::try_from_env(SLAM_LOG).unwrap_or_else(|_| QUIET.into()))
            .with_writer(std::io::stderr)
            // A closed pipe or a full disk costs lines of the log, and nothing else: telling of it would panic.
            .log_internal_errors(false)
            .init();
        let config = ServerConfig {
            host: self.host,
            allow_remote: self.allow_remote,
            open: self.open,
            fsync: self.durability_fsync,
            time_scale: self.time_scale,
            ..config(home)?
        };
        let runtime = tokio::runtime::Builder::new_multi_thread().thread_stack_size(STACK).enable_all().build()?;
        runtime.block_on(async {
            // Before the cloud tells that it listens: who hears of it may end it at once.
            let ended = ended()?;
            let server = Server::start(config).await.map_err(Report::failure)?;
            // Whoever started it in a pipe may have gone already; the cloud runs all the same.
            let _ = print(&format!("the embedded cloud listens on http://{}:{}", self.host, server.port()));
            server.run_until(ended).await;
            Ok(())
        })
    }
}

/// A cloud of this home, as it is without options.
fn config(home: &Home) -> Result<ServerConfig> {
    Ok(ServerConfig {
        data: home.cloud(),
        host: std::net::Ipv4Addr::LOCALHOST.into(),
        port: home::port()?,
        allow_remote: false,
        allowed_hosts: home::allowed_hosts()?,
        open: false,
        fsync: false,
        time_scale: 1,
        account: super::LOCAL_ACCOUNT.to_owned(),
        region: super::LOCAL_REGION.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    })
}

/// A future that completes at Ctrl-C or SIGTERM; from this call on, neither ends the process by itself.
fn ended() -> Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

fn status(home: &Home, json: bool) -> Result<()> {
    let running = embedded::running(home);
    let runtimes = running.as_ref().and_then(embedded::runtimes).unwrap_or_default();
    let time_scale = running.as_ref().and_then(embedded::time_scale).unwrap_or(1);
    if json {
        return print_json(&match &running {
            Some(cloud) => serde_json::json!({
                "running": true, "pid": cloud.pid, "port": cloud.port, "version": cloud.version,
                "endpoint": format!("http://127.0.0.1:{}", cloud.port), "data": home.cloud(), "runtimes": runtimes,
                "time_scale": time_scale,
            }),
            None => serde_json::json!({ "running": false, "data": home.cloud() }),
        });
    }
    match running {
        Some(cloud) => {
            print_for_people(&format!(
                "running on http://127.0.0.1:{}  (process {}, slam {}, data in {})",
                cloud.port,
                cloud.pid,
                cloud.version,
                home.cloud().display()
            ))?;
            if time_scale > 1 {
                print_for_people(&format!("its clock is {time_scale} times as fast as this machine's"))?;
            }
            runtimes.iter().try_for_each(|(runtime, on)| {
                let text = |name: &str| on[name].as_str().unwrap_or_default().to_owned();
                print_for_people(&format!(
                    "functions of {runtime} run on Python {}, {}",
                    text("version"),
                    text("program")
                ))
            })
        }
        None => print_for_people(&format!("not running  (data in {})", home.cloud().display())),
    }
}

fn check(home: &Home, repair: bool, json: bool) -> Result<()> {
    let found = match home.cloud().exists() {
        true => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(slam_cloud_server::check(&config(home)?, repair)).map_err(Report::failure)?
        }
        false => Vec::new(),
    };
    if json {
        let row = |finding: &Finding| {
            let Finding { what, trouble, remedy, mended } = finding;
            serde_json::json!({ "what": what, "trouble": trouble, "remedy": remedy, "mended": mended })
        };
        print_json(&found.iter().map(row).collect::<Vec<_>>())?;
    } else {
        for finding in &found {
            print_for_people(&format!("{}: {}\n  {}", finding.what, finding.trouble, finding.remedy))?;
        }
        if found.is_empty() {
            print_for_people(&format!("everything in {} is whole", home.cloud().display()))?;
        }
    }
    let open = found.iter().filter(|finding| !finding.mended).count();
    match open {
        0 => Ok(()),
        _ => Err(Report::failure(format!("not everything is whole: {open} of {} things need you", found.len()))),
    }
}

fn reset(home: &Home, yes: bool, terminal: &Terminal) -> Result<()> {
    let running = embedded::running(home).context("the embedded cloud is not running; `slam cloud start` starts it")?;
    if !yes && !terminal.confirm("delete every stack, table, object and log of the embedded cloud?")? {
        return Err(Report::failure("nothing was deleted"));
    }
    embedded::reset(&running)?;
    terminal.step("cloud", "everything in it is deleted", None);
    Ok(())
}
