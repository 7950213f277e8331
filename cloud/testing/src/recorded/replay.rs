//! Sends the requests of a recorded test and compares each answer.

use super::{Names, Recorded, document, error_as_answered, file, is_begin, variants};
use crate::TestCloud;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value as Json};
use slam_cloud_core::dialect::Dialect;
use slam_cloud_core::registry::WireEntry;
use slam_cloud_core::schema::{Location, Protocol, Schema};
use slam_cloud_core::{AwsError, AwsResult, OperationModel, ServiceModel, Value};
use slam_cloud_wire::json;
use slam_cloud_wire::protocol::Voice;
use std::collections::BTreeMap;
use std::time::Duration;

/// The requests of a test, as `TEST.requests.json` has them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Script {
    requests: Vec<Request>,
    /// Where ours answers something else, in all steps: a member, and why.
    #[serde(default)]
    but: BTreeMap<String, String>,
    /// The steps that are not replayed, and why.
    #[serde(default)]
    skipped: BTreeMap<String, String>,
}

/// One request.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    /// The recorded step; a request without one only prepares the next.
    step: Option<String>,
    /// The operation: `PublishLayerVersion`, or `iam:CreateRole` of another service.
    call: String,
    /// Its members, by the model's names. Placeholders stand for what they stood for in the answers so far.
    #[serde(default)]
    input: Json,
    /// What is waited for: a member of the answer and its value.
    #[serde(default)]
    until: BTreeMap<String, String>,
    /// The part of the answer that was recorded, where it was not all: `Function.Configuration`.
    part: Option<String>,
    /// Where ours answers something else here, and why.
    #[serde(default)]
    but: BTreeMap<String, String>,
    /// What was not recorded and a later request needs: a placeholder and the member that it stands for.
    #[serde(default)]
    take: BTreeMap<String, String>,
}

/// Sends the requests of a recorded test, of each of its variants, and compares the answers with AWS's.
///
/// # Panics
/// When an answer is not the one recorded, or a step is neither replayed nor skipped with a reason.
pub async fn check_recorded(cloud: &TestCloud, test: &str) {
    check_recorded_with(cloud, test, &[]).await;
}

