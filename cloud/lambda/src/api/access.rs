//! The permissions that each operation needs.
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html>

use crate::LambdaService;
use crate::model::layer::parse_version;
use crate::model::name::function_arn;
use crate::model::{FunctionName, LayerName, Policy, mapping};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{Access, Context};
use slam_cloud_wire::lambda as wire;

/// What an operation on the function that the input names needs, by the operation's own action.
macro_rules! on_function {
    ($($function:ident: $operation:ident, $action:literal;)*) => {
        $(pub(super) fn $function(_: &LambdaService, context: &Context, input: &wire::$operation) -> Vec<Access> {
            vec![of_function(context, concat!("lambda:", $action), &input.function_name)]
        })*
    };
}

on_function! {
    get_function: GetFunction, "GetFunction";
    get_function_configuration: GetFunctionConfiguration, "GetFunctionConfiguration";
    delete_function: DeleteFunction, "DeleteFunction";
    update_function_code: UpdateFunctionCode, "UpdateFunctionCode";
    publish_version: PublishVersion, "PublishVersion";
    list_versions_by_function: ListVersionsByFunction, "ListVersionsByFunction";
    create_alias: CreateAlias, "CreateAlias";
    get_alias: GetAlias, "GetAlias";
    update_alias: UpdateAlias, "UpdateAlias";
    delete_alias: DeleteAlias, "DeleteAlias";
    list_aliases: ListAliases, "ListAliases";
    remove_permission: RemovePermission, "RemovePermission";
    get_policy: GetPolicy, "GetPolicy";
    put_function_concurrency: PutFunctionConcurrency, "PutFunctionConcurrency";
    get_function_concurrency: GetFunctionConcurrency, "GetFunctionConcurrency";
    delete_function_concurrency: DeleteFunctionConcurrency, "DeleteFunctionConcurrency";
    put_function_event_invoke_config: PutFunctionEventInvokeConfig, "PutFunctionEventInvokeConfig";
    update_function_event_invoke_config: UpdateFunctionEventInvokeConfig, "UpdateFunctionEventInvokeConfig";
    get_function_event_invoke_config: GetFunctionEventInvokeConfig, "GetFunctionEventInvokeConfig";
    delete_function_event_invoke_config: DeleteFunctionEventInvokeConfig, "DeleteFunctionEventInvokeConfig";
    list_function_event_invoke_configs: ListFunctionEventInvokeConfigs, "ListFunctionEventInvokeConfigs";
    list_function_url_configs: ListFunctionUrlConfigs, "ListFunctionUrlConfigs";
    get_function_code_signing_config: GetFunctionCodeSigningConfig, "GetFunctionCodeSigningConfig";
    get_function_recursion_config: GetFunctionRecursionConfig, "GetFunctionRecursionConfig";
    put_function_recursion_config: PutFunctionRecursionConfig, "PutFunctionRecursionConfig";
    get_runtime_management_config: GetRuntimeManagementConfig, "GetRuntimeManagementConfig";
}

pub(super) fn create_function(service: &LambdaService, context: &Context, input: &wire::CreateFunction) -> Vec<Access> {
    let arn = arn(context, &input.function_name);
    let mut access = vec![Access::new("lambda:CreateFunction", arn.clone()), pass_role(&input.role)];
    if input.tags.as_ref().is_some_and(|tags| !tags.is_empty()) {
        access.push(Access::new("lambda:TagResource", arn));
    }
    with_layers(service, context, access, input.layers.as_deref())
}

/// The access to a function, with that to the layers it gets: their ARNs are a condition of the first, and the caller
/// must be able to read each.
fn with_layers(
    service: &LambdaService,
    context: &Context,
    mut access: Vec<Access>,
    layers: Option<&[String]>,
) -> Vec<Access> {
    let layers = layers.unwrap_or_default();
    if let (Some(own), [_, ..]) = (access.first_mut(), layers) {
        own.conditions.push(("lambda:Layer".into(), layers.to_vec()));
    }
    for arn in layers {
        let Ok((name, number)) = parse_version(context, arn) else { continue };
        // One of another account that is not here is refused by its name, and one of another region for that.
        let known = service.store.layers.get(&name.scope(), &name.name).is_some();
        if known || (!name.is_foreign(context) && name.is_near(context)) {
            access.push(of_version(service, context, "lambda:GetLayerVersion", &name, number));
        }
    }
    access
}

