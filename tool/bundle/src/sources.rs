//! Which of the project's files are shipped.

use crate::BundleError;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// A project with more files than this has something in it that is not its own.
const MAX_FILES: usize = 100_000;

/// Directories that are never part of an application.
const DIRECTORIES: [&str; 22] = [
    ".git",
    ".hg",
    ".svn",
    ".slam",
    ".venv",
    "__pycache__",
    "__pypackages__",
    "node_modules",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".hypothesis",
    ".tox",
    ".nox",
    ".eggs",
    ".idea",
    ".vscode",
    ".aws",
    ".ssh",
    ".aws-sam",
    ".serverless",
    ".terraform",
];

/// Files that are never part of an application, or hold secrets. Lists of dependencies are among them: they may name a
/// package index with its password.
const FILES: [&str; 15] = [
    "slam.yaml",
    "requirements.txt",
    "uv.lock",
    "pylock.toml",
    "poetry.lock",
    "Pipfile",
    "Pipfile.lock",
    "slam_error.log",
    ".DS_Store",
    ".gitignore",
    ".gitattributes",
    ".coverage",
    ".netrc",
    ".pypirc",
    ".python-version",
];

/// A file to ship.
#[derive(Debug)]
pub struct SourceFile {
    /// Its name in the package, with `/`.
    pub name: String,
    pub path: PathBuf,
    pub size: u64,
    pub executable: bool,
    /// Changes when the content may have.
    pub stamp: [i128; 2],
}

/// The user's patterns, over the rules.
pub struct Patterns {
    include: GlobSet,
    include_any: bool,
    exclude: GlobSet,
    exclude_directories: GlobSet,
    /// Of what is installed. Its patterns are apart: one such as `docs` is meant for the project, and would break a
    /// dependency that has a module of that name.
    exclude_dependencies: GlobSet,
    /// Leave out only what tells of a version control system.
    as_it_is: bool,
}

impl Patterns {
    /// Those of a folder that another tool made: what is in it belongs there.
    pub fn as_it_is(exclude: &[String]) -> Result<Self, BundleError> {
        Ok(Self { as_it_is: true, ..Self::new(&[], exclude)? })
    }

    /// Those of files that are served: `include` are those that `static.immutable` names.
    pub fn of_static(include: &[String], exclude: &[String]) -> Result<Self, BundleError> {
        Ok(Self {
            include: globs("static.immutable", include)?,
            exclude: globs("static.exclude", exclude)?,
            exclude_directories: directories("static.exclude", exclude)?,
            ..Self::new(&[], &[])?
        })
    }

    pub fn new(include: &[String], exclude: &[String]) -> Result<Self, BundleError> {
        Self::with_dependencies(include, exclude, &[])
    }

    pub fn with_dependencies(
        include: &[String],
        exclude: &[String],
        exclude_dependencies: &[String],
    ) -> Result<Self, BundleError> {
        Ok(Self {
            include: globs("package.include", include)?,
            include_any: !include.is_empty(),
            exclude: globs("package.exclude", exclude)?,
            exclude_directories: directories("package.exclude", exclude)?,
            exclude_dependencies: globs("package.exclude_dependencies", exclude_dependencies)?,
            as_it_is: false,
        })
    }

    pub fn includes(&self, name: &str) -> bool {
        self.include.is_match(name)
    }

    pub fn excludes_dependency(&self, name: &str) -> bool {
        self.exclude_dependencies.is_match(name)
    }
}

/// Patterns as in a .gitignore: without a slash at any depth, with one from the root; a directory with all in it.
fn globs(key: &'static str, patterns: &[String]) -> Result<GlobSet, BundleError> {
    if let Some(pattern) = patterns.iter().find(|pattern| pattern.starts_with('!')) {
        let reason = match key.starts_with("package.") {
            true => "what is excluded is brought back by `package.include`, not by an exclamation mark",
            false => "an exclamation mark brings nothing back here",
        };
        let reason = reason.to_owned();
        return Err(BundleError::Pattern { key, pattern: pattern.clone(), reason });
    }
    let files = patterns.iter().filter(|pattern| !pattern.ends_with('/')).map(|pattern| (pattern, rooted(pattern)));
    let inside = patterns.iter().map(|pattern| (pattern, format!("{}/**", rooted(pattern))));
    set(key, files.chain(inside))
}

