//! API keys from a file.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-key-file-format.html>: comma-separated values below a line with
//! the columns' names, in any order and any case; `Name` and `Key` must be there.

use super::{api_keys, usage_plan_keys};
use crate::ApiGateway;
use crate::error::bad_request;
use crate::model::{ApiKey, now};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsResult, Context, id};
use slam_cloud_wire::apigateway as wire;
use std::sync::Arc;

/// A line of a file.
#[derive(Debug, Default, PartialEq, Eq)]
struct Row {
    name: String,
    value: String,
    description: Option<String>,
    enabled: bool,
    plans: Vec<String>,
}

/// Imports keys: those whose values are known are written anew. What cannot be imported is told as a warning, or nothing is
/// imported when the caller wants it so.
pub async fn import(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::ImportApiKeys,
) -> AwsResult<wire::ApiKeyIds> {
    if input.format != "csv" {
        return Err(bad_request("Invalid API Key format specified. Valid options are: [csv]"));
    }
    let text = std::str::from_utf8(&input.body).map_err(|_| bad_request("The API key file is not valid UTF-8"))?;
    let rows = read(text).map_err(bad_request)?;
    let _one_at_a_time = service.store.changing.lock().await;
    let scope = Scope::regional(&context);
    let mut warnings = Vec::new();
    let mut good = Vec::new();
    for (number, row) in rows.into_iter().enumerate() {
        let made = key_of(&service, &scope, &row);
        let plans =
            row.plans.iter().try_for_each(|plan| usage_plan_keys::known_plan(&service, &scope, plan).map(|_| ()));
        match api_keys::check(&made).and(plans) {
            Ok(()) => good.push((made, row.plans)),
            Err(error) => warnings.push(format!("Line {}: {}", number + 2, error.message)),
        }
    }
    if let (Some(warning), true) = (warnings.first(), input.fail_on_warnings.unwrap_or(false)) {
        return Err(bad_request(warning.clone()));
    }
    let mut ids = Vec::new();
    for (mut made, plans) in good {
        // A value that is in the file twice is one key: the later line counts.
        if let Some(known) = api_keys::with_value(&service, &scope, &made.value) {
            made.id.clone_from(&known.id);
        }
        let stored = api_keys::put(&service, &scope, made).await?;
        for plan in plans {
            match usage_plan_keys::join(&service, &scope, &plan, &stored).await {
                Err(error) if error.code != "ConflictException" => return Err(error),
                Err(error) => warnings.push(error.message),
                Ok(()) => {}
            }
        }
        if !ids.contains(&stored.id) {
            ids.push(stored.id.clone());
        }
    }
    Ok(wire::ApiKeyIds { ids: Some(ids), warnings: Some(warnings).filter(|warnings| !warnings.is_empty()) })
}

fn key_of(service: &ApiGateway, scope: &Scope, row: &Row) -> ApiKey {
    let known = api_keys::with_value(service, scope, &row.value).map(|known| ApiKey::clone(&known));
    let fresh = || ApiKey {
        id: id::lower_alphanumeric(10),
        value: row.value.clone(),
        name: None,
        description: None,
        enabled: true,
        customer_id: None,
        stage_keys: Vec::new(),
        tags: Default::default(),
        created: now(),
        last_updated: now(),
    };
    ApiKey {
        name: Some(row.name.clone()),
        description: row.description.clone(),
        enabled: row.enabled,
        last_updated: now(),
        ..known.unwrap_or_else(fresh)
    }
}

/// Reads a file. Unknown columns are ignored; what a line leaves out is empty or true.
fn read(text: &str) -> Result<Vec<Row>, String> {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let head = fields(lines.next().unwrap_or_default());
    let column = |name: &str| head.iter().position(|column| column.eq_ignore_ascii_case(name));
    let required = |name| column(name).ok_or_else(|| format!("The API key file has no column {name}"));
    let (name, value) = (required("Name")?, required("Key")?);
    let (description, enabled, plans) = (column("Description"), column("Enabled"), column("UsagePlanIds"));
    let rows = lines.map(|line| {
        let fields = fields(line);
        let field = |column: usize| fields.get(column).cloned().unwrap_or_default();
        let optional = |column: Option<usize>| column.map(field).filter(|text| !text.is_empty());
        let plans = optional(plans).unwrap_or_default();
        Row {
            name: field(name),
            value: field(value),
            description: optional(description),
            enabled: optional(enabled).is_none_or(|enabled| enabled.eq_ignore_ascii_case("true")),
            plans: plans.split(',').map(str::trim).filter(|plan| !plan.is_empty()).map(str::to_owned).collect(),
        }
    });
    Ok(rows.collect())
}

/// The fields of a line, without the spaces around them. Double or single quotes keep commas together, and stand twice for one.
fn fields(line: &str) -> Vec<String> {
    let mut fields = Vec::new();
    let mut field = String::new();
    let mut quote = None;
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        match quote {
            Some(open) if character == open && characters.peek() == Some(&open) => {
                characters.next();
                field.push(open);
            }
            Some(open) if character == open => quote = None,
            None if character == ',' => fields.push(std::mem::take(&mut field).trim().to_owned()),
            None if matches!(character, '"' | '\'') && field.trim().is_empty() => quote = Some(character),
            _ => field.push(character),
        }
    }
    fields.push(field.trim().to_owned());
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The documentation's three examples, and that of "Create, configure, and test usage plans".
    #[test]
    fn a_file_is_read_by_the_names_of_its_columns() {
        let row = |name: &str, description: Option<&str>, plans: &[&str]| Row {
            name: name.into(),
            value: "apikey1234abcdefghij0123456789".into(),
            description: description.map(str::to_owned),
            enabled: true,
            plans: plans.iter().map(|plan| (*plan).to_owned()).collect(),
        };
        for (text, expected) in [
            ("Key,name\napikey1234abcdefghij0123456789,MyFirstApiKey", row("MyFirstApiKey", None, &[])),
            (
                "Name,key,description,Enabled,usageplanIds\r\nMyFirstApiKey,apikey1234abcdefghij0123456789,An imported key,TRUE,c7y23b\r\n",
                row("MyFirstApiKey", Some("An imported key"), &["c7y23b"]),
            ),
            (
                "Enabled,Name,key,UsageplanIds\ntrue,MyFirstApiKey,apikey1234abcdefghij0123456789,\"c7y23b,glvrsr\"",
                row("MyFirstApiKey", None, &["c7y23b", "glvrsr"]),
            ),
            (
                "key,name, description, enabled, usageplanIds\napikey1234abcdefghij0123456789, importedKey_3,          , tRuE, n371pt",
                row("importedKey_3", None, &["n371pt"]),
            ),
        ] {
            assert_eq!(read(text).unwrap(), [expected], "{text}");
        }
        assert_eq!(read("Name\na").unwrap_err(), "The API key file has no column Key");
        assert!(!read("name,key,enabled\na,b,FALSE").unwrap()[0].enabled);
        assert_eq!(read("name,key\n'it''s',b").unwrap()[0].name, "it's");
        assert_eq!(read("name,key\nshort").unwrap()[0].value, "");
    }
}
