//! The launcher process: forks an init for each program that the cloud wants to have started.

use super::channel::{LONGEST, Received, receive, send};
use super::message::{Report, decode_spec, encode_layers};
use super::walls::Layers;
use super::{init, system};
use rustix::fs::{Mode, OFlags, open};
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Command, Stdio};

/// What this program is called when it shall be the launcher, followed by the folder that programs shall find read-only.
const NAME: &[u8] = b"slam-launcher";

/// The command that starts the launcher, which speaks with the cloud through `socket`.
pub(super) fn command(folder: &Path, socket: OwnedFd) -> Command {
    use std::os::unix::process::CommandExt as _;
    let mut command = Command::new("/proc/self/exe");
    command.arg0(std::ffi::OsStr::from_bytes(NAME)).arg(folder).env_clear().current_dir("/");
    command.stdin(Stdio::from(socket)).stdout(Stdio::null());
    command
}

/// Called before anything else of the program, `main` among it: in whatever program this crate is, so that tests have a
/// launcher, too.
#[used]
#[allow(unsafe_code)]
#[unsafe(link_section = ".init_array")]
static AT_START: extern "C" fn() = become_launcher;

/// Makes a launcher of this process, if it was started to be one.
extern "C" fn become_launcher() {
    if let Some(folder) = asked() {
        // The cloud learns of every end by the connection's.
        let _ = serve(Path::new(std::ffi::OsStr::from_bytes(&folder)));
        system::exit(0);
    }
}

/// The folder, if this program is called the launcher. What the standard library knows of arguments is not there yet.
fn asked() -> Option<Vec<u8>> {
    let mut file = File::open("/proc/self/cmdline").ok()?;
    let mut name = [0; NAME.len() + 1];
    file.read_exact(&mut name).ok()?;
    if name.strip_suffix(b"\0") != Some(NAME) {
        return None;
    }
    let mut rest = Vec::new();
    file.take(libc::PATH_MAX as u64).read_to_end(&mut rest).ok()?;
    rest.split(|byte| *byte == 0).next().map(<[u8]>::to_vec)
}

fn serve(folder: &Path) -> io::Result<()> {
    // What is pressed at the cloud's terminal is not for programs: they end by the cloud's word.
    rustix::process::setsid()?;
    system::close_inherited();
    let _ = rustix::thread::set_name(c"slam-launcher");
    let socket = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3)?;
    let nothing = open("/dev/null", OFlags::RDWR | OFlags::CLOEXEC, Mode::empty())?;
    rustix::stdio::dup2_stdin(&nothing)?;
    drop(nothing);
    let (layers, reason) = Layers::found(folder);
    send(&socket, &encode_layers(layers, reason.as_deref()), &[])?;
    // Inits that have ended leave nothing to wait for.
    system::forget_children(true);
    loop {
        let Received { bytes, mut files, .. } = receive(&socket, LONGEST)?;
        if bytes.is_empty() {
            return Ok(());
        }
        let (Some(control), Some(output), Some(spec)) = (files.pop(), files.pop(), decode_spec(&bytes)) else {
            continue;
        };
        match system::fork(layers.namespaces()) {
            Ok(Some(_)) => {}
            Ok(None) => {
                drop(socket);
                init::run(&spec, layers, output, control);
            }
            Err(error) => {
                let report = Report::NoWalls(format!("there can be no process: {error}"));
                let _ = send(&control, &report.encode(), &[]);
            }
        }
    }
}
