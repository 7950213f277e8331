//! What the new process does to itself between fork and exec.
//!
//! - [`ReadOnly`]: a folder that the program cannot change.
//!
//! Between the two, only what is async-signal-safe is allowed: system calls, no allocation, no locks. Everything the
//! closure needs is therefore computed before.
//!
//! `RLIMIT_NPROC` is not set: it counts the processes of the whole user, so that one function's limit would be
//! taken up by the developer's own programs.

#[cfg(target_os = "linux")]
mod read_only;
#[cfg(not(target_os = "linux"))]
#[path = "setup/no_read_only.rs"]
mod read_only;

pub(crate) mod spec;

pub use read_only::ReadOnly;

use rustix::process::{Resource, Rlimit, setrlimit};
use spec::Spec;
use std::ffi::CString;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;

/// Arranges for `command` to shut itself in before it becomes the program.
///
/// # Errors
/// When the program's folder is no path.
pub(crate) fn confine(command: &mut std::process::Command, spec: &Spec) -> io::Result<()> {
    let parent = rustix::process::getpid();
    let (limits, read_only) = (spec.limits, spec.read_only.clone());
    let directory = CString::new(spec.directory.as_os_str().as_bytes())?;
    let shut_in = move || {
        if let Some(read_only) = &read_only {
            read_only.enter(&directory)?;
        }
        rustix::process::setsid()?;
        die_with(parent)?;
        rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o022));
        limit(Resource::Nofile, limits.open_files)?;
        limit(Resource::Core, 0)?;
        if let Some(data) = limits.data {
            limit(Resource::Data, data)?;
        }
        keep_only_standard_streams();
        Ok(())
    };
    // SAFETY: the closure makes system calls only; it neither allocates nor takes a lock, and it captures plain values
    // and texts that were made before.
    unsafe {
        command.pre_exec(shut_in);
    }
    Ok(())
}

fn limit(resource: Resource, value: u64) -> io::Result<()> {
    Ok(setrlimit(resource, Rlimit { current: Some(value), maximum: Some(value) })?)
}

/// Asks the kernel to kill this process when the thread that started it ends, and to give it no new privileges.
#[cfg(target_os = "linux")]
fn die_with(parent: rustix::process::Pid) -> io::Result<()> {
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
    // The parent may have ended before the request was made.
    if rustix::process::getppid() != Some(parent) {
        return Err(io::Error::from_raw_os_error(libc::ESRCH));
    }
    rustix::thread::set_no_new_privs(true)?;
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn die_with(_parent: rustix::process::Pid) -> io::Result<()> {
    Ok(())
}

/// Marks every file above standard error to be closed by exec. Ours are opened so anyhow; a library's may not be.
/// They are marked rather than closed because the standard library reports a failed exec through one of them.
#[cfg(target_os = "linux")]
fn keep_only_standard_streams() {
    // SAFETY: a system call with plain integers. It is refused by kernels before 5.11, where the mark is a luxury.
    unsafe {
        libc::syscall(libc::SYS_close_range, 3_u32, u32::MAX, libc::CLOSE_RANGE_CLOEXEC);
    }
}

#[cfg(not(target_os = "linux"))]
fn keep_only_standard_streams() {}