/// Those that are for directories alone, as they end with a slash.
fn directories(key: &'static str, patterns: &[String]) -> Result<GlobSet, BundleError> {
    set(key, patterns.iter().filter(|pattern| pattern.ends_with('/')).map(|pattern| (pattern, rooted(pattern))))
}

fn rooted(pattern: &str) -> String {
    let text = pattern.trim_end_matches('/');
    match text.strip_prefix('/') {
        Some(rest) => rest.to_owned(),
        None if text.contains('/') => text.to_owned(),
        None => format!("**/{text}"),
    }
}

/// The globs of patterns, each with the text that it was made from.
fn set<'a>(key: &'static str, globs: impl Iterator<Item = (&'a String, String)>) -> Result<GlobSet, BundleError> {
    let bad = |pattern: &str, error: &globset::Error| BundleError::Pattern {
        key,
        pattern: pattern.to_owned(),
        reason: error.kind().to_string(),
    };
    let mut set = GlobSetBuilder::new();
    for (pattern, text) in globs {
        set.add(GlobBuilder::new(&text).literal_separator(true).build().map_err(|error| bad(pattern, &error))?);
    }
    set.build().map_err(|error| bad("", &error))
}

/// The files to ship, sorted by name. `skipped` are directories of slam's own that may be inside the project.
pub fn collect(project: &Path, patterns: &Patterns, skipped: &[PathBuf]) -> Result<Vec<SourceFile>, BundleError> {
    let root = fs::canonicalize(project)
        .ok()
        .filter(|root| root.is_dir())
        .ok_or_else(|| BundleError::Project { project: project.to_owned() })?;
    let skipped = skipped.iter().filter_map(|path| fs::canonicalize(path).ok()).collect();
    let mut walk = Walk { root: &root, patterns, skipped, files: Vec::new(), ancestors: Vec::new() };
    walk.directory(&root, "", false)?;
    walk.files.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(walk.files)
}

struct Walk<'a> {
    root: &'a Path,
    patterns: &'a Patterns,
    skipped: Vec<PathBuf>,
    files: Vec<SourceFile>,
    /// The real paths of the directories that are being read, to find a link that leads to one of them.
    ancestors: Vec<PathBuf>,
}

impl Walk<'_> {
    /// `excluded` is true inside a directory that is excluded, where only what is included is looked for.
    fn directory(&mut self, path: &Path, prefix: &str, excluded: bool) -> Result<(), BundleError> {
        let real = fs::canonicalize(path).map_err(BundleError::io(path, "read"))?;
        if !prefix.is_empty() && self.skipped.contains(&real) {
            return Ok(());
        }
        if self.ancestors.contains(&real) {
            return Err(BundleError::SymlinkBroken {
                link: prefix.trim_end_matches('/').to_owned(),
                problem: "leads to a directory above itself",
            });
        }
        self.ancestors.push(real);
        for entry in fs::read_dir(path).map_err(BundleError::io(path, "read"))? {
            let path = entry.map_err(BundleError::io(path, "read"))?.path();
            let name = file_name(&path)?;
            self.entry(&path, format!("{prefix}{name}"), name, excluded)?;
        }
        self.ancestors.pop();
        Ok(())
    }

    fn entry(&mut self, path: &Path, name: String, last: &str, excluded: bool) -> Result<(), BundleError> {
        let included = self.patterns.include.is_match(&name);
        let excluded = excluded || self.patterns.exclude.is_match(&name);
        if excluded && !included && !self.patterns.include_any {
            return Ok(());
        }
        let metadata = fs::symlink_metadata(path).map_err(BundleError::io(path, "read"))?;
        let link = metadata.is_symlink();
        // Through a link what counts is what it leads to; where there is nothing there, the name must do.
        let metadata = if link { fs::metadata(path).ok() } else { Some(metadata) };
        let directory = metadata.as_ref().is_some_and(Metadata::is_dir);
        let excluded = excluded
            || (directory && self.patterns.exclude_directories.is_match(&name))
            || self.patterns.never_ships(path, last, directory)
            || self.skipped.iter().any(|it| it == path);
        if excluded && !included && !(directory && self.patterns.include_any && !link) {
            return Ok(());
        }
        if link {
            self.check_link(path, &name)?;
        }
        let Some(metadata) = metadata else {
            return Err(BundleError::SymlinkBroken { link: name, problem: "leads to nothing" });
        };
        if directory {
            return self.directory(path, &format!("{name}/"), excluded && !included);
        }
        if !metadata.is_file() {
            return Err(BundleError::SpecialFile { name, what: kind_of(&metadata) });
        }
        if self.files.len() >= MAX_FILES {
            return Err(BundleError::TooManyFiles { project: self.root.to_owned(), limit: MAX_FILES });
        }
        self.files.push(SourceFile {
            name,
            path: path.to_owned(),
            size: metadata.len(),
            executable: is_executable(&metadata),
            stamp: stamp(&metadata),
        });
        Ok(())
    }

    fn check_link(&self, path: &Path, name: &str) -> Result<(), BundleError> {
        match fs::canonicalize(path) {
            Ok(real) if real.starts_with(self.root) => Ok(()),
            Ok(real) => Err(BundleError::SymlinkEscapes { link: name.to_owned(), leads_to: real }),
            Err(_) => Err(BundleError::SymlinkBroken { link: name.to_owned(), problem: "leads to nothing" }),
        }
    }
}