/// What an operation on a version of a layer needs, by the version's own policy or the caller's.
fn of_version(
    service: &LambdaService,
    context: &Context,
    action: &'static str,
    name: &LayerName,
    number: u64,
) -> Access {
    let policy = service.layer_policy(name, number);
    Access::new(action, name.version_arn(number)).resource_policy(policy.or_else(|| abroad(context, name)))
}

/// What an operation on a whole layer needs, which has no policy.
fn of_layer(context: &Context, action: &'static str, layer: &str) -> Access {
    let name = LayerName::parse(context, layer);
    Access::new(action, name.arn()).resource_policy(abroad(context, &name))
}

/// A policy without a statement for what belongs to another account: nobody here may do anything with it, the root
/// user neither, whom the door would let through where there is no policy.
fn abroad(context: &Context, name: &LayerName) -> Option<String> {
    name.is_foreign(context).then(|| Policy::default().document())
}

/// What an operation on the version of a layer that the input names needs, by the operation's own action.
macro_rules! on_layer_version {
    ($($function:ident: $operation:ident, $action:literal;)*) => {
        $(pub(super) fn $function(service: &LambdaService, context: &Context, input: &wire::$operation) -> Vec<Access> {
            let name = LayerName::parse(context, &input.layer_name);
            // What is no number names no version, which is told once the caller may know.
            let number = u64::try_from(input.version_number).unwrap_or_default();
            vec![of_version(service, context, concat!("lambda:", $action), &name, number)]
        })*
    };
}

on_layer_version! {
    get_layer_version: GetLayerVersion, "GetLayerVersion";
    delete_layer_version: DeleteLayerVersion, "DeleteLayerVersion";
    add_layer_version_permission: AddLayerVersionPermission, "AddLayerVersionPermission";
    remove_layer_version_permission: RemoveLayerVersionPermission, "RemoveLayerVersionPermission";
    get_layer_version_policy: GetLayerVersionPolicy, "GetLayerVersionPolicy";
}

pub(super) fn get_layer_version_by_arn(
    service: &LambdaService,
    context: &Context,
    input: &wire::GetLayerVersionByArn,
) -> Vec<Access> {
    match parse_version(context, &input.arn) {
        Ok((name, number)) => vec![of_version(service, context, "lambda:GetLayerVersion", &name, number)],
        Err(_) => vec![Access::new("lambda:GetLayerVersion", input.arn.clone())],
    }
}

pub(super) fn publish_layer_version(
    _: &LambdaService,
    context: &Context,
    input: &wire::PublishLayerVersion,
) -> Vec<Access> {
    vec![of_layer(context, "lambda:PublishLayerVersion", &input.layer_name)]
}

pub(super) fn list_layer_versions(
    _: &LambdaService,
    context: &Context,
    input: &wire::ListLayerVersions,
) -> Vec<Access> {
    vec![of_layer(context, "lambda:ListLayerVersions", &input.layer_name)]
}

pub(super) fn update_function_configuration(
    service: &LambdaService,
    context: &Context,
    input: &wire::UpdateFunctionConfiguration,
) -> Vec<Access> {
    let own = of_function(context, "lambda:UpdateFunctionConfiguration", &input.function_name);
    let access = std::iter::once(own).chain(input.role.as_deref().map(pass_role)).collect();
    with_layers(service, context, access, input.layers.as_deref())
}

pub(super) fn add_permission(_: &LambdaService, context: &Context, input: &wire::AddPermission) -> Vec<Access> {
    let access = of_function(context, "lambda:AddPermission", &input.function_name);
    let access = access.condition("lambda:Principal", input.principal.clone());
    vec![match &input.function_url_auth_type {
        Some(kind) => access.condition("lambda:FunctionUrlAuthType", kind.clone()),
        None => access,
    }]
}

