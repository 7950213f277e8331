//! Unpacking a zip file that nobody vouches for.

use super::links::{self, Links};
use super::{beside, failed, not_a_zip, put_in_place, times};
use crate::error::invalid_parameter;
use crate::model::limits::UNZIPPED;
use slam_cloud_core::{AwsError, AwsResult, Durability};
use std::fs::{DirBuilder, OpenOptions, Permissions};
use std::io::{Cursor, ErrorKind, Read};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Entries of one package.
const ENTRIES: usize = 200_000;
/// The longest target of a symbolic link.
const LINK: u64 = 4096;

/// Unpacks `package` to `folder`, which is there afterwards only if all went well.
pub(super) fn unpack(package: &[u8], folder: &Path, durability: Durability) -> AwsResult<()> {
    let beside = beside(folder);
    let written = write(package, &beside).and_then(|()| durability.keep_tree(&beside).map_err(failed));
    let unpacked = written.and_then(|()| match put_in_place(&beside, folder, durability) {
        // Another request has unpacked the same package meanwhile.
        Err(_) if folder.is_dir() => Ok(()),
        renamed => renamed.map_err(failed),
    });
    // Gone after a successful rename.
    let _ = std::fs::remove_dir_all(&beside);
    unpacked
}

/// The size of a package unpacked, as the package itself says: it has been unpacked before, and found true.
pub(super) fn size(package: &Path) -> AwsResult<u64> {
    let mut archive = std::fs::File::open(package)
        .map_err(failed)
        .and_then(|file| zip::ZipArchive::new(std::io::BufReader::new(file)).map_err(failed))?;
    (0..archive.len()).map(|index| archive.by_index_raw(index).map(|entry| entry.size()).map_err(failed)).sum()
}

fn write(package: &[u8], folder: &Path) -> AwsResult<()> {
    let mut archive = zip::ZipArchive::new(Cursor::new(package)).map_err(|_| not_a_zip())?;
    if archive.len() > ENTRIES {
        return Err(too_large());
    }
    make_folder("", folder)?;
    // Smaller than the limit, as recorded: `test_oversized_unzipped_lambda`.
    let mut left = UNZIPPED - 1;
    let (mut links, mut folders) = (Links::new(), Vec::new());
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|_| not_a_zip())?;
        let name = entry.name().map_err(|_| not_a_zip())?.into_owned();
        let inside = entry.enclosed_name().filter(|path| !path.as_os_str().is_empty()).ok_or_else(|| outside(&name))?;
        let path = folder.join(&inside);
        if entry.is_dir() {
            make_folder(&name, &path)?;
            folders.extend(times::of(entry.last_modified()).map(|time| (path, time)));
            continue;
        }
        if let Some(parent) = path.parent() {
            make_folder(&name, parent)?;
        }
        if entry.is_symlink() {
            let mut target = String::new();
            (&mut entry).take(LINK).read_to_string(&mut target).map_err(|_| not_a_zip())?;
            links.insert(inside, PathBuf::from(target));
            continue;
        }
        // The owner may always read, or the function could not run at all.
        let time = times::of(entry.last_modified());
        let mode = entry.unix_mode().map_or(0o644, |mode| mode & 0o777 | 0o400);
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).or_else(|error| {
            // Some tools write an entry twice; the last one counts.
            if error.kind() != ErrorKind::AlreadyExists || !path.is_file() {
                return Err(unwritable(&name, &error));
            }
            OpenOptions::new().write(true).truncate(true).open(&path).map_err(failed)
        })?;
        // Counted as it is written: what the archive says of itself may be a lie.
        let written = std::io::copy(&mut (&mut entry).take(left + 1), &mut file).map_err(unwritten)?;
        left = left.checked_sub(written).ok_or_else(too_large)?;
        file.set_permissions(Permissions::from_mode(mode)).map_err(failed)?;
        time.map_or(Ok(()), |time| times::set(&file, time)).map_err(failed)?;
    }
    // Last of all, so that no entry is written through a link.
    if let Some(link) = links::leading_out(&links) {
        return Err(outside(&link.to_string_lossy()));
    }
    for (inside, target) in links {
        let link = folder.join(&inside);
        std::os::unix::fs::symlink(target, link).map_err(|error| unwritable(&inside.to_string_lossy(), &error))?;
    }
    // What is written into a folder changes its time.
    folders.into_iter().try_for_each(|(folder, time)| times::set_folder(&folder, time)).map_err(failed)
}

fn make_folder(name: &str, path: &Path) -> AwsResult<()> {
    let made = DirBuilder::new().recursive(true).mode(0o755).create(path);
    made.map_err(|error| unwritable(name, &error))
}

