//! Why something is in the package, or is not.

use crate::build::{Built, build_with_dependencies};
use crate::dependencies::Records;
use crate::requirements::locks;
use crate::size::size;
use crate::slim::Rule;
use crate::slim::elf;
use crate::{BundleError, BundleRequest, Dependency, Progress, dependencies, distributions, handler, sources};
use std::collections::BTreeMap;

/// How many files are named of a directory.
const NAMED: usize = 10;

/// Why `path`, a file, a directory or a distribution, is in the package or is not; of all dependencies when `None`.
///
/// # Errors
/// As [`crate::build()`], which it does first.
pub fn explain(
    request: &BundleRequest,
    path: Option<&str>,
    progress: &dyn Progress,
) -> Result<Vec<String>, BundleError> {
    let built = build_with_dependencies(request, progress)?;
    let records = built.installed.as_ref().map_or_else(|| Ok(Records::default()), |installed| installed.records())?;
    let package = Explained { request, built: &built, records };
    Ok(match path {
        Some(path) => package.path(path.trim_start_matches("./").trim_end_matches('/')),
        None => package.all(),
    })
}

struct Explained<'a> {
    request: &'a BundleRequest,
    built: &'a Built,
    records: Records,
}

impl Explained<'_> {
    fn all(&self) -> Vec<String> {
        let mut parts: Vec<&Dependency> = self.built.package.dependencies.iter().collect();
        parts.sort_by(|one, other| other.zipped_bytes.cmp(&one.zipped_bytes).then_with(|| one.name.cmp(&other.name)));
        let mut lines: Vec<String> = parts
            .iter()
            .map(|part| {
                let why = self.why(&locks::normalized(&part.name));
                format!("{:>8} zipped  {:>8} unzipped  {why}", size(part.zipped_bytes), size(part.bytes))
            })
            .collect();
        let mut left: BTreeMap<Rule, usize> = BTreeMap::new();
        for rule in self.records.files.values().filter_map(|(_, rule)| *rule) {
            *left.entry(rule).or_default() += 1;
        }
        lines.extend(left.iter().map(|(rule, count)| format!("left out: {}: {}", files(*count), rule.about())));
        lines.push(format!("{} of the project", files(self.built.files.len())));
        lines
    }

    /// `markupsafe 3.0.2: requirements.txt → flask → jinja2 → markupsafe`
    fn why(&self, distribution: &str) -> String {
        let version = self.records.distributions.get(distribution).map_or("", |known| known.version.as_str());
        let chain = distributions::chain(&self.records.distributions, &self.records.asked, distribution);
        let from = self.built.requirements.as_deref().unwrap_or("the requirements");
        format!("{distribution} {version}: {from} → {}", chain.join(" → "))
    }

    fn path(&self, path: &str) -> Vec<String> {
        let in_project = |name: &str| self.built.files.iter().any(|file| file.name == name);
        if handler::is_reserved(&self.request.handlers, path) {
            return vec![format!("{path} is slam's own: the adapter between Lambda and the application")];
        }
        if in_project(path) {
            return vec![format!("{path} is a file of the project")];
        }
        if let Some((owner, rule)) = self.records.files.get(path) {
            return self.file(path, owner.as_deref(), *rule);
        }
        let place = std::fs::canonicalize(self.request.project.join(path));
        if place.is_ok_and(|place| self.request.others.iter().any(|other| place.starts_with(other))) {
            return vec![format!("{path} is left out: it is in the package of another function")];
        }
        if self.request.project.join(path).exists()
            && let Some(reason) = sources::why_not(&self.request.project, &self.built.patterns, path)
        {
            return vec![format!("{path} is left out: {reason}"), "`package.include` brings it back".to_owned()];
        }
        let below = self.below(path);
        if !below.is_empty() {
            return below;
        }
        let distribution = locks::normalized(path);
        if self.records.distributions.contains_key(&distribution) {
            return vec![self.why(&distribution)];
        }
        vec![format!("{path} is neither in the project nor in a dependency")]
    }

    fn file(&self, path: &str, owner: Option<&str>, rule: Option<Rule>) -> Vec<String> {
        let mut lines = vec![match rule {
            Some(rule) => format!("{path} is left out: {}", rule.about()),
            None => format!("{path} is a file of a dependency"),
        }];
        lines.extend(owner.map(|owner| self.why(owner)));
        if rule.is_some_and(Rule::yields) {
            lines.push("`package.include` brings it back".to_owned());
        }
        let reduced = rule.is_none() && dependencies::is_reduced(self.request, &self.built.patterns, path);
        if reduced && elf::is_library(path) {
            lines.push(
                "its symbol tables and debug information, which nothing loads, are left out; `package.include` keeps them"
                    .to_owned(),
            );
        }
        lines
    }

    /// What is below a directory.
    fn below(&self, path: &str) -> Vec<String> {
        let prefix = format!("{path}/");
        let own: Vec<&str> =
            self.built.files.iter().map(|file| file.name.as_str()).filter(|name| name.starts_with(&prefix)).collect();
        let mut lines: Vec<String> =
            own.iter().take(NAMED).map(|name| format!("{name} is a file of the project")).collect();
        if own.len() > NAMED {
            lines.push(format!("… and {} of the project besides", files(own.len() - NAMED)));
        }
        let mut groups: BTreeMap<(Option<Rule>, Option<&str>), usize> = BTreeMap::new();
        for (_, (owner, rule)) in self.records.files.iter().filter(|(name, _)| name.starts_with(&prefix)) {
            *groups.entry((*rule, owner.as_deref())).or_default() += 1;
        }
        for ((rule, owner), count) in groups {
            let why = owner.map_or_else(|| "a dependency".to_owned(), |owner| self.why(owner));
            lines.push(match rule {
                None => format!("{} of {why}", files(count)),
                Some(rule) => format!("left out: {}: {} ({why})", files(count), rule.about()),
            });
        }
        lines
    }
}

fn files(count: usize) -> String {
    format!("{count} file{}", if count == 1 { "" } else { "s" })
}
