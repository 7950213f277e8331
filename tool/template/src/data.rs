//! Resources that hold data, which outlive what slam.yaml says of them.
//!
//! Each carries `DeletionPolicy: RetainExceptOnCreate` and `UpdateReplacePolicy: Retain`, and a note of what it is. One
//! that leaves slam.yaml stays where it is, and the template remembers it in `Metadata.Slam.LeftBehind` until it comes
//! back or is deleted: the state of a deployment is in its stack, also what the stack no longer has.
//!
//! CloudFormation asks the policy that a resource was last deployed with, so what shall happen to a resource that leaves
//! is deployed first ([`Template::decide`]), and only then is it left out. A policy is not deployed by itself: the
//! resource's metadata changes with it.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-get-template.html>

use crate::ids::table_id;
use crate::template::Template;
use serde_json::{Map, Value, json};

const TABLE: &str = "AWS::DynamoDB::Table";
/// Where a template remembers what its stack left behind.
const LEFT_BEHIND: &str = "LeftBehind";

/// A resource that holds data. Today these are tables.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Data {
    /// The stage that it belongs to.
    pub stage: String,
    /// Its name in slam.yaml.
    pub name: String,
}

impl Data {
    /// Its name in the cloud, `<stage>.<name>`.
    #[must_use]
    pub fn physical(&self) -> String {
        format!("{}.{}", self.stage, self.name)
    }

    /// Its logical id.
    #[must_use]
    pub fn logical_id(&self) -> String {
        table_id(&self.stage, &self.name)
    }

    /// Whether a person means it by this word: its name for all stages, `stage.name` for one.
    #[must_use]
    pub fn is_called(&self, word: &str) -> bool {
        word == self.name || word == self.physical()
    }
}

/// What becomes of data whose resource leaves the stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It stays.
    Kept,
    /// It is deleted.
    Deleted,
}

/// Something in a table that cannot be changed while it holds its data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacement {
    /// The table.
    pub data: Data,
    /// The keys of slam.yaml that say what changes, and what they changed from and to.
    pub changes: Vec<(&'static str, String)>,
}

/// A resource with data in it, and how it is kept. One call makes everything that follows from it.
pub fn resource(kind: &str, data: &Data, properties: Value) -> Value {
    json!({
        "Type": kind,
        "DeletionPolicy": "RetainExceptOnCreate",
        "UpdateReplacePolicy": "Retain",
        "Metadata": {"Slam": {"Data": {"Stage": data.stage, "Name": data.name}}},
        "Properties": properties,
    })
}

impl Template {
    /// The resources that hold data.
    #[must_use]
    pub fn data(&self) -> Vec<Data> {
        self.resources().iter().filter_map(|(id, resource)| data_of(id, resource)).collect()
    }

    /// What the stack left behind, as far as it knows: somebody may have deleted it since.
    #[must_use]
    pub fn left_behind(&self) -> Vec<Data> {
        let entries = self.slam(LEFT_BEHIND).and_then(Value::as_array).into_iter().flatten();
        entries.filter_map(read).collect()
    }

    /// Remembers what the template deployed before has, or remembers, and this one has not.
    pub(crate) fn remember(&mut self, deployed: &Template, gone: &[Data]) {
        let own = self.data();
        // Where the deployed policy deletes it, somebody decided so.
        let kept = deployed.data().into_iter().filter(|data| deployed.fate(data) == Fate::Kept);
        let mut left: Vec<Data> = kept.chain(deployed.left_behind()).collect();
        left.retain(|data| !own.contains(data) && !gone.contains(data));
        left.sort();
        left.dedup();
        if !left.is_empty() {
            let entries = left.iter().map(|data| json!({"Stage": data.stage, "Name": data.name})).collect();
            self.slam_section().insert(LEFT_BEHIND.to_owned(), entries);
        }
    }

    /// What becomes of data when its resource leaves the stack, as this template says.
    #[must_use]
    pub fn fate(&self, data: &Data) -> Fate {
        let policy = self.resources().get(&data.logical_id()).and_then(|resource| resource["DeletionPolicy"].as_str());
        if policy.is_some_and(|policy| policy != "Delete") { Fate::Kept } else { Fate::Deleted }
    }

    /// Decides what becomes of data when its resource leaves the stack. Whether that changes the template.
    pub fn decide(&mut self, data: &Data, fate: Fate) -> bool {
        if self.fate(data) == fate {
            return false;
        }
        let Some(resource) = self.section("Resources").get_mut(&data.logical_id()) else { return false };
        resource["DeletionPolicy"] = json!(if fate == Fate::Kept { "RetainExceptOnCreate" } else { "Delete" });
        let word = if fate == Fate::Kept { "Kept" } else { "Deleted" };
        resource["Metadata"]["Slam"]["Data"] = json!({"Stage": data.stage, "Name": data.name, "WhenItLeaves": word});
        true
    }

