//! Room on the disk for what frees some.
//!
//! A deletion writes, too, before it frees anything; on a full disk nothing could be deleted any more. So the store keeps a
//! reserve beside its file. It gives that up when the disk is full, and from then on takes only what frees room, until
//! there is enough again.

use rustix::fs::statvfs;
use std::fs::OpenOptions;
use std::io::Read as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// What is kept back: enough for the log of many deletions.
const RESERVE: u64 = 2 * 1024 * 1024;
/// What must be free before the reserve is taken again and everything is written again.
const ENOUGH: u64 = 16 * 1024 * 1024;

/// The room of one store.
#[derive(Debug)]
pub(super) struct Room {
    reserve: PathBuf,
    is_short: bool,
}

impl Room {
    /// The room beside a store's file.
    pub(super) fn of(store: &Path) -> Self {
        let mut room = Self { reserve: store.with_extension("reserve"), is_short: false };
        room.is_short = !room.take();
        room
    }

    /// Whether only what frees room may be written.
    pub(super) fn is_short(&mut self) -> bool {
        if self.is_short && self.free() >= ENOUGH {
            self.is_short = !self.take();
        }
        self.is_short
    }

    /// Gives up the reserve, as the disk is full.
    pub(super) fn give_up(&mut self) {
        let _ = std::fs::remove_file(&self.reserve);
        self.is_short = true;
    }

    /// Takes the reserve, if there is room for it. It is written, as a file with holes has no room.
    fn take(&self) -> bool {
        let is_there = std::fs::metadata(&self.reserve).is_ok_and(|file| file.len() == RESERVE);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        let write = || std::io::copy(&mut std::io::repeat(0).take(RESERVE), &mut options.open(&self.reserve)?);
        let taken = is_there || write().is_ok();
        if !taken {
            let _ = std::fs::remove_file(&self.reserve);
        }
        taken
    }

    /// Bytes that are free for us; as good as endless where the system does not tell.
    fn free(&self) -> u64 {
        let folder = self.reserve.parent().unwrap_or(Path::new("."));
        statvfs(folder).map_or(u64::MAX, |disk| disk.f_bavail.saturating_mul(disk.f_frsize))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reserve_is_given_up_and_taken_again() {
        let store = std::env::temp_dir().join(format!("slam-room-{}.db", crate::id::request_id()));
        let reserve = store.with_extension("reserve");
        let mut room = Room::of(&store);
        assert!(!room.is_short() && reserve.exists());
        room.give_up();
        assert!(!reserve.exists());
        // This machine has room enough.
        assert!(!room.is_short() && reserve.exists());
        std::fs::remove_file(reserve).unwrap();
    }
}
