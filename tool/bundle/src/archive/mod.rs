//! Deterministic zip archives: the same files give the same bytes, everywhere and always.
//!
//! Each file is compressed on its own, in parallel, and the results are copied in the order of their names. Times,
//! owners and the rest of what a host knows about a file are left out. `single` is how one file is compressed.

pub mod single;

use crate::slim::elf;
use crate::{BundleError, Dependency, MAX_UNZIPPED_BYTES};
use rayon::prelude::*;
use single::Level;
use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, BufWriter, Cursor, Write};
use std::path::{Path, PathBuf};
use zip::{ZipArchive, ZipWriter};

/// A file for the package.
#[derive(Debug)]
pub struct Entry {
    pub name: String,
    pub content: Content,
    pub executable: bool,
}

#[derive(Debug)]
pub enum Content {
    Bytes(Vec<u8>),
    /// A file and its size.
    File(PathBuf, u64),
    /// A shared library and its size, without what only debuggers read.
    Library(PathBuf, u64),
}

impl Content {
    pub fn size(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::File(_, size) | Self::Library(_, size) => *size,
        }
    }
}

impl Entry {
    pub fn new(name: impl Into<String>, content: Content) -> Self {
        Self { name: name.into(), content, executable: false }
    }
}

/// What an archive holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Totals {
    pub files: usize,
    /// Unzipped.
    pub bytes: u64,
}

/// Write `entries`, and the files of the archive `base` that are not among them, to `place`. What comes from the base
/// gets the prefix in its name.
pub fn write(place: &Path, entries: &[Entry], base: Option<(&Path, &str)>) -> Result<Totals, BundleError> {
    let packed = pack_all(entries)?;
    let prefix = base.map_or("", |(_, prefix)| prefix);
    let mut base = base.map(|(path, _)| open(path).map(|archive| (path, archive))).transpose()?;
    let mut order: BTreeMap<String, From> = BTreeMap::new();
    if let Some((path, archive)) = &mut base {
        for index in 0..archive.len() {
            let file = archive.by_index_raw(index).map_err(BundleError::archive(path))?;
            let name = file.name().map_err(BundleError::archive(path))?;
            order.insert(format!("{prefix}{name}"), From::Base(index));
        }
    }
    for (index, entry) in entries.iter().enumerate() {
        order.insert(entry.name.clone(), From::Packed(index));
    }
    check_folders(&order)?;
    let file = File::create(place).map_err(BundleError::io(place, "written"))?;
    let mut writer = ZipWriter::new(BufWriter::with_capacity(1 << 20, file));
    let mut totals = Totals { files: order.len(), bytes: 0 };
    for (name, from) in &order {
        totals.bytes += match (from, &mut base) {
            (From::Base(index), Some((path, archive))) => copy(&mut writer, archive, *index, name, path, place)?,
            (From::Base(_), None) => 0,
            (From::Packed(index), _) => {
                let mut archive = ZipArchive::new(Cursor::new(&packed[*index])).map_err(BundleError::archive(place))?;
                copy(&mut writer, &mut archive, 0, name, place, place)?
            }
        };
    }
    let mut out = writer.finish().map_err(BundleError::archive(place))?;
    out.flush().map_err(BundleError::io(place, "written"))?;
    Ok(totals)
}

/// Lambda could not unzip what has a file and a folder of one name: `click`, and `click/__init__.py`.
fn check_folders(files: &BTreeMap<String, From>) -> Result<(), BundleError> {
    for inside in files.keys() {
        for (slash, _) in inside.match_indices('/') {
            let name = &inside[..slash];
            if files.contains_key(name) {
                return Err(BundleError::FileAndFolder { name: name.to_owned(), inside: inside.clone() });
            }
        }
    }
    Ok(())
}

/// A file in an archive.
#[derive(Debug)]
pub struct Listed {
    pub name: String,
    pub bytes: u64,
    pub zipped_bytes: u64,
    pub executable: bool,
}

