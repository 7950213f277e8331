//! The system calls that nobody wraps safely, and those between fork and exec. All the `unsafe` there is, but for the place
//! that [`super::host`] has before `main`.

use crate::spec::Limits;
use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, setrlimit};
use std::io;
use std::os::fd::{FromRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// Forks this process, which must have one thread, with these namespaces for the new one. `None` in the new process.
pub(super) fn fork(namespaces: u32) -> io::Result<Option<Pid>> {
    let flags = i64::from(namespaces) | i64::from(libc::SIGCHLD);
    // SAFETY: without a stack and without shared memory this is fork(2): the new process has a copy of everything, and as
    // there is one thread nothing was locked by another one.
    let pid = unsafe { libc::syscall(libc::SYS_clone, flags, 0, 0, 0, 0) };
    match i32::try_from(pid).unwrap_or(-1) {
        -1 => Err(io::Error::last_os_error()),
        pid => Ok(Pid::from_raw(pid)),
    }
}

/// Ends this process at once.
pub(super) fn exit(status: i32) -> ! {
    // SAFETY: always sound.
    unsafe { libc::_exit(status) }
}

/// A file whose readiness Tokio tells of.
pub(super) fn watched(file: OwnedFd, interest: Interest) -> io::Result<AsyncFd<OwnedFd>> {
    // SAFETY: an owned file is open until it is dropped, and never another one.
    Ok(unsafe { AsyncFd::register_with_interest(file, interest)? })
}

/// What becomes of children that end: nobody needs to wait for them, or somebody does.
pub(super) fn forget_children(forget: bool) {
    // SAFETY: no handler is set.
    unsafe { libc::signal(libc::SIGCHLD, if forget { libc::SIG_IGN } else { libc::SIG_DFL }) };
}

/// A file that can be read when a child has ended.
pub(super) fn ends_of_children() -> io::Result<OwnedFd> {
    let mut signals = std::mem::MaybeUninit::uninit();
    // SAFETY: the set is initialised by sigemptyset before it is used; the file is new and nobody else's.
    unsafe {
        libc::sigemptyset(signals.as_mut_ptr());
        libc::sigaddset(signals.as_mut_ptr(), libc::SIGCHLD);
        if libc::sigprocmask(libc::SIG_BLOCK, signals.as_ptr(), std::ptr::null_mut()) != 0 {
            return Err(io::Error::last_os_error());
        }
        match libc::signalfd(-1, signals.as_ptr(), libc::SFD_CLOEXEC | libc::SFD_NONBLOCK) {
            -1 => Err(io::Error::last_os_error()),
            file => Ok(OwnedFd::from_raw_fd(file)),
        }
    }
}

/// Kills everything in this PID namespace but its first process, which calls this.
pub(super) fn kill_all_others() {
    // SAFETY: always sound.
    unsafe { libc::kill(-1, libc::SIGKILL) };
}

/// Arranges for `command` to shut itself in before it becomes the program, and to say so by `announce`.
///
/// Between fork and exec only what is async-signal-safe is allowed: system calls, no allocation, no locks. Everything the
/// closure needs is therefore computed before.
pub(super) fn confine(
    command: &mut std::process::Command,
    limits: Limits,
    per_user: bool,
    announce: impl Fn() -> io::Result<()> + Send + Sync + 'static,
) {
    let parent = rustix::process::getpid();
    let shut_in = move || {
        rustix::process::setsid()?;
        rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
        // The parent may have ended before the request was made.
        if rustix::process::getppid() != Some(parent) {
            return Err(io::Error::from_raw_os_error(libc::ESRCH));
        }
        rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o022));
        limit(Resource::Nofile, limits.open_files)?;
        limit(Resource::Core, 0)?;
        if let Some(data) = limits.data {
            limit(Resource::Data, data)?;
        }
        if per_user {
            limit(Resource::Nproc, limits.processes)?;
        }
        rustix::thread::set_no_new_privs(true)?;
        close_on_exec();
        announce()
    };
    // SAFETY: the closure makes system calls only, and so does what the init hands in; it neither allocates nor takes a
    // lock, and it captures plain values and texts that were made before.
    unsafe {
        command.pre_exec(shut_in);
    }
}

/// A limit that is lower already stays so: only the privileged may raise it.
fn limit(resource: Resource, value: u64) -> io::Result<()> {
    let value = getrlimit(resource).maximum.map_or(value, |most| most.min(value));
    Ok(setrlimit(resource, Rlimit { current: Some(value), maximum: Some(value) })?)
}

/// Marks every file above standard error to be closed by exec. Ours are opened so anyhow; a library's may not be.
/// They are marked rather than closed because the standard library reports a failed exec through one of them.
pub(super) fn close_on_exec() {
    // SAFETY: a system call with plain integers. It is refused by kernels before 5.11, where the mark is a luxury.
    unsafe {
        libc::syscall(libc::SYS_close_range, 3_u32, u32::MAX, libc::CLOSE_RANGE_CLOEXEC);
    }
}

/// Closes every file above standard error that this process was started with.
pub(super) fn close_inherited() {
    // SAFETY: called before this process has opened a file, so that nothing here owns one of them.
    unsafe {
        libc::syscall(libc::SYS_close_range, 3_u32, u32::MAX, 0_u32);
    }
}
