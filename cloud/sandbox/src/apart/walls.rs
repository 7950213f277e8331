//! What is around a program: namespaces of its own, as far as the kernel gives them.
//!
//! Root may make namespaces; other users may within a user namespace of their own, where the kernel allows one. Which of
//! them can be had is tried out once, in processes of their own: many systems restrict them, each at another step.

use super::system;
use crate::spec::{Limits, Spec, Temporary};
use rustix::fs::{CWD, Mode, OFlags, StatVfsMountFlags, open, statvfs};
use rustix::io::{Errno, write};
use rustix::mount::{
    MountFlags, MountPropagationFlags, MoveMountFlags, OpenTreeFlags, mount, mount_bind, mount_change, mount_remount,
    move_mount, open_tree,
};
use rustix::process::{WaitOptions, getegid, geteuid, waitpid};
use rustix::thread::UnshareFlags;
use std::ffi::CString;
use std::fmt::Display;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

/// The folder for temporary files.
const TEMPORARY: &str = "/tmp";
/// The kernel keeps these process ids back once it has given all others (`RESERVED_PIDS`).
const RESERVED: u64 = 300;

/// What the system lets us put around programs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Layers {
    /// A user namespace, in which an ordinary user may make the others.
    pub(super) user: bool,
    /// A mount namespace: what is read-only, and a /tmp of the program's own.
    pub(super) mounts: bool,
    /// A PID namespace, which the kernel ends as a whole, with its own /proc.
    pub(super) processes: bool,
}

impl Layers {
    /// The namespaces that the init is made with. What is shared by System V's means ends with the program, too.
    pub(super) fn namespaces(self) -> u32 {
        let flags = [
            (self.user, UnshareFlags::NEWUSER),
            (self.mounts, UnshareFlags::NEWNS | UnshareFlags::NEWIPC),
            (self.processes, UnshareFlags::NEWPID),
        ];
        flags.iter().filter(|(wanted, _)| *wanted).fold(0, |flags, (_, flag)| flags | flag.bits())
    }

    /// The most that can be had here, for programs that shall find `folder` read-only, and why it is not more.
    pub(super) fn found(folder: &Path) -> (Self, Option<String>) {
        let of = |user, processes| Self { user, mounts: true, processes };
        let mut reason = None;
        for layers in [of(false, true), of(true, true), of(false, false), of(true, false)] {
            match layers.try_out(folder) {
                Ok(()) => return (layers, reason.filter(|_| !layers.processes)),
                Err(error) => reason = Some(error.to_string()),
            }
        }
        (Self::default(), reason)
    }

    fn try_out(self, folder: &Path) -> io::Result<()> {
        let Some(child) = system::fork(self.namespaces())? else {
            let spec = Spec {
                program: PathBuf::new(),
                arguments: Vec::new(),
                environment: Vec::new(),
                directory: PathBuf::new(),
                read_only: Some(folder.to_owned()),
                temporary: Some(Temporary { size: 1 << 20, kept: Vec::new() }),
                limits: Limits::default(),
            };
            system::exit(self.enter(&spec).map_or_else(|error| error.number, |()| 0));
        };
        let status = waitpid(Some(child), WaitOptions::empty())?.and_then(|(_, status)| status.exit_status());
        match status {
            Some(0) => Ok(()),
            Some(number) => Err(io::Error::from_raw_os_error(number)),
            None => Err(Errno::NOTSUP.into()),
        }
    }

    /// Builds the walls around this process, which was made with the namespaces of these layers.
    pub(super) fn enter(self, spec: &Spec) -> Result<(), Refusal> {
        if self.user {
            map_user().map_err(refused("the user cannot be mapped"))?;
        }
        if !self.mounts {
            return Ok(());
        }
        // What is mounted outside still comes; what is mounted here stays here.
        mount_change("/", MountPropagationFlags::DOWNSTREAM | MountPropagationFlags::REC)
            .map_err(refused("mounts cannot be kept apart"))?;
        if let Some(folder) = &spec.read_only {
            read_only(folder).map_err(refused(format_args!("{} cannot be made read-only", folder.display())))?;
        }
        if let Some(temporary) = &spec.temporary {
            own_temporary(temporary).map_err(refused("there can be no /tmp of its own"))?;
        }
        if self.processes {
            let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
            mount("proc", "/proc", "proc", flags, None).map_err(refused("there can be no /proc of its own"))?;
        }
        Ok(())
    }

