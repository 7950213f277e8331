//! Tables and what is in them, read from DynamoDB itself.

use crate::Session;
use crate::error::{StackError, service};
use crate::identity::Identity;
use serde_json::{Value, json};
use slam_template::Data;
use std::fmt;

/// From this many items on, DynamoDB's own count is told, which is up to six hours old.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html>
const MANY: u64 = 10_000;

/// How many there are of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// This many.
    Exactly(u64),
    /// This many some time ago.
    About(u64),
    /// This many were counted, and then no more.
    AtLeast(u64),
}

impl Count {
    /// The number, as near as it is known.
    #[must_use]
    pub fn number(self) -> u64 {
        match self {
            Self::Exactly(number) | Self::About(number) | Self::AtLeast(number) => number,
        }
    }

    /// Two counts together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let sum = self.number() + other.number();
        match (self, other) {
            (Self::Exactly(_), Self::Exactly(_)) => Self::Exactly(sum),
            (Self::AtLeast(_), _) | (_, Self::AtLeast(_)) => Self::AtLeast(sum),
            _ => Self::About(sum),
        }
    }

    /// "1,204 items", "about 12,000 items", "at least 1,000 objects"
    #[must_use]
    pub fn of(self, noun: &str) -> String {
        let plural = if self.number() == 1 { "" } else { "s" };
        format!("{self} {noun}{plural}")
    }
}

impl fmt::Display for Count {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.number().to_string();
        let mut text = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        let word = match self {
            Self::Exactly(_) => "",
            Self::About(_) => "about ",
            Self::AtLeast(_) => "at least ",
        };
        write!(formatter, "{word}{text}")
    }
}

/// A table with what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// The table.
    pub data: Data,
    /// Its items.
    pub items: Count,
}

/// How many items a table has; `None` when there is no such table.
pub async fn items(session: &Session<'_>, table: &str) -> Result<Option<Count>, StackError> {
    match describe(session, table).await? {
        Some(described) => count(session, &described).await.map(Some),
        None => Ok(None),
    }
}

/// How many items a table has.
pub async fn count(session: &Session<'_>, table: &Value) -> Result<Count, StackError> {
    let known = table["ItemCount"].as_u64().unwrap_or_default();
    if known >= MANY {
        return Ok(Count::About(known));
    }
    let page =
        session.clients.count_items(text(table, "TableName")).await.map_err(service("counting a table's items"))?;
    Ok(if page.is_whole { Count::Exactly(page.items) } else { Count::AtLeast(page.items.max(known)) })
}

/// A table as it is, in the form of DynamoDB's `TableDescription`; `None` when there is none.
pub async fn describe(session: &Session<'_>, table: &str) -> Result<Option<Value>, StackError> {
    session.clients.table(table).await.map_err(service("looking for a table"))
}

/// Which project a table belongs to, as its tags say.
pub async fn owner(session: &Session<'_>, table: &Value) -> Result<Identity, StackError> {
    let tags = session.clients.table_tags(text(table, "TableArn")).await;
    Ok(Identity::from_tags(&tags.map_err(service("reading a table's tags"))?))
}

/// The properties by which CloudFormation describes a table as it is. An import takes them, so that it is a change of
/// nothing; what slam.yaml says otherwise is changed afterwards.
pub async fn properties(session: &Session<'_>, table: &Value) -> Result<Value, StackError> {
    let name = text(table, "TableName");
    let ttl = session.clients.time_to_live(name).await.map_err(service("reading a table's time to live"))?;
    Ok(declared(table, ttl.as_deref()))
}

