//! The init of one program: the parent of everything that the program starts and leaves, which ends all of it.

use super::channel::send;
use super::message::Report;
use super::processes::descendants;
use super::system;
use super::walls::Layers;
use crate::spec::Spec;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::process::{DumpableBehavior, Pid, Signal, WaitOptions, WaitStatus, getpid, kill_process, wait};
use std::io;
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};
use std::time::Duration;

/// How long those that are killed have to end before it is looked for what they started meanwhile.
const BREATH: Duration = Duration::from_millis(1);

/// Starts the program, waits for its end or the cloud's, and ends what is left.
pub(super) fn run(spec: &Spec, layers: Layers, output: OwnedFd, control: OwnedFd) -> ! {
    let report = |report: &Report| drop(send(&control, &report.encode(), &[]));
    system::forget_children(false);
    let _ = rustix::thread::set_name(c"slam-init");
    match start(spec, layers, output, &control) {
        Ok((program, bounded)) => {
            report(&Report::Started { bounded });
            let ended = supervise(program, &control).ok().flatten();
            if let Some(status) = end_all(layers).into_iter().chain(ended).find(|(process, _)| *process == program) {
                report(&Report::Ended(status.1.as_raw()));
            }
        }
        Err(failure) => report(&failure),
    }
    system::exit(0)
}

fn start(spec: &Spec, layers: Layers, output: OwnedFd, control: &OwnedFd) -> Result<(Pid, bool), Report> {
    let no_walls = |error: &dyn std::fmt::Display| Report::NoWalls(error.to_string());
    layers.enter(spec).map_err(|refusal| Report::NoWalls(refusal.what))?;
    if layers.processes {
        // The first process of a namespace obeys this from outside alone.
        rustix::process::set_parent_process_death_signal(Some(Signal::KILL)).map_err(|error| no_walls(&error))?;
    } else {
        // What loses its parent comes to us.
        rustix::process::set_child_subreaper(Some(getpid())).map_err(|error| no_walls(&error))?;
    }
    // No program of the same user looks into this one.
    rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(|error| no_walls(&error))?;
    let per_user = layers.counts_users_processes();
    let bounded = layers.bound(spec.limits.processes) || per_user;
    let failed = |error: io::Error| Report::NotStarted(error.raw_os_error().unwrap_or(libc::EIO));
    let mut command = Command::new(&spec.program);
    command
        .args(&spec.arguments)
        .env_clear()
        .envs(spec.environment.iter().map(|(name, value)| (name, value)))
        .current_dir(&spec.directory)
        .stdin(Stdio::null())
        .stderr(output.try_clone().map_err(failed)?)
        .stdout(output);
    let (control, program) = (control.try_clone().map_err(failed)?, Report::Program.encode());
    system::confine(&mut command, spec.limits, per_user, move || send(&control, &program, &[]));
    let program = command.spawn().map_err(failed)?.id();
    let program = i32::try_from(program).ok().and_then(Pid::from_raw).ok_or(Report::NotStarted(libc::ESRCH))?;
    Ok((program, bounded))
}

/// Takes leave of what ends, until that is the program or the cloud wants no more.
fn supervise(program: Pid, control: &OwnedFd) -> io::Result<Option<(Pid, WaitStatus)>> {
    let ends = system::ends_of_children()?;
    loop {
        while let Ok(Some(ended)) = wait(WaitOptions::NOHANG) {
            if ended.0 == program {
                return Ok(Some(ended));
            }
        }
        let mut files = [PollFd::new(&ends, PollFlags::IN), PollFd::new(control, PollFlags::IN)];
        match poll(&mut files, None) {
            Err(Errno::INTR) => continue,
            result => result?,
        };
        // The cloud says nothing: this is the end.
        if !files[1].revents().is_empty() {
            return Ok(None);
        }
        let mut signals = [0; 1024];
        let _ = rustix::io::read(&ends, &mut signals);
    }
}

/// Kills everything that is left, until nothing is; returns what ended.
fn end_all(layers: Layers) -> Vec<(Pid, WaitStatus)> {
    let mut ended = Vec::new();
    loop {
        if layers.processes {
            system::kill_all_others();
        } else {
            for process in descendants(getpid()) {
                let _ = kill_process(process, Signal::KILL);
            }
        }
        loop {
            match wait(WaitOptions::NOHANG) {
                Ok(Some(process)) => ended.push(process),
                Ok(None) => break,
                Err(_) => return ended,
            }
        }
        std::thread::sleep(BREATH);
    }
}
