//! What the new process does to itself between fork and exec.

use crate::spec::Spec;
use rustix::process::{Resource, Rlimit, setrlimit};
use std::io;
use std::os::unix::process::CommandExt;

/// Arranges for `command` to shut itself in before it becomes the program.
///
/// Between fork and exec only what is async-signal-safe is allowed: system calls, no allocation, no locks.
pub(super) fn confine(command: &mut std::process::Command, spec: &Spec) {
    let limits = spec.limits;
    let shut_in = move || {
        rustix::process::setsid()?;
        rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o022));
        limit(Resource::Nofile, limits.open_files)?;
        limit(Resource::Core, 0)?;
        if let Some(data) = limits.data {
            limit(Resource::Data, data)?;
        }
        Ok(())
    };
    // SAFETY: the closure makes system calls only; it neither allocates nor takes a lock, and it captures plain values.
    unsafe {
        command.pre_exec(shut_in);
    }
}

fn limit(resource: Resource, value: u64) -> io::Result<()> {
    Ok(setrlimit(resource, Rlimit { current: Some(value), maximum: Some(value) })?)
}
