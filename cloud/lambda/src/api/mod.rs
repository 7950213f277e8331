//! The operations, one file per group, and the permissions that each needs.

pub mod access;
pub mod account;
pub mod aliases;
pub mod concurrency;
pub mod configuration;
pub mod event_configs;
pub mod functions;
pub mod invocations;
pub mod layers;
pub mod links;
mod page;
pub mod permissions;
pub mod source;
pub mod tags;
pub mod versions;

use crate::LambdaService;
use slam_cloud_core::Registry;
use std::sync::Arc;

/// Registers every operation.
pub(crate) fn register(s: &Arc<LambdaService>, registry: &mut Registry) {
    registry.operation(s, access::create_function, functions::create);
    registry.operation(s, access::get_function, functions::get);
    registry.operation(s, access::get_function_configuration, functions::get_configuration);
    registry.operation(s, access::list_functions, functions::list);
    registry.operation(s, access::delete_function, functions::delete);
    registry.operation(s, access::update_function_code, source::update);
    registry.operation(s, access::update_function_configuration, configuration::update);
    registry.operation(s, access::publish_version, versions::publish);
    registry.operation(s, access::list_versions_by_function, versions::list);
    registry.operation(s, access::create_alias, aliases::create);
    registry.operation(s, access::get_alias, aliases::get);
    registry.operation(s, access::update_alias, aliases::update);
    registry.operation(s, access::delete_alias, aliases::delete);
    registry.operation(s, access::list_aliases, aliases::list);
    registry.operation(s, access::add_permission, permissions::add);
    registry.operation(s, access::remove_permission, permissions::remove);
    registry.operation(s, access::get_policy, permissions::get);
    registry.operation(s, access::list_tags, tags::list);
    registry.operation(s, access::tag_resource, tags::tag);
    registry.operation(s, access::untag_resource, tags::untag);
    registry.operation(s, access::put_function_concurrency, concurrency::put);
    registry.operation(s, access::get_function_concurrency, concurrency::get);
    registry.operation(s, access::delete_function_concurrency, concurrency::delete);
    registry.operation(s, access::put_function_event_invoke_config, event_configs::put);
    registry.operation(s, access::update_function_event_invoke_config, event_configs::update);
    registry.operation(s, access::get_function_event_invoke_config, event_configs::get);
    registry.operation(s, access::delete_function_event_invoke_config, event_configs::delete);
    registry.operation(s, access::list_function_event_invoke_configs, event_configs::list);
    registry.operation(s, access::get_account_settings, account::get_settings);
    registry.operation(s, access::list_function_url_configs, account::list_url_configs);
    registry.operation(s, access::list_event_source_mappings, account::list_event_source_mappings);
    registry.operation(s, access::publish_layer_version, layers::versions::publish);
    registry.operation(s, access::delete_layer_version, layers::versions::delete);
    registry.operation(s, access::get_layer_version, layers::read::get);
    registry.operation(s, access::get_layer_version_by_arn, layers::read::get_by_arn);
    registry.operation(s, access::list_layer_versions, layers::read::list_versions);
    registry.operation(s, access::list_layers, layers::read::list);
    registry.operation(s, access::add_layer_version_permission, layers::permissions::add);
    registry.operation(s, access::remove_layer_version_permission, layers::permissions::remove);
    registry.operation(s, access::get_layer_version_policy, layers::permissions::get);
    registry.operation(s, access::get_function_code_signing_config, account::get_code_signing_config);
    registry.operation(s, access::get_function_recursion_config, account::get_recursion_config);
    registry.operation(s, access::get_runtime_management_config, account::get_runtime_management_config);
    registry.operation(s, access::invoke, invocations::invoke);
    registry.operation(s, access::invoke_with_response_stream, invocations::invoke_with_response_stream);
}
