//! The ARNs of tables, indexes and streams.
//!
//! The engine names everything after a region and account of its own. Requests may name tables by ARN; the engine
//! knows bare names there. Both are put right here.

use crate::engine;
use serde_json::Value;
use slam_cloud_core::{Arn, AwsError, AwsResult, Context, Timestamp};
use std::collections::BTreeMap;

/// What stands before `table/…` in the engine's ARNs.
const ENGINE: &str = "arn:aws:dynamodb:dynoxide:000000000000:";
/// The same of the keys that the engine names.
const ENGINE_KEYS: &str = "arn:aws:kms:dynoxide:000000000000:";

/// A table's ARN.
pub fn table_arn(context: &Context, table: &str) -> String {
    context.arn("dynamodb", format!("table/{table}"))
}

/// An index's ARN.
pub fn index_arn(context: &Context, table: &str, index: &str) -> String {
    context.arn("dynamodb", format!("table/{table}/index/{index}"))
}

/// A stream's ARN, by the engine's label for it.
pub fn stream_arn(context: &Context, table: &str, label: &str) -> String {
    context.arn("dynamodb", format!("table/{table}/stream/{}", stream_label(label)))
}

/// A stream's label as AWS forms it, a time in ISO 8601 (API Reference, `TableDescription`: `LatestStreamLabel`), of the
/// engine's, which is that time in seconds.
fn stream_label(engines: &str) -> String {
    let moment = engines.split_once('.').and_then(|(seconds, nanos)| {
        let is_engines = nanos.len() == 9;
        Timestamp::new(seconds.parse().ok()?, nanos.parse().ok()?).ok().filter(|_| is_engines)
    });
    moment.map_or_else(|| engines.to_owned(), |moment| moment.strftime("%Y-%m-%dT%H:%M:%S.%3f").to_string())
}

/// The engine's labels in a description, put right.
fn with_labels(text: &str) -> String {
    let mut labelled = String::with_capacity(text.len());
    let mut rest = text;
    let marked = |rest: &str| {
        ["/stream/", "StreamLabel\":\""].into_iter().filter_map(|mark| Some(rest.find(mark)? + mark.len())).min()
    };
    while let Some(end) = marked(rest) {
        let label = rest[end..].find(|c: char| c != '.' && !c.is_ascii_digit()).unwrap_or(rest.len() - end);
        labelled.push_str(&rest[..end]);
        labelled.push_str(&stream_label(&rest[end..end + label]));
        rest = &rest[end + label..];
    }
    labelled + rest
}

/// The engine's ARNs in a description or message, put right. Neither holds users' data.
pub fn localized(context: &Context, text: String) -> String {
    if !text.contains("dynoxide") && !text.contains("StreamLabel") {
        return text;
    }
    with_labels(&text).replace(ENGINE, &context.arn("dynamodb", "")).replace(ENGINE_KEYS, &context.arn("kms", ""))
}

/// The name of the table that `given` names, by itself or by an ARN of this account and region.
///
/// # Errors
/// When the ARN is of another account or region, or of no table.
pub fn table_name<'a>(context: &Context, given: &'a str) -> AwsResult<&'a str> {
    if !given.starts_with("arn:") {
        return Ok(given);
    }
    let invalid = || AwsError::validation(format!("Invalid TableArn: Invalid ResourceArn provided as input {given}"));
    let arn = Arn::parse(given).filter(|arn| arn.service == "dynamodb").ok_or_else(invalid)?;
    if arn.account != *context.account || arn.region != *context.region {
        return Err(AwsError::unsupported(format_args!("the table {given} of another account or region")));
    }
    let at = given.len() - arn.resource.len();
    given[at..].strip_prefix("table/").and_then(|rest| rest.split('/').next()).ok_or_else(invalid)
}