    /// Has the kernel hold all processes together to a number, where it can: Linux 6.14 has one for each PID namespace.
    pub(super) fn bound(self, processes: u64) -> bool {
        let most = || {
            let file = open("/proc/sys/kernel/pid_max", OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty())?;
            write(&file, (processes + RESERVED + 1).to_string().as_bytes())
        };
        self.processes && self.has_own_pid_max() && most().is_ok()
    }

    /// Whether the largest process id is one of the namespace, and not of the whole system.
    fn has_own_pid_max(self) -> bool {
        kernel() >= (6, 14)
    }

    /// Whether `RLIMIT_NPROC` counts what is in the user namespace alone, and not all processes of the user's. It does not
    /// hold root.
    pub(super) fn counts_users_processes(self) -> bool {
        self.user && !geteuid().is_root() && kernel() >= (5, 14)
    }
}

/// Why a wall cannot be built.
pub(super) struct Refusal {
    pub(super) what: String,
    number: i32,
}

fn refused<E: Into<io::Error>>(what: impl Display) -> impl FnOnce(E) -> Refusal {
    move |error| {
        let error = error.into();
        Refusal { what: format!("{what}: {error}"), number: error.raw_os_error().unwrap_or(libc::EIO) }
    }
}

/// Major and minor number of the running kernel.
fn kernel() -> (u32, u32) {
    let system = rustix::system::uname();
    let mut numbers = system.release().to_str().unwrap_or_default().split(['.', '-']).map(|number| number.parse().ok());
    let mut next = || numbers.next().flatten().unwrap_or(0);
    (next(), next())
}

/// The user and the group are inside who they are outside.
fn map_user() -> io::Result<()> {
    let (user, group) = (geteuid().as_raw(), getegid().as_raw());
    // The kernel wants it so before it lets a user say who the group is: user_namespaces(7).
    tell("/proc/self/setgroups", "deny")?;
    tell("/proc/self/uid_map", &format!("{user} {user} 1"))?;
    tell("/proc/self/gid_map", &format!("{group} {group} 1"))
}

fn tell(file: &str, text: &str) -> io::Result<()> {
    let file = open(file, OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty())?;
    write(&file, text.as_bytes())?;
    Ok(())
}

/// Mounts a folder over itself, read-only.
fn read_only(folder: &Path) -> io::Result<()> {
    let mounted = statvfs(folder)?.f_flag;
    // What the file system under the folder is mounted with, a mount over it must keep.
    let kept = [
        (StatVfsMountFlags::NOSUID, MountFlags::NOSUID),
        (StatVfsMountFlags::NODEV, MountFlags::NODEV),
        (StatVfsMountFlags::NOEXEC, MountFlags::NOEXEC),
    ];
    let kept: MountFlags = kept.iter().filter(|(flag, _)| mounted.contains(*flag)).map(|(_, flag)| *flag).collect();
    mount_bind(folder, folder)?;
    Ok(mount_remount(folder, kept | MountFlags::BIND | MountFlags::RDONLY, c"")?)
}

/// Mounts a file system of that size on /tmp. It is in memory: nothing else is bounded, needs no preparation, and is gone
/// with the last process that sees it.
fn own_temporary(temporary: &Temporary) -> io::Result<()> {
    let keep = |path: &PathBuf| -> io::Result<(PathBuf, OwnedFd)> {
        let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC | OpenTreeFlags::AT_RECURSIVE;
        Ok((path.clone(), open_tree(CWD, path, flags)?))
    };
    let below = temporary.kept.iter().filter(|path| path.starts_with(TEMPORARY) && path.is_dir());
    let kept = below.map(keep).collect::<io::Result<Vec<_>>>()?;
    // Files without content take memory, too.
    let options = format!("size={},nr_inodes={},mode=1777", temporary.size, temporary.size / 4096);
    let options = CString::new(options)?;
    mount("tmpfs", TEMPORARY, "tmpfs", MountFlags::NOSUID | MountFlags::NODEV, Some(options.as_c_str()))?;
    for (path, tree) in kept {
        std::fs::create_dir_all(&path)?;
        move_mount(&tree, "", CWD, &path, MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH)?;
    }
    Ok(())
}