/// The same, with what some placeholders in the requests stand for.
///
/// # Panics
/// As [`check_recorded`].
pub async fn check_recorded_with(cloud: &TestCloud, test: &str, given: &[(&str, &str)]) {
    let path = file(test, ".requests.json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut scripts: BTreeMap<String, Script> =
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let service = test.split('/').next().unwrap_or_default();
    for (variant, _) in variants(test) {
        let name = variant.trim_start_matches(service).trim_start_matches('/');
        let script = scripts.remove(name).unwrap_or_else(|| panic!("{} has no {name}", path.display()));
        run(cloud, &variant, script, given).await;
    }
    assert!(scripts.is_empty(), "nothing was recorded of {:?}", scripts.keys());
}

async fn run(cloud: &TestCloud, test: &str, script: Script, given: &[(&str, &str)]) {
    let mut recorded = Recorded::of(test);
    let settings = cloud.cloud.settings();
    recorded.names = Names::new(&settings.account, &settings.region);
    recorded = given.iter().fold(recorded, |recorded, (name, value)| recorded.with(name, value));
    let mut left: Vec<String> =
        recorded.steps().filter(|step| !script.skipped.contains_key(*step)).map(str::to_owned).collect();
    let (service, _) = test.split_once('/').unwrap_or_default();
    let mut report = Vec::new();
    for request in script.requests {
        let what = format!("{} ({})", request.step.as_deref().unwrap_or("unrecorded"), request.call);
        let Ok(input) = filled(&recorded, &request.input) else {
            report.push(format!("{what}\n  nothing is known of a placeholder in {}", request.input));
            continue;
        };
        let (service, operation) = request.call.split_once(':').unwrap_or((service, &request.call));
        let (service, model) = model(service, operation);
        let mut answer = send(cloud, service, model, input.clone()).await;
        for (member, value) in &request.until {
            let is_there = |(answer, _): &(Json, u16)| at(answer, member) == value.as_str();
            while !answer.as_ref().is_ok_and(is_there) {
                tokio::time::sleep(Duration::from_millis(10)).await;
                answer = send(cloud, service, model, input.clone()).await;
            }
        }
        let (answer, status) = answer.unwrap_or_else(|error| {
            assert!(request.step.is_some(), "{test}: {what}: {error}");
            let voice = voice(cloud, service);
            let in_query = voice.dialect.in_query.map(|in_query| (in_query.error)(&error.code).code);
            (error_as_answered(&error, in_query, voice.protocol == Protocol::Query), error.status)
        });
        for (placeholder, member) in &request.take {
            let value = at(&answer, member);
            recorded
                .names
                .set(placeholder, value.as_str().unwrap_or_else(|| panic!("{what} has no {member}: {answer}")));
        }
        let Some(step) = request.step else { continue };
        let part = request.part.iter().flat_map(|path| path.split('.')).fold(answer, |answer, name| {
            let inside = answer.as_str().and_then(document);
            let mut answer = inside.unwrap_or(answer);
            match name.parse::<usize>() {
                Ok(index) if answer.is_array() => answer[index].take(),
                _ => answer[name].take(),
            }
        });
        let part = if recorded.at(&step).get("Errors").is_some() { sentences(&part) } else { part };
        recorded.but = script.but.iter().chain(&request.but).map(|(but, why)| (but.clone(), why.clone())).collect();
        let differences = recorded.differences(&step, &part, status);
        report.extend(differences.iter().map(|difference| format!("{what}\n  {difference}")));
        let idle = request.but.keys().filter(|but| !recorded.met.contains(*but));
        report.extend(idle.map(|but| format!("{what}: ours does not differ in {but}")));
        left.retain(|left| !is_begin(&step, left));
    }
    assert!(report.is_empty(), "{test} is not as recorded:\n{}", report.join("\n"));
    assert!(left.is_empty(), "{test} has steps that are neither replayed nor skipped: {left:?}");
    let idle: Vec<_> = script.but.keys().filter(|but| !recorded.met.contains(*but)).collect();
    assert!(idle.is_empty(), "{test}: ours does not differ in {idle:?}");
}

/// The failed constraints of an error one by one, as the test that records them takes them apart.
fn sentences(error: &Json) -> Json {
    let message = error["Message"].as_str().unwrap_or_default();
    let message = message.split_once(" detected: ").map_or(message, |(_, message)| message);
    let whole = |error: &str| format!("Value {}", error.trim_start_matches("Value "));
    let mut errors: Vec<String> = message.split("; Value ").map(whole).collect();
    errors.sort();
    serde_json::json!({ "Code": error["Code"], "Count": errors.len(), "Errors": errors })
}

/// A member of an answer: `Stacks.0.StackStatus`.
fn at<'a>(answer: &'a Json, member: &str) -> &'a Json {
    answer.pointer(&format!("/{}", member.replace('.', "/"))).unwrap_or(&Json::Null)
}

fn model(service: &str, operation: &str) -> (&'static ServiceModel, &'static OperationModel) {
    let service = slam_cloud_wire::ALL.iter().find(|model| model.name == service);
    let service = service.unwrap_or_else(|| panic!("there is no service of {operation}"));
    let model = service.operations.iter().find(|model| model.name == operation);
    (service, model.unwrap_or_else(|| panic!("{} has no operation {operation}", service.name)))
}

/// How the service speaks.
fn voice(cloud: &TestCloud, model: &'static ServiceModel) -> Voice {
    let service = cloud.cloud.models().iter().find(|(_, known)| std::ptr::eq(*known, model));
    Voice::preferred(model, service.map_or(&Dialect::DEFAULT, |(service, _)| service.dialect()))
}