/// The files in an archive.
pub fn list(path: &Path) -> Result<Vec<Listed>, BundleError> {
    let mut archive = open(path)?;
    (0..archive.len())
        .map(|index| {
            let file = archive.by_index_raw(index).map_err(BundleError::archive(path))?;
            let name = file.name().map_err(BundleError::archive(path))?.into_owned();
            let executable = file.unix_mode().is_some_and(|mode| mode & 0o111 != 0);
            Ok(Listed { name, bytes: file.size(), zipped_bytes: file.compressed_size(), executable })
        })
        .collect()
}

/// The names in an archive.
pub fn names(path: &Path) -> Result<Vec<String>, BundleError> {
    open(path)?.file_names().map(|name| name.map(Cow::into_owned).map_err(BundleError::archive(path))).collect()
}

enum From {
    Base(usize),
    Packed(usize),
}

/// The buffer is small because each file of the archive is sought, which drops what is buffered.
fn open(path: &Path) -> Result<ZipArchive<BufReader<File>>, BundleError> {
    let file = File::open(path).map_err(BundleError::io(path, "read"))?;
    ZipArchive::new(BufReader::with_capacity(1 << 12, file)).map_err(BundleError::archive(path))
}

/// Each entry in an archive of its own, in the order of `entries`. The largest are begun first, or the last would be
/// compressed on one processor while the others wait.
fn pack_all(entries: &[Entry]) -> Result<Vec<Vec<u8>>, BundleError> {
    let together = entries.iter().map(|entry| entry.content.size()).sum();
    let mut order: Vec<usize> = (0..entries.len()).collect();
    order.sort_by_key(|index| Reverse(entries[*index].content.size()));
    let packed = order.into_iter().par_bridge().map(|index| Ok((index, pack(&entries[index], together)?)));
    let mut packed = packed.collect::<Result<Vec<_>, BundleError>>()?;
    packed.sort_unstable_by_key(|(index, _)| *index);
    Ok(packed.into_iter().map(|(_, bytes)| bytes).collect())
}

/// One file in an archive of its own; all files have `together` bytes.
fn pack(entry: &Entry, together: u64) -> Result<Vec<u8>, BundleError> {
    let read = |path: &PathBuf| std::fs::read(path).map_err(BundleError::io(path, "read"));
    let bytes = match &entry.content {
        Content::Bytes(bytes) => Cow::Borrowed(bytes.as_slice()),
        Content::File(path, _) => Cow::Owned(read(path)?),
        Content::Library(path, _) => {
            let mut library = read(path)?;
            elf::reduce(&mut library);
            Cow::Owned(library)
        }
    };
    if bytes.len() as u64 > MAX_UNZIPPED_BYTES {
        // Of what is larger than all may be together, the archive's own records would not hold the size.
        let bytes = bytes.len() as u64;
        let file = Dependency {
            name: entry.name.clone(),
            version: "(one file)".to_owned(),
            bytes,
            zipped_bytes: bytes,
            from_source: false,
        };
        return Err(BundleError::TooLarge { bytes, biggest: vec![file] });
    }
    let level = Level::of(entry.content.size(), together);
    Ok(single::archive(&entry.name, if entry.executable { 0o755 } else { 0o644 }, &bytes, level))
}

