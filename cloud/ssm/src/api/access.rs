//! Which permission each operation needs, on which resource.
//!
//! Each operation that answers values is authorized by itself; GetParametersByPath on the path that it is asked for, not
//! on what it answers (User Guide, "How Parameter Store authorizes parameter retrieval").

use crate::SsmService;
use crate::model::name::{Reference, SecretReference, arn, key, path};
use slam_cloud_core::{Access, Context};
use slam_cloud_wire::ssm;

/// An action on the parameter that a request names. A name that makes no sense is refused by the operation itself; until
/// then it stands for a parameter of no name.
fn on(service: &SsmService, context: &Context, action: &'static str, name: &str) -> Access {
    let key = match SecretReference::parse(name) {
        Some(secret) => key(&secret.name).to_owned(),
        None => Reference::parse(context, name).map(|reference| reference.key).unwrap_or_default(),
    };
    let mut access = Access::new(action, arn(context, &key));
    for (tag, value) in service.parameters.find(context, &key).iter().flat_map(|parameter| &parameter.tags) {
        access = access.condition(format!("aws:ResourceTag/{tag}"), value);
        access = access.condition(format!("ssm:resourceTag/{tag}"), value);
    }
    access
}

fn with_request_tags(access: Access, tags: &[ssm::Tag]) -> Access {
    access.request_tags(tags.iter().map(|tag| (&*tag.key, &*tag.value)))
}

/// Those that name a parameter and nothing else that matters here.
macro_rules! on_parameter {
    ($($function:ident: $operation:ident;)*) => {$(
        pub fn $function(service: &SsmService, context: &Context, input: &ssm::$operation) -> Vec<Access> {
            vec![on(service, context, concat!("ssm:", stringify!($operation)), &input.name)]
        }
    )*};
}

on_parameter! {
    get_parameter: GetParameter;
    get_parameter_history: GetParameterHistory;
    delete_parameter: DeleteParameter;
    label_parameter_version: LabelParameterVersion;
    unlabel_parameter_version: UnlabelParameterVersion;
}

/// Those that name several.
macro_rules! on_parameters {
    ($($function:ident: $operation:ident;)*) => {$(
        pub fn $function(service: &SsmService, context: &Context, input: &ssm::$operation) -> Vec<Access> {
            let action = concat!("ssm:", stringify!($operation));
            input.names.iter().map(|name| on(service, context, action, name)).collect()
        }
    )*};
}

on_parameters! {
    get_parameters: GetParameters;
    delete_parameters: DeleteParameters;
}

pub fn put_parameter(service: &SsmService, context: &Context, input: &ssm::PutParameter) -> Vec<Access> {
    let overwrite = input.overwrite.unwrap_or(false).to_string();
    let access = on(service, context, "ssm:PutParameter", &input.name).condition("ssm:Overwrite", overwrite);
    vec![with_request_tags(access, input.tags.as_deref().unwrap_or_default())]
}

pub fn get_parameters_by_path(_: &SsmService, context: &Context, input: &ssm::GetParametersByPath) -> Vec<Access> {
    let path = path(&input.path).unwrap_or_default();
    let recursive = input.recursive.unwrap_or(false).to_string();
    let resource = arn(context, path.trim_end_matches('/'));
    vec![Access::new("ssm:GetParametersByPath", resource).condition("ssm:Recursive", recursive)]
}

/// AWS knows no resource for it, and names this one when it refuses.
pub fn describe_parameters(_: &SsmService, context: &Context, _: &ssm::DescribeParameters) -> Vec<Access> {
    vec![Access::new("ssm:DescribeParameters", context.arn("ssm", "*"))]
}

pub fn add_tags_to_resource(service: &SsmService, context: &Context, input: &ssm::AddTagsToResource) -> Vec<Access> {
    vec![with_request_tags(on(service, context, "ssm:AddTagsToResource", &input.resource_id), &input.tags)]
}

pub fn remove_tags_from_resource(
    service: &SsmService,
    context: &Context,
    input: &ssm::RemoveTagsFromResource,
) -> Vec<Access> {
    let access = on(service, context, "ssm:RemoveTagsFromResource", &input.resource_id);
    vec![access.tag_keys(input.tag_keys.clone())]
}

pub fn list_tags_for_resource(
    service: &SsmService,
    context: &Context,
    input: &ssm::ListTagsForResource,
) -> Vec<Access> {
    vec![on(service, context, "ssm:ListTagsForResource", &input.resource_id)]
}
