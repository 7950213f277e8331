//! What permissions a request needs (Service Authorization Reference, "Actions, resources, and condition keys for
//! Amazon DynamoDB").

mod leading_keys;

use crate::DynamoDb;
use crate::model::streams;
use crate::names::{index_arn, stream_arn, table_arn, table_name};
use crate::partiql::{self, Verb};
use dynoxide::actions::get_shard_iterator::decode_shard_iterator;
use serde_json::Value;
use slam_cloud_core::{Access, AwsResult, Context};
use std::borrow::Cow;

/// Stands for leading keys that cannot be told. No item has it, so a policy that restricts leading keys refuses; an
/// absent key would satisfy `ForAllValues`.
const UNTOLD: &str = "\u{0}";

/// The permissions of an operation on tables alone, where no item is looked at.
pub fn of_table(context: &Context, operation: &str, request: &Value) -> Vec<Access> {
    let table = || {
        let given = text(request, "TableName");
        table_arn(context, table_name(context, given).unwrap_or(given))
    };
    let action = format!("dynamodb:{operation}");
    match operation {
        "ListTables" | "DescribeLimits" | "DescribeEndpoints" | "ListStreams" => vec![Access::new(action, "*")],
        "TagResource" | "UntagResource" | "ListTagsOfResource" => {
            vec![Access::new(action, text(request, "ResourceArn"))]
        }
        "DescribeStream" | "GetShardIterator" => vec![Access::new(action, text(request, "StreamArn"))],
        "CreateTable" => {
            let mut accesses = vec![Access::new(action, table())];
            // To tag a table while making it is to tag it.
            if request.get("Tags").and_then(Value::as_array).is_some_and(|tags| !tags.is_empty()) {
                accesses.push(Access::new("dynamodb:TagResource", table()));
            }
            accesses
        }
        _ => vec![Access::new(action, table())],
    }
}

impl DynamoDb {
    /// The permissions of any operation.
    pub(crate) async fn access(
        &self,
        context: &Context,
        operation: &'static str,
        request: &Value,
    ) -> AwsResult<Vec<Access>> {
        Ok(match operation {
            "GetItem" | "PutItem" | "UpdateItem" | "DeleteItem" => {
                let table = text(request, "TableName");
                let action = format!("dynamodb:{operation}");
                vec![self.item_access(context, action, table, None, &[request], request).await?]
            }
            "Query" => {
                let (table, index) = (text(request, "TableName"), request.get("IndexName").and_then(Value::as_str));
                vec![self.query_access(context, table, index, request).await?]
            }
            // A scan reads all leading keys, so none is named: policies that depend on them must not allow it.
            "Scan" => {
                let table = text(request, "TableName");
                let resource = match request.get("IndexName").and_then(Value::as_str) {
                    Some(index) => index_arn(context, table, index),
                    None => table_arn(context, table),
                };
                vec![with_options(Access::new("dynamodb:Scan", resource), request)]
            }
            "BatchGetItem" | "BatchWriteItem" => self.batch_access(context, operation, request).await?,
            "TransactGetItems" | "TransactWriteItems" => {
                let accesses = self.transaction_access(context, request).await?;
                within(operation, accesses)
            }
            "ExecuteStatement" => of_statements(context, [text(request, "Statement")]),
            "ExecuteTransaction" => {
                within(operation, of_statements(context, statements(request, "TransactStatements")))
            }
            "BatchExecuteStatement" => within(operation, of_statements(context, statements(request, "Statements"))),
            "GetRecords" => vec![self.records_access(context, text(request, "ShardIterator")).await?],
            _ => of_table(context, operation, request),
        })
    }

