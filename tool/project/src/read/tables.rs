//! DynamoDB tables.

use super::Reading;
use crate::environment::table_variable;
use crate::model::{AttributeType, Index, KeySchema, Projection, StreamView, Table, Throughput};
use crate::naming::logical_name;
use crate::project::Project;
use crate::yaml::{Kind, Node};
use indexmap::IndexMap;
use std::collections::{HashMap, HashSet};

/// DynamoDB's quotas. <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html>
const MAX_LOCAL_INDEXES: usize = 5;
const MAX_GLOBAL_INDEXES: usize = 20;

pub(super) fn tables(reading: &mut Reading<'_>) -> Vec<Table> {
    let entries = reading.one_of(&["tables", "dynamodb_tables"]).map(Node::entries).unwrap_or_default();
    entries.iter().filter_map(|(name, node)| table(reading, name, node)).collect()
}

fn table<'a>(reading: &mut Reading<'a>, name: &'a Node, node: &'a Node) -> Option<Table> {
    let mut reader = TableReader::new(reading, name, node);
    let key = reader.key(node, name, None)?;
    let local_indexes = reader.indexes("local_secondary_indexes", Some(&key));
    let global_indexes = reader.indexes("global_secondary_indexes", None);
    reader.check_attributes();
    reader.check_counts();
    let text = |key| node.get(key).and_then(Node::text);
    let mut table = Table {
        name: name.key().to_owned(),
        attributes: reader.attributes,
        key,
        local_indexes,
        global_indexes,
        ttl: text("ttl").map(str::to_owned),
        stream: text("stream").map(|view| match view {
            "keys" => StreamView::Keys,
            "new" => StreamView::New,
            "old" => StreamView::Old,
            _ => StreamView::NewAndOld,
        }),
        throughput: throughput(node),
    };
    // One table has one way of billing: capacity given anywhere means capacity everywhere, at least the original's 1.
    if table.throughput.is_some() || table.global_indexes.iter().any(|index| index.throughput.is_some()) {
        let least = Throughput { read: 1, write: 1 };
        table.throughput.get_or_insert(least);
        table.global_indexes.iter_mut().for_each(|index| {
            index.throughput.get_or_insert(least);
        });
    }
    Some(table)
}

fn throughput(node: &Node) -> Option<Throughput> {
    let units = |key| node.get(key).and_then(Node::integer);
    let (read, write) = (units("read_throughput"), units("write_throughput"));
    (read.is_some() || write.is_some()).then(|| Throughput { read: read.unwrap_or(1), write: write.unwrap_or(1) })
}

struct TableReader<'r, 'a> {
    reading: &'r mut Reading<'a>,
    name: &'a str,
    node: &'a Node,
    attributes: IndexMap<String, AttributeType>,
    used: HashSet<String>,
}

impl<'r, 'a> TableReader<'r, 'a> {
    fn new(reading: &'r mut Reading<'a>, name: &'a Node, node: &'a Node) -> Self {
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if !name.key().bytes().all(legal) || !name.key().bytes().any(|byte| byte.is_ascii_alphanumeric()) {
            reading.error(name, "a table's name has letters, digits, dashes, underscores and dots");
        } else if name.key().len() > 190 {
            reading.error(name, "with its stage's name, a table's name has at most 255 characters");
        }
        let entries = node.get("attributes").map(Node::entries).unwrap_or_default();
        let attributes = entries.iter().map(|(name, kind)| {
            let kind = match kind.text() {
                Some("N") => AttributeType::N,
                Some("B") => AttributeType::B,
                _ => AttributeType::S,
            };
            (name.key().to_owned(), kind)
        });
        Self { reading, name: name.key(), node, attributes: attributes.collect(), used: HashSet::new() }
    }

    /// The key of the table, or of an index of it; `owner` is where to complain when there is none.
    fn key(&mut self, node: &'a Node, owner: &Node, of_index: Option<&str>) -> Option<KeySchema> {
        let parts = node.get("key").map(Node::one_or_many).unwrap_or_default();
        let what =
            of_index.map_or_else(|| format!("the table `{}`", self.name), |index| format!("the index `{index}`"));
        let (hash, range) = match parts {
            [hash] => (hash, None),
            [hash, range] => (hash, Some(range)),
            [] => {
                let error = self.reading.error(owner, format!("{what} has no key"));
                error.hints.push("add `key: id`, or `key: [hash, range]`".to_owned());
                return None;
            }
            [_, _, third, ..] => {
                self.reading.error(third, "a key has a hash part and a range part, and no more");
                return None;
            }
        };
        if let Some(range) = range.filter(|range| range.text() == hash.text()) {
            self.reading.error(range, "the hash key and the range key are two attributes");
        }
        for part in parts {
            self.check_declared(part, of_index);
        }
        let text = |node: &Node| node.text().unwrap_or_default().to_owned();
        Some(KeySchema { hash: text(hash), range: range.map(text) })
    }