pub(super) fn create_function_url_config(
    _: &LambdaService,
    context: &Context,
    input: &wire::CreateFunctionUrlConfig,
) -> Vec<Access> {
    let access = on_url(context, "lambda:CreateFunctionUrlConfig", &input.function_name);
    vec![access.condition("lambda:FunctionUrlAuthType", input.auth_type.clone())]
}

/// What an operation on the URL that the input names needs: how its callers prove who they are is a condition, too.
macro_rules! on_present_url {
    ($($function:ident: $operation:ident;)*) => {
        $(pub(super) fn $function(service: &LambdaService, context: &Context, input: &wire::$operation) -> Vec<Access> {
            let access = on_url(context, concat!("lambda:", stringify!($operation)), &input.function_name);
            let present = auth_type(service, context, &input.function_name, input.qualifier.as_deref());
            vec![with_auth_type(access, present)]
        })*
    };
}

on_present_url! {
    get_function_url_config: GetFunctionUrlConfig;
    delete_function_url_config: DeleteFunctionUrlConfig;
}

/// The condition is what the URL shall be.
pub(super) fn update_function_url_config(
    service: &LambdaService,
    context: &Context,
    input: &wire::UpdateFunctionUrlConfig,
) -> Vec<Access> {
    let access = on_url(context, "lambda:UpdateFunctionUrlConfig", &input.function_name);
    let present = || auth_type(service, context, &input.function_name, input.qualifier.as_deref());
    vec![with_auth_type(access, input.auth_type.clone().or_else(present))]
}

fn on_url(context: &Context, action: &'static str, name: &str) -> Access {
    let access = of_function(context, action, name);
    let function = access.resource.clone();
    access.condition("lambda:FunctionArn", function)
}

fn with_auth_type(access: Access, auth_type: Option<String>) -> Access {
    match auth_type {
        Some(auth_type) => access.condition("lambda:FunctionUrlAuthType", auth_type),
        None => access,
    }
}

fn auth_type(service: &LambdaService, context: &Context, name: &str, qualifier: Option<&str>) -> Option<String> {
    let name = FunctionName::parse(context, name, qualifier).ok()?;
    let function = service.store.functions.get(&Scope::regional(context), &name.name)?;
    let url = function.urls.get(name.qualifier.as_deref().unwrap_or_default())?;
    Some(url.auth_type.clone())
}

pub(super) fn list_functions(_: &LambdaService, _: &Context, _: &wire::ListFunctions) -> Vec<Access> {
    vec![Access::new("lambda:ListFunctions", "*")]
}

/// What is read from is no condition; which function it is for is one.
pub(super) fn create_event_source_mapping(
    _: &LambdaService,
    context: &Context,
    input: &wire::CreateEventSourceMapping,
) -> Vec<Access> {
    let function = arn(context, &input.function_name);
    let mut access =
        vec![Access::new("lambda:CreateEventSourceMapping", "*").condition("lambda:FunctionArn", function.clone())];
    if input.tags.as_ref().is_some_and(|tags| !tags.is_empty()) {
        // It has no ARN yet.
        let mapping = mapping::arn(context, "*");
        access.push(Access::new("lambda:TagResource", mapping));
    }
    access
}

/// What an operation on the event source mapping that the input names needs, by the operation's own action.
macro_rules! on_mapping {
    ($($function:ident: $operation:ident;)*) => {
        $(pub(super) fn $function(service: &LambdaService, context: &Context, input: &wire::$operation) -> Vec<Access> {
            vec![of_mapping(service, context, concat!("lambda:", stringify!($operation)), &input.uuid)]
        })*
    };
}

on_mapping! {
    get_event_source_mapping: GetEventSourceMapping;
    delete_event_source_mapping: DeleteEventSourceMapping;
}

