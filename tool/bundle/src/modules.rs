//! Where a module of the project is that Python would not find: what is left out of the package, lies deeper or is spelt
//! otherwise.

use crate::sources::{self, Patterns, SourceFile};
use crate::{BundleError, BundleRequest};
use regex::Regex;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

/// So many modules are searched for a callable, and so much of each.
const SEARCHED: usize = 200;
const SEARCHED_BYTES: u64 = 256 << 10;

/// How many modules are named.
const NAMED: usize = 4;

/// The project as far as it is packed.
pub struct Modules<'a> {
    pub request: &'a BundleRequest,
    pub patterns: &'a Patterns,
    pub files: &'a [SourceFile],
}

/// The files that make a module, by its dotted name.
pub fn files_of(module: &str) -> [String; 2] {
    let path = module.replace('.', "/");
    [format!("{path}.py"), format!("{path}/__init__.py")]
}

impl Modules<'_> {
    /// The error for a handler whose module is not in the package.
    pub fn missing(&self, module: &str, callable: &str) -> BundleError {
        let spelt = || Some(meant(self.otherwise_spelt(module)?, &format!(":{callable}")));
        let found = self.left_out(module).or_else(|| self.outside(module)).or_else(spelt);
        let found = found.or_else(|| self.deeper(module, |_| true));
        let hint = found.or_else(|| self.with_callable(callable)).or_else(|| self.part(module));
        let hint = hint.unwrap_or_else(|| self.any());
        BundleError::Module {
            module: module.to_owned(),
            looked_for: files_of(module).to_vec(),
            project: self.request.project.clone(),
            hint,
        }
    }

    /// What to do about a module that is the project's own; `None` if the project has nothing like it. `importers` are the
    /// files that lead to its import.
    pub fn own(&self, module: &str, importers: &[&str]) -> Option<String> {
        // A folder that none of them is in may have a module of that name for reasons of its own.
        let is_near = |above: &str| importers.iter().any(|file| file.starts_with(&format!("{above}/")));
        let found = self.left_out(module).or_else(|| self.outside(module));
        found.or_else(|| self.deeper(module, is_near)).or_else(|| self.part(module))
    }

    /// The module that may be meant, which the project has under nearly the same name, with a question about it. None of
    /// those that import it.
    pub fn near(&self, module: &str, importers: &[&str]) -> Option<(String, String)> {
        let file = self.otherwise_spelt(module).filter(|file| !importers.contains(file))?;
        Some((module_of(file), meant(file, "")))
    }

    /// Whether a file is the project's own.
    pub fn has(&self, file: &str) -> bool {
        self.files.binary_search_by(|it| it.name.as_str().cmp(file)).is_ok()
    }

    /// It is in the folder that is packed, and left out.
    fn left_out(&self, module: &str) -> Option<String> {
        let folder = module.replace('.', "/");
        let [file, init] = files_of(module);
        let is_left_out =
            |name: &String| !self.files.iter().any(|it| it.name == *name || it.name.starts_with(&format!("{name}/")));
        let there = |name: &&String| self.request.project.join(name).is_file();
        let found = [file, init].iter().find(there).cloned().or_else(|| {
            let has_modules = entries(&self.request.project.join(&folder)).any(|name| name.ends_with(".py"));
            has_modules.then_some(folder)
        });
        let found = found.filter(is_left_out)?;
        let place = fs::canonicalize(self.request.project.join(&found)).ok()?;
        if self.request.others.iter().any(|other| place.starts_with(other)) {
            return Some(format!("{found} is in the package of another function, and each has its own files"));
        }
        // A package is taken with all that is in it.
        let wanted = found.strip_suffix("/__init__.py").unwrap_or(&found);
        let why = sources::why_not(&self.request.project, self.patterns, &found);
        let why = why.map(|why| format!(" ({why})")).unwrap_or_default();
        Some(format!("{found} is in the project, but left out{why}: `package: {{include: [{wanted}]}}` takes it"))
    }

    /// It is beside slam.yaml, and a folder below is packed.
    fn outside(&self, module: &str) -> Option<String> {
        let BundleRequest { root, project, .. } = self.request;
        let packed = relative(project, root)?;
        let found = files_of(module).into_iter().find(|file| root.join(file).is_file())?;
        Some(format!(
            "there is {found} beside slam.yaml, and `package: {{path: {packed}}}` packs that folder alone: move it there"
        ))
    }

    /// It is in a folder that Python does not search.
    fn deeper(&self, module: &str, may_be: impl Fn(&str) -> bool) -> Option<String> {
        let candidates = files_of(module).map(|file| format!("/{file}"));
        let folder = format!("/{}/", module.replace('.', "/"));
        let above = |name: &str| {
            let of_module = candidates.iter().find_map(|it| name.strip_suffix(it.as_str()));
            // A package need not have a file of its own.
            of_module
                .or_else(|| name.ends_with(".py").then(|| name.split_once(&folder))?.map(|(above, _)| above))
                .map(str::to_owned)
        };
        let modules = self.files.iter().map(|file| &file.name);
        let (file, above) = modules.filter_map(|name| Some((name, above(name)?))).find(|(_, above)| may_be(above))?;
        let whole = format!("{}.{module}", above.replace('/', "."));
        let path = relative(&self.request.project, &self.request.root)
            .map_or_else(|| above.clone(), |it| format!("{it}/{above}"));
        let from = self.from();
        Some(format!(
            "there is {file}, and Python finds modules from {from} on: name it `{whole}`, or pack its folder with `package: {{path: {path}}}`"
        ))
    }

    /// The file of a module beside it that has nearly its name.
    fn otherwise_spelt(&self, module: &str) -> Option<&str> {
        if let Some([of_file, _]) = module.strip_suffix(".py").map(files_of) {
            // Named as its file is.
            return self.files.iter().map(|file| file.name.as_str()).find(|name| *name == of_file);
        }
        let (above, last) = module.rsplit_once('.').unwrap_or(("", module));
        let folder = if above.is_empty() { String::new() } else { above.replace('.', "/") + "/" };
        let beside = self.files.iter().filter_map(|file| {
            let rest = file.name.strip_prefix(&folder)?;
            let name = rest.strip_suffix("/__init__.py").or_else(|| rest.strip_suffix(".py"))?;
            (!name.contains('/') && name != last && name != "__init__").then_some((name, &file.name))
        });
        let is_near = |(name, _): &(&str, &String)| {
            // A file system of another machine may not mind the case.
            name.eq_ignore_ascii_case(last) || (last.len() > 3 && strsim::osa_distance(name, last) == 1)
        };
        beside.filter(is_near).min().map(|(_, file)| file.as_str())
    }

    /// A package of the project has no such part.
    fn part(&self, module: &str) -> Option<String> {
        let (top, _) = module.split_once('.')?;
        let own = [format!("{top}/"), format!("{top}.py")];
        let there = self.files.iter().any(|file| file.name == own[1] || file.name.starts_with(&own[0]));
        there
            .then(|| format!("there is no {} in the project: create it, or correct what names it", files_of(module)[0]))
    }

    /// The modules that have a callable of this name at their top.
    pub fn with_callable(&self, callable: &str) -> Option<String> {
        let first = callable.split('.').next().unwrap_or(callable);
        let pattern = format!(r"(?m)^(?:(?:async )?def |class )?{}\b *(?:[(=:]|$)", regex::escape(first));
        let defines = Regex::new(&pattern).ok()?;
        let modules = self.files.iter().filter(|file| file.name.ends_with(".py")).take(SEARCHED);
        let has = |file: &&SourceFile| defines.is_match(&begin_of(&file.path));
        let found: Vec<String> = modules
            .filter(has)
            .take(NAMED)
            .map(|file| format!("`app: {}:{callable}`", module_of(&file.name)))
            .collect();
        (!found.is_empty()).then(|| format!("did you mean {}?", found.join(" or ")))
    }

    fn any(&self) -> String {
        let modules: Vec<&str> = self
            .files
            .iter()
            .map(|file| file.name.as_str())
            .filter(|name| name.ends_with(".py") && !name.contains('/'))
            .take(NAMED)
            .collect();
        let there = if modules.is_empty() { "no module at all".to_owned() } else { modules.join(", ") };
        format!(
            "correct `app: module:callable` in slam.yaml: Python finds modules from {} on, and there is {there}",
            self.from()
        )
    }

    /// Where Python begins to search, as the user knows it.
    fn from(&self) -> String {
        let packed = relative(&self.request.project, &self.request.root);
        packed.map_or_else(|| "the directory of slam.yaml".to_owned(), |path| format!("{path} (`package.path`)"))
    }
}

fn meant(file: &str, callable: &str) -> String {
    format!("there is {file}: did you mean `{}{callable}`?", module_of(file))
}

fn module_of(name: &str) -> String {
    let path = name.strip_suffix("/__init__.py").or_else(|| name.strip_suffix(".py")).unwrap_or(name);
    path.replace('/', ".")
}

/// `path` below `root`, if it is another.
fn relative(path: &Path, root: &Path) -> Option<String> {
    let (path, root) = (fs::canonicalize(path).ok()?, fs::canonicalize(root).ok()?);
    let below = path.strip_prefix(root).ok()?.to_str()?.replace('\\', "/");
    (!below.is_empty()).then_some(below)
}

fn entries(folder: &Path) -> impl Iterator<Item = String> {
    let found = fs::read_dir(folder).into_iter().flatten().flatten();
    found.filter_map(|entry| entry.file_name().into_string().ok())
}

fn begin_of(path: &Path) -> String {
    let mut text = Vec::new();
    // What cannot be read has no callable.
    let _ = File::open(path).and_then(|file| file.take(SEARCHED_BYTES).read_to_end(&mut text));
    String::from_utf8_lossy(&text).into_owned()
}
