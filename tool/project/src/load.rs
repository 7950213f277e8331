//! From the file to the project: read, parsed, held against the language, understood.

use crate::project::{Defaults, Project, Source};
use crate::{Diagnostic, ProjectError};
use crate::{language, read, yaml};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

/// A file larger than this was not written by a person.
const MAX_FILE: u64 = 1024 * 1024;

impl Project {
    /// Reads the project that a slam.yaml describes.
    ///
    /// # Errors
    /// When the file cannot be read, or what it says is wrong: everything that could be found out at once.
    pub fn load(path: &Path, defaults: &Defaults) -> Result<Self, ProjectError> {
        let text = read_file(path).map_err(|diagnostic| ProjectError::new(path, "", vec![diagnostic]))?;
        Self::parse(&text, path, defaults)
    }

    /// Understands the text of a slam.yaml; `path` is its name in errors, and says where the project's code is.
    ///
    /// # Errors
    /// When what it says is wrong.
    pub fn parse(text: &str, path: &Path, defaults: &Defaults) -> Result<Self, ProjectError> {
        let fail = |diagnostics| ProjectError::new(path, text, diagnostics);
        let root = yaml::parse(text).map_err(|diagnostic| fail(vec![diagnostic]))?;
        let mut errors = Vec::new();
        language::check(&root, &mut errors);
        if !errors.is_empty() {
            return Err(fail(errors));
        }
        let source = Source { path: path.to_owned(), text: text.into(), root: Arc::new(root) };
        read::project(source, defaults).map_err(fail)
    }

    /// The files of variables that slam.yaml names with `from`, as it names them.
    #[must_use]
    pub fn variable_files(&self) -> Vec<&str> {
        read::variable_files(&self.source.root)
    }
}

fn read_file(path: &Path) -> Result<String, Diagnostic> {
    let name = path.display();
    let open = File::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Diagnostic::new(format!("there is no {name}"))
            .hint("`slam init module:callable` writes one; or name another file with `--config-file`"),
        _ => Diagnostic::new(format!("{name} cannot be read: {error}")),
    })?;
    let mut bytes = Vec::new();
    open.take(MAX_FILE + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Diagnostic::new(format!("{name} cannot be read: {error}")))?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(Diagnostic::new(format!("{name} is larger than 1 MB, which no slam.yaml needs to be")));
    }
    String::from_utf8(bytes).map_err(|error| {
        let line =
            1 + error.as_bytes()[..error.utf8_error().valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
        Diagnostic::new(format!("{name} is not UTF-8 text: the first invalid byte is on line {line}"))
    })
}