/// Sends a request through the door as the wire does, decoded and checked against the model. What is answered, and with
/// which status.
async fn send(
    cloud: &TestCloud,
    service: &'static ServiceModel,
    model: &'static OperationModel,
    input: Json,
) -> AwsResult<(Json, u16)> {
    let entry = cloud.cloud.wire_entry(service.name, model.name);
    match entry.unwrap_or_else(|| panic!("{} has no {}", service.name, model.name)) {
        WireEntry::Typed(entry) => {
            let model = entry.model();
            let input = from_names(model.input, input)?;
            slam_cloud_wire::validate(&voice(cloud, service), model, &input)?;
            let output = cloud.cloud.call_typed(entry, cloud.root(), input).await?;
            let status = status_of(model.output, &output).unwrap_or(model.status);
            let mut answer = to_names(model.output, output);
            if let Json::Object(members) = &mut answer {
                let left_out = voice(cloud, service).dialect.left_out;
                let is_empty = |value: &Json| value.as_array().is_some_and(Vec::is_empty);
                members.retain(|name, value| !left_out.contains(&name.as_str()) || !is_empty(value));
            }
            Ok((answer, status))
        }
        WireEntry::Json(entry) => {
            let body = Bytes::from(input.to_string());
            let body = cloud.cloud.call_json(cloud.root(), (service.name, model.name), &**entry, body).await?;
            Ok((serde_json::from_slice(&body).map_err(AwsError::internal)?, model.status))
        }
    }
}

/// A request with the values of its placeholders, or those that have none.
fn filled(recorded: &Recorded, input: &Json) -> Result<Json, Vec<String>> {
    let member = |(name, value): (&String, &Json)| -> Result<_, Vec<String>> {
        Ok((recorded.names.fill(name).0, filled(recorded, value)?))
    };
    Ok(match input {
        Json::String(text) => match recorded.names.fill(text) {
            (text, unknown) if unknown.is_empty() => Json::String(text),
            (_, unknown) => return Err(unknown),
        },
        Json::Array(items) => Json::Array(items.iter().map(|item| filled(recorded, item)).collect::<Result<_, _>>()?),
        Json::Object(members) => Json::Object(members.iter().map(member).collect::<Result<_, _>>()?),
        other => other.clone(),
    })
}

/// A value from JSON by the names of the model, wherever its members travel.
fn from_names(schema: &Schema, json: Json) -> AwsResult<Value> {
    match (schema, json) {
        (Schema::Structure(structure), Json::Null) => Ok(Value::Structure(vec![None; structure.members.len()])),
        (Schema::Structure(structure), Json::Object(mut object)) => {
            let members = structure
                .members
                .iter()
                .map(|member| object.shift_remove(member.name).map(|json| from_names(member.schema, json)).transpose());
            let members = members.collect::<AwsResult<_>>()?;
            assert!(object.is_empty(), "{} has no {:?}", structure.name, object.keys());
            Ok(Value::Structure(members))
        }
        (Schema::List(list), Json::Array(items)) => {
            items.into_iter().map(|item| from_names(list.member, item)).collect::<AwsResult<_>>().map(Value::List)
        }
        (Schema::Map(map), Json::Object(entries)) => {
            let entries = entries.into_iter().map(|(key, value)| Ok((key, from_names(map.value, value)?)));
            entries.collect::<AwsResult<_>>().map(Value::Map)
        }
        (schema, json) => json::from_json(schema, json),
    }
}

/// A value as JSON by the names of the model, wherever its members travel.
fn to_names(schema: &Schema, value: Value) -> Json {
    match (schema, value) {
        (Schema::Structure(structure), Value::Structure(members)) => {
            let members = structure.members.iter().zip(members);
            let told = members.filter_map(|(member, value)| match value? {
                // A body that is no JSON of ours: boto3 reads it as a stream.
                Value::Blob(bytes) if member.payload => {
                    Some((member.name, String::from_utf8_lossy(&bytes).into_owned().into()))
                }
                value => Some((member.name, to_names(member.schema, value))),
            });
            Json::Object(told.map(|(name, json)| (name.to_owned(), json)).collect::<Map<_, _>>())
        }
        (Schema::List(list), Value::List(items)) => {
            Json::Array(items.into_iter().map(|item| to_names(list.member, item)).collect())
        }
        (Schema::Map(map), Value::Map(entries)) => {
            Json::Object(entries.into_iter().map(|(key, value)| (key, to_names(map.value, value))).collect())
        }
        (schema, value) => json::to_json(schema, value),
    }
}

/// The status that an answer itself tells.
fn status_of(schema: &Schema, output: &Value) -> Option<u16> {
    let (structure, Value::Structure(values)) = (schema.structure()?, output) else { return None };
    let index = structure.members.iter().position(|member| member.location == Location::StatusCode)?;
    match values.get(index)? {
        Some(Value::Integer(status)) => u16::try_from(*status).ok(),
        _ => None,
    }
}
