//! The operations.
//!
//! - [`access`]: which permission each needs.
//! - [`put`]: a new parameter, or a version of one.
//! - [`get`]: by name, and the history of one. [`secrets`]: those of Secrets Manager by name. [`list`]: by path and by filters.
//! - [`delete`], [`labels`], [`tags`]: what their names say.

mod access;
pub mod delete;
pub mod get;
pub mod labels;
pub mod list;
pub mod put;
mod secrets;
pub mod tags;

use crate::SsmService;
use slam_cloud_core::Registry;
use slam_cloud_wire::ssm as wire;
use std::sync::Arc;

/// Hangs every operation on the door: its shape, the permission it needs, what it does.
pub(crate) fn register(service: &Arc<SsmService>, registry: &mut Registry) {
    registry
        .service(service)
        .add::<wire::PutParameter>(access::put_parameter, put::put)
        .add::<wire::GetParameter>(access::get_parameter, get::get)
        .add::<wire::GetParameters>(access::get_parameters, get::get_several)
        .add::<wire::GetParameterHistory>(access::get_parameter_history, get::history)
        .add::<wire::GetParametersByPath>(access::get_parameters_by_path, list::by_path)
        .add::<wire::DescribeParameters>(access::describe_parameters, list::describe)
        .add::<wire::DeleteParameter>(access::delete_parameter, delete::delete)
        .add::<wire::DeleteParameters>(access::delete_parameters, delete::delete_several)
        .add::<wire::LabelParameterVersion>(access::label_parameter_version, labels::label)
        .add::<wire::UnlabelParameterVersion>(access::unlabel_parameter_version, labels::unlabel)
        .add::<wire::AddTagsToResource>(access::add_tags_to_resource, tags::add)
        .add::<wire::RemoveTagsFromResource>(access::remove_tags_from_resource, tags::remove)
        .add::<wire::ListTagsForResource>(access::list_tags_for_resource, tags::list);
}