    /// An action on items of a table or index, with the leading keys of the given structures.
    async fn item_access(
        &self,
        context: &Context,
        action: impl Into<Cow<'static, str>>,
        table: &str,
        index: Option<&str>,
        structures: &[&Value],
        options: &Value,
    ) -> AwsResult<Access> {
        let resource = match index {
            Some(index) => index_arn(context, table, index),
            None => table_arn(context, table),
        };
        let mut access = with_options(Access::new(action, resource), options);
        if let Some(schema) = self.engines.table(context, table).await? {
            let keys = leading_keys::of_items(&(&schema).into(), structures);
            if !keys.is_empty() {
                access.conditions.push(("dynamodb:LeadingKeys".into(), keys));
            }
        }
        Ok(access)
    }

    async fn query_access(
        &self,
        context: &Context,
        table: &str,
        index: Option<&str>,
        request: &Value,
    ) -> AwsResult<Access> {
        let resource = index.map_or_else(|| table_arn(context, table), |index| index_arn(context, table, index));
        let mut access = with_options(Access::new("dynamodb:Query", resource), request);
        if let Some(schema) = self.engines.table(context, table).await? {
            let key = leading_keys::of_query(&(&schema).into(), index, request);
            access = access.condition("dynamodb:LeadingKeys", key.unwrap_or_else(|| UNTOLD.to_owned()));
        }
        Ok(access)
    }

    async fn batch_access(
        &self,
        context: &Context,
        operation: &'static str,
        request: &Value,
    ) -> AwsResult<Vec<Access>> {
        let mut accesses = Vec::new();
        let tables = request.get("RequestItems").and_then(Value::as_object);
        for (table, wanted) in tables.into_iter().flatten() {
            let action = format!("dynamodb:{operation}");
            let structures: Vec<&Value> = match wanted {
                // Keys as they are, without a structure around them.
                Value::Object(_) => wanted.get("Keys").and_then(Value::as_array).into_iter().flatten().collect(),
                Value::Array(writes) => writes.iter().filter_map(Value::as_object).flat_map(|w| w.values()).collect(),
                _ => Vec::new(),
            };
            let table = table_name(context, table)?;
            accesses.push(self.item_access(context, action, table, None, &structures, request).await?);
        }
        Ok(accesses)
    }

    /// Transactions need the permissions of their parts, not one of their own.
    async fn transaction_access(&self, context: &Context, request: &Value) -> AwsResult<Vec<Access>> {
        let mut accesses: Vec<Access> = Vec::new();
        let items = request.get("TransactItems").and_then(Value::as_array);
        for (kind, detail) in items.into_iter().flatten().filter_map(Value::as_object).flatten() {
            let action = match kind.as_str() {
                "Get" => "dynamodb:GetItem",
                "Put" => "dynamodb:PutItem",
                "Update" => "dynamodb:UpdateItem",
                "Delete" => "dynamodb:DeleteItem",
                "ConditionCheck" => "dynamodb:ConditionCheckItem",
                _ => continue,
            };
            let table = text(detail, "TableName");
            let access = self.item_access(context, action, table, None, &[detail], detail).await?;
            if !accesses.contains(&access) {
                accesses.push(access);
            }
        }
        Ok(accesses)
    }

    /// An iterator names its table; its stream's ARN needs the label, too.
    async fn records_access(&self, context: &Context, iterator: &str) -> AwsResult<Access> {
        let iterator = streams::inner(iterator).map_or(iterator, |(_, iterator)| iterator);
        let table = decode_shard_iterator(iterator).map(|(table, ..)| table).unwrap_or_default();
        let known = self.engines.table(context, &table).await?;
        let label = known.and_then(|table| table.stream_label).unwrap_or_default();
        Ok(Access::new("dynamodb:GetRecords", stream_arn(context, &table, &label)))
    }
}

/// The permissions of parts, with the operation that they are parts of.
fn within(operation: &str, accesses: Vec<Access>) -> Vec<Access> {
    accesses.into_iter().map(|access| access.condition("dynamodb:EnclosingOperation", operation)).collect()
}

/// The request's options that policies may restrict.
fn with_options(mut access: Access, request: &Value) -> Access {
    for (member, key) in [
        ("Select", "dynamodb:Select"),
        ("ReturnValues", "dynamodb:ReturnValues"),
        ("ReturnConsumedCapacity", "dynamodb:ReturnConsumedCapacity"),
    ] {
        if let Some(value) = request.get(member).and_then(Value::as_str) {
            access = access.condition(key, value);
        }
    }
    access
}

