//! The operations, one file per group, and the permissions that each needs.

pub mod access;
pub mod account;
pub mod aliases;
pub mod concurrency;
pub mod configuration;
pub mod event_configs;
pub mod event_source_mappings;
pub mod functions;
pub mod invocations;
pub mod layers;
pub mod links;
mod page;
pub mod permissions;
pub mod source;
pub mod tags;
pub mod urls;
pub mod versions;

use crate::LambdaService;
use slam_cloud_core::Registry;
use slam_cloud_wire::lambda as wire;
use std::sync::Arc;

/// Hangs every operation on the door: its shape, the permission it needs, what it does.
pub(crate) fn register(service: &Arc<LambdaService>, registry: &mut Registry) {
    registry
        .service(service)
        .add::<wire::CreateFunction>(access::create_function, functions::create)
        .add::<wire::GetFunction>(access::get_function, functions::get)
        .add::<wire::GetFunctionConfiguration>(access::get_function_configuration, functions::get_configuration)
        .add::<wire::ListFunctions>(access::list_functions, functions::list)
        .add::<wire::DeleteFunction>(access::delete_function, functions::delete)
        .add::<wire::UpdateFunctionCode>(access::update_function_code, source::update)
        .add::<wire::UpdateFunctionConfiguration>(access::update_function_configuration, configuration::update)
        .add::<wire::PublishVersion>(access::publish_version, versions::publish)
        .add::<wire::ListVersionsByFunction>(access::list_versions_by_function, versions::list)
        .add::<wire::CreateAlias>(access::create_alias, aliases::create)
        .add::<wire::GetAlias>(access::get_alias, aliases::get)
        .add::<wire::UpdateAlias>(access::update_alias, aliases::update)
        .add::<wire::DeleteAlias>(access::delete_alias, aliases::delete)
        .add::<wire::ListAliases>(access::list_aliases, aliases::list)
        .add::<wire::AddPermission>(access::add_permission, permissions::add)
        .add::<wire::RemovePermission>(access::remove_permission, permissions::remove)
        .add::<wire::GetPolicy>(access::get_policy, permissions::get)
        .add::<wire::ListTags>(access::list_tags, tags::list)
        .add::<wire::TagResource>(access::tag_resource, tags::tag)
        .add::<wire::UntagResource>(access::untag_resource, tags::untag)
        .add::<wire::PutFunctionConcurrency>(access::put_function_concurrency, concurrency::put)
        .add::<wire::GetFunctionConcurrency>(access::get_function_concurrency, concurrency::get)
        .add::<wire::DeleteFunctionConcurrency>(access::delete_function_concurrency, concurrency::delete)
        .add::<wire::PutFunctionEventInvokeConfig>(access::put_function_event_invoke_config, event_configs::put)
        .add::<wire::UpdateFunctionEventInvokeConfig>(
            access::update_function_event_invoke_config,
            event_configs::update,
        )
        .add::<wire::GetFunctionEventInvokeConfig>(access::get_function_event_invoke_config, event_configs::get)
        .add::<wire::DeleteFunctionEventInvokeConfig>(
            access::delete_function_event_invoke_config,
            event_configs::delete,
        )
        .add::<wire::ListFunctionEventInvokeConfigs>(access::list_function_event_invoke_configs, event_configs::list)
        .add::<wire::GetAccountSettings>(access::get_account_settings, account::get_settings)
        .add::<wire::CreateFunctionUrlConfig>(access::create_function_url_config, urls::create)
        .add::<wire::GetFunctionUrlConfig>(access::get_function_url_config, urls::get)
        .add::<wire::UpdateFunctionUrlConfig>(access::update_function_url_config, urls::update)
        .add::<wire::DeleteFunctionUrlConfig>(access::delete_function_url_config, urls::delete)
        .add::<wire::ListFunctionUrlConfigs>(access::list_function_url_configs, urls::list)
        .add::<wire::CreateEventSourceMapping>(access::create_event_source_mapping, event_source_mappings::create)
        .add::<wire::GetEventSourceMapping>(access::get_event_source_mapping, event_source_mappings::get)
        .add::<wire::UpdateEventSourceMapping>(access::update_event_source_mapping, event_source_mappings::update)
        .add::<wire::DeleteEventSourceMapping>(access::delete_event_source_mapping, event_source_mappings::delete)
        .add::<wire::ListEventSourceMappings>(access::list_event_source_mappings, event_source_mappings::list)
        .add::<wire::PublishLayerVersion>(access::publish_layer_version, layers::versions::publish)
        .add::<wire::DeleteLayerVersion>(access::delete_layer_version, layers::versions::delete)
        .add::<wire::GetLayerVersion>(access::get_layer_version, layers::read::get)
        .add::<wire::GetLayerVersionByArn>(access::get_layer_version_by_arn, layers::read::get_by_arn)
        .add::<wire::ListLayerVersions>(access::list_layer_versions, layers::read::list_versions)
        .add::<wire::ListLayers>(access::list_layers, layers::read::list)
        .add::<wire::AddLayerVersionPermission>(access::add_layer_version_permission, layers::permissions::add)
        .add::<wire::RemoveLayerVersionPermission>(access::remove_layer_version_permission, layers::permissions::remove)
        .add::<wire::GetLayerVersionPolicy>(access::get_layer_version_policy, layers::permissions::get)
        .add::<wire::GetFunctionCodeSigningConfig>(
            access::get_function_code_signing_config,
            account::get_code_signing_config,
        )
        .add::<wire::GetFunctionRecursionConfig>(access::get_function_recursion_config, account::get_recursion_config)
        .add::<wire::PutFunctionRecursionConfig>(access::put_function_recursion_config, account::put_recursion_config)
        .add::<wire::GetRuntimeManagementConfig>(
            access::get_runtime_management_config,
            account::get_runtime_management_config,
        )
        .add::<wire::Invoke>(access::invoke, invocations::invoke)
        .add::<wire::InvokeWithResponseStream>(
            access::invoke_with_response_stream,
            invocations::invoke_with_response_stream,
        );
}
