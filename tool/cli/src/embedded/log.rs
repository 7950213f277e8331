//! The log of clouds that run in the background: what one prints is added to what those before have.

use crate::home::Home;
use slam_report::{Context, Result};
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;

/// A log that is larger when a cloud starts is put aside.
const LARGE: u64 = 4 << 20;
/// What a cloud may say that ends at once.
const LAST_WORDS: u64 = 64 << 10;

/// The log, to write to.
pub struct Log {
    /// Whatever is written goes to its end.
    pub file: File,
    begin: u64,
}

impl Log {
    /// Opens it for a cloud that starts. The one before is kept beside it, once it is large.
    pub fn open(home: &Home) -> Result<Self> {
        let path = home.cloud_log();
        if fs::metadata(&path).is_ok_and(|metadata| metadata.len() > LARGE) {
            let before = path.with_extension("log.1");
            fs::rename(&path, &before).context(format_args!("{} cannot be put aside", path.display()))?;
        }
        let opened = File::options().read(true).append(true).create(true).mode(0o600).open(&path);
        let file = opened.context(format_args!("{} cannot be written", path.display()))?;
        let begin = file.metadata()?.len();
        Ok(Self { file, begin })
    }

    /// What was written since it was opened.
    pub fn said(&mut self) -> String {
        let mut said = Vec::new();
        let read = self.file.seek(SeekFrom::Start(self.begin));
        let _ = read.and_then(|_| (&self.file).take(LAST_WORDS).read_to_end(&mut said));
        String::from_utf8_lossy(&said).into_owned()
    }
}