    /// Takes a table that exists into the template, with the properties that it has.
    pub fn adopt(&mut self, data: &Data, properties: Value) {
        let adopted = resource(TABLE, data, properties);
        self.section("Resources").insert(data.logical_id(), adopted);
        let left: Vec<Value> = self.slam(LEFT_BEHIND).and_then(Value::as_array).cloned().unwrap_or_default();
        let left: Vec<Value> = left.into_iter().filter(|entry| read(entry).as_ref() != Some(data)).collect();
        if left.is_empty() {
            self.slam_section().shift_remove(LEFT_BEHIND);
        } else {
            self.slam_section().insert(LEFT_BEHIND.to_owned(), Value::Array(left));
        }
    }

    /// The properties of a resource that holds data.
    #[must_use]
    pub fn properties_of(&self, data: &Data) -> Option<&Value> {
        self.resources().get(&data.logical_id()).map(|resource| &resource["Properties"])
    }

    /// The tables whose keys differ from those in another template. CloudFormation would have to replace them, and
    /// cannot, as they have names of their own.
    #[must_use]
    pub fn replacements(&self, deployed: &Template) -> Vec<Replacement> {
        let found = self.data().into_iter().filter_map(|data| {
            let changes = key_changes(deployed.properties_of(&data)?, self.properties_of(&data)?);
            (!changes.is_empty()).then_some(Replacement { data, changes })
        });
        found.collect()
    }

    fn slam(&self, key: &str) -> Option<&Value> {
        self.metadata()?.get("Slam")?.get(key)
    }

    fn slam_section(&mut self) -> &mut Map<String, Value> {
        let slam = self.section("Metadata").entry("Slam").or_insert_with(|| json!({}));
        if !slam.is_object() {
            *slam = json!({});
        }
        slam.as_object_mut().expect("made an object just now")
    }
}

/// What a table is made with once and for all: its key, the types of the attributes that it had, its local indexes.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html>
#[must_use]
pub fn key_changes(before: &Value, after: &Value) -> Vec<(&'static str, String)> {
    let mut changes = Vec::new();
    let (had, has) = (key_text(&before["KeySchema"]), key_text(&after["KeySchema"]));
    if had != has {
        changes.push(("key", format!("the key {had} would become {has}")));
    }
    let kind = |properties: &Value, name: &Value| -> Option<String> {
        let mut definitions = properties["AttributeDefinitions"].as_array()?.iter();
        let found = definitions.find(|definition| definition["AttributeName"] == *name)?;
        found["AttributeType"].as_str().map(str::to_owned)
    };
    for definition in before["AttributeDefinitions"].as_array().into_iter().flatten() {
        let name = &definition["AttributeName"];
        if let (Some(had), Some(has)) = (kind(before, name), kind(after, name))
            && had != has
        {
            let name = name.as_str().unwrap_or_default();
            changes.push(("attributes", format!("the attribute {name} of type {had} would become {has}")));
        }
    }
    if local_indexes(before) != local_indexes(after) {
        changes.push(("local_secondary_indexes", "local indexes are made with the table".to_owned()));
    }
    changes
}

fn key_text(schema: &Value) -> String {
    let parts = schema.as_array().into_iter().flatten().filter_map(|part| part["AttributeName"].as_str());
    parts.collect::<Vec<_>>().join(", ")
}

/// Local indexes in a form that does not depend on their order.
fn local_indexes(properties: &Value) -> Vec<String> {
    let mut indexes: Vec<String> = properties["LocalSecondaryIndexes"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|index| {
            let mut others: Vec<&str> = index["Projection"]["NonKeyAttributes"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect();
            others.sort_unstable();
            let projection = index["Projection"]["ProjectionType"].as_str().unwrap_or_default();
            format!("{} ({}) {projection} {others:?}", index["IndexName"], key_text(&index["KeySchema"]))
        })
        .collect();
    indexes.sort();
    indexes
}

/// What a resource holds; of stacks that were deployed before resources said so, too.
fn data_of(id: &str, resource: &Value) -> Option<Data> {
    if resource["Type"] != TABLE {
        return None;
    }
    if let Some(data) = read(&resource["Metadata"]["Slam"]["Data"]) {
        return Some(data);
    }
    let (stage, name) = resource["Properties"]["TableName"].as_str()?.split_once('.')?;
    let data = Data { stage: stage.to_owned(), name: name.to_owned() };
    (data.logical_id() == id).then_some(data)
}

fn read(entry: &Value) -> Option<Data> {
    Some(Data { stage: entry["Stage"].as_str()?.to_owned(), name: entry["Name"].as_str()?.to_owned() })
}
