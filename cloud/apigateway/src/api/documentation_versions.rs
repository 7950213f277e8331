//! What was said about an API at some time, under a name.

use super::paging::page;
use crate::ApiGateway;
use crate::error::{bad_request, conflict, no_documentation_version, no_stage};
use crate::model::{DocumentationVersion, now};
use crate::patch::{self, Op, Patch};
use crate::store::key;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_wire::apigateway as wire;
use std::sync::Arc;

/// Keeps the documentation as it is now; a stage that is named has this version from now on (recorded:
/// test_documentation_parts_and_versions).
pub async fn create(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::CreateDocumentationVersion,
) -> AwsResult<wire::DocumentationVersion> {
    let _one_at_a_time = service.store.changing.lock().await;
    let scope = Scope::regional(&context);
    let api = service.store.api(&context, &input.rest_api_id)?;
    if input.documentation_version.is_empty() || input.documentation_version.contains('/') {
        return Err(bad_request("Invalid documentation version specified"));
    }
    let id = key(&api.id, &input.documentation_version);
    if service.store.documentation_versions.get(&scope, &id).is_some() {
        return Err(conflict("Documentation version already exists"));
    }
    let stage = input.stage_name.filter(|name| !name.is_empty()).map(|name| {
        let stage = service.store.stages.get(&scope, &key(&api.id, &name)).ok_or_else(no_stage)?;
        let mut stage = crate::model::Stage::clone(&stage);
        stage.documentation_version = Some(input.documentation_version.clone());
        Ok::<_, AwsError>(stage)
    });
    let stage = stage.transpose()?;
    let version = DocumentationVersion {
        version: input.documentation_version.clone(),
        description: input.description.filter(|description| !description.is_empty()),
        created: now(),
        parts: api.documentation_parts.clone(),
    };
    let stored = service.store.documentation_versions.put(&scope, &id, version).await?;
    if let Some(stage) = stage {
        service.store.stages.put(&scope, &key(&api.id, &stage.name.clone()), stage).await?;
    }
    Ok((&*stored).into())
}

/// Answers a version.
pub async fn get(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::GetDocumentationVersion,
) -> AwsResult<wire::DocumentationVersion> {
    let id = key(&input.rest_api_id, &input.documentation_version);
    let found = service.store.documentation_versions.get(&Scope::regional(&context), &id);
    found.map(|version| (&*version).into()).ok_or_else(no_documentation_version)
}

/// Answers the versions of an API by name.
pub async fn list(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::GetDocumentationVersions,
) -> AwsResult<wire::DocumentationVersions> {
    let api = service.store.api(&context, &input.rest_api_id)?;
    let all = service.store.documentation_versions_of(&Scope::regional(&context), &api.id);
    let (items, position) = page(all, |version| &version.version, input.position.as_deref(), input.limit);
    Ok(wire::DocumentationVersions { position, items: Some(items.iter().map(|version| (&**version).into()).collect()) })
}

/// Changes a version's description: what it keeps stays as it is.
pub async fn update(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::UpdateDocumentationVersion,
) -> AwsResult<wire::DocumentationVersion> {
    let patches = patch::read(input.patch_operations)?;
    let id = key(&input.rest_api_id, &input.documentation_version);
    let change = |version: Option<&DocumentationVersion>| {
        let mut version = version.cloned().ok_or_else(no_documentation_version)?;
        for patch in &patches {
            apply(&mut version, patch)?;
        }
        Ok::<_, AwsError>(Some(version))
    };
    let updated = service.store.documentation_versions.update(&Scope::regional(&context), &id, change).await?;
    updated.map(|version| (&*version).into()).ok_or_else(no_documentation_version)
}

fn apply(version: &mut DocumentationVersion, patch: &Patch) -> AwsResult<()> {
    match (patch.op, &patch.target()[..]) {
        (Op::Replace, ["description"]) => version.description = patch.optional_text(),
        _ => return Err(patch.unsupported("/description")),
    }
    Ok(())
}

/// Deletes a version that no stage has.
pub async fn delete(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::DeleteDocumentationVersion,
) -> AwsResult<wire::DeleteDocumentationVersionOutput> {
    let _one_at_a_time = service.store.changing.lock().await;
    let scope = Scope::regional(&context);
    let id = key(&input.rest_api_id, &input.documentation_version);
    service.store.documentation_versions.get(&scope, &id).ok_or_else(no_documentation_version)?;
    let stages = service.store.stages_of(&scope, &input.rest_api_id);
    let used =
        |stage: &Arc<crate::model::Stage>| stage.documentation_version.as_ref() == Some(&input.documentation_version);
    if stages.iter().any(used) {
        return Err(bad_request("Active stages pointing to this documentation version must be moved or deleted"));
    }
    service.store.documentation_versions.remove(&scope, &id).await?;
    Ok(wire::DeleteDocumentationVersionOutput {})
}
