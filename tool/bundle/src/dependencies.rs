//! Dependencies, installed by uv for the target and cached as an archive that packages are made from.

use crate::archive::{self, Content, Entry};
use crate::distributions::{self, Distribution};
use crate::install::{Installation, Outcome};
use crate::machine::uv::Uv;
use crate::requirements::{Requirements, locks};
use crate::slim::{self, Rule, TreeFile, elf};
use crate::sources::{self, Patterns, SourceFile};
use crate::target::Target;
use crate::{BundleError, BundleRequest, Dependency, Progress, Step, bytecode, cache, find_or_install_uv, limits};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

const ARCHIVE: &str = "dependencies.zip";
const SUMMARY: &str = "summary.json";
const RECORDS: &str = "records.json";
/// Part of every key: raise it when the archive of the same dependencies changes.
const FORMAT: &str = "7";
const KEPT: usize = 20;

/// What was installed.
#[derive(Debug)]
pub struct Installed {
    pub archive: PathBuf,
    pub dependencies: Vec<Dependency>,
    pub bytes: u64,
    pub cached: bool,
    place: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Summary {
    dependencies: Vec<Dependency>,
    bytes: u64,
}

/// What is known of each file that was installed, for those who ask why.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Records {
    pub distributions: BTreeMap<String, Distribution>,
    /// The normalized names that the user asked for.
    pub asked: Vec<String>,
    /// Each file's distribution, and the rule that left it out.
    pub files: BTreeMap<String, (Option<String>, Option<Rule>)>,
}

impl Installed {
    pub fn records(&self) -> Result<Records, BundleError> {
        let place = self.place.join(RECORDS);
        let text = std::fs::read(&place).map_err(BundleError::io(&place, "read"))?;
        serde_json::from_slice(&text).map_err(|error| BundleError::io(&place, "read")(error.into()))
    }
}

/// The dependencies of a project that has these files, from the cache or installed now.
pub fn provide(
    request: &BundleRequest,
    requirements: &Requirements,
    target: &Target,
    patterns: &Patterns,
    files: &[SourceFile],
    progress: &dyn Progress,
) -> Result<Installed, BundleError> {
    let wanted = &if request.slim { slim::wanted_tests(files) } else { BTreeSet::new() };
    let root = request.cache.join("dependencies");
    let place = root.join(key(request, requirements, target, wanted));
    // uv is not even looked for when it has nothing to do.
    if !request.rebuild_dependencies
        && let Some(summary) = summary_in(&place)
    {
        cache::touch(&place);
        return Ok(installed(&place, summary, true));
    }
    let uv = match &request.uv {
        Some(path) => Uv::at(path)?,
        None => find_or_install_uv(&request.home, progress)?,
    };
    progress.step(Step::InstallingDependencies { requirements: &requirements.name });
    let scratch = cache::scratch(&root)?;
    let tree = scratch.path().join("tree");
    let installation = Installation { uv: &uv, request, requirements, target, scratch: scratch.path() };
    let outcome = installation.install(&tree, progress)?;
    let built = scratch.path().join("built");
    std::fs::create_dir(&built).map_err(BundleError::io(&built, "created"))?;
    let summary = Packing { request, patterns, target, wanted }.pack(&tree, &built, outcome, progress)?;
    cache::keep(&built, &place, request.rebuild_dependencies)?;
    cache::prune(&root, KEPT);
    Ok(installed(&place, summary, false))
}

fn installed(place: &Path, summary: Summary, cached: bool) -> Installed {
    let archive = place.join(ARCHIVE);
    Installed { archive, dependencies: summary.dependencies, bytes: summary.bytes, cached, place: place.to_owned() }
}

fn key(request: &BundleRequest, requirements: &Requirements, target: &Target, wanted: &BTreeSet<String>) -> String {
    let mut hash = Sha256::new();
    let format = format!("{:?}", requirements.format);
    let options = format!(
        "{:?}",
        (
            request.slim,
            request.bytecode,
            request.runtime_packages,
            &request.include,
            &request.exclude_dependencies,
            wanted,
        )
    );
    for part in [FORMAT, &requirements.digest, &format, &target.python, &target.platform, &options] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hex::encode(hash.finalize())
}

fn summary_in(place: &Path) -> Option<Summary> {
    let text = std::fs::read(place.join(SUMMARY)).ok()?;
    (place.join(ARCHIVE).is_file() && place.join(RECORDS).is_file()).then_some(())?;
    serde_json::from_slice(&text).ok()
}

/// What becomes of a tree that uv installed.
struct Packing<'a> {
    request: &'a BundleRequest,
    patterns: &'a Patterns,
    target: &'a Target,
    wanted: &'a BTreeSet<String>,
}

