//! CreateAlias, GetAlias, UpdateAlias, DeleteAlias, ListAliases.

use super::page::page;
use crate::LambdaService;
use crate::error::{conflict, function_not_found, invalid_parameter, not_found, revision_mismatch};
use crate::model::function::LATEST;
use crate::model::{Alias, Function, FunctionName};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_wire::lambda as wire;
use std::collections::BTreeMap;
use std::sync::Arc;

/// CreateAlias.
pub(super) async fn create(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::CreateAlias,
) -> AwsResult<wire::AliasConfiguration> {
    let name = FunctionName::parse(&context, &input.function_name, None)?;
    let alias = Alias {
        name: input.name,
        version: input.function_version,
        description: input.description.unwrap_or_default(),
        weights: weights(input.routing_config).unwrap_or_default(),
        revision: slam_cloud_core::id::request_id(),
    };
    let shown = alias.shown(&context, &name.name);
    let change = |present: Option<&Function>| {
        let arn = name.arn(&context);
        let mut function = match present {
            Some(function) => function.clone(),
            None => return Err(function_not_found(&format!("{arn}:{}", alias.version))),
        };
        check(&alias, &function, &arn)?;
        if function.aliases.contains_key(&alias.name) {
            return Err(conflict(format!("Alias already exists: {arn}:{}", alias.name)));
        }
        function.aliases.insert(alias.name.clone(), alias);
        Ok(Some(function))
    };
    service.store.functions.update(&Scope::regional(&context), &name.name, change).await?;
    Ok(shown)
}

/// GetAlias.
pub(super) async fn get(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::GetAlias,
) -> AwsResult<wire::AliasConfiguration> {
    let name = FunctionName::parse(&context, &input.function_name, None)?;
    let function = service.store.functions.get(&Scope::regional(&context), &name.name);
    let alias = function.as_ref().and_then(|function| function.aliases.get(&input.name));
    let missing = || not_found(format!("Cannot find alias arn: {}:{}", name.arn(&context), input.name));
    Ok(alias.ok_or_else(missing)?.shown(&context, &name.name))
}

/// UpdateAlias.
pub(super) async fn update(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::UpdateAlias,
) -> AwsResult<wire::AliasConfiguration> {
    let name = FunctionName::parse(&context, &input.function_name, None)?;
    let change = |present: Option<&Function>| {
        let arn = name.arn(&context);
        let missing = || not_found(format!("Alias not found: {arn}:{}", input.name));
        let mut function = present.cloned().ok_or_else(missing)?;
        let mut alias = function.aliases.get(&input.name).cloned().ok_or_else(missing)?;
        if input.revision_id.as_ref().is_some_and(|revision| *revision != alias.revision) {
            return Err(revision_mismatch("GetFunction/GetAlias"));
        }
        alias.version = input.function_version.clone().unwrap_or(alias.version);
        alias.description = input.description.clone().unwrap_or(alias.description);
        alias.weights = weights(input.routing_config.clone()).unwrap_or(alias.weights);
        alias.revision = slam_cloud_core::id::request_id();
        check(&alias, &function, &arn)?;
        function.aliases.insert(alias.name.clone(), alias);
        Ok(Some(function))
    };
    let function = service.store.functions.update(&Scope::regional(&context), &name.name, change).await?;
    let alias = function.as_ref().and_then(|function| function.aliases.get(&input.name));
    Ok(alias.ok_or_else(|| AwsError::internal("an alias was not updated"))?.shown(&context, &name.name))
}

/// DeleteAlias, with its URL (recorded: `test_lambda_url_persists_after_alias_delete`). Of an alias that is not there, too.
pub(super) async fn delete(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::DeleteAlias,
) -> AwsResult<wire::DeleteAliasOutput> {
    let name = FunctionName::parse(&context, &input.function_name, None)?;
    let mut url = None;
    let change = |present: Option<&Function>| {
        let mut function = present.cloned().ok_or_else(|| function_not_found(&name.arn(&context)))?;
        function.aliases.remove(&input.name);
        url = function.urls.remove(&input.name);
        function.policies.remove(&input.name);
        function.event_configs.remove(&input.name);
        Ok::<_, AwsError>(Some(function))
    };
    service.store.functions.update(&Scope::regional(&context), &name.name, change).await?;
    if let Some(url) = url {
        service.close_url(&url.id).await;
    }
    Ok(wire::DeleteAliasOutput {})
}

/// ListAliases.
pub(super) async fn list(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::ListAliases,
) -> AwsResult<wire::ListAliasesResponse> {
    let name = FunctionName::parse(&context, &input.function_name, None)?;
    let function = service.function(&context, &name)?;
    let leads = |alias: &&Alias| {
        let version = input.function_version.as_ref();
        version.is_none_or(|version| alias.version == *version || alias.weights.contains_key(version))
    };
    let items = function.aliases.values().filter(leads);
    let items = items.map(|alias| (alias.name.clone(), alias.shown(&context, &name.name)));
    let (aliases, next_marker) = page(items, input.marker.as_deref(), input.max_items, 50)?;
    Ok(wire::ListAliasesResponse { aliases: Some(aliases), next_marker })
}

/// The weights of a request; an empty routing configuration takes the weights away.
fn weights(routing: Option<wire::AliasRoutingConfiguration>) -> Option<BTreeMap<String, f64>> {
    routing.map(|routing| routing.additional_version_weights.unwrap_or_default())
}

/// In the order in which AWS checks, as recorded (`test_notfound_and_invalid_routingconfigs`).
fn check(alias: &Alias, function: &Function, arn: &str) -> AwsResult<()> {
    if alias.weights.len() > 1 {
        return Err(invalid_parameter("Number of items in AdditionalVersionWeights cannot be greater than 1"));
    }
    if alias.version == LATEST && !alias.weights.is_empty() {
        let message = "$LATEST is not supported for an alias pointing to more than 1 version";
        // Without the `Type` that such errors have elsewhere.
        return Err(AwsError::bad_request("InvalidParameterValueException", message));
    }
    for version in std::iter::once(&alias.version).chain(alias.weights.keys()) {
        if function.labelled(version).is_none() {
            return Err(function_not_found(&format!("{arn}:{version}")));
        }
    }
    let version = &alias.version;
    if alias.weights.contains_key(version) {
        return Err(invalid_parameter(format!(
            "Invalid function version {version}. Function version {version} is already included in routing \
             configuration."
        )));
    }
    Ok(())
}
