//! Published versions, and what the stages point to: read from a template, and changed in it.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::error::TemplateError;
use crate::ids::{FUNCTION, alias_id, version_output};
use crate::template::Template;

const ALIAS: &str = "AWS::Lambda::Alias";
const VERSION: &str = "AWS::Lambda::Version";

/// What a stage is at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StageTarget {
    /// The function as it was last deployed.
    Latest,
    /// A published version, by its logical id.
    Version(String),
}

/// A stage of a deployed template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageState {
    /// Its name.
    pub name: String,
    /// What it is at.
    pub target: StageTarget,
    /// The versions it was at before, by logical id, the latest last.
    pub previous: Vec<String>,
}

/// A published version of a deployed template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Its logical id; the number is the physical resource's.
    pub logical_id: String,
    /// The key of the package that it was made from.
    pub code_key: String,
    /// What was said about it.
    pub description: Option<String>,
}

/// The code that is published.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Release {
    /// The deployed package: the stack's parameter `LambdaS3Key`.
    pub code_key: String,
    /// The package's SHA-256 in base64; with it Lambda refuses to publish other code than this.
    pub code_sha256: Option<String>,
    /// A few words for the version's description.
    pub description: Option<String>,
}

impl Template {
    /// The stages, in their order.
    #[must_use]
    pub fn stages(&self) -> Vec<StageState> {
        let aliases = self.resources().iter().filter(|(id, resource)| is_stage(id, resource));
        aliases
            .map(|(_, alias)| StageState {
                name: alias["Properties"]["Name"].as_str().unwrap_or_default().to_owned(),
                target: target_of(&alias["Properties"]["FunctionVersion"]),
                previous: strings(&alias["Metadata"]["Slam"]["Previous"]),
            })
            .collect()
    }

    /// The stage of this name.
    ///
    /// # Errors
    /// When there is none.
    pub fn stage(&self, name: &str) -> Result<StageState, TemplateError> {
        let stages = self.stages();
        let known = || stages.iter().map(|stage| format!("`{}`", stage.name)).collect::<Vec<_>>().join(", ");
        match stages.iter().find(|stage| stage.name == name) {
            Some(stage) => Ok(stage.clone()),
            None => Err(TemplateError::UnknownStage { stage: name.to_owned(), known: known() }),
        }
    }

    /// The published versions, the latest last.
    #[must_use]
    pub fn versions(&self) -> Vec<Version> {
        let versions = self.resources().iter().filter(|(_, resource)| is_version(resource));
        versions
            .map(|(id, version)| Version {
                logical_id: id.clone(),
                code_key: version["Metadata"]["Slam"]["Package"].as_str().unwrap_or_default().to_owned(),
                description: version["Properties"]["Description"].as_str().map(str::to_owned),
            })
            .collect()
    }

    /// Publishes the function as it is in this template, and points the stage to the new version. Gives its logical
    /// id. If the same code and configuration was published before, that version is taken.
    ///
    /// # Errors
    /// When there is no such stage.
    pub fn publish(&mut self, stage: &str, release: &Release) -> Result<String, TemplateError> {
        self.stage(stage)?;
        let id = self.version_id(release);
        if !self.resources().contains_key(&id) {
            let mut properties = json!({"FunctionName": {"Ref": FUNCTION}});
            let given = [("CodeSha256", &release.code_sha256), ("Description", &release.description)];
            for (name, value) in given {
                if let Some(value) = value {
                    properties[name] = json!(value);
                }
            }
            let metadata = json!({"Slam": {"Package": release.code_key}});
            let version = json!({"Type": VERSION, "Metadata": metadata, "Properties": properties});
            self.section("Resources").insert(id.clone(), version);
        }
        self.point(stage, &StageTarget::Version(id.clone()))?;
        Ok(id)
    }

    /// Points a stage to something else, and remembers the version it was at.
    ///
    /// # Errors
    /// When there is no such stage or version.
    pub fn point(&mut self, stage: &str, target: &StageTarget) -> Result<(), TemplateError> {
        let mut state = self.stage(stage)?;
        if state.target == *target {
            return Ok(());
        }
        if let StageTarget::Version(version) = std::mem::replace(&mut state.target, target.clone()) {
            state.previous.retain(|previous| *previous != version);
            state.previous.push(version);
        }
        self.set_stage(&state)
    }