/// Why a file that is in the project is not shipped.
pub fn why_not(project: &Path, patterns: &Patterns, name: &str) -> Option<String> {
    let mut length = 0;
    for part in name.split('/') {
        length += part.len();
        let above = &name[..length];
        let path = project.join(above);
        let directory = path.is_dir();
        if patterns.exclude.is_match(above) || (directory && patterns.exclude_directories.is_match(above)) {
            return Some(format!("`package.exclude` leaves {above} out"));
        }
        if patterns.never_ships(&path, part, directory) {
            return Some(format!("{above} is no part of an application, or may hold secrets"));
        }
        length += 1;
    }
    None
}

fn file_name(path: &Path) -> Result<&str, BundleError> {
    let bad = |reason| BundleError::FileName { path: path.to_owned(), reason };
    let name = path.file_name().and_then(|name| name.to_str()).ok_or_else(|| bad("it is not UTF-8"))?;
    if name.contains('\\') || name.chars().any(char::is_control) {
        return Err(bad("it has a backslash or a control character"));
    }
    Ok(name)
}

impl Patterns {
    fn never_ships(&self, path: &Path, name: &str, directory: bool) -> bool {
        if self.as_it_is {
            [".git", ".hg", ".svn", ".DS_Store"].contains(&name)
        } else {
            is_never_shipped(path, name, directory)
        }
    }
}

fn is_never_shipped(path: &Path, name: &str, directory: bool) -> bool {
    if directory {
        DIRECTORIES.contains(&name) || name.ends_with(".egg-info") || path.join("pyvenv.cfg").is_file()
    } else {
        FILES.contains(&name) || name.starts_with(".env") || name.ends_with(".pyc") || name.ends_with(".pyo")
    }
}

#[cfg(unix)]
fn kind_of(metadata: &Metadata) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    let kind = metadata.file_type();
    if kind.is_socket() {
        "a socket"
    } else if kind.is_fifo() {
        "a named pipe"
    } else {
        "a device"
    }
}

#[cfg(not(unix))]
fn kind_of(_: &Metadata) -> &'static str {
    "no regular file"
}

