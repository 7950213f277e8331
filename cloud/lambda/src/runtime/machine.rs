//! What this machine has for functions to run on, and what to do about what it lacks.

use super::java::{Jdk, Jdks};
use super::lack::Lack;
use super::nodejs::{Node, Nodes};
use super::python::{Interpreter, Interpreters};
use super::search::on_path;
use super::{java, nodejs, python};
use crate::model::runtime::Runtime;
use std::path::{Path, PathBuf};

/// The programs that run functions. They are looked for when they are asked for, and remembered.
#[derive(Clone, Default)]
pub struct Machine {
    interpreters: Interpreters,
    nodes: Nodes,
    jdks: Jdks,
    /// A uv that is not on PATH.
    uv: Option<PathBuf>,
}

impl Machine {
    /// This machine, with the data of a cloud in `data`: the command line keeps a uv of its own beside that.
    pub fn new(data: &Path) -> Self {
        Self { uv: data.parent().map(|home| home.join("uv/bin/uv")), ..Self::default() }
    }

    /// What the runtime of this name needs that is not here. May start programs: call it on a thread that may block.
    pub fn lacks(&self, runtime: &str) -> Option<Lack> {
        match Runtime::parse(runtime) {
            Ok(Runtime::Python { version }) => self.python(&version).err(),
            Ok(Runtime::Nodejs { major }) => self.nodejs(major).err(),
            Ok(Runtime::Java { major }) => self.java(major).err(),
            Ok(Runtime::Provided { .. }) => None,
            Err(error) => {
                let remedy = "choose a runtime that the embedded cloud has, or deploy it to AWS".to_owned();
                Some(Lack { what: error.message, remedy })
            }
        }
    }

    /// The interpreters that were found so far.
    pub fn interpreters(&self) -> Vec<Interpreter> {
        self.interpreters.found()
    }

    pub(super) fn python(&self, version: &str) -> Result<Interpreter, Lack> {
        self.interpreters.find(version).ok_or_else(|| python::missing(version, &self.uv(), Interpreters::is_here))
    }

    pub(super) fn nodejs(&self, major: u64) -> Result<Node, Lack> {
        self.nodes.find(major).ok_or_else(|| nodejs::missing(major))
    }

    pub(super) fn java(&self, major: u64) -> Result<Jdk, Lack> {
        self.jdks.find(major).ok_or_else(|| java::missing(major))
    }

    /// How uv is called on this machine.
    fn uv(&self) -> String {
        let is_on_path = on_path().iter().any(|folder| folder.join("uv").is_file());
        let own = self.uv.as_ref().filter(|uv| !is_on_path && uv.is_file());
        own.map_or_else(|| "uv".to_owned(), |uv| uv.display().to_string())
    }
}
