//! `slam cloud check`: whether what is stored is whole, and what can be done where it is not.
//!
//! Questions each of which the next one needs answered: is the store there, is every database whole, does the store belong
//! with the folder, and does what the rows tell of exist. Files that have to give way are moved to `lost/` in the data folder.

use crate::belonging;
use crate::compose::compose;
use crate::data::{DataFolder, LOST};
use crate::{ServerConfig, StartError};
use slam_cloud_core::service::Finding;
use slam_cloud_core::store::is_absent;
use slam_cloud_core::store::salvage::{self, Saved};
use slam_cloud_core::{Cloud, Durability, Registry, Store, StoreError, Timestamp};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What an SQLite database begins with (<https://sqlite.org/fileformat.html#magic_header_string>).
const MAGIC: &[u8] = b"SQLite format 3\0";
/// Rows that cannot be read and are set aside one by one, before one may say that the whole store is of no use.
const ROWS: usize = 1000;

/// Looks through the data folder of a cloud that does not run, and with `repair` makes it usable again.
///
/// # Errors
/// When the folder is in use or cannot be used.
pub async fn check(config: &ServerConfig, repair: bool) -> Result<Vec<Finding>, StartError> {
    let folder = DataFolder::open(&config.data)?;
    let aside = Aside::new(&folder);
    let mut found = Vec::new();
    if let Err(lost) = belonging::check_file(&folder) {
        found.push(apart(&folder, &aside, &lost, repair)?);
    }
    for file in databases(folder.path()) {
        let Some(finding) = whole(&file, &aside, repair)? else { continue };
        if finding.mended && file == folder.database() {
            // Its id may be among what is lost.
            belonging::forget(&folder)?;
        }
        found.push(finding);
    }
    if found.iter().all(|finding| finding.mended) {
        services(config, &folder, &aside, repair, &mut found).await?;
    }
    Ok(found)
}

/// The folder that things are moved to, made when it is needed.
struct Aside {
    data: PathBuf,
    folder: PathBuf,
}

impl Aside {
    fn new(folder: &DataFolder) -> Self {
        let time = Timestamp::now().to_string().replace(':', "-");
        Self { data: folder.path().to_owned(), folder: folder.join(LOST).join(time) }
    }

    /// Moves a file or folder, keeping its place below the data folder. Gives where it is now.
    fn put(&self, path: &Path) -> Result<PathBuf, StartError> {
        let place = self.folder.join(path.strip_prefix(&self.data).unwrap_or(path));
        let moved = fs::create_dir_all(place.parent().unwrap_or(&self.folder)).and_then(|()| fs::rename(path, &place));
        moved.map_err(|reason| StartError::Folder { folder: self.data.clone(), reason })?;
        Ok(place)
    }
}

/// What there is beside a store that it does not belong with. With `repair` it is set aside.
fn apart(folder: &DataFolder, aside: &Aside, lacking: &StartError, repair: bool) -> Result<Finding, StartError> {
    if repair {
        for path in belonging::folders(folder.path()) {
            aside.put(&path)?;
        }
        belonging::forget(folder)?;
    }
    let remedy = match repair {
        true => format!("the files are in {}, and the cloud begins anew", aside.folder.display()),
        false => "put slam.db back from a copy, or have the files set aside with --repair".to_owned(),
    };
    Ok(Finding { what: folder.path().display().to_string(), trouble: lacking.to_string(), remedy, mended: repair })
}

/// Every database in the folder: the store, and what services keep beside it. By what they begin with, or their name: the
/// beginning may be what is damaged.
fn databases(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
            if path.is_dir() && !path.is_symlink() {
                if path.file_name().is_none_or(|name| name != LOST) {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|extension| extension == "db") && !is_absent(&path)
                || is_database(&path)
            {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn is_database(file: &Path) -> bool {
    use std::io::Read as _;
    let mut beginning = [0; MAGIC.len()];
    fs::File::open(file).and_then(|mut file| file.read_exact(&mut beginning)).is_ok() && beginning == *MAGIC
}

/// Whether a database is whole. With `repair` it is set aside, and what can be read of it is put in its place.
fn whole(file: &Path, aside: &Aside, repair: bool) -> Result<Option<Finding>, StartError> {
    let troubles = salvage::examine(file);
    let Some(first) = troubles.first() else { return Ok(None) };
    let more = if troubles.len() > 1 { format!(" (and {} more)", troubles.len() - 1) } else { String::new() };
    let finding = |remedy: String, mended| Finding {
        what: file.display().to_string(),
        trouble: format!("the database is damaged: {first}{more}"),
        remedy,
        mended,
    };
    if !repair {
        return Ok(Some(finding(
            "put it back from a copy, or have what can be read saved with --repair".to_owned(),
            false,
        )));
    }
    let damaged = aside.put(file)?;
    for suffix in ["-wal", "-shm"] {
        let mut beside = file.as_os_str().to_owned();
        beside.push(suffix);
        if Path::new(&beside).exists() {
            aside.put(Path::new(&beside))?;
        }
    }
    let told = match salvage::salvage(&damaged, file) {
        Ok(saved) => told(&saved),
        Err(error) => {
            let _ = fs::remove_file(file);
            format!("nothing of it can be read ({error})")
        }
    };
    Ok(Some(finding(format!("{told}; the damaged file is {}", damaged.display()), true)))
}

fn told(saved: &[Saved]) -> String {
    let rows: u64 = saved.iter().map(|table| table.rows).sum();
    let damaged: Vec<&str> = saved.iter().filter(|it| it.lost.is_some()).map(|it| it.table.as_str()).collect();
    match damaged.is_empty() {
        true => format!("all {rows} rows were saved"),
        false => format!("{rows} rows were saved, and rows of {} are lost", damaged.join(", ")),
    }
}

/// Whether a whole store is this folder's, and then of every service whether what its rows tell of exists.
async fn services(
    config: &ServerConfig,
    folder: &DataFolder,
    aside: &Aside,
    repair: bool,
    found: &mut Vec<Finding>,
) -> Result<(), StartError> {
    let store = folder.store(Durability::Process)?;
    match belonging::check_id(folder, &store) {
        Err(other @ StartError::StoreOfAnother { .. }) => {
            found.push(apart(folder, aside, &other, repair)?);
            if !repair {
                return Ok(());
            }
            belonging::check_id(folder, &store)?;
        }
        known => known?,
    }
    for _ in 0..ROWS {
        let cloud = Cloud::new(config.settings(folder, config.port)?);
        let mut registry = Registry::new();
        match compose(&cloud, &store, &mut registry) {
            Ok(()) => {
                cloud.open(registry);
                for service in cloud.services() {
                    let name = service.name();
                    let findings = service.check(repair).await;
                    found.extend(
                        findings.map_err(|error| StartError::Service { service: name, reason: error.to_string() })?,
                    );
                }
                return Ok(());
            }
            Err(StoreError::Document { collection, id, reason }) => {
                found.push(unreadable((folder, &store), aside, (&collection, &id, &reason), repair)?);
                if !repair {
                    return Ok(());
                }
            }
            Err(error) => return Err(folder.unreadable(error)),
        }
    }
    Ok(())
}

/// A row that this version cannot read: with `repair` it is set aside as a file.
fn unreadable(
    (folder, store): (&DataFolder, &Arc<Store>),
    aside: &Aside,
    (collection, id, reason): (&str, &str, &str),
    repair: bool,
) -> Result<Finding, StartError> {
    let mut remedy = "have it set aside with --repair, or use the version of slam that wrote it".to_owned();
    if repair {
        let file = aside.folder.join(format!("{collection}.jsonl"));
        let failed = |reason| folder.unreadable(reason);
        let rows = store.read_now(|connection| {
            let mut query = connection.prepare("SELECT body FROM documents WHERE collection = ?1 AND id = ?2")?;
            let rows = query.query_map([collection, id], |row| row.get::<_, String>(0))?;
            rows.collect::<Result<Vec<_>, _>>()
        });
        let rows = rows.map_err(failed)?;
        let before = fs::read_to_string(&file).unwrap_or_default();
        let kept = fs::create_dir_all(&aside.folder).and_then(|()| fs::write(&file, before + &rows.join("\n") + "\n"));
        kept.map_err(|reason| StartError::Folder { folder: aside.data.clone(), reason })?;
        let removed = store.read_now(|connection| {
            connection.execute("DELETE FROM documents WHERE collection = ?1 AND id = ?2", [collection, id])
        });
        removed.map_err(failed)?;
        remedy = format!("it was set aside in {}", file.display());
    }
    let trouble = format!("it cannot be read: {reason}");
    Ok(Finding { what: format!("{id} in {collection}"), trouble, remedy, mended: repair })
}