/// Refuses what is no ARN where tags are asked for: AWS finds nothing there that anyone may do (asserted on AWS: dynalite's
/// suite, test/tagResource.js).
///
/// # Errors
/// AWS's `AccessDeniedException`.
pub fn check_tagged(context: &Context, operation: &str, request: &Value) -> AwsResult<()> {
    let Some(given) = request.get("ResourceArn").and_then(Value::as_str) else { return Ok(()) };
    let parts: Vec<&str> = given.splitn(6, ':').collect();
    let resource = parts.get(5).and_then(|resource| resource.split_once('/'));
    let named = resource.is_some_and(|(kind, name)| !kind.is_empty() && !name.is_empty());
    if named && parts.iter().all(|part| !part.is_empty()) {
        // Before the ARN is looked at closer (dynalite, test/tagResource.js and test/untagResource.js, "… for null Tags").
        return engine::check_demands(operation, &request.to_string());
    }
    let resource = if given.is_empty() { "*" } else { given };
    let who = context.principal.arn();
    Err(AwsError::bad_request(
        "AccessDeniedException",
        format!("User: {who} is not authorized to perform: dynamodb:{operation} on resource: {resource}"),
    ))
}

/// The tables that a request names by their ARNs: names, each with the ARN.
pub type Qualified = BTreeMap<String, String>;

/// Puts bare names where a request names tables by ARN. Returns those that it named so.
///
/// # Errors
/// As [`table_name`], and when a batch names a table in both ways.
pub fn unqualify(context: &Context, operation: &str, request: &mut Value) -> AwsResult<Qualified> {
    let mut qualified = Qualified::new();
    unqualify_member(context, request, &mut qualified)?;
    if matches!(operation, "BatchGetItem" | "BatchWriteItem")
        && let Some(Value::Object(tables)) = request.get_mut("RequestItems")
        && tables.keys().any(|name| name.starts_with("arn:"))
    {
        let mut renamed = serde_json::Map::with_capacity(tables.len());
        for (given, value) in std::mem::take(tables) {
            let name = table_name(context, &given)?.to_owned();
            if renamed.insert(name.clone(), value).is_some() {
                return Err(AwsError::unsupported(format_args!("the table {name} named twice in one batch")));
            }
            if given != name {
                qualified.insert(name, given);
            }
        }
        *tables = renamed;
    }
    if let Some(Value::Array(items)) = request.get_mut("TransactItems") {
        let actions = items.iter_mut().filter_map(Value::as_object_mut).flat_map(|item| item.values_mut());
        for action in actions {
            unqualify_member(context, action, &mut qualified)?;
        }
    }
    // Other accounts' and regions' resources are not here; the engine would look at the name alone.
    for member in ["ResourceArn", "StreamArn"] {
        if let Some(Value::String(given)) = request.get(member)
            && Arn::parse(given).is_some_and(|arn| arn.service == "dynamodb")
        {
            table_name(context, given)?;
        }
    }
    Ok(qualified)
}

fn unqualify_member(context: &Context, structure: &mut Value, qualified: &mut Qualified) -> AwsResult<()> {
    if let Some(Value::String(given)) = structure.get_mut("TableName")
        && given.starts_with("arn:")
    {
        let name = table_name(context, given)?.to_owned();
        qualified.insert(name.clone(), std::mem::replace(given, name));
    }
    Ok(())
}