/// Copy one file as it is compressed, under a name; its size unzipped is the result.
fn copy<W: Write + std::io::Seek, R: std::io::Read + std::io::Seek>(
    writer: &mut ZipWriter<W>,
    archive: &mut ZipArchive<R>,
    index: usize,
    name: &str,
    from: &Path,
    to: &Path,
) -> Result<u64, BundleError> {
    let file = archive.by_index_raw(index).map_err(BundleError::archive(from))?;
    let bytes = file.size();
    writer.raw_copy_file_rename(file, name).map_err(BundleError::archive(to))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Read;
    use zip::DateTime;

    fn entry(name: &str, content: &[u8]) -> Entry {
        Entry::new(name, Content::Bytes(content.to_vec()))
    }

    fn written(entries: &[Entry], base: Option<(&Path, &str)>) -> (Vec<u8>, Totals) {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let place = directory.path().join("a.zip");
        let totals = write(&place, entries, base).expect("written");
        (std::fs::read(place).expect("read"), totals)
    }

    fn content(archive: &[u8]) -> Vec<(String, Vec<u8>, u32)> {
        let mut archive = ZipArchive::new(Cursor::new(archive)).expect("an archive");
        (0..archive.len())
            .map(|index| {
                let mut file = archive.by_index(index).expect("a file");
                let mut bytes = Vec::new();
                file.read_to_end(&mut bytes).expect("read");
                (file.name().expect("a name").into_owned(), bytes, file.unix_mode().expect("a mode") & 0o777)
            })
            .collect()
    }

    #[test]
    fn order_of_entries_does_not_matter() {
        let one = [entry("a", b"1"), entry("b/c", b"2")];
        let other = [entry("b/c", b"2"), entry("a", b"1")];
        assert_eq!(written(&one, None), written(&other, None));
    }

    #[test]
    fn a_file_is_no_folder() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let base = directory.path().join("base.zip");
        write(&base, &[entry("click-8.dist-info/METADATA", b""), entry("click/__init__.py", b"")], None)
            .expect("written");
        let error =
            write(&directory.path().join("a.zip"), &[entry("click", b"")], Some((&base, ""))).expect_err("refused");
        assert_eq!(error.to_string(), "`click` is a file, and also the folder of `click/__init__.py`");
    }

    #[test]
    fn entries_replace_those_of_the_base() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let base = directory.path().join("base.zip");
        write(&base, &[entry("a", b"base"), entry("c", b"base")], None).expect("written");
        let (archive, totals) = written(&[entry("a", b"new"), entry("b", b"new")], Some((&base, "")));
        let names: Vec<_> = content(&archive).into_iter().map(|(name, bytes, _)| (name, bytes.len())).collect();
        assert_eq!(names, [("a".to_owned(), 3), ("b".to_owned(), 3), ("c".to_owned(), 4)]);
        assert_eq!(totals, Totals { files: 3, bytes: 10 });
    }

    #[test]
    fn copied_and_packed_entries_are_the_same_bytes() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let base = directory.path().join("base.zip");
        let entries = || [entry("a", &[7; 5000])];
        write(&base, &entries(), None).expect("written");
        assert_eq!(written(&[], Some((&base, ""))), written(&entries(), None));
    }

    #[test]
    fn nothing_of_the_host_is_in_it() {
        let (archive, _) = written(&[entry("a", b"")], None);
        let mut archive = ZipArchive::new(Cursor::new(archive)).expect("an archive");
        let file = archive.by_index(0).expect("a file");
        assert_eq!(file.last_modified(), Some(DateTime::default()));
        assert_eq!(file.extra_data().as_deref().map_or(0, <[u8]>::len), 0);
        assert_eq!(file.unix_mode(), Some(0o100_644));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn what_goes_in_comes_out(files in prop::collection::btree_map("([A-ZÉ]{1,8}/)?[a-zé]{1,8}", (prop::collection::vec(any::<u8>(), 0..2000), any::<bool>()), 0..20)) {
            let entries: Vec<_> = files.iter().map(|(name, (bytes, executable))| Entry { name: name.clone(), content: Content::Bytes(bytes.clone()), executable: *executable }).collect();
            let (archive, totals) = written(&entries, None);
            let expected: Vec<_> = files.iter().map(|(name, (bytes, executable))| (name.clone(), bytes.clone(), if *executable { 0o755 } else { 0o644 })).collect();
            prop_assert_eq!(content(&archive), expected);
            prop_assert_eq!(totals.bytes, files.values().map(|(bytes, _)| bytes.len() as u64).sum::<u64>());
        }
    }
}
