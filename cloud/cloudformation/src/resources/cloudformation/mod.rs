//! CloudFormation's own: nested stacks, and resources that are nothing but a mark in their stack.

mod metadata;
mod nested_stack;
mod wait_condition_handle;

use super::types::Service;
use metadata::Metadata;
use nested_stack::NestedStack;
use wait_condition_handle::WaitConditionHandle;

/// What can be deployed of it.
pub(super) const SERVICE: Service = Service {
    // A stack that there is not is told by words only.
    gone: &[],
    types: &[
        (include_str!("../../../schemas/AWS-CDK-Metadata.json"), &Metadata),
        (include_str!("../../../schemas/AWS-CloudFormation-Stack.json"), &NestedStack),
        (include_str!("../../../schemas/AWS-CloudFormation-WaitConditionHandle.json"), &WaitConditionHandle),
    ],
};
