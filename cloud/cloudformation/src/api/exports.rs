//! What stacks give each other.

use super::describe::page;
use crate::CloudFormation;
use crate::error::invalid;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsResult, Context};
use slam_cloud_wire::cloudformation as wire;
use std::sync::Arc;

/// ListExports
pub async fn list(
    service: Arc<CloudFormation>,
    context: Context,
    input: wire::ListExports,
) -> AwsResult<wire::ListExportsOutput> {
    let mut exports = Vec::new();
    let stacks = service.engine.store.stacks(&Scope::regional(&context));
    for stack in stacks.iter().filter(|stack| !stack.is_deleted()) {
        for output in &stack.outputs {
            if let Some(name) = &output.export {
                exports.push(wire::Export {
                    exporting_stack_id: Some(stack.id.clone()),
                    name: Some(name.clone()),
                    value: Some(output.value.clone()),
                });
            }
        }
    }
    exports.sort_by(|one, other| one.name.cmp(&other.name));
    let (exports, next_token) = page(exports, input.next_token.as_ref())?;
    Ok(wire::ListExportsOutput { exports: Some(exports), next_token })
}

/// ListImports
pub async fn imports(
    service: Arc<CloudFormation>,
    context: Context,
    input: wire::ListImports,
) -> AwsResult<wire::ListImportsOutput> {
    let (scope, name) = (Scope::regional(&context), &input.export_name);
    if service.engine.export(&scope, name).is_none() {
        return Err(invalid(format!("Export '{name}' does not exist.")));
    }
    let importers = service.engine.importers(&scope, name);
    if importers.is_empty() {
        return Err(invalid(format!("Export '{name}' is not imported by any stack.")));
    }
    let (imports, next_token) = page(importers, input.next_token.as_ref())?;
    Ok(wire::ListImportsOutput { imports: Some(imports), next_token })
}
