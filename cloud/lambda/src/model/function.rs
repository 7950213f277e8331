//! A function: what it runs now, the versions it has published, and what hangs on both.

use super::name::function_arn;
use super::{Alias, AttachedLayer, Code, EventConfig, FunctionUrl, Policy, layer};
use crate::error::function_not_found;
use serde::{Deserialize, Serialize};
use slam_cloud_core::{AwsResult, Context, Timestamp};
use std::collections::BTreeMap;

/// The name of the unpublished version.
pub const LATEST: &str = "$LATEST";

/// A function, with everything that is deleted when it is deleted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// What the next published version will be.
    pub latest: Version,
    /// The published versions by number.
    pub versions: BTreeMap<u64, Version>,
    /// The number that the next published version gets: numbers are never used again.
    pub next_version: u64,
    /// By name.
    pub aliases: BTreeMap<String, Alias>,
    /// By qualifier; the function's own under the empty string.
    pub policies: BTreeMap<String, Policy>,
    /// The function's tags.
    pub tags: BTreeMap<String, String>,
    /// Concurrent executions set aside for this function, which are also the most it may have.
    pub reserved_concurrency: Option<i64>,
    /// Settings of asynchronous invocation by qualifier.
    pub event_configs: BTreeMap<String, EventConfig>,
    /// Whether it may run in a loop of functions and services that invoke each other.
    #[serde(default)]
    pub may_loop: bool,
    /// The URLs of its aliases by their names; the function's own under the empty string.
    #[serde(default)]
    pub urls: BTreeMap<String, FunctionUrl>,
}

/// One version: code and configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Version {
    /// `$LATEST` or its number.
    pub label: String,
    /// `python3.12`
    pub runtime: String,
    /// The execution role's ARN.
    pub role: String,
    /// `module.function`
    pub handler: String,
    /// The package.
    pub code: Code,
    /// What lies in `/opt`, the later ones over the earlier.
    #[serde(default)]
    pub layers: Vec<AttachedLayer>,
    /// Free text; of a published version possibly its own.
    pub description: String,
    /// Seconds.
    pub timeout: i64,
    /// Megabytes.
    pub memory: i64,
    /// The function's variables; `None` when none were ever given, which AWS answers differently from an empty map.
    pub environment: Option<BTreeMap<String, String>>,
    /// `PassThrough` or `Active`, which samples; there is no X-Ray that keeps traces.
    pub tracing: String,
    /// `x86_64` or `arm64`. Functions run on this machine's: see [`crate::code::native`].
    pub architectures: Vec<String>,
    /// Megabytes of the temporary folder.
    pub ephemeral_storage: i64,
    /// Where and how it logs.
    pub logging: Logging,
    /// The ARN of the queue or topic that gets events that are given up. That of `$LATEST` is the function's, of all versions.
    #[serde(default)]
    pub dead_letters: Option<String>,
    /// Changes with every change.
    pub revision: String,
    /// When code or configuration changed last.
    pub modified: Timestamp,
    /// Changes when code or configuration change: execution environments of another generation are stale.
    pub generation: String,
}

/// Where and how a function logs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Logging {
    /// The log group.
    pub group: String,
    /// Lines of JSON instead of text.
    pub json: bool,
    /// The least level of the function's own events that is logged, with JSON alone.
    pub application_level: Option<String>,
    /// The least level of Lambda's events that is logged, with JSON alone.
    pub system_level: Option<String>,
}

impl Logging {
    /// What a function has that asks for nothing else.
    pub fn of(function: &str) -> Self {
        let group = format!("/aws/lambda/{function}");
        Self { group, json: false, application_level: None, system_level: None }
    }
}

impl Version {
    /// Marks the version as changed in code or configuration.
    pub fn touch(&mut self) {
        self.revision = slam_cloud_core::id::request_id();
        self.generation = slam_cloud_core::id::request_id();
        self.modified = Timestamp::now();
    }

    /// Whether publishing would make nothing new of `published`, which was made of this one's predecessor.
    fn same_as(&self, published: &Self) -> bool {
        *self
            == Self {
                label: self.label.clone(),
                description: self.description.clone(),
                revision: self.revision.clone(),
                modified: self.modified,
                generation: self.generation.clone(),
                ..published.clone()
            }
    }
}

/// What a qualifier leads to.
pub struct Target<'a> {
    /// The version to run.
    pub version: &'a Version,
    /// The alias that led to it.
    pub alias: Option<&'a Alias>,
}

