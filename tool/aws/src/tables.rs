//! What DynamoDB has: tables, and how many items are in them.

use crate::question::{Service, Targeted};
use crate::{Clients, ServiceError};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/Welcome.html>
const DYNAMODB: Targeted = Targeted {
    service: Service { id: "DynamoDB", name: "dynamodb" },
    target: "DynamoDB_20120810",
    content_type: "application/x-amz-json-1.0",
};

/// What one page of a table was counted to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// So many items.
    pub items: u64,
    /// Whether that is all.
    pub is_whole: bool,
}

impl Clients {
    /// A table as it is (`TableDescription`); `None` when there is none.
    /// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTable.html>
    ///
    /// # Errors
    /// When nobody answers, or the credentials may not ask.
    pub async fn table(&self, name: &str) -> Result<Option<Value>, ServiceError> {
        match self.asker.ask(DYNAMODB, "DescribeTable", &json!({"TableName": name})).await {
            Ok(mut answer) => Ok(Some(answer["Table"].take())),
            Err(error) if error.code.as_deref() == Some("ResourceNotFoundException") => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Counts the items of a table, as many as one page has.
    /// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html>
    ///
    /// # Errors
    /// When nobody answers, or the credentials may not ask.
    pub async fn count_items(&self, name: &str) -> Result<Counted, ServiceError> {
        let scan = json!({"TableName": name, "Select": "COUNT", "ConsistentRead": true});
        let page = self.asker.ask(DYNAMODB, "Scan", &scan).await?;
        let is_whole = page["LastEvaluatedKey"].as_object().is_none_or(serde_json::Map::is_empty);
        Ok(Counted { items: page["Count"].as_u64().unwrap_or_default(), is_whole })
    }

    /// The tags of a table.
    ///
    /// # Errors
    /// When nobody answers, or the credentials may not ask.
    pub async fn table_tags(&self, arn: &str) -> Result<BTreeMap<String, String>, ServiceError> {
        let (mut tags, mut input) = (BTreeMap::new(), json!({"ResourceArn": arn}));
        loop {
            let page = self.asker.ask(DYNAMODB, "ListTagsOfResource", &input).await?;
            let text = |value: &Value| value.as_str().map(str::to_owned);
            let listed = page["Tags"].as_array().into_iter().flatten();
            tags.extend(listed.filter_map(|tag| Some((text(&tag["Key"])?, text(&tag["Value"])?))));
            input["NextToken"] = page["NextToken"].clone();
            if !input["NextToken"].is_string() {
                return Ok(tags);
            }
        }
    }

    /// The attribute that tells when an item of a table may go, if it is in force.
    ///
    /// # Errors
    /// When nobody answers, or the credentials may not ask.
    pub async fn time_to_live(&self, name: &str) -> Result<Option<String>, ServiceError> {
        let answer = self.asker.ask(DYNAMODB, "DescribeTimeToLive", &json!({"TableName": name})).await?;
        let described = &answer["TimeToLiveDescription"];
        let is_on = matches!(described["TimeToLiveStatus"].as_str(), Some("ENABLED" | "ENABLING"));
        Ok(described["AttributeName"].as_str().filter(|_| is_on).map(str::to_owned))
    }
}
