//! A folder that programs find read-only, with the error of a read-only file system: its own mount over itself, in a
//! mount namespace that only the program has.
//!
//! Root may make such a namespace; other users may in a user namespace of their own, where the kernel allows one. Which
//! of them works is tried out once, in a process of its own: many systems restrict them, each at another step.

use rustix::fs::{Mode, OFlags, StatVfsMountFlags, open, statvfs};
use rustix::io::{Errno, write};
use rustix::mount::{MountFlags, MountPropagationFlags, mount_bind, mount_change, mount_remount};
use rustix::process::{chdir, getegid, geteuid};
use rustix::thread::{UnshareFlags, unshare_unsafe};
use std::ffi::{CStr, CString};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::Path;

/// A folder that programs find read-only.
#[derive(Clone, Debug)]
pub struct ReadOnly {
    folder: CString,
    /// What the file system under the folder is mounted with, which a mount over it must keep.
    flags: MountFlags,
    namespaces: UnshareFlags,
    /// Who the user and the group are in a user namespace: who they are outside.
    user: CString,
    group: CString,
}

impl ReadOnly {
    /// Prepares it for `folder`, and tries it out. Starts a process: call it on a thread that may block.
    ///
    /// # Errors
    /// Why the kernel does not let this process do it.
    pub fn of(folder: &Path) -> io::Result<Self> {
        let mounted = statvfs(folder)?.f_flag;
        let kept = [
            (StatVfsMountFlags::NOSUID, MountFlags::NOSUID),
            (StatVfsMountFlags::NODEV, MountFlags::NODEV),
            (StatVfsMountFlags::NOEXEC, MountFlags::NOEXEC),
        ];
        let flags = kept.iter().filter(|(flag, _)| mounted.contains(*flag)).map(|(_, flag)| *flag).collect();
        let (user, group) = (geteuid().as_raw(), getegid().as_raw());
        let seal = |namespaces| -> io::Result<Self> {
            Ok(Self {
                folder: CString::new(folder.as_os_str().as_bytes())?,
                flags,
                namespaces,
                user: CString::new(format!("{user} {user} 1"))?,
                group: CString::new(format!("{group} {group} 1"))?,
            })
        };
        let of_root = seal(UnshareFlags::NEWNS)?;
        if of_root.try_out().is_ok() {
            return Ok(of_root);
        }
        let of_user = seal(UnshareFlags::NEWNS.union(UnshareFlags::NEWUSER))?;
        of_user.try_out().map(|()| of_user)
    }

    fn try_out(&self) -> io::Result<()> {
        let (seal, folder) = (self.clone(), self.folder.clone());
        let mut command = std::process::Command::new("/proc/self/exe");
        // Always an error, so that no program is ever started: this one says that all went well.
        let attempt = move || seal.enter(&folder).and(Err(Errno::CANCELED.into()));
        // SAFETY: the closure makes system calls only; it neither allocates nor takes a lock.
        unsafe {
            command.pre_exec(attempt);
        }
        match command.spawn() {
            Err(error) if error.raw_os_error() == Some(Errno::CANCELED.raw_os_error()) => Ok(()),
            Err(error) => Err(error),
            Ok(_) => Err(Errno::NOTSUP.into()),
        }
    }

    /// Makes the folder read-only for this process and what it starts, and goes to `directory`, which may be in it.
    /// Called between fork and exec.
    pub(super) fn enter(&self, directory: &CStr) -> io::Result<()> {
        // SAFETY: no other thread shares anything: there is one thread after a fork. Open files are not unshared.
        unsafe { unshare_unsafe(self.namespaces)? };
        if self.namespaces.contains(UnshareFlags::NEWUSER) {
            // The kernel wants it so before it lets a user say who the group is: user_namespaces(7).
            tell(c"/proc/self/setgroups", c"deny")?;
            tell(c"/proc/self/uid_map", &self.user)?;
            tell(c"/proc/self/gid_map", &self.group)?;
        }
        // What is mounted outside still comes; what is mounted here stays here.
        mount_change(c"/", MountPropagationFlags::DOWNSTREAM | MountPropagationFlags::REC)?;
        mount_bind(self.folder.as_c_str(), self.folder.as_c_str())?;
        let flags = self.flags | MountFlags::BIND | MountFlags::RDONLY;
        mount_remount(self.folder.as_c_str(), flags, c"")?;
        // A directory that was entered before is that of the mount below.
        Ok(chdir(directory)?)
    }
}

fn tell(file: &CStr, text: &CStr) -> io::Result<()> {
    let file = open(file, OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty())?;
    write(&file, text.to_bytes()).map(drop)?;
    Ok(())
}