#[cfg(unix)]
pub fn is_executable(metadata: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
pub fn is_executable(_: &Metadata) -> bool {
    false
}

/// When the content was written and, where the system tells, when the file was last changed in any way: the second
/// cannot be set back by a tool that copies times.
fn stamp(metadata: &Metadata) -> [i128; 2] {
    let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let modified = modified.map_or(-1, |time| i128::try_from(time.as_nanos()).unwrap_or(-1));
    #[cfg(unix)]
    let changed = {
        use std::os::unix::fs::MetadataExt;
        i128::from(metadata.ctime()) * 1_000_000_000 + i128::from(metadata.ctime_nsec())
    };
    #[cfg(not(unix))]
    let changed = 0;
    [modified, changed]
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn project(files: &[&str]) -> tempfile::TempDir {
        let directory = tempfile::tempdir().expect("a temporary directory");
        for name in files {
            let path = directory.path().join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("created");
            fs::write(path, name).expect("written");
        }
        directory
    }

    fn found(project: &Path, include: &[&str], exclude: &[&str]) -> Result<Vec<String>, BundleError> {
        let owned = |patterns: &[&str]| patterns.iter().map(|pattern| (*pattern).to_owned()).collect::<Vec<_>>();
        let patterns = Patterns::new(&owned(include), &owned(exclude))?;
        Ok(collect(project, &patterns, &[])?.into_iter().map(|file| file.name).collect())
    }

    fn check(files: &[&str], include: &[&str], exclude: &[&str], expected: &[&str]) {
        let project = project(files);
        assert_eq!(found(project.path(), include, exclude).expect("collected"), expected);
    }

    #[test]
    fn what_is_no_part_of_an_application_stays_behind() {
        check(
            &[
                "app.py",
                "a/b.py",
                "tests/test_a.py",
                ".git/config",
                "a/__pycache__/b.pyc",
                "b.pyc",
                ".env",
                ".env.prod",
                "slam.yaml",
                "env/pyvenv.cfg",
                "env/lib/x.py",
                "node_modules/x/index.js",
                "tasks.egg-info/PKG-INFO",
                ".slam/cache",
                "requirements.txt",
                "uv.lock",
            ],
            &[],
            &[],
            &["a/b.py", "app.py", "tests/test_a.py"],
        );
    }

    #[test]
    fn patterns_are_those_of_a_gitignore() {
        let files = ["app.py", "docs/a.md", "a/docs/b.md", "a/x.md", "b.md"];
        check(&files, &[], &["docs"], &["a/x.md", "app.py", "b.md"]);
        check(&files, &[], &["/docs"], &["a/docs/b.md", "a/x.md", "app.py", "b.md"]);
        check(&files, &[], &["docs/**"], &["a/docs/b.md", "a/x.md", "app.py", "b.md"]);
        check(&files, &[], &["*.md"], &["app.py"]);
        check(&files, &[], &["docs/"], &["a/x.md", "app.py", "b.md"]);
        check(&["build", "a/build/x.py"], &[], &["build/"], &["build"]);
        check(&["build", "a/build/x.py"], &["a/build/x.py"], &["build/"], &["a/build/x.py", "build"]);
        check(&files, &[], &["a/*.md"], &["a/docs/b.md", "app.py", "b.md", "docs/a.md"]);
    }

    #[test]
    fn what_is_included_comes_back() {
        check(&["app.py", ".env", ".env.prod"], &[".env.prod"], &[], &[".env.prod", "app.py"]);
        check(&["app.py", "docs/a.md", "docs/b.md"], &["docs/a.md"], &["docs"], &["app.py", "docs/a.md"]);
        check(&["node_modules/x/i.js", "node_modules/y/i.js"], &["node_modules/x"], &[], &["node_modules/x/i.js"]);
    }

    #[test]
    fn a_broken_pattern_is_named() {
        let project = project(&[]);
        for pattern in ["a[", "!a"] {
            let error = found(project.path(), &[], &[pattern]).expect_err("refused").to_string();
            assert!(error.starts_with(&format!("`{pattern}` in `package.exclude` is not a pattern: ")), "{error}");
        }
    }

    #[test]
    fn links_inside_the_project_are_followed() {
        let project = project(&["a/x.py"]);
        symlink("a", project.path().join("b")).expect("linked");
        symlink("a/x.py", project.path().join("y.py")).expect("linked");
        assert_eq!(found(project.path(), &[], &[]).expect("collected"), ["a/x.py", "b/x.py", "y.py"]);
    }

    #[test]
    fn links_out_of_the_project_are_refused() {
        for target in ["/etc/hostname", "/etc", "../"] {
            let project = project(&[]);
            symlink(target, project.path().join("link")).expect("linked");
            assert!(matches!(found(project.path(), &[], &[]), Err(BundleError::SymlinkEscapes { .. })), "{target}");
            assert_eq!(found(project.path(), &[], &["link"]).expect("collected"), [""; 0], "excluded");
        }
    }

    #[test]
    fn links_to_nothing_and_loops_are_refused() {
        for (target, link) in [("missing", "link"), (".", "link"), ("..", "a/link")] {
            let project = project(&["a/x.py"]);
            symlink(target, project.path().join(link)).expect("linked");
            assert!(matches!(found(project.path(), &[], &[]), Err(BundleError::SymlinkBroken { .. })), "{target}");
        }
    }

    #[test]
    fn what_is_no_file_is_refused() {
        let project = project(&[]);
        let _socket = std::os::unix::net::UnixListener::bind(project.path().join("socket")).expect("bound");
        let error = found(project.path(), &[], &[]).expect_err("refused");
        assert_eq!(error.to_string(), "socket is a socket, which cannot be in a package");
    }
}