/// Names tables in an answer as the request did. "If you had specified the Amazon Resource Name (ARN) of a table in the
/// input, you'll see the table ARN in the response" (API Reference, `ConsumedCapacity`; `Responses` of `BatchGetItem`: "a
/// map of table name or table ARN").
pub fn requalify(qualified: &Qualified, answer: &mut Value) {
    for member in ["Responses", "UnprocessedKeys", "UnprocessedItems", "ItemCollectionMetrics"] {
        if let Some(Value::Object(tables)) = answer.get_mut(member)
            && tables.keys().any(|name| qualified.contains_key(name))
        {
            let named = |name: String| qualified.get(&name).cloned().unwrap_or(name);
            *tables = std::mem::take(tables).into_iter().map(|(name, value)| (named(name), value)).collect();
        }
    }
    let consumed = match answer.get_mut("ConsumedCapacity") {
        Some(Value::Array(all)) => all.as_mut_slice(),
        Some(one) => std::slice::from_mut(one),
        None => return,
    };
    for consumed in consumed {
        if let Some(Value::String(name)) = consumed.get_mut("TableName")
            && let Some(given) = qualified.get(name)
        {
            name.clone_from(given);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use slam_cloud_core::Principal;

    fn context() -> Context {
        Context::new("111122223333", "eu-west-1", Principal::Anonymous)
    }

    #[test]
    fn the_engines_arns_become_this_accounts() {
        let text = r#"{"TableArn":"arn:aws:dynamodb:dynoxide:000000000000:table/t"}"#;
        let expected = r#"{"TableArn":"arn:aws:dynamodb:eu-west-1:111122223333:table/t"}"#;
        assert_eq!(localized(&context(), text.to_owned()), expected);
        let engines = "arn:aws:dynamodb:dynoxide:000000000000:table/t/stream/1498244782.628000000";
        let text = format!(r#"{{"LatestStreamLabel":"1498244782.628000000","LatestStreamArn":"{engines}"}}"#);
        let label = "2017-06-23T19:06:22.628";
        let arn = stream_arn(&context(), "t", "1498244782.628000000");
        assert_eq!(arn, format!("arn:aws:dynamodb:eu-west-1:111122223333:table/t/stream/{label}"));
        let expected = format!(r#"{{"LatestStreamLabel":"{label}","LatestStreamArn":"{arn}"}}"#);
        assert_eq!(localized(&context(), text), expected);
    }

    #[test]
    fn a_table_may_be_named_by_its_arn() {
        let arn = "arn:aws:dynamodb:eu-west-1:111122223333:table/tasks";
        assert_eq!(table_name(&context(), arn), Ok("tasks"));
        let mut request = json!({"RequestItems": {arn: {"Keys": []}}});
        let qualified = Qualified::from([("tasks".to_owned(), arn.to_owned())]);
        assert_eq!(unqualify(&context(), "BatchGetItem", &mut request), Ok(qualified.clone()));
        assert_eq!(request, json!({"RequestItems": {"tasks": {"Keys": []}}}));
        let mut request = json!({"TransactItems": [{"Put": {"TableName": arn}}]});
        assert_eq!(unqualify(&context(), "TransactWriteItems", &mut request), Ok(qualified.clone()));
        assert_eq!(request, json!({"TransactItems": [{"Put": {"TableName": "tasks"}}]}));
        let mut answer = json!({
            "Responses": {"tasks": [], "others": []},
            "ConsumedCapacity": [{"TableName": "tasks"}, {"TableName": "others"}]
        });
        requalify(&qualified, &mut answer);
        let named = json!({
            "Responses": {arn: [], "others": []},
            "ConsumedCapacity": [{"TableName": arn}, {"TableName": "others"}]
        });
        assert_eq!(answer, named);
    }

    #[test]
    fn a_table_has_one_name_in_a_batch() {
        let arn = "arn:aws:dynamodb:eu-west-1:111122223333:table/tasks";
        let mut request = json!({"RequestItems": {arn: {}, "tasks": {}}});
        assert_eq!(unqualify(&context(), "BatchGetItem", &mut request).unwrap_err().status, 501);
    }

    #[test]
    fn a_table_of_elsewhere_is_refused() {
        for arn in ["arn:aws:dynamodb:us-east-1:111122223333:table/t", "arn:aws:dynamodb:eu-west-1:0:table/t"] {
            assert_eq!(table_name(&context(), arn).unwrap_err().status, 501, "{arn}");
            assert!(unqualify(&context(), "TagResource", &mut json!({ "ResourceArn": arn })).is_err());
        }
    }
}