/// The function that a mapping shall be for is a condition, too.
pub(super) fn update_event_source_mapping(
    service: &LambdaService,
    context: &Context,
    input: &wire::UpdateEventSourceMapping,
) -> Vec<Access> {
    let mut access = of_mapping(service, context, "lambda:UpdateEventSourceMapping", &input.uuid);
    if let Some(function) = &input.function_name {
        access.conditions = vec![("lambda:FunctionArn".into(), vec![arn(context, function)])];
    }
    vec![access]
}

fn of_mapping(service: &LambdaService, context: &Context, action: &'static str, id: &str) -> Access {
    let access = Access::new(action, mapping::arn(context, id));
    match service.store.mappings.get(&Scope::regional(context), id) {
        Some(mapping) => access.condition("lambda:FunctionArn", function_arn(context, &mapping.function)),
        None => access,
    }
}

pub(super) fn list_event_source_mappings(
    _: &LambdaService,
    _: &Context,
    _: &wire::ListEventSourceMappings,
) -> Vec<Access> {
    vec![Access::new("lambda:ListEventSourceMappings", "*")]
}

pub(super) fn list_layers(_: &LambdaService, _: &Context, _: &wire::ListLayers) -> Vec<Access> {
    vec![Access::new("lambda:ListLayers", "*")]
}

pub(super) fn get_account_settings(_: &LambdaService, _: &Context, _: &wire::GetAccountSettings) -> Vec<Access> {
    vec![Access::new("lambda:GetAccountSettings", "*")]
}

pub(super) fn list_tags(_: &LambdaService, _: &Context, input: &wire::ListTags) -> Vec<Access> {
    vec![Access::new("lambda:ListTags", input.resource.clone())]
}

pub(super) fn tag_resource(_: &LambdaService, _: &Context, input: &wire::TagResource) -> Vec<Access> {
    vec![Access::new("lambda:TagResource", input.resource.clone())]
}

pub(super) fn untag_resource(_: &LambdaService, _: &Context, input: &wire::UntagResource) -> Vec<Access> {
    vec![Access::new("lambda:UntagResource", input.resource.clone())]
}

/// An invocation is on the ARN as it was named, and the policy of that version or alias counts too.
pub(super) fn invoke(service: &LambdaService, context: &Context, input: &wire::Invoke) -> Vec<Access> {
    invocation(service, context, &input.function_name, input.qualifier.as_deref())
}

/// "This operation requires permission for the lambda:InvokeFunction action."
/// <https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html>
pub(super) fn invoke_with_response_stream(
    service: &LambdaService,
    context: &Context,
    input: &wire::InvokeWithResponseStream,
) -> Vec<Access> {
    invocation(service, context, &input.function_name, input.qualifier.as_deref())
}

fn invocation(service: &LambdaService, context: &Context, function: &str, qualifier: Option<&str>) -> Vec<Access> {
    let home = FunctionName::at_home(context, function);
    let Ok(name) = FunctionName::parse(&home, function, qualifier) else {
        return vec![Access::new("lambda:InvokeFunction", function)];
    };
    let function = service.store.functions.get(&Scope::regional(&home), &name.name);
    let qualifier = name.qualifier.as_deref().unwrap_or_default();
    let policy = function.and_then(|function| function.policies.get(qualifier).map(Policy::document));
    let policy = policy.or_else(|| (home.account != context.account).then(|| Policy::default().document()));
    vec![Access::new("lambda:InvokeFunction", name.qualified_arn(&home)).resource_policy(policy)]
}

/// An action on a function, which nobody takes on another account's: its policy is asked about invocations alone.
fn of_function(context: &Context, action: &'static str, name: &str) -> Access {
    let home = FunctionName::at_home(context, name);
    let foreign = home.account != context.account;
    Access::new(action, arn(&home, name)).resource_policy(foreign.then(|| Policy::default().document()))
}

fn pass_role(role: &str) -> Access {
    Access::new("iam:PassRole", role).condition("iam:PassedToService", "lambda.amazonaws.com")
}

/// The ARN of the function that was named, without a qualifier; of what is no name, what was written.
fn arn(context: &Context, name: &str) -> String {
    FunctionName::parse(context, name, None).map_or_else(|_| name.to_owned(), |name| name.arn(context))
}
