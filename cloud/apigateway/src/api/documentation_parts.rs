//! What an owner says about the parts of an API.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-documenting-api-content-representation.html>

use super::paging::page;
use crate::ApiGateway;
use crate::error::{bad_request, conflict, limit_exceeded, no_api, no_documentation_part, warned};
use crate::model::{DocumentationPart, Location, RestApi};
use crate::openapi::{self, Document};
use crate::patch::{self, Op, Patch};
use serde_json::{Map, Value};
use slam_cloud_core::{AwsError, AwsResult, Context, id};
use slam_cloud_wire::apigateway as wire;
use std::sync::Arc;

/// AWS: "Quotas for configuring and running a REST API", documentation parts for an API.
const PARTS: usize = 2000;

/// Creates a part (recorded: test_documentation_part_lifecycle).
pub async fn create(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::CreateDocumentationPart,
) -> AwsResult<wire::DocumentationPart> {
    let missing = || no_api(&context, &input.rest_api_id);
    let location = location(&input.location)?;
    service
        .store
        .change_api(&context, &input.rest_api_id, missing, |api| {
            if api.documentation_parts.iter().any(|part| part.location == location) {
                return Err(conflict("Documentation part already exists for the specified location"));
            }
            let part = DocumentationPart {
                id: id::made_by(&context.request_id, "DocumentationPart", 6),
                location,
                properties: checked(&input.properties)?,
            };
            add(api, part)
        })
        .await
}

fn add(api: &mut RestApi, part: DocumentationPart) -> AwsResult<wire::DocumentationPart> {
    if api.documentation_parts.len() >= PARTS {
        return Err(limit_exceeded("documentation parts"));
    }
    let shape = (&part).into();
    api.documentation_parts.push(part);
    Ok(shape)
}

/// Adds a part of a document; of one that is there "an imported attribute replaces the existing one"
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-documenting-api-quick-start-import-export.html>).
pub(super) fn import(api: &mut RestApi, input: wire::CreateDocumentationPart) -> AwsResult<String> {
    let mut location = location(&input.location)?;
    if takes(&location.kind).contains(&"path") {
        // Recorded: test_import_documentation_parts.
        location.path.get_or_insert_with(|| "/".to_owned());
    }
    let properties = checked(&input.properties)?;
    if let Some(known) = api.documentation_parts.iter_mut().find(|part| part.location == location) {
        let read = |text: &str| serde_json::from_str::<Map<String, Value>>(text).unwrap_or_default();
        let mut merged = read(&known.properties);
        merged.extend(read(&properties));
        known.properties = Value::Object(merged).to_string();
        return Ok(known.id.clone());
    }
    let id = id::lower_alphanumeric(6);
    add(api, DocumentationPart { id: id.clone(), location, properties })?;
    Ok(id)
}

/// The members beside its type that the location of a kind of part may have.
fn takes(kind: &str) -> &'static [&'static str] {
    match kind {
        "RESOURCE" => &["path"],
        "METHOD" | "REQUEST_BODY" => &["path", "method"],
        "PATH_PARAMETER" | "QUERY_PARAMETER" | "REQUEST_HEADER" => &["path", "method", "name"],
        "RESPONSE" | "RESPONSE_BODY" => &["path", "method", "statusCode"],
        "RESPONSE_HEADER" => &["path", "method", "statusCode", "name"],
        "AUTHORIZER" | "MODEL" => &["name"],
        _ => &[],
    }
}

/// "It is an error to include an invalid field in the location of a DocumentationPart for a given API entity."
fn location(given: &wire::DocumentationPartLocation) -> AwsResult<Location> {
    const KINDS: [&str; 12] = [
        "API",
        "AUTHORIZER",
        "MODEL",
        "RESOURCE",
        "METHOD",
        "PATH_PARAMETER",
        "QUERY_PARAMETER",
        "REQUEST_HEADER",
        "REQUEST_BODY",
        "RESPONSE",
        "RESPONSE_HEADER",
        "RESPONSE_BODY",
    ];
    let kind = &given.r#type;
    if !KINDS.contains(&kind.as_str()) {
        return Err(bad_request(format!("Invalid documentation part location type specified: {kind}")));
    }
    let members =
        [("path", &given.path), ("method", &given.method), ("statusCode", &given.status_code), ("name", &given.name)];
    let wrong = |(name, value): &(&str, &Option<String>)| value.is_some() && !takes(kind).contains(name);
    if let Some((name, _)) = members.iter().find(|member| wrong(member)) {
        return Err(bad_request(format!("Invalid documentation part location: {name} is not valid for type {kind}")));
    }
    Ok(Location {
        kind: kind.clone(),
        path: given.path.clone(),
        method: given.method.clone(),
        status_code: given.status_code.clone(),
        name: given.name.clone(),
    })
}