/// Why an entry cannot be written: its name is one that no file can have beside those of the other entries, or it is the
/// machine's fault.
fn unwritable(name: &str, error: &std::io::Error) -> AwsError {
    use ErrorKind::{AlreadyExists, InvalidFilename, InvalidInput, IsADirectory, NotADirectory};
    match error.kind() {
        AlreadyExists | InvalidFilename | InvalidInput | IsADirectory | NotADirectory => not_a_zip(),
        _ => failed(format_args!("{name}: {error}")),
    }
}

/// What cannot be unpacked is no zip; what cannot be written is this machine's fault.
fn unwritten(error: std::io::Error) -> AwsError {
    match error.raw_os_error() {
        Some(_) => failed(error),
        None => not_a_zip(),
    }
}

fn too_large() -> AwsError {
    invalid_parameter(format!("Unzipped size must be smaller than {UNZIPPED} bytes"))
}

fn outside(name: &str) -> AwsError {
    invalid_parameter(format!("The package's entry {name} leads outside of the package: remove it from the zip file"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use zip::write::{SimpleFileOptions, ZipWriter};

    fn zip(fill: impl FnOnce(&mut ZipWriter<Cursor<Vec<u8>>>)) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        fill(&mut writer);
        writer.finish().unwrap().into_inner()
    }

    fn check(package: &[u8], expected: Result<&[&str], &str>) {
        let folder = std::env::temp_dir().join(format!("slam-unpack-{}", slam_cloud_core::id::request_id()));
        match (unpack(package, &folder, Durability::Fsync), expected) {
            (Ok(()), Ok(files)) => files.iter().for_each(|file| assert!(folder.join(file).exists(), "{file}")),
            (Err(error), Err(part)) => {
                assert!(error.to_string().contains(part), "{error}");
                assert!(!folder.exists());
            }
            (found, expected) => panic!("expected {expected:?}, found {found:?}"),
        }
        let _ = std::fs::remove_dir_all(folder);
    }

    #[test]
    fn files_folders_and_links_are_unpacked() {
        let package = zip(|zip| {
            zip.start_file("lib/app.py", SimpleFileOptions::default()).unwrap();
            zip.write_all(b"x").unwrap();
            zip.add_symlink("lib/link.py", "app.py", SimpleFileOptions::default()).unwrap();
        });
        check(&package, Ok(&["lib/app.py", "lib/link.py"]));
    }

    #[test]
    fn what_leads_outside_is_refused() {
        let slip = zip(|zip| {
            zip.start_file("../../escaped.py", SimpleFileOptions::default()).unwrap();
        });
        check(&slip, Err("leads outside of the package"));
        let link = zip(|zip| zip.add_symlink("etc", "/etc", SimpleFileOptions::default()).unwrap());
        check(&link, Err("leads outside of the package"));
        let up = zip(|zip| zip.add_symlink("lib/up", "../../x", SimpleFileOptions::default()).unwrap());
        check(&up, Err("leads outside of the package"));
    }

    #[test]
    fn links_that_lead_outside_together_are_refused() {
        let chain = zip(|zip| {
            zip.add_symlink("lib/up", "..", SimpleFileOptions::default()).unwrap();
            zip.add_symlink("out", "lib/up/../secret", SimpleFileOptions::default()).unwrap();
        });
        check(&chain, Err("The package's entry out leads outside of the package"));
    }

    /// What no file system takes is the package's fault, and not the cloud's.
    #[test]
    fn names_that_no_file_can_have_are_refused() {
        let long = "n".repeat(300);
        let file = |names: &[&str]| {
            zip(|zip| names.iter().for_each(|name| zip.start_file(*name, SimpleFileOptions::default()).unwrap()))
        };
        let refused = Err("Could not unzip uploaded file.");
        check(&file(&[&long]), refused);
        check(&file(&[&format!("{long}/app.py")]), refused);
        check(&file(&[&format!("{}app.py", "deep/".repeat(1000))]), refused);
        check(&file(&["a", "a/b"]), refused);
        check(&file(&["a/b", "a"]), refused);
        let link = |first: &str, second: &str| {
            zip(|zip| {
                for name in [first, second] {
                    match name.strip_prefix("->") {
                        Some(name) => zip.add_symlink(name, "b", SimpleFileOptions::default()).unwrap(),
                        None => zip.start_file(name, SimpleFileOptions::default()).unwrap(),
                    }
                }
            })
        };
        check(&link("->a", "a/below.py"), refused);
        check(&link("a/below.py", "->a"), refused);
        check(&link(&format!("->{long}"), "app.py"), refused);
    }

    #[test]
    fn what_is_no_zip_is_refused() {
        check(b"not a zip", Err("Could not unzip uploaded file."));
    }

    #[test]
    fn a_bomb_is_refused() {
        let bomb = zip(|zip| {
            zip.start_file("bomb", SimpleFileOptions::default()).unwrap();
            let zeros = vec![0_u8; 1 << 20];
            for _ in 0..=UNZIPPED >> 20 {
                zip.write_all(&zeros).unwrap();
            }
        });
        check(&bomb, Err("Unzipped size must be smaller than 262144000 bytes"));
    }
}