/// The permissions of PartiQL's statements.
fn of_statements<'a>(context: &Context, statements: impl IntoIterator<Item = &'a str>) -> Vec<Access> {
    let mut accesses = Vec::new();
    for statement in statements {
        // The keys of a statement's condition are not looked for.
        let access = of_statement(context, statement).condition("dynamodb:LeadingKeys", UNTOLD);
        if !accesses.contains(&access) {
            accesses.push(access);
        }
    }
    accesses
}

fn of_statement(context: &Context, statement: &str) -> Access {
    let touched = partiql::touched(statement);
    let action = match touched.verb {
        Verb::Insert => "dynamodb:PartiQLInsert",
        Verb::Update => "dynamodb:PartiQLUpdate",
        Verb::Delete => "dynamodb:PartiQLDelete",
        Verb::Select => "dynamodb:PartiQLSelect",
    };
    let Some(table) = touched.table else {
        // No table: the engine refuses it; until then nothing but a wildcard permits it.
        return Access::new(action, table_arn(context, "*"));
    };
    let table = table_name(context, table).unwrap_or(table);
    let resource = touched.index.map_or_else(|| table_arn(context, table), |index| index_arn(context, table, index));
    Access::new(action, resource)
}

fn statements<'a>(request: &'a Value, member: &str) -> impl Iterator<Item = &'a str> {
    let all = request.get(member).and_then(Value::as_array);
    all.into_iter().flatten().map(|statement| text(statement, "Statement"))
}

/// A member's text; empty when it is absent, which no permission of a table fits.
fn text<'a>(structure: &'a Value, member: &str) -> &'a str {
    structure.get(member).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use slam_cloud_core::Principal;

    #[test]
    fn verbs_and_tables() {
        let context = Context::new("000000000000", "us-east-1", Principal::Anonymous);
        for (statement, action, resource) in [
            ("SELECT * FROM \"tasks\" WHERE id = 'FROM x'", "PartiQLSelect", "tasks"),
            ("select id from tasks", "PartiQLSelect", "tasks"),
            ("SELECT * FROM \"tasks\".\"by-owner\"", "PartiQLSelect", "tasks/index/by-owner"),
            ("SELECT * FROM \"my.table\"", "PartiQLSelect", "my.table"),
            ("INSERT INTO \"tasks\" VALUE {'id': 'a'}", "PartiQLInsert", "tasks"),
            ("UPDATE \"tasks\" SET a = 1 WHERE id = 'a'", "PartiQLUpdate", "tasks"),
            ("DELETE FROM tasks WHERE id = 'a'", "PartiQLDelete", "tasks"),
            ("EXISTS(SELECT * FROM \"tasks\" WHERE id = 'a')", "PartiQLSelect", "tasks"),
            ("SELECT * FROM tasks.index", "PartiQLSelect", "tasks/index/index"),
            ("SELECT /* FROM mine */ * FROM secret", "PartiQLSelect", "secret"),
            ("SELECT * -- FROM mine\nFROM secret", "PartiQLSelect", "secret"),
            ("SELECT 'it''s FROM mine', `FROM mine` FROM secret", "PartiQLSelect", "secret"),
            ("SELECT a.from, b FROM secret", "PartiQLSelect", "secret"),
            ("INSERT /* x */ INTO secret VALUE {'INTO': 'mine'}", "PartiQLInsert", "secret"),
            ("INSERT nonsense INTO mine", "PartiQLInsert", "*"),
            ("nonsense", "PartiQLSelect", "*"),
        ] {
            let access = of_statement(&context, statement);
            let resource = format!("arn:aws:dynamodb:us-east-1:000000000000:table/{resource}");
            assert_eq!((&*access.action, access.resource), (&*format!("dynamodb:{action}"), resource), "{statement}");
        }
    }
}
