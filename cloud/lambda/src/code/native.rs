//! Code for another processor: what of a function cannot run here, although Lambda would run it.

use super::blocking;
use slam_cloud_core::AwsResult;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Files and folders of a package that are looked at.
const MOST: usize = 100_000;

/// Processors as Lambda and Rust name them, and as ELF does: <https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html>.
const PROCESSORS: [(&str, &str, u16); 2] = [("x86_64", "x86_64", 62), ("arm64", "aarch64", 183)];

/// Lambda's name of this machine's processor, where it has one.
pub fn machine() -> &'static str {
    PROCESSORS
        .iter()
        .find(|(_, rust, _)| *rust == std::env::consts::ARCH)
        .map_or(std::env::consts::ARCH, |(name, ..)| name)
}

/// A file in these folders that is for the function's processor and not for this machine's; `None` for a function that is
/// for this machine, or has nothing but what runs everywhere.
///
/// # Errors
/// When the work cannot be done.
pub async fn foreign(architecture: &str, folders: Vec<PathBuf>) -> AwsResult<Option<PathBuf>> {
    let Some((_, _, number)) = PROCESSORS.into_iter().find(|(name, ..)| *name == architecture && *name != machine())
    else {
        return Ok(None);
    };
    blocking(move || Ok(folders.iter().find_map(|folder| first(folder, number)))).await
}

/// The first file for a processor, as its path in the folder.
fn first(folder: &Path, processor: u16) -> Option<PathBuf> {
    let mut paths = vec![folder.to_owned()];
    let mut seen = 0;
    while let Some(path) = paths.pop() {
        let mut entries: Vec<_> = std::fs::read_dir(path).ok()?.flatten().collect();
        entries.sort_by_key(std::fs::DirEntry::file_name);
        seen += entries.len();
        if seen > MOST {
            return None;
        }
        for entry in entries {
            let (path, Ok(metadata)) = (entry.path(), entry.metadata()) else { continue };
            if metadata.is_dir() {
                paths.push(path);
                continue;
            }
            let is_library = entry.file_name().to_string_lossy().contains(".so");
            let may_be = metadata.is_file() && (is_library || metadata.permissions().mode() & 0o111 != 0);
            if may_be && processor_of(&path) == Some(processor) {
                return path.strip_prefix(folder).ok().map(Path::to_owned);
            }
        }
    }
    None
}

/// The processor that a program or library is for: `e_machine` of an ELF header.
fn processor_of(file: &Path) -> Option<u16> {
    let mut header = [0; 20];
    File::open(file).ok()?.read_exact(&mut header).ok()?;
    let number = [header[18], header[19]];
    // Both processors are little-endian.
    (header.starts_with(b"\x7fELF") && header[5] == 1).then(|| u16::from_le_bytes(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(files: &[(&str, u16)], expected: Option<&str>) {
        let root = tempfile::tempdir().unwrap();
        for (name, processor) in files {
            let path = root.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            let mut header = b"\x7fELF\x02\x01".to_vec();
            header.resize(18, 0);
            header.extend(processor.to_le_bytes());
            std::fs::write(path, header).unwrap();
        }
        assert_eq!(first(root.path(), 183), expected.map(PathBuf::from));
    }

    #[test]
    fn code_for_another_processor_is_found() {
        check(&[("a.py", 183), ("lib/x86.so", 62)], None);
        check(
            &[("lib/b.cpython-312-aarch64-linux-gnu.so", 183), ("lib/c.so.1", 183)],
            Some("lib/b.cpython-312-aarch64-linux-gnu.so"),
        );
        check(&[("libs/z.so.1.2", 183)], Some("libs/z.so.1.2"));
    }
}