fn checked(properties: &str) -> AwsResult<String> {
    match serde_json::from_str::<Map<String, Value>>(properties) {
        Ok(_) => Ok(properties.to_owned()),
        Err(_) => Err(bad_request("Invalid documentation properties: they must be a JSON object")),
    }
}

/// Answers a part.
pub async fn get(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::GetDocumentationPart,
) -> AwsResult<wire::DocumentationPart> {
    let api = service.store.api(&context, &input.rest_api_id).map_err(|_| no_documentation_part())?;
    let part = api.documentation_parts.iter().find(|part| part.id == input.documentation_part_id);
    part.map(Into::into).ok_or_else(no_documentation_part)
}

/// Answers the parts of an API, or those about something.
pub async fn list(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::GetDocumentationParts,
) -> AwsResult<wire::DocumentationParts> {
    if input.location_status.as_deref() == Some("UNDOCUMENTED") {
        return Err(AwsError::unsupported("listing what is UNDOCUMENTED of an API"));
    }
    let api = service.store.api(&context, &input.rest_api_id)?;
    let fits = |wanted: &Option<String>, found: Option<&String>| wanted.is_none() || wanted.as_ref() == found;
    let wanted = |part: &&DocumentationPart| {
        let location = &part.location;
        fits(&input.r#type, Some(&location.kind))
            && fits(&input.path, location.path.as_ref())
            && fits(&input.name_query, location.name.as_ref())
    };
    let parts: Vec<&DocumentationPart> = api.documentation_parts.iter().filter(wanted).collect();
    let (items, position) = page(parts, |part| &part.id, input.position.as_deref(), input.limit);
    Ok(wire::DocumentationParts { position, items: Some(items.into_iter().map(Into::into).collect()) })
}

/// Changes what a part says (recorded: test_invalid_update_documentation_part).
pub async fn update(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::UpdateDocumentationPart,
) -> AwsResult<wire::DocumentationPart> {
    let patches = patch::read(input.patch_operations)?;
    service
        .store
        .change_api(&context, &input.rest_api_id, no_documentation_part, |api| {
            let part = api.documentation_parts.iter_mut().find(|part| part.id == input.documentation_part_id);
            let part = part.ok_or_else(no_documentation_part)?;
            for patch in &patches {
                apply(part, patch)?;
            }
            Ok((&*part).into())
        })
        .await
}

fn apply(part: &mut DocumentationPart, patch: &Patch) -> AwsResult<()> {
    match (patch.op, &patch.target()[..]) {
        (Op::Replace, ["properties"]) => part.properties = checked(&patch.text())?,
        _ => return Err(patch.unsupported("/properties")),
    }
    Ok(())
}

/// Deletes a part.
pub async fn delete(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::DeleteDocumentationPart,
) -> AwsResult<wire::DeleteDocumentationPartOutput> {
    // Recorded: test_invalid_delete_documentation_part.
    let missing = || no_api(&context, &input.rest_api_id);
    service
        .store
        .change_api(&context, &input.rest_api_id, missing, |api| {
            let found = api.documentation_parts.iter().position(|part| part.id == input.documentation_part_id);
            api.documentation_parts.remove(found.ok_or_else(no_documentation_part)?);
            Ok(wire::DeleteDocumentationPartOutput {})
        })
        .await
}

/// Creates the parts that are in a document.
pub async fn import_all(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::ImportDocumentationParts,
) -> AwsResult<wire::DocumentationPartIds> {
    // Recorded: test_import_documentation_parts_bad_file.
    let document = Document::read(&input.body, &context)
        .map_err(|_| bad_request("Unable to build importer with provided input."))?;
    let parts = openapi::documentation_parts(&document)?;
    let missing = || no_api(&context, &input.rest_api_id);
    service
        .store
        .change_api(&context, &input.rest_api_id, missing, |api| {
            if input.mode.as_deref() == Some("overwrite") {
                api.documentation_parts.clear();
            }
            let (mut ids, mut warnings) = (Vec::new(), Vec::new());
            for part in parts {
                match import(api, part) {
                    Ok(id) => ids.push(id),
                    Err(error) => warnings.push(error.message),
                }
            }
            warned(&warnings, input.fail_on_warnings)?;
            Ok(wire::DocumentationPartIds { ids: Some(ids), warnings: (!warnings.is_empty()).then_some(warnings) })
        })
        .await
}
