//! One file, compressed, as a zip archive of its own.
//!
//! libdeflate compresses what is in memory as a whole, which is quicker than a stream and smaller; the `zip`
//! crate writes streams only. So the few records around one file are written here, and the crate copies the file from
//! them into the package. The format: <https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT>, 4.3.

use libdeflater::{CompressionLvl, Compressor};
use std::cell::RefCell;

/// How hard to compress, in libdeflate's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level(i32);

impl Level {
    /// 3.6 % smaller than the usual level, for five times its time.
    const HARDEST: Self = Self(10);
    /// 1.1 % smaller, for a quarter more time.
    const HARD: Self = Self(9);
    /// The next two save a hundredth of the size each, for a quarter more time and then for half of it again.
    const USUAL: Self = Self(6);
    /// A package up to this size, of all files together, is compressed hard: it takes a tenth of a second at most.
    const SMALL_PACKAGE: u64 = 3 << 20;
    /// Files above this size are not compressed hardest: one processor would still be at it when the others have done.
    const SMALL_FILE: u64 = 48 << 10;

    /// The level for a file of `bytes`, in a package of `together` bytes.
    pub fn of(bytes: u64, together: u64) -> Self {
        match (together <= Self::SMALL_PACKAGE, bytes <= Self::SMALL_FILE) {
            (true, true) => Self::HARDEST,
            (true, false) => Self::HARD,
            (false, _) => Self::USUAL,
        }
    }
}

const STORED: u16 = 0;
const DEFLATED: u16 = 8;
/// Names are UTF-8.
const UTF8: u16 = 1 << 11;
/// Of the format of 1993: deflate and folders, nothing newer.
const VERSION: u16 = 20;
/// Made on Unix, so that the mode counts.
const MADE_BY: u16 = 3 << 8 | VERSION;
/// The first day that the format knows: 1 January 1980.
const DATE: u16 = 1 << 5 | 1;
const REGULAR_FILE: u32 = 0o100_000;

/// An archive of one file.
///
/// # Panics
/// Never for what a package may hold: names and sizes are checked against much smaller limits before.
pub fn archive(name: &str, mode: u32, content: &[u8], level: Level) -> Vec<u8> {
    let compressed = deflated(content, level);
    let (method, data) = match &compressed {
        Some(compressed) => (DEFLATED, compressed.as_slice()),
        None => (STORED, content),
    };
    let mut archive = Vec::with_capacity(data.len() + 2 * name.len() + 98);
    archive.extend(b"PK\x03\x04");
    let about = About { name, method, crc: crc32fast::hash(content), compressed: data.len(), size: content.len() };
    about.write(&mut archive);
    archive.extend(name.bytes());
    archive.extend(data);
    let directory = archive.len();
    archive.extend(b"PK\x01\x02");
    two(&mut archive, MADE_BY);
    about.write(&mut archive);
    // No comment, the first disk, no internal attributes.
    archive.extend([0; 6]);
    four(&mut archive, (REGULAR_FILE | mode) << 16);
    // The file begins at the beginning.
    archive.extend([0; 4]);
    archive.extend(name.bytes());
    let length = archive.len() - directory;
    archive.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    four(&mut archive, length as u32);
    four(&mut archive, directory as u32);
    archive.extend([0; 2]);
    archive
}

/// `None` when it would not get smaller.
fn deflated(content: &[u8], level: Level) -> Option<Vec<u8>> {
    thread_local! {
        // A compressor has tables of up to a megabyte: one is made for many files.
        static COMPRESSOR: RefCell<Option<(Level, Compressor)>> = const { RefCell::new(None) };
    }
    // One byte less than it has: more would not help.
    let mut compressed = vec![0; content.len().saturating_sub(1)];
    let length = COMPRESSOR.with_borrow_mut(|kept| {
        if kept.as_ref().is_none_or(|(of, _)| *of != level) {
            *kept = None;
        }
        let made = || (level, Compressor::new(CompressionLvl::new(level.0).unwrap_or_default()));
        kept.get_or_insert_with(made).1.deflate_compress(content, &mut compressed).ok()
    })?;
    compressed.truncate(length);
    Some(compressed)
}

/// What both records of a file say.
struct About<'a> {
    name: &'a str,
    method: u16,
    crc: u32,
    compressed: usize,
    size: usize,
}

impl About<'_> {
    fn write(&self, out: &mut Vec<u8>) {
        two(out, VERSION);
        two(out, if self.name.is_ascii() { 0 } else { UTF8 });
        two(out, self.method);
        two(out, 0);
        two(out, DATE);
        four(out, self.crc);
        four(out, self.compressed as u32);
        four(out, self.size as u32);
        two(out, self.name.len() as u16);
        two(out, 0);
    }
}

fn two(out: &mut Vec<u8>, number: u16) {
    out.extend(number.to_le_bytes());
}

fn four(out: &mut Vec<u8>, number: u32) {
    out.extend(number.to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Cursor, Read};

    fn check(name: &str, mode: u32, content: &[u8], method: zip::CompressionMethod) {
        let mut archive =
            zip::ZipArchive::new(Cursor::new(archive(name, mode, content, Level::USUAL))).expect("an archive");
        assert_eq!(archive.len(), 1);
        let mut file = archive.by_index(0).expect("a file");
        let mut found = Vec::new();
        file.read_to_end(&mut found).expect("read, and of the checksum that was written");
        assert_eq!(found, content);
        assert_eq!(file.name().expect("a name"), name);
        assert_eq!((file.unix_mode(), file.compression()), (Some(0o100_000 | mode), method));
        assert_eq!(file.last_modified(), Some(zip::DateTime::default()));
    }

    #[test]
    fn others_read_what_is_written() {
        check("a", 0o644, &[7; 5000], zip::CompressionMethod::Deflated);
        check(
            "bin/run",
            0o755,
            b"#!/bin/sh\n# aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
            zip::CompressionMethod::Deflated,
        );
        check("données/é.txt", 0o644, b"", zip::CompressionMethod::Stored);
        check("noise", 0o644, &(0..=255).collect::<Vec<u8>>(), zip::CompressionMethod::Stored);
    }
}
