//! The tree of paths.

use super::paging::page;
use super::resource;
use crate::ApiGateway;
use crate::error::{bad_request, conflict, limit_exceeded, no_api, no_resource};
use crate::model::{self, Resource, RestApi, is_valid_path_part};
use crate::patch::{self, Op, Patch};
use slam_cloud_core::{AwsError, AwsResult, Context, id};
use slam_cloud_wire::apigateway as wire;
use std::collections::BTreeMap;
use std::sync::Arc;

/// AWS: "Quotas for configuring and running a REST API".
const RESOURCES: usize = 300;

/// Creates a resource below another.
pub async fn create(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::CreateResource,
) -> AwsResult<wire::Resource> {
    let missing = || no_api(&context, &input.rest_api_id);
    service
        .store
        .change_api(&context, &input.rest_api_id, missing, |api| {
            let id = id::made_by(&context.request_id, "Resource", 6);
            add(api, &input.parent_id, &input.path_part, &id)?;
            Ok(model::wire::resource(resource(api, &id)?, false))
        })
        .await
}

/// Adds a resource to an API, below another.
pub(super) fn add(api: &mut RestApi, parent_id: &str, part: &str, id: &str) -> AwsResult<()> {
    check_place(api, parent_id, part, None)?;
    if api.resources.len() >= RESOURCES {
        return Err(limit_exceeded("resources"));
    }
    let created = Resource {
        id: id.to_owned(),
        parent_id: Some(parent_id.to_owned()),
        path_part: Some(part.to_owned()),
        path: String::new(),
        methods: BTreeMap::new(),
    };
    api.resources.insert(id.to_owned(), created);
    api.repath(id);
    Ok(())
}

/// Whether a resource of that name may stand below that parent. `itself` is the resource being renamed or moved.
fn check_place(api: &RestApi, parent_id: &str, part: &str, itself: Option<&str>) -> AwsResult<()> {
    let parent = resource(api, parent_id)?;
    if !is_valid_path_part(part) {
        return Err(bad_request(
            "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end.",
        ));
    }
    if parent.is_greedy() {
        let greedy = parent.path_part.as_deref().unwrap_or_default();
        return Err(bad_request(format!("Cannot create a child of a resource with a greedy path variable: {greedy}")));
    }
    for sibling in api.children(parent_id).filter(|sibling| Some(sibling.id.as_str()) != itself) {
        let name = sibling.path_part.as_deref().unwrap_or_default();
        if name == part {
            return Err(conflict(format!("Another resource with the same parent already has this name: {part}")));
        }
        if sibling.is_variable() && part.starts_with('{') {
            return Err(bad_request(format!(
                "A sibling ({name}) of this resource already has a variable path part -- only one is allowed"
            )));
        }
    }
    Ok(())
}

/// Answers a resource.
pub async fn get(service: Arc<ApiGateway>, context: Context, input: wire::GetResource) -> AwsResult<wire::Resource> {
    let api = service.store.api(&context, &input.rest_api_id).map_err(|_| no_resource())?;
    Ok(model::wire::resource(resource(&api, &input.resource_id)?, embeds_methods(input.embed.as_deref())?))
}

/// Answers the resources of an API by path.
pub async fn list(service: Arc<ApiGateway>, context: Context, input: wire::GetResources) -> AwsResult<wire::Resources> {
    let api = service.store.api(&context, &input.rest_api_id)?;
    let with_methods = embeds_methods(input.embed.as_deref())?;
    let mut resources: Vec<&Resource> = api.resources.values().collect();
    resources.sort_by(|a, b| a.path.cmp(&b.path));
    let (items, position) = page(resources, |resource| &resource.id, input.position.as_deref(), input.limit);
    let items = items.into_iter().map(|resource| model::wire::resource(resource, with_methods)).collect();
    Ok(wire::Resources { position, items: Some(items) })
}

fn embeds_methods(embed: Option<&[String]>) -> AwsResult<bool> {
    match embed.unwrap_or_default() {
        [] => Ok(false),
        [one] if one == "methods" => Ok(true),
        _ => Err(bad_request("Invalid embed parameter. Valid options are: [methods]")),
    }
}

/// Renames or moves a resource with everything below it.
pub async fn update(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::UpdateResource,
) -> AwsResult<wire::Resource> {
    let patches = patch::read(input.patch_operations)?;
    service
        .store
        .change_api(&context, &input.rest_api_id, no_resource, |api| {
            for patch in &patches {
                apply(api, &input.resource_id, patch)?;
            }
            Ok(model::wire::resource(resource(api, &input.resource_id)?, false))
        })
        .await
}

fn apply(api: &mut RestApi, id: &str, patch: &Patch) -> AwsResult<()> {
    let current = resource(api, id)?;
    let (parent_id, part) = match (patch.op, &patch.target()[..]) {
        (Op::Replace, [property @ ("pathPart" | "parentId")]) => {
            let (Some(parent), Some(part)) = (current.parent_id.clone(), current.path_part.clone()) else {
                return Err(bad_request(format!("Root resource cannot update its {property}.")));
            };
            if *property == "pathPart" { (parent, patch.text()) } else { (patch.text(), part) }
        }
        _ => return Err(patch.unsupported("/parentId, /pathPart")),
    };
    if !api.resources.contains_key(&parent_id) {
        return Err(no_resource());
    }
    if api.subtree(id).contains(&parent_id) {
        return Err(bad_request("Resources cannot be cyclical."));
    }
    check_place(api, &parent_id, &part, Some(id))?;
    if let Some(resource) = api.resources.get_mut(id) {
        resource.parent_id = Some(parent_id);
        resource.path_part = Some(part);
    }
    api.repath(id);
    Ok(())
}

/// Deletes a resource with everything below it.
pub async fn delete(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::DeleteResource,
) -> AwsResult<wire::DeleteResourceOutput> {
    service
        .store
        .change_api(&context, &input.rest_api_id, no_resource, |api| {
            if resource(api, &input.resource_id)?.parent_id.is_none() {
                return Err(bad_request("Root resource cannot be deleted."));
            }
            for id in api.subtree(&input.resource_id) {
                api.resources.remove(&id);
            }
            Ok::<_, AwsError>(wire::DeleteResourceOutput {})
        })
        .await
}
