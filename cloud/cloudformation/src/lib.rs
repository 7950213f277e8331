//! CloudFormation: templates become stacks of the other services' resources.
//!
//! - [`template`]: text to a checked template; intrinsic functions; references.
//! - [`registry`]: AWS's own schemas of the resource types.
//! - [`stack`]: operations on stacks, durable and in parallel.
//! - [`resources`]: one provider per resource type, calling its service through the door.
//! - [`api`]: the operations. [`model`], [`store`]: what is kept.

pub mod api;
pub mod model;
pub mod registry;
pub mod resources;
pub mod stack;
pub mod store;
pub mod template;

use api::{access, change_sets, describe, exports, resources as stack_resources, stacks, templates};
use futures_util::future::BoxFuture;
use slam_cloud_core::{AwsResult, Cloud, Registry, Service, Store, StoreError};
use slam_cloud_wire::cloudformation as wire;
use std::sync::Arc;
use store::StackStore;

/// The service.
pub struct CloudFormation {
    engine: Arc<stack::Engine>,
    /// Requests that begin an operation decide one after the other.
    admission: tokio::sync::Mutex<()>,
}

impl CloudFormation {
    /// Takes up the operations that the last process left in the middle. Call it once the door is open.
    pub fn resume(&self) {
        self.engine.resume();
    }
}

impl Service for CloudFormation {
    fn name(&self) -> &'static str {
        wire::SERVICE.name
    }

    fn reset(&self) -> BoxFuture<'_, AwsResult<()>> {
        Box::pin(async {
            self.engine.abort_all();
            Ok(self.engine.store.clear().await?)
        })
    }

    fn shutdown(&self) -> BoxFuture<'_, ()> {
        Box::pin(async { self.engine.abort_all() })
    }
}

/// Opens the tables and registers every operation.
///
/// # Errors
/// When the tables cannot be opened.
pub fn register(cloud: &Cloud, store: &Arc<Store>, registry: &mut Registry) -> Result<Arc<CloudFormation>, StoreError> {
    let engine = stack::Engine::new(cloud.clone(), StackStore::open(store)?);
    let service = Arc::new(CloudFormation { engine, admission: tokio::sync::Mutex::default() });
    registry.service(&wire::SERVICE, service.clone());
    macro_rules! operations {
        ($($operation:ident: $access:ident, $handler:expr;)*) => {$(
            registry.operation::<CloudFormation, wire::$operation, _, _>(&service, access::$access, $handler);
        )*};
    }
    operations! {
        CancelUpdateStack: cancel_update, stacks::cancel_update;
        ContinueUpdateRollback: continue_rollback, stacks::continue_rollback;
        CreateChangeSet: create_change_set, change_sets::create;
        CreateStack: create, stacks::create;
        DeleteChangeSet: delete_change_set, change_sets::delete;
        DeleteStack: delete, stacks::delete;
        DescribeAccountLimits: limits, describe::limits;
        DescribeChangeSet: describe_change_set, change_sets::describe;
        DescribeStackEvents: describe_events, describe::events;
        DescribeStackResource: describe_resource, stack_resources::describe_one;
        DescribeStackResources: describe_resources, stack_resources::describe;
        DescribeStacks: describe, describe::stacks;
        ExecuteChangeSet: execute_change_set, change_sets::execute;
        GetStackPolicy: get_policy, stacks::get_policy;
        GetTemplate: get_template, templates::get;
        GetTemplateSummary: summary, templates::summary;
        ListChangeSets: list_change_sets, change_sets::list;
        ListExports: list_exports, exports::list;
        ListImports: list_imports, exports::imports;
        ListStackResources: list_resources, stack_resources::list;
        ListStacks: list, describe::list;
        RollbackStack: rollback, stacks::rollback;
        SetStackPolicy: set_policy, stacks::set_policy;
        UpdateStack: update, stacks::update;
        UpdateTerminationProtection: update_protection, stacks::update_protection;
        ValidateTemplate: validate, templates::validate;
    }
    Ok(service)
}