impl Function {
    /// The version that a qualifier names; of an alias, its main version.
    ///
    /// # Errors
    /// When there is no such version or alias.
    pub fn version(&self, context: &Context, qualifier: Option<&str>) -> AwsResult<Target<'_>> {
        let Some(qualifier) = qualifier else {
            return Ok(Target { version: &self.latest, alias: None });
        };
        let alias = self.aliases.get(qualifier);
        let label = alias.map_or(qualifier, |alias| &alias.version);
        match self.labelled(label) {
            Some(version) => Ok(Target { version, alias }),
            None => Err(function_not_found(&format!("{}:{qualifier}", function_arn(context, &self.name)))),
        }
    }

    /// The version with this label.
    pub fn labelled(&self, label: &str) -> Option<&Version> {
        if label == LATEST { Some(&self.latest) } else { self.versions.get(&label.parse().ok()?) }
    }

    /// All versions, `$LATEST` first.
    pub fn all_versions(&self) -> impl Iterator<Item = &Version> {
        std::iter::once(&self.latest).chain(self.versions.values())
    }

    /// Publishes `$LATEST` and returns the number; the last one's when nothing has changed since it was published.
    pub fn publish(&mut self, description: Option<String>) -> u64 {
        if let Some((number, last)) = self.versions.last_key_value()
            && last.generation == self.latest.generation
        {
            return *number;
        }
        if let Some((number, last)) = self.versions.last_key_value()
            && last.description == self.latest.description
            && self.latest.same_as(last)
        {
            return *number;
        }
        let number = self.next_version;
        self.next_version += 1;
        let mut version = self.latest.clone();
        version.label = number.to_string();
        version.revision = slam_cloud_core::id::request_id();
        if let Some(description) = description {
            version.description = description;
        }
        self.versions.insert(number, version);
        // Publishing is a change of $LATEST too, as recorded (test_function_revisions_version_and_alias).
        self.latest.revision = slam_cloud_core::id::request_id();
        number
    }

    /// The hashes of all that any version needs of the code store: packages, layers and sets of layers.
    pub fn packages(&self) -> impl Iterator<Item = String> {
        self.all_versions().flat_map(|version| {
            let layers = version.layers.iter().map(|layer| layer.code.hash.clone());
            layers.chain(layer::set(&version.layers)).chain([version.code.hash.clone()]).collect::<Vec<_>>()
        })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn function() -> Function {
        let latest = Version {
            label: LATEST.into(),
            runtime: "python3.12".into(),
            role: "arn:aws:iam::000000000000:role/r".into(),
            handler: "app.handler".into(),
            code: Code { hash: "00".into(), sha256: "AA==".into(), size: 1 },
            layers: Vec::new(),
            description: String::new(),
            timeout: 3,
            memory: 128,
            environment: None,
            tracing: "PassThrough".into(),
            architectures: vec!["x86_64".into()],
            ephemeral_storage: 512,
            logging: Logging::of("f"),
            dead_letters: None,
            revision: "r1".into(),
            modified: Timestamp::UNIX_EPOCH,
            generation: "g1".into(),
        };
        Function {
            name: "f".into(),
            latest,
            versions: BTreeMap::new(),
            next_version: 1,
            aliases: BTreeMap::new(),
            policies: BTreeMap::new(),
            tags: BTreeMap::new(),
            reserved_concurrency: None,
            event_configs: BTreeMap::new(),
            may_loop: false,
            urls: BTreeMap::new(),
        }
    }

    #[test]
    fn publishing_nothing_new_makes_no_version() {
        let mut function = function();
        assert_eq!(function.publish(Some("first".into())), 1);
        assert_eq!(function.publish(Some("other words".into())), 1);
        assert_eq!(function.versions[&1].description, "first");
    }

    #[test]
    fn a_change_makes_the_next_version() {
        let mut function = function();
        function.publish(None);
        function.latest.memory = 256;
        function.latest.touch();
        assert_eq!(function.publish(None), 2);
        assert_eq!((function.versions[&1].memory, function.versions[&2].memory), (128, 256));
    }

    #[test]
    fn numbers_are_not_used_again() {
        let mut function = function();
        function.publish(None);
        function.versions.clear();
        assert_eq!(function.publish(None), 2);
    }

    #[test]
    fn a_change_taken_back_is_no_change() {
        let mut function = function();
        function.publish(None);
        function.latest.touch();
        assert_eq!(function.publish(None), 1);
    }
}
