//! Tables and what is in them, read from DynamoDB itself.

use crate::Session;
use crate::error::{StackError, while_doing};
use crate::identity::Identity;
use serde_json::{Value, json};
use slam_aws::dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, Projection, ProvisionedThroughputDescription, Select,
    TableDescription, TimeToLiveStatus,
};
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
        let plural = if self == Self::Exactly(1) { "" } else { "s" };
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
pub async fn count(session: &Session<'_>, table: &TableDescription) -> Result<Count, StackError> {
    let known = table.item_count().and_then(|count| u64::try_from(count).ok()).unwrap_or_default();
    if known >= MANY {
        return Ok(Count::About(known));
    }
    let name = table.table_name().unwrap_or_default();
    let scan = session.clients.dynamodb.scan().table_name(name).select(Select::Count).consistent_read(true);
    let page = scan.send().await.map_err(while_doing!("counting a table's items"))?;
    let counted = u64::try_from(page.count()).unwrap_or_default();
    let whole = page.last_evaluated_key().is_none_or(std::collections::HashMap::is_empty);
    Ok(if whole { Count::Exactly(counted) } else { Count::AtLeast(counted.max(known)) })
}

/// A table as it is; `None` when there is none.
pub async fn describe(session: &Session<'_>, table: &str) -> Result<Option<TableDescription>, StackError> {
    match session.clients.dynamodb.describe_table().table_name(table).send().await {
        Ok(answer) => Ok(answer.table().cloned()),
        Err(error) if error.as_service_error().is_some_and(|error| error.is_resource_not_found_exception()) => Ok(None),
        Err(error) => {
            let error = slam_aws::service_error(&error);
            Err(StackError::Service { doing: "looking for a table", error })
        }
    }
}

/// Which project a table belongs to, as its tags say.
pub async fn owner(session: &Session<'_>, table: &TableDescription) -> Result<Identity, StackError> {
    let arn = table.table_arn().unwrap_or_default();
    let mut tags = std::collections::BTreeMap::new();
    let mut token = None;
    loop {
        let call = session.clients.dynamodb.list_tags_of_resource().resource_arn(arn).set_next_token(token);
        let page = call.send().await.map_err(while_doing!("reading a table's tags"))?;
        tags.extend(page.tags().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())));
        token = page.next_token().map(str::to_owned);
        if token.is_none() {
            return Ok(Identity::from_tags(&tags));
        }
    }
}

/// The properties by which CloudFormation describes a table as it is. An import takes them, so that it is a change of
/// nothing; what slam.yaml says otherwise is changed afterwards.
pub async fn properties(session: &Session<'_>, table: &TableDescription) -> Result<Value, StackError> {
    let name = table.table_name().unwrap_or_default();
    let mut properties = json!({
        "TableName": name,
        "AttributeDefinitions": table.attribute_definitions().iter().map(definition).collect::<Value>(),
        "KeySchema": key_schema(table.key_schema()),
    });
    let on_demand = table.billing_mode_summary().and_then(|summary| summary.billing_mode());
    let on_demand = on_demand == Some(&BillingMode::PayPerRequest);
    properties["BillingMode"] = json!(if on_demand { "PAY_PER_REQUEST" } else { "PROVISIONED" });
    let capacity = |throughput: Option<&ProvisionedThroughputDescription>| {
        throughput.filter(|_| !on_demand).map(|throughput| {
            json!({"ReadCapacityUnits": throughput.read_capacity_units(), "WriteCapacityUnits": throughput.write_capacity_units()})
        })
    };
    if let Some(capacity) = capacity(table.provisioned_throughput()) {
        properties["ProvisionedThroughput"] = capacity;
    }
    let locals = table.local_secondary_indexes().iter();
    let locals: Vec<Value> =
        locals.map(|one| index(one.index_name(), one.key_schema(), one.projection(), None)).collect();
    let globals = table.global_secondary_indexes().iter();
    let globals: Vec<Value> = globals
        .map(|one| index(one.index_name(), one.key_schema(), one.projection(), capacity(one.provisioned_throughput())))
        .collect();
    for (kind, indexes) in [("LocalSecondaryIndexes", locals), ("GlobalSecondaryIndexes", globals)] {
        if !indexes.is_empty() {
            properties[kind] = Value::Array(indexes);
        }
    }
    let stream = table.stream_specification().filter(|stream| stream.stream_enabled());
    if let Some(view) = stream.and_then(|stream| stream.stream_view_type()) {
        properties["StreamSpecification"] = json!({"StreamViewType": view.as_str()});
    }
    let call = session.clients.dynamodb.describe_time_to_live().table_name(name).send().await;
    let answer = call.map_err(while_doing!("reading a table's time to live"))?;
    let ttl = answer.time_to_live_description().filter(|ttl| {
        matches!(ttl.time_to_live_status(), Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling))
    });
    if let Some(attribute) = ttl.and_then(|ttl| ttl.attribute_name()) {
        properties["TimeToLiveSpecification"] = json!({"AttributeName": attribute, "Enabled": true});
    }
    Ok(properties)
}

fn definition(definition: &AttributeDefinition) -> Value {
    json!({"AttributeName": definition.attribute_name(), "AttributeType": definition.attribute_type().as_str()})
}

fn key_schema(keys: &[KeySchemaElement]) -> Value {
    keys.iter().map(|key| json!({"AttributeName": key.attribute_name(), "KeyType": key.key_type().as_str()})).collect()
}

fn index(
    name: Option<&str>,
    keys: &[KeySchemaElement],
    projected: Option<&Projection>,
    capacity: Option<Value>,
) -> Value {
    let kind = projected.and_then(|projected| projected.projection_type());
    let mut projection = json!({"ProjectionType": kind.map_or("ALL", |kind| kind.as_str())});
    let others = projected.map(Projection::non_key_attributes).unwrap_or_default();
    if !others.is_empty() {
        projection["NonKeyAttributes"] = json!(others);
    }
    let mut index = json!({"IndexName": name, "KeySchema": key_schema(keys), "Projection": projection});
    if let Some(capacity) = capacity {
        index["ProvisionedThroughput"] = capacity;
    }
    index
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
            (Count::About(12_000_000), "about 12,000,000 items"),
            (Count::AtLeast(1_000), "at least 1,000 items"),
            (Count::Exactly(200).and(Count::Exactly(804)), "1,004 items"),
            (Count::About(20_000).and(Count::Exactly(4)), "about 20,004 items"),
            (Count::About(20_000).and(Count::AtLeast(4)), "at least 20,004 items"),
        ] {
            assert_eq!(count.of("item"), expected);
        }
    }
}