impl Packing<'_> {
    /// Archive what is needed at run time, and note what was installed.
    fn pack(
        &self,
        tree: &Path,
        built: &Path,
        outcome: Outcome,
        progress: &dyn Progress,
    ) -> Result<Summary, BundleError> {
        let mut files = Vec::new();
        if tree.is_dir() {
            gather(tree, "", &mut files)?;
        }
        files.sort_by(|one, other| one.name.cmp(&other.name));
        let mut records = Records { asked: outcome.asked, ..Records::default() };
        let owned = distributions::read(tree, &mut records.distributions)?;
        let mut owners: HashMap<&str, &str> =
            owned.iter().map(|(name, distribution)| (name.as_str(), distribution.as_str())).collect();
        let rules = self.rules(&files, &records, &owners);
        let mut kept: Vec<&TreeFile> =
            files.iter().zip(&rules).filter(|(_, rule)| rule.is_none()).map(|(file, _)| file).collect();
        for (file, rule) in files.iter().zip(&rules) {
            records.files.insert(file.name.clone(), (owners.get(file.name.as_str()).map(|it| (*it).to_owned()), *rule));
        }
        let compiled = if self.request.bytecode && !kept.is_empty() {
            bytecode::compile(self.target, &self.request.home, tree, &kept)?
        } else {
            Vec::new()
        };
        for file in &compiled {
            if let Some(owner) = bytecode::owner(&file.name, &owners) {
                owners.insert(&file.name, owner);
                records.files.insert(file.name.clone(), (Some(owner.to_owned()), None));
            }
        }
        kept.extend(&compiled);
        let mut entries = kept.iter().map(|file| self.entry(file)).collect::<Result<Vec<_>, _>>()?;
        for (name, record) in distributions::records(kept.iter().map(|file| file.name.as_str()), &owners) {
            if let Some((_, rule)) = records.files.get_mut(&name) {
                *rule = None;
            }
            entries.push(Entry::new(name, Content::Bytes(record.into_bytes())));
        }
        progress.step(Step::Compressing { files: entries.len() });
        let archive = built.join(ARCHIVE);
        archive::write(&archive, &entries, None)?;
        let mut summary = summarize(&archive, &records, &owners)?;
        for dependency in &mut summary.dependencies {
            let name = locks::normalized(&dependency.name);
            dependency.from_source = outcome.from_source.iter().any(|built| locks::normalized(&built.name) == name);
        }
        limits::check_unzipped(summary.bytes, &summary.dependencies)?;
        write_json(&built.join(RECORDS), &records)?;
        write_json(&built.join(SUMMARY), &summary)?;
        Ok(summary)
    }

    fn entry(&self, file: &TreeFile) -> Result<Entry, BundleError> {
        let reduced = is_reduced(self.request, self.patterns, &file.name);
        let content = if reduced && file.name.ends_with(".dist-info/METADATA") {
            let bytes = std::fs::read(&file.path).map_err(BundleError::io(&file.path, "read"))?;
            Content::Bytes(slim::reduced_metadata(&bytes))
        } else if reduced && elf::is_library(&file.name) {
            Content::Library(file.path.clone(), file.size)
        } else {
            Content::File(file.path.clone(), file.size)
        };
        Ok(Entry { name: file.name.clone(), content, executable: file.executable })
    }

    fn rules(&self, files: &[TreeFile], records: &Records, owners: &HashMap<&str, &str>) -> Vec<Option<Rule>> {
        let runtime = if self.request.runtime_packages {
            BTreeSet::new()
        } else {
            distributions::of_runtime(&records.distributions, &records.asked)
        };
        let slim = if self.request.slim { slim::slim(files, self.wanted) } else { vec![None; files.len()] };
        let rule = |((file, slim), always): ((&TreeFile, Option<Rule>), Option<Rule>)| {
            let name = file.name.as_str();
            let of_runtime = || owners.get(name).is_some_and(|owner| runtime.contains(owner));
            let rule = always
                .or_else(|| self.patterns.excludes_dependency(name).then_some(Rule::Pattern))
                .or_else(|| of_runtime().then_some(Rule::Runtime))
                .or(slim)?;
            (!rule.yields() || !self.patterns.includes(name)).then_some(rule)
        };
        files.iter().zip(slim).zip(slim::always(files)).map(rule).collect()
    }
}

/// Whether of a file that is shipped only what is needed at run time is.
pub fn is_reduced(request: &BundleRequest, patterns: &Patterns, name: &str) -> bool {
    request.slim && !patterns.includes(name)
}

fn summarize(archive: &Path, records: &Records, owners: &HashMap<&str, &str>) -> Result<Summary, BundleError> {
    let mut sizes: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    let mut bytes = 0;
    let listed = archive::list(archive)?;
    for file in &listed {
        bytes += file.bytes;
        if let Some(owner) = owners.get(file.name.as_str()) {
            let size = sizes.entry(owner).or_default();
            size.0 += file.bytes;
            size.1 += file.zipped_bytes;
        }
    }
    let dependencies = records.distributions.iter().filter_map(|(key, distribution)| {
        let (bytes, zipped_bytes) = *sizes.get(key.as_str())?;
        Some(Dependency {
            name: distribution.name.clone(),
            version: distribution.version.clone(),
            bytes,
            zipped_bytes,
            from_source: false,
        })
    });
    Ok(Summary { dependencies: dependencies.collect(), bytes })
}

fn write_json(place: &Path, value: &impl Serialize) -> Result<(), BundleError> {
    let text = serde_json::to_vec(value).map_err(|error| BundleError::io(place, "written")(error.into()))?;
    std::fs::write(place, text).map_err(BundleError::io(place, "written"))
}

fn gather(directory: &Path, prefix: &str, files: &mut Vec<TreeFile>) -> Result<(), BundleError> {
    for entry in std::fs::read_dir(directory).map_err(BundleError::io(directory, "read"))? {
        let entry = entry.map_err(BundleError::io(directory, "read"))?;
        let path = entry.path();
        let file_name = entry.file_name();
        let last = file_name
            .to_str()
            .ok_or_else(|| BundleError::FileName { path: path.clone(), reason: "it is not UTF-8" })?;
        let metadata = entry.metadata().map_err(BundleError::io(&path, "read"))?;
        let name = format!("{prefix}{last}");
        if metadata.is_dir() {
            gather(&path, &format!("{name}/"), files)?;
        } else if metadata.is_file() {
            files.push(TreeFile { name, path, size: metadata.len(), executable: sources::is_executable(&metadata) });
        }
    }
    Ok(())
}
