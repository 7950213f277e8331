//! The operations, grouped as their documentation groups them.

pub mod access;
pub mod change_sets;
pub mod describe;
pub mod exports;
mod import;
mod parameter_store;
mod request;
pub mod resources;
pub mod shapes;
pub mod source;
pub mod stacks;
pub mod templates;

use crate::CloudFormation;
use slam_cloud_core::Registry;
use slam_cloud_wire::cloudformation as wire;
use std::sync::Arc;

/// Hangs every operation on the door: its shape, the permission it needs, what it does.
pub(crate) fn register(service: &Arc<CloudFormation>, registry: &mut Registry) {
    registry
        .service(service)
        .add::<wire::CancelUpdateStack>(access::cancel_update, stacks::cancel_update)
        .add::<wire::ContinueUpdateRollback>(access::continue_rollback, stacks::continue_rollback)
        .add::<wire::CreateChangeSet>(access::create_change_set, change_sets::create)
        .add::<wire::CreateStack>(access::create, stacks::create)
        .add::<wire::DeleteChangeSet>(access::delete_change_set, change_sets::delete)
        .add::<wire::DeleteStack>(access::delete, stacks::delete)
        .add::<wire::DescribeAccountLimits>(access::limits, describe::limits)
        .add::<wire::DescribeChangeSet>(access::describe_change_set, change_sets::describe)
        .add::<wire::DescribeStackEvents>(access::describe_events, describe::events)
        .add::<wire::DescribeStackResource>(access::describe_resource, resources::describe_one)
        .add::<wire::DescribeStackResources>(access::describe_resources, resources::describe)
        .add::<wire::DescribeStacks>(access::describe, describe::stacks)
        .add::<wire::ExecuteChangeSet>(access::execute_change_set, change_sets::execute)
        .add::<wire::GetStackPolicy>(access::get_policy, stacks::get_policy)
        .add::<wire::GetTemplate>(access::get_template, templates::get)
        .add::<wire::GetTemplateSummary>(access::summary, templates::summary)
        .add::<wire::ListChangeSets>(access::list_change_sets, change_sets::list)
        .add::<wire::ListExports>(access::list_exports, exports::list)
        .add::<wire::ListImports>(access::list_imports, exports::imports)
        .add::<wire::ListStackResources>(access::list_resources, resources::list)
        .add::<wire::ListStacks>(access::list, describe::list)
        .add::<wire::RollbackStack>(access::rollback, stacks::rollback)
        .add::<wire::SetStackPolicy>(access::set_policy, stacks::set_policy)
        .add::<wire::UpdateStack>(access::update, stacks::update)
        .add::<wire::UpdateTerminationProtection>(access::update_protection, stacks::update_protection)
        .add::<wire::ValidateTemplate>(access::validate, templates::validate);
}