    fn check_declared(&mut self, part: &Node, of_index: Option<&str>) {
        let attribute = part.text().unwrap_or_default();
        self.used.insert(attribute.to_owned());
        if !self.attributes.contains_key(attribute) {
            let place = if of_index.is_some() { "an index" } else { "its key" };
            let message = format!(
                "the table `{}` uses the attribute `{attribute}` in {place}, but does not declare it",
                self.name
            );
            let hint = format!("add `{attribute}: S` (or N, B) under `attributes`");
            self.reading.error(part, message).hints.push(hint);
        }
    }

    fn indexes(&mut self, kind: &str, table_key: Option<&KeySchema>) -> Vec<Index> {
        let entries = self.node.get(kind).map(Node::entries).unwrap_or_default();
        let mut indexes = Vec::new();
        for (name, node) in entries {
            let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
            if !(3..=255).contains(&name.key().len()) || !name.key().bytes().all(legal) {
                self.reading.error(name, "an index's name has 3 to 255 letters, digits, dashes, underscores and dots");
            }
            let Some(key) = self.key(node, name, Some(name.key())) else { continue };
            if let Some(table_key) = table_key {
                self.check_local(node, &key, table_key);
            }
            let projection = match node.get("project") {
                None => Projection::KeysOnly,
                Some(node) => match &node.kind {
                    Kind::List(items) if items.is_empty() => Projection::KeysOnly,
                    Kind::List(items) => {
                        Projection::Include(items.iter().filter_map(Node::text).map(str::to_owned).collect())
                    }
                    _ if node.text() == Some("all") => Projection::All,
                    _ => Projection::KeysOnly,
                },
            };
            let name = name.key().to_owned();
            indexes.push(Index { name, key, projection, throughput: throughput(node) });
        }
        indexes
    }

    fn check_local(&mut self, node: &Node, key: &KeySchema, table_key: &KeySchema) {
        let Some(place) = node.get("key") else { return };
        let hash = &table_key.hash;
        if table_key.range.is_none() {
            self.reading
                .error(place, format!("the table `{}` has no range key, so it can have no local index", self.name))
                .hints
                .push("give the table a range key, or make this a global index".to_owned());
        } else if key.hash != *hash || key.range.is_none() {
            let range = key.range.as_deref().unwrap_or(&key.hash);
            self.reading
                .error(place, format!("a local index has the table's hash key `{hash}` and a range key of its own"))
                .hints
                .push(format!("write `key: [{hash}, {range}]`, or make this a global index"));
        }
    }

    /// DynamoDB refuses an attribute that no key uses.
    fn check_attributes(&mut self) {
        for (name, _) in self.node.get("attributes").map(Node::entries).unwrap_or_default() {
            if !self.used.contains(name.key()) {
                self.reading
                    .error(name, format!("no key of the table `{}` uses the attribute `{}`", self.name, name.key()))
                    .hints
                    .push("remove it: only attributes of keys are declared, items may have any others".to_owned());
            }
        }
    }

    fn check_counts(&mut self) {
        let kinds = [("local_secondary_indexes", MAX_LOCAL_INDEXES), ("global_secondary_indexes", MAX_GLOBAL_INDEXES)];
        let mut names = HashSet::new();
        for (kind, most) in kinds {
            let Some(node) = self.node.get(kind) else { continue };
            if node.entries().len() > most {
                self.reading.error(node, format!("a table has at most {most} of `{kind}`"));
            }
            for (name, _) in node.entries() {
                if !names.insert(name.key()) {
                    self.reading.error(name, format!("the table `{}` has two indexes of this name", self.name));
                }
            }
        }
    }
}

/// Different names may become the same logical id, or the same variable.
pub(super) fn check_names(reading: &mut Reading<'_>, project: &Project) {
    let root = reading.root;
    let place = |keys: [&str; 2], name: &str| {
        keys.iter().filter_map(|key| root.get(key)).find_map(|node| node.entry(name)).map(|(key, _)| key)
    };
    let mut stages: HashMap<String, &str> = HashMap::new();
    for stage in &project.stages {
        if let Some(other) = stages.insert(logical_name(&stage.name), &stage.name)
            && let Some(node) = place(["stages", "stage_environments"], &stage.name)
        {
            let id = logical_name(&stage.name);
            reading.error(node, format!("the stages `{other}` and `{}` would both be `{id}` in the stack", stage.name));
        }
    }
    let mut variables: HashMap<String, &str> = HashMap::new();
    let mut ids: HashMap<String, (&str, &str)> = HashMap::new();
    for table in &project.tables {
        let Some(node) = place(["tables", "dynamodb_tables"], &table.name) else { continue };
        let variable = table_variable(&table.name);
        if let Some(other) = variables.insert(variable.clone(), &table.name) {
            let message = format!("the tables `{other}` and `{}` would both be `{variable}` to the code", table.name);
            reading.error(node, message);
            continue;
        }
        for stage in &project.stages {
            let id = logical_name(&stage.name) + &logical_name(&table.name);
            if let Some((other_stage, other)) = ids.insert(id.clone(), (&stage.name, &table.name)) {
                let message = format!(
                    "the tables `{other}` of `{other_stage}` and `{}` of `{}` would both be `{id}` in the stack",
                    table.name, stage.name
                );
                reading.error(node, message);
            }
        }
    }
}