/// A table's description as properties, with the attribute of its time to live.
fn declared(table: &Value, ttl: Option<&str>) -> Value {
    let mut properties = json!({});
    for name in ["TableName", "AttributeDefinitions", "KeySchema"] {
        properties[name] = table[name].clone();
    }
    let on_demand = table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST";
    properties["BillingMode"] = json!(if on_demand { "PAY_PER_REQUEST" } else { "PROVISIONED" });
    let capacity = |of: &Value, properties: &mut Value| {
        let throughput = &of["ProvisionedThroughput"];
        if !on_demand && throughput.is_object() {
            properties["ProvisionedThroughput"] = only(throughput, &["ReadCapacityUnits", "WriteCapacityUnits"]);
        }
    };
    capacity(table, &mut properties);
    for kind in ["LocalSecondaryIndexes", "GlobalSecondaryIndexes"] {
        let indexes = table[kind].as_array().into_iter().flatten().map(|index| {
            let mut declared = only(index, &["IndexName", "KeySchema", "Projection"]);
            // That of a local index is a table's, and described as none.
            if kind == "GlobalSecondaryIndexes" {
                capacity(index, &mut declared);
            }
            declared
        });
        let indexes: Vec<Value> = indexes.collect();
        if !indexes.is_empty() {
            properties[kind] = Value::Array(indexes);
        }
    }
    let stream = &table["StreamSpecification"];
    if stream["StreamEnabled"] == true {
        properties["StreamSpecification"] = only(stream, &["StreamViewType"]);
    }
    if let Some(attribute) = ttl {
        properties["TimeToLiveSpecification"] = json!({"AttributeName": attribute, "Enabled": true});
    }
    properties
}

/// These members of an object, as far as it has them.
fn only(object: &Value, names: &[&str]) -> Value {
    names.iter().filter_map(|name| Some(((*name).to_owned(), object.get(name)?.clone()))).collect()
}

fn text<'v>(object: &'v Value, name: &str) -> &'v str {
    object[name].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_aloud() {
        for (count, expected) in [
            (Count::Exactly(0), "0 items"),
            (Count::Exactly(1), "1 item"),
            (Count::Exactly(1_204), "1,204 items"),
            (Count::About(1), "about 1 item"),
            (Count::About(12_000_000), "about 12,000,000 items"),
            (Count::AtLeast(1_000), "at least 1,000 items"),
            (Count::Exactly(200).and(Count::Exactly(804)), "1,004 items"),
            (Count::About(20_000).and(Count::Exactly(4)), "about 20,004 items"),
            (Count::About(20_000).and(Count::AtLeast(4)), "at least 20,004 items"),
        ] {
            assert_eq!(count.of("item"), expected);
        }
    }

    #[test]
    fn a_description_is_declared_without_what_an_import_does_not_take() {
        let key = json!([{"AttributeName": "id", "KeyType": "HASH"}]);
        let projection = json!({"ProjectionType": "INCLUDE", "NonKeyAttributes": ["a"]});
        let units = json!({"ReadCapacityUnits": 1, "WriteCapacityUnits": 2});
        let mut described = units.clone();
        described["NumberOfDecreasesToday"] = json!(0);
        let index = json!({"IndexName": "i", "KeySchema": key, "Projection": projection});
        let mut described_index = index.clone();
        described_index["IndexStatus"] = json!("ACTIVE");
        described_index["ProvisionedThroughput"] = described.clone();
        let definitions = json!([{"AttributeName": "id", "AttributeType": "S"}]);
        let mut table = json!({
            "TableName": "t", "TableStatus": "ACTIVE", "ItemCount": 3, "KeySchema": key, "AttributeDefinitions": definitions,
            "ProvisionedThroughput": described, "GlobalSecondaryIndexes": [described_index],
            "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"},
        });
        let mut provisioned = index.clone();
        provisioned["ProvisionedThroughput"] = units.clone();
        let mut expected = json!({
            "TableName": "t", "KeySchema": key, "AttributeDefinitions": definitions, "BillingMode": "PROVISIONED",
            "ProvisionedThroughput": units, "GlobalSecondaryIndexes": [provisioned],
            "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
            "TimeToLiveSpecification": {"AttributeName": "gone", "Enabled": true},
        });
        assert_eq!(declared(&table, Some("gone")), expected);
        table["BillingModeSummary"] = json!({"BillingMode": "PAY_PER_REQUEST"});
        table["StreamSpecification"] = Value::Null;
        expected["BillingMode"] = json!("PAY_PER_REQUEST");
        expected["GlobalSecondaryIndexes"] = json!([index]);
        for name in ["ProvisionedThroughput", "StreamSpecification", "TimeToLiveSpecification"] {
            expected.as_object_mut().unwrap().remove(name);
        }
        assert_eq!(declared(&table, None), expected);
    }
}