    /// Points a stage to the version that it was at before. Gives that version's logical id.
    ///
    /// # Errors
    /// When there is no such stage, or it was at no other version.
    pub fn rollback(&mut self, stage: &str) -> Result<String, TemplateError> {
        let mut state = self.stage(stage)?;
        let Some(version) = state.previous.pop() else { return Err(TemplateError::NothingBefore(stage.to_owned())) };
        state.target = StageTarget::Version(version.clone());
        self.set_stage(&state)?;
        Ok(version)
    }

    /// Removes versions: each stage keeps the one it is at and the `keep` it was at before. Gives those removed.
    pub fn prune(&mut self, keep: usize) -> Vec<Version> {
        let mut stages = self.stages();
        let mut needed: Vec<String> = Vec::new();
        for stage in &mut stages {
            stage.previous.drain(..stage.previous.len().saturating_sub(keep));
            needed.extend(stage.previous.iter().cloned());
            needed.extend(version_of(&stage.target).map(str::to_owned));
        }
        let removed: Vec<_> =
            self.versions().into_iter().filter(|version| !needed.contains(&version.logical_id)).collect();
        for version in &removed {
            self.section("Resources").shift_remove(&version.logical_id);
        }
        for stage in &stages {
            self.write_stage(stage);
        }
        removed
    }

    /// Takes over the versions of the template deployed before, and what its stages are at.
    pub(crate) fn carry(&mut self, deployed: &Template) -> Result<(), TemplateError> {
        for version in deployed.versions() {
            let resource = deployed.resources()[&version.logical_id].clone();
            self.section("Resources").insert(version.logical_id, resource);
        }
        let known: Vec<_> = self.stages().into_iter().map(|stage| stage.name).collect();
        deployed.stages().iter().filter(|stage| known.contains(&stage.name)).try_for_each(|stage| self.set_stage(stage))
    }

    fn set_stage(&mut self, state: &StageState) -> Result<(), TemplateError> {
        if let Some(version) = version_of(&state.target).filter(|id| !self.resources().get(*id).is_some_and(is_version))
        {
            return Err(TemplateError::UnknownVersion(version.to_owned()));
        }
        self.write_stage(state);
        Ok(())
    }

    fn write_stage(&mut self, state: &StageState) {
        let target = match &state.target {
            StageTarget::Latest => json!("$LATEST"),
            StageTarget::Version(id) => json!({"Fn::GetAtt": [id, "Version"]}),
        };
        self.section("Outputs").insert(version_output(&state.name), json!({"Value": target}));
        self.section("Resources").insert(alias_id(&state.name), alias(&state.name, target, &state.previous));
    }

    /// Names the code and configuration that a version would freeze.
    fn version_id(&self, release: &Release) -> String {
        let mut configuration = self.resources().get(FUNCTION).map_or(Value::Null, |it| it["Properties"].clone());
        if let Value::Object(properties) = &mut configuration {
            // The code counts by its content, which its key is made of; tags are not part of a version.
            properties.shift_remove("Code");
            properties.shift_remove("Tags");
        }
        let digest = Sha256::digest(format!("{}\n{configuration}", release.code_key));
        format!("Version{}", hex::encode_upper(&digest[..5]))
    }
}

/// The alias of a stage that was at no version yet.
pub(crate) fn new_alias(stage: &str) -> Value {
    alias(stage, json!("$LATEST"), &[])
}

fn alias(stage: &str, target: Value, previous: &[String]) -> Value {
    let mut alias = Map::new();
    alias.insert("Type".to_owned(), json!(ALIAS));
    if !previous.is_empty() {
        alias.insert("Metadata".to_owned(), json!({"Slam": {"Previous": previous}}));
    }
    let properties = json!({"Name": stage, "FunctionName": {"Ref": FUNCTION}, "FunctionVersion": target});
    alias.insert("Properties".to_owned(), properties);
    Value::Object(alias)
}

/// The user's own resources may have aliases too.
fn is_stage(id: &str, resource: &Value) -> bool {
    let name = resource["Properties"]["Name"].as_str();
    resource["Type"] == ALIAS && name.is_some_and(|name| alias_id(name) == id)
}

fn is_version(resource: &Value) -> bool {
    resource["Type"] == VERSION && resource["Metadata"]["Slam"].is_object()
}

fn target_of(function_version: &Value) -> StageTarget {
    match function_version["Fn::GetAtt"][0].as_str() {
        Some(id) => StageTarget::Version(id.to_owned()),
        None => StageTarget::Latest,
    }
}

fn version_of(target: &StageTarget) -> Option<&str> {
    match target {
        StageTarget::Version(id) => Some(id),
        StageTarget::Latest => None,
    }
}

fn strings(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}
