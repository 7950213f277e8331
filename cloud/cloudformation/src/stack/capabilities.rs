//! The acknowledgements that templates with IAM resources need.

use crate::template::Template;
use slam_cloud_core::{AwsError, AwsResult};

/// The types that need `CAPABILITY_IAM`, each with the property whose presence needs `CAPABILITY_NAMED_IAM`.
const IAM_TYPES: &[(&str, Option<&str>)] = &[
    ("AWS::IAM::AccessKey", None),
    ("AWS::IAM::Group", Some("GroupName")),
    ("AWS::IAM::InstanceProfile", Some("InstanceProfileName")),
    ("AWS::IAM::ManagedPolicy", Some("ManagedPolicyName")),
    ("AWS::IAM::Policy", None),
    ("AWS::IAM::Role", Some("RoleName")),
    ("AWS::IAM::User", Some("UserName")),
    ("AWS::IAM::UserToGroupAddition", None),
];

/// What a template needs: the capability and the types that need it.
pub fn needed(template: &Template) -> Option<(&'static str, Vec<String>)> {
    let mut named = false;
    let mut types: Vec<String> = Vec::new();
    for resource in template.resources.values() {
        let Some((_, name)) = IAM_TYPES.iter().find(|(kind, _)| *kind == resource.resource_type) else { continue };
        named |= name.is_some_and(|property| resource.properties.contains_key(property));
        if !types.contains(&resource.resource_type) {
            types.push(resource.resource_type.clone());
        }
    }
    if types.is_empty() {
        return None;
    }
    Some((if named { "CAPABILITY_NAMED_IAM" } else { "CAPABILITY_IAM" }, types))
}

/// Refuses a template whose needs were not acknowledged.
///
/// # Errors
/// `InsufficientCapabilitiesException`.
pub fn check(template: &Template, given: &[String]) -> AwsResult<()> {
    let Some((capability, _)) = needed(template) else { return Ok(()) };
    let acknowledged = |name: &str| given.iter().any(|given| given == name);
    if acknowledged("CAPABILITY_NAMED_IAM") || acknowledged(capability) {
        return Ok(());
    }
    Err(AwsError::bad_request("InsufficientCapabilitiesException", format!("Requires capabilities : [{capability}]")))
}
