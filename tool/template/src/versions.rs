//! Published versions, and what the stages point to: read from a template, and changed in it.
//!
//! A stage is published as a whole: it is at one version of each function, or at the functions as they were last deployed.

use crate::error::TemplateError;
use crate::ids::{
    FUNCTION, STATIC_PARAMETER, STATIC_STAGE_VARIABLE, alias_id, api_stage_id, function_id, version_output,
    version_prefix,
};
use crate::secrets;
use crate::template::Template;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

const ALIAS: &str = "AWS::Lambda::Alias";
const VERSION: &str = "AWS::Lambda::Version";

/// What a stage is at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StageTarget {
    /// The functions as they were last deployed.
    Latest,
    /// Published versions, by their logical ids: one of each function, the project's own function's first. A function
    /// that is newer than what was published is at its latest code.
    Published(Vec<String>),
}

/// A stage of a deployed template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageState {
    /// Its name.
    pub name: String,
    /// What it is at.
    pub target: StageTarget,
    /// What it was published to before, the latest last.
    pub previous: Vec<Vec<String>>,
}

/// A published version of a deployed template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Its logical id; the number is the physical resource's.
    pub logical_id: String,
    /// The key of the package that it was made from.
    pub code_key: String,
    /// The keys of the package and of slam's own layers in it, by the parameters of the stack.
    pub keys: BTreeMap<String, String>,
    /// The version of the static files that it was made with.
    pub static_files: Option<String>,
    /// What was said about it.
    pub description: Option<String>,
}

/// What is published.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Release {
    /// The deployed packages and layers: keys in the bucket, by the parameters of the stack.
    pub keys: BTreeMap<String, String>,
    /// The SHA-256, in base64, of what a key names; with it Lambda refuses to publish other code than this.
    pub code_sha256: BTreeMap<String, String>,
    /// A few words for the versions' description.
    pub description: Option<String>,
}

impl Template {
    /// The functions of the project, the project's own first: logical ids and names.
    #[must_use]
    pub fn functions(&self) -> Vec<(String, Option<String>)> {
        let named = self.resources().iter().filter(|(_, resource)| resource["Type"] == "AWS::Lambda::Function");
        let named = named.filter_map(|(id, resource)| {
            let name = resource["Metadata"]["Slam"]["Function"].as_str()?;
            (function_id(Some(name)) == *id).then(|| (id.clone(), Some(name.to_owned())))
        });
        std::iter::once((FUNCTION.to_owned(), None)).chain(named).collect()
    }

    /// The stages that answer, in their order. Others wait for their first publication.
    #[must_use]
    pub fn stages(&self) -> Vec<StageState> {
        let functions = self.functions();
        let aliases = self.resources().iter().filter(|(id, resource)| is_stage(id, resource));
        aliases
            .map(|(_, alias)| {
                let name = alias["Properties"]["Name"].as_str().unwrap_or_default().to_owned();
                StageState {
                    target: self.target(&name, &functions),
                    previous: releases(&alias["Metadata"]["Slam"]["Previous"]),
                    name,
                }
            })
            .collect()
    }

    /// The versions that the aliases of a stage point to: for each function the logical id, or `None` for its latest code.
    #[must_use]
    pub fn aliases(&self, stage: &str) -> Vec<(Option<String>, Option<String>)> {
        let version = |name: Option<&str>| {
            let alias = self.resources().get(&alias_id(stage, name))?;
            Some(alias["Properties"]["FunctionVersion"]["Fn::GetAtt"][0].as_str().map(str::to_owned))
        };
        let functions = self.functions().into_iter();
        functions.filter_map(|(_, name)| version(name.as_deref()).map(|version| (name, version))).collect()
    }

    fn target(&self, stage: &str, functions: &[(String, Option<String>)]) -> StageTarget {
        let aliases = functions.iter().filter_map(|(_, name)| self.resources().get(&alias_id(stage, name.as_deref())));
        let versions: Vec<String> = aliases
            .filter_map(|alias| alias["Properties"]["FunctionVersion"]["Fn::GetAtt"][0].as_str())
            .map(str::to_owned)
            .collect();
        if versions.is_empty() { StageTarget::Latest } else { StageTarget::Published(versions) }
    }

