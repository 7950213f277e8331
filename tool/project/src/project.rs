//! The project: what slam.yaml says, understood.

use crate::model::{
    ApiKind, Architecture, Bucket, Function, Http, Logs, Package, Permission, Queue, Secret, Stage, StaticFiles, Table,
    Target, Tasks, Topic,
};
use crate::yaml::Node;
use crate::{Diagnostic, ProjectError};
use indexmap::IndexMap;
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What holds where slam.yaml says nothing and the machine has a say.
#[derive(Clone, Debug)]
pub struct Defaults {
    /// The Lambda runtime. It is asked for only where slam.yaml names none: finding it out may start programs.
    pub runtime: fn() -> String,
    /// The processor.
    pub architecture: Architecture,
}

impl Default for Defaults {
    fn default() -> Self {
        Self { runtime: || "python3.13".to_owned(), architecture: Architecture::X86_64 }
    }
}

/// A project as its slam.yaml describes it, checked.
#[derive(Clone, Debug)]
pub struct Project {
    /// Its name, also the stack's.
    pub name: String,
    /// What tells it from others of its name, wherever it is deployed from.
    pub id: Option<String>,
    /// One line about it.
    pub description: Option<String>,
    /// The directory of slam.yaml, which holds the code.
    pub directory: PathBuf,
    /// The function that the top of the file describes.
    pub function: Function,
    /// More functions, in the order of the file.
    pub functions: Vec<Function>,
    /// Whether code may be run in the functions from outside: `slam invoke --raw`, `slam manage`.
    pub commands: bool,
    /// How the first function is reached over HTTP, where it is.
    pub http: Option<Http>,
    /// The kind of API in front of all functions that answer requests.
    pub api: ApiKind,
    /// Files that the API serves without a function.
    pub static_files: Option<StaticFiles>,
    /// How the package of the first function is made, and of all that have none of their own.
    pub package: Package,
    /// The stages, at least one, in the order of the file.
    pub stages: Vec<Stage>,
    /// The name of the development stage, one of `stages`.
    pub dev_stage: String,
    /// Environment variables of all stages.
    pub environment: IndexMap<String, String>,
    /// Variables of all stages whose values are kept elsewhere.
    pub secrets: IndexMap<String, Secret>,
    /// The tables.
    pub tables: Vec<Table>,
    /// The queues.
    pub queues: Vec<Queue>,
    /// The topics.
    pub topics: Vec<Topic>,
    /// The buckets.
    pub buckets: Vec<Bucket>,
    /// What the functions may do beside using the tables and writing logs.
    pub permissions: Vec<Permission>,
    /// Functions that are called later, where the project has some.
    pub tasks: Option<Tasks>,
    /// The functions' logs.
    pub logs: Logs,
    /// Tags of every resource.
    pub tags: IndexMap<String, String>,
    /// The user's own resources, by logical id.
    pub resources: Map<String, Value>,
    /// The user's own outputs, by name.
    pub outputs: Map<String, Value>,
    pub(crate) source: Source,
}

/// The file a project was read from, for errors that are found later.
#[derive(Clone, Debug)]
pub struct Source {
    pub path: PathBuf,
    pub text: Arc<str>,
    pub root: Arc<Node>,
}

/// A package that is built, and the functions that run from it.
#[derive(Clone, Debug)]
pub struct PackagePlan<'p> {
    /// The function that it is for, where it is that function's own.
    pub name: Option<&'p str>,
    /// How it is made.
    pub settings: &'p Package,
    /// The functions in it, at least one. They have one runtime and architecture.
    pub functions: Vec<&'p Function>,
}

/// The stages that share a stack: those with the same target, region and profile.
#[derive(Clone, Debug)]
pub struct Deployment<'p> {
    /// Where the stack lives.
    pub target: Target,
    /// The region, if one was given.
    pub region: Option<&'p str>,
    /// The profile, if one was given.
    pub profile: Option<&'p str>,
    /// Its stages, in the order of the file.
    pub stages: Vec<&'p Stage>,
}

impl Project {
    /// The path of slam.yaml, as it was named.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.source.path
    }

    /// The text of slam.yaml.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.source.text
    }

    /// The stage of this name.
    #[must_use]
    pub fn stage(&self, name: &str) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.name == name)
    }

    /// All functions, the one at the top of the file first.
    pub fn all_functions(&self) -> impl Iterator<Item = &Function> {
        std::iter::once(&self.function).chain(&self.functions)
    }

    /// Whether there is an API: something answers requests.
    #[must_use]
    pub fn has_api(&self) -> bool {
        self.http.is_some() || self.functions.iter().any(|function| function.path.is_some())
    }

    /// Whether the answers of a function go out as its application makes them.
    #[must_use]
    pub fn streams(&self, function: &Function) -> bool {
        self.http.is_some_and(|http| http.stream) && function.is_web()
    }

    /// Whether the adapter tells browsers which pages may read its answers.
    #[must_use]
    pub fn tells_origins(&self) -> bool {
        self.api == ApiKind::Rest && self.stages.iter().any(|stage| stage.settings.cors.is_some())
    }

    /// The packages that are built, the first function's first.
    #[must_use]
    pub fn packages(&self) -> Vec<PackagePlan<'_>> {
        let shared = self.all_functions().filter(|function| function.package.is_none()).collect();
        let first = PackagePlan { name: None, settings: &self.package, functions: shared };
        let own = self.functions.iter().filter_map(|function| {
            let settings = function.package.as_ref()?;
            Some(PackagePlan { name: function.name.as_deref(), settings, functions: vec![function] })
        });
        std::iter::once(first).chain(own).collect()
    }

    /// The stages by the stack that they live in, the development stage's first.
    #[must_use]
    pub fn deployments(&self) -> Vec<Deployment<'_>> {
        let mut deployments: Vec<Deployment<'_>> = Vec::new();
        for stage in &self.stages {
            let (target, region, profile) = (stage.target, stage.region.as_deref(), stage.profile.as_deref());
            let same =
                |other: &&mut Deployment<'_>| (other.target, other.region, other.profile) == (target, region, profile);
            match deployments.iter_mut().find(same) {
                Some(deployment) => deployment.stages.push(stage),
                None => deployments.push(Deployment { target, region, profile, stages: vec![stage] }),
            }
        }
        deployments.sort_by_key(|deployment| !deployment.stages.iter().any(|stage| stage.name == self.dev_stage));
        deployments
    }

    /// Shows an error that was found after reading, at the place of the value with this path of keys. Several paths
    /// may be tried, as the same thing can be said in the original's words and in today's.
    #[must_use]
    pub fn error(&self, paths: &[&[&str]], message: impl Into<String>, hint: Option<String>) -> ProjectError {
        let place = paths.iter().find_map(|path| {
            let (last, first) = path.split_last()?;
            let parent = first.iter().try_fold(&*self.source.root, |node, key| node.get(key))?;
            parent.entry(last).map(|(key, _)| key.span.clone())
        });
        let mut diagnostic = Diagnostic { span: place, ..Diagnostic::new(message) };
        diagnostic.hints.extend(hint);
        ProjectError::new(&self.source.path, self.source.text.clone(), vec![diagnostic])
    }
}