    /// The stage of this name.
    ///
    /// # Errors
    /// When there is none, or nothing was published to it.
    pub fn stage(&self, name: &str) -> Result<StageState, TemplateError> {
        let stages = self.stages();
        let declared = self.declared_stages();
        let known = || declared.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        match stages.iter().find(|stage| stage.name == name) {
            Some(stage) => Ok(stage.clone()),
            None if declared.iter().any(|declared| declared == name) => {
                Err(TemplateError::Unpublished(name.to_owned()))
            }
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
                keys: self.keys_of(version),
                static_files: version["Metadata"]["Slam"]["Static"].as_str().map(str::to_owned),
                description: version["Properties"]["Description"].as_str().map(str::to_owned),
            })
            .collect()
    }

    /// The keys that a version was made from.
    fn keys_of(&self, version: &Value) -> BTreeMap<String, String> {
        let metadata = &version["Metadata"]["Slam"];
        if let Some(keys) = metadata["Keys"].as_object() {
            let keys = keys.iter().filter_map(|(name, key)| Some((name.clone(), key.as_str()?.to_owned())));
            return keys.collect();
        }
        // An older slam noted the package alone.
        let parameter = self.code_parameter(version["Properties"]["FunctionName"]["Ref"].as_str().unwrap_or_default());
        metadata["Package"].as_str().map(|key| (parameter, key.to_owned())).into_iter().collect()
    }

    /// The logical ids of the published versions of a function, which has this logical id.
    pub fn versions_of(&self, function: &str) -> impl Iterator<Item = String> {
        let versions = self.resources().iter().filter(|(_, resource)| is_version(resource));
        let own = versions.filter(move |(_, resource)| resource["Properties"]["FunctionName"]["Ref"] == function);
        own.map(|(id, _)| id.clone())
    }

    /// The versions of all functions that were last published together with this one, itself included.
    #[must_use]
    pub fn published_with(&self, version: &str) -> Vec<String> {
        let stages = self.stages();
        let current = stages.iter().filter_map(|stage| match &stage.target {
            StageTarget::Published(versions) => Some(versions),
            StageTarget::Latest => None,
        });
        let before = stages.iter().flat_map(|stage| stage.previous.iter().rev());
        let found = current.chain(before).find(|versions| versions.iter().any(|one| one == version));
        found.cloned().unwrap_or_else(|| vec![version.to_owned()])
    }

    /// Publishes the functions as they are in this template, and points the stage to the new versions. Gives their
    /// logical ids. Where the same code and configuration was published before, that version is taken.
    ///
    /// # Errors
    /// When there is no such stage.
    pub fn publish(&mut self, stage: &str, release: &Release) -> Result<Vec<String>, TemplateError> {
        self.stage(stage)?;
        let mut versions = Vec::new();
        for (function, name) in self.functions() {
            let id = self.version_id(&function, name.as_deref(), release);
            if !self.resources().contains_key(&id) {
                let version = self.new_version(&function, release);
                self.section("Resources").insert(id.clone(), version);
            }
            versions.push(id);
        }
        self.point(stage, &StageTarget::Published(versions.clone()))?;
        Ok(versions)
    }

    fn new_version(&self, function: &str, release: &Release) -> Value {
        let parameter = self.code_parameter(function);
        let mut properties = json!({"FunctionName": {"Ref": function}});
        let given =
            [("CodeSha256", release.code_sha256.get(&parameter)), ("Description", release.description.as_ref())];
        for (name, value) in given {
            if let Some(value) = value {
                properties[name] = json!(value);
            }
        }
        let key = release.keys.get(&parameter).cloned().unwrap_or_default();
        let parameters = std::iter::once(parameter).chain(self.layer_parameters(function));
        let keys = parameters.filter_map(|name| Some((json!(release.keys.get(&name)?), name)));
        let keys: Map<String, Value> = keys.map(|(key, name)| (name, key)).collect();
        let mut metadata = json!({"Package": key, "Keys": keys});
        if let Some(files) = release.keys.get(STATIC_PARAMETER).filter(|_| function == FUNCTION) {
            metadata["Static"] = json!(files);
        }
        let function = &self.resources().get(function).unwrap_or(&Value::Null)["Properties"];
        if let Some(secrets) = secrets::noted(self, function) {
            metadata["Secrets"] = secrets;
        }
        json!({"Type": VERSION, "Metadata": {"Slam": metadata}, "Properties": properties})
    }

    /// Points a stage to something else, and remembers what it was published to.
    ///
    /// # Errors
    /// When there is no such stage or version.
    pub fn point(&mut self, stage: &str, target: &StageTarget) -> Result<(), TemplateError> {
        let mut state = self.stage(stage)?;
        if state.target == *target {
            return Ok(());
        }
        if let StageTarget::Published(versions) = std::mem::replace(&mut state.target, target.clone()) {
            state.previous.retain(|previous| *previous != versions);
            state.previous.push(versions);
        }
        self.set_stage(&state)
    }

    /// Points a stage to what it was published to before. Gives the versions' logical ids.
    ///
    /// # Errors
    /// When there is no such stage, or it was published to nothing else.
    pub fn rollback(&mut self, stage: &str) -> Result<Vec<String>, TemplateError> {
        let mut state = self.stage(stage)?;
        let Some(versions) = state.previous.pop() else { return Err(TemplateError::NothingBefore(stage.to_owned())) };
        state.target = StageTarget::Published(versions.clone());
        self.set_stage(&state)?;
        Ok(versions)
    }

    /// Removes versions: each stage keeps what it is at and the `keep` releases it was at before. Gives those removed.
    pub fn prune(&mut self, keep: usize) -> Vec<Version> {
        let mut stages = self.stages();
        let mut needed: Vec<String> = Vec::new();
        for stage in &mut stages {
            stage.previous.drain(..stage.previous.len().saturating_sub(keep));
            needed.extend(stage.previous.iter().flatten().cloned());
            needed.extend(versions_of(&stage.target).iter().cloned());
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

    /// Takes over the versions of the template deployed before, and what its stages are at. What is of a function that is
    /// gone goes, too.
    pub(crate) fn carry(&mut self, deployed: &Template) -> Result<(), TemplateError> {
        let functions = self.functions();
        for version in deployed.versions() {
            let resource = deployed.resources()[&version.logical_id].clone();
            if functions.iter().any(|(id, _)| resource["Properties"]["FunctionName"]["Ref"] == **id) {
                self.section("Resources").insert(version.logical_id, resource);
            }
        }
        let known: Vec<_> = self.stages().into_iter().map(|stage| stage.name).collect();
        for mut stage in deployed.stages().into_iter().filter(|stage| known.contains(&stage.name)) {
            let there = |id: &String| self.resources().get(id).is_some_and(is_version);
            if let StageTarget::Published(versions) = &mut stage.target {
                versions.retain(there);
            }
            stage.previous.iter_mut().for_each(|versions| versions.retain(there));
            self.set_stage(&stage)?;
        }
        Ok(())
    }

    /// The versions of the static files that published versions were made with.
    pub fn static_files(&self) -> impl Iterator<Item = &str> {
        let versions = self.resources().values().filter(|resource| is_version(resource));
        versions.filter_map(|version| version["Metadata"]["Slam"]["Static"].as_str())
    }

    /// Serves the files that belong to what a stage is at.
    fn write_static_files(&mut self, state: &StageState) {
        let made_with = |id: &String| {
            let version = self.resources().get(id)?;
            version["Metadata"]["Slam"]["Static"].as_str().map(|files| json!(files))
        };
        let files = versions_of(&state.target).iter().find_map(made_with);
        let variables = self.section("Resources").get_mut(&api_stage_id(&state.name));
        let variables = variables.and_then(|stage| stage.pointer_mut("/Properties/Variables"));
        if let Some(variable) = variables.and_then(|variables| variables.get_mut(STATIC_STAGE_VARIABLE)) {
            *variable = files.unwrap_or_else(|| json!({"Ref": STATIC_PARAMETER}));
        }
    }

    fn set_stage(&mut self, state: &StageState) -> Result<(), TemplateError> {
        let missing = |id: &&String| !self.resources().get(*id).is_some_and(is_version);
        if let Some(version) = versions_of(&state.target).iter().find(missing) {
            return Err(TemplateError::UnknownVersion(version.clone()));
        }
        self.write_stage(state);
        Ok(())
    }

    fn write_stage(&mut self, state: &StageState) {
        self.write_static_files(state);
        for (function, name) in self.functions() {
            let of_function = |id: &&String| {
                self.resources()
                    .get(*id)
                    .is_some_and(|version| version["Properties"]["FunctionName"]["Ref"] == *function)
            };
            let target = match versions_of(&state.target).iter().find(of_function) {
                None => json!("$LATEST"),
                Some(id) => json!({"Fn::GetAtt": [id, "Version"]}),
            };
            // What the stage was at before is said once, with the alias of the project's own function.
            let previous = if name.is_none() { &state.previous[..] } else { &[] };
            if name.is_none() {
                self.section("Outputs").insert(version_output(&state.name), json!({"Value": target}));
            }
            let alias = alias(&state.name, name.as_deref(), target, previous);
            self.section("Resources").insert(alias_id(&state.name, name.as_deref()), alias);
        }
    }

    /// The parameter that says which package a function has.
    fn code_parameter(&self, function: &str) -> String {
        let code = &self.resources().get(function).unwrap_or(&Value::Null)["Properties"]["Code"];
        code["S3Key"]["Ref"].as_str().unwrap_or_default().to_owned()
    }

    /// The parameters that say what is in a function's layers, as far as they are slam's own.
    fn layer_parameters(&self, function: &str) -> Vec<String> {
        let function = self.resources().get(function).unwrap_or(&Value::Null);
        let layers = function["Properties"]["Layers"].as_array().into_iter().flatten();
        let layers = layers.filter_map(|layer| self.resources().get(layer["Ref"].as_str()?));
        let parameters = layers.filter_map(|layer| layer["Properties"]["Content"]["S3Key"]["Ref"].as_str());
        parameters.map(str::to_owned).collect()
    }

    /// Names the code and configuration that a version would freeze.
    fn version_id(&self, function: &str, name: Option<&str>, release: &Release) -> String {
        let mut configuration = self.resources().get(function).map_or(Value::Null, |it| it["Properties"].clone());
        let key = |parameter: &str| release.keys.get(parameter).map_or("", String::as_str);
        let mut text = key(&self.code_parameter(function)).to_owned();
        // A layer of ours is named by its id, whatever is in it: its content counts.
        for parameter in self.layer_parameters(function) {
            text = format!("{text}\n{}", key(&parameter));
        }
        if function == FUNCTION {
            // So do static files, which are named by a parameter.
            if let Some(files) = release.keys.get(STATIC_PARAMETER) {
                text = format!("{text}\n{files}");
            }
        }
        if let Value::Object(properties) = &mut configuration {
            // The code counts by its content, which its key is made of; tags are not part of a version.
            properties.shift_remove("Code");
            properties.shift_remove("Tags");
        }
        let digest = Sha256::digest(format!("{text}\n{configuration}"));
        format!("{}{}", version_prefix(name), hex::encode_upper(&digest[..5]))
    }
}

/// The alias of a stage that was at no version yet.
pub fn new_alias(stage: &str, function: Option<&str>) -> Value {
    alias(stage, function, json!("$LATEST"), &[])
}

fn alias(stage: &str, function: Option<&str>, target: Value, previous: &[Vec<String>]) -> Value {
    let mut alias = Map::new();
    alias.insert("Type".to_owned(), json!(ALIAS));
    if !previous.is_empty() {
        alias.insert("Metadata".to_owned(), json!({"Slam": {"Previous": previous}}));
    }
    let function = function_id(function);
    let properties = json!({"Name": stage, "FunctionName": {"Ref": function}, "FunctionVersion": target});
    alias.insert("Properties".to_owned(), properties);
    Value::Object(alias)
}

/// An alias of the project's own function, of which each stage has one. The user's own resources may have aliases too.
fn is_stage(id: &str, resource: &Value) -> bool {
    let name = resource["Properties"]["Name"].as_str();
    let own = resource["Properties"]["FunctionName"]["Ref"] == FUNCTION;
    resource["Type"] == ALIAS && own && name.is_some_and(|name| alias_id(name, None) == id)
}

fn is_version(resource: &Value) -> bool {
    resource["Type"] == VERSION && resource["Metadata"]["Slam"].is_object()
}

fn versions_of(target: &StageTarget) -> &[String] {
    match target {
        StageTarget::Published(versions) => versions,
        StageTarget::Latest => &[],
    }
}

/// Lists of versions that were published together.
fn releases(value: &Value) -> Vec<Vec<String>> {
    let ids = |ids: &Value| ids.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    value.as_array().into_iter().flatten().map(ids).collect()
}
