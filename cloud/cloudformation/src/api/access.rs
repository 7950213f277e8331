//! What permissions the operations need.

use crate::CloudFormation;
use slam_cloud_core::{Access, Context};
use slam_cloud_wire::cloudformation as wire;

/// The ARN that policies name a stack by: any id of that name, unless the request has the id.
fn stack(context: &Context, name: &str) -> String {
    if name.starts_with("arn:") { name.to_owned() } else { context.arn("cloudformation", format!("stack/{name}/*")) }
}

fn one(action: &'static str, context: &Context, name: Option<&str>) -> Vec<Access> {
    vec![Access::new(action, name.map_or_else(|| "*".to_owned(), |name| stack(context, name)))]
}

/// Handing a role to CloudFormation needs the right to pass it.
fn and_pass(mut accesses: Vec<Access>, role: Option<&String>) -> Vec<Access> {
    let pass = |role: &String| {
        Access::new("iam:PassRole", role.as_str()).condition("iam:PassedToService", crate::stack::engine::SERVICE)
    };
    if let (Some(own), Some(role)) = (accesses.first_mut(), role) {
        own.conditions.push(("cloudformation:RoleArn".into(), vec![role.clone()]));
    }
    accesses.extend(role.map(pass));
    accesses
}

macro_rules! on_stack {
    ($($function:ident($operation:ident): $action:literal;)*) => {$(
        /// The permission of the operation.
        pub fn $function(_: &CloudFormation, context: &Context, input: &wire::$operation) -> Vec<Access> {
            one($action, context, Some(&input.stack_name))
        }
    )*};
}

macro_rules! on_stack_with_role {
    ($($function:ident($operation:ident): $action:literal;)*) => {$(
        /// The permission of the operation.
        pub fn $function(_: &CloudFormation, context: &Context, input: &wire::$operation) -> Vec<Access> {
            and_pass(one($action, context, Some(&input.stack_name)), input.role_arn.as_ref())
        }
    )*};
}

macro_rules! on_optional_stack {
    ($($function:ident($operation:ident): $action:literal;)*) => {$(
        /// The permission of the operation.
        pub fn $function(_: &CloudFormation, context: &Context, input: &wire::$operation) -> Vec<Access> {
            one($action, context, input.stack_name.as_deref())
        }
    )*};
}

macro_rules! on_nothing {
    ($($function:ident($operation:ident): $action:literal;)*) => {$(
        /// The permission of the operation.
        pub fn $function(_: &CloudFormation, context: &Context, _: &wire::$operation) -> Vec<Access> {
            one($action, context, None)
        }
    )*};
}

on_stack! {
    cancel_update(CancelUpdateStack): "cloudformation:CancelUpdateStack";
    describe_events(DescribeStackEvents): "cloudformation:DescribeStackEvents";
    describe_resource(DescribeStackResource): "cloudformation:DescribeStackResource";
    get_policy(GetStackPolicy): "cloudformation:GetStackPolicy";
    list_change_sets(ListChangeSets): "cloudformation:ListChangeSets";
    list_resources(ListStackResources): "cloudformation:ListStackResources";
    set_policy(SetStackPolicy): "cloudformation:SetStackPolicy";
    update_protection(UpdateTerminationProtection): "cloudformation:UpdateTerminationProtection";
}

on_stack_with_role! {
    continue_rollback(ContinueUpdateRollback): "cloudformation:ContinueUpdateRollback";
    create(CreateStack): "cloudformation:CreateStack";
    create_change_set(CreateChangeSet): "cloudformation:CreateChangeSet";
    delete(DeleteStack): "cloudformation:DeleteStack";
    rollback(RollbackStack): "cloudformation:RollbackStack";
    update(UpdateStack): "cloudformation:UpdateStack";
}

on_optional_stack! {
    delete_change_set(DeleteChangeSet): "cloudformation:DeleteChangeSet";
    describe(DescribeStacks): "cloudformation:DescribeStacks";
    describe_change_set(DescribeChangeSet): "cloudformation:DescribeChangeSet";
    describe_resources(DescribeStackResources): "cloudformation:DescribeStackResources";
    execute_change_set(ExecuteChangeSet): "cloudformation:ExecuteChangeSet";
    get_template(GetTemplate): "cloudformation:GetTemplate";
    summary(GetTemplateSummary): "cloudformation:GetTemplateSummary";
}

on_nothing! {
    limits(DescribeAccountLimits): "cloudformation:DescribeAccountLimits";
    list(ListStacks): "cloudformation:ListStacks";
    list_exports(ListExports): "cloudformation:ListExports";
    list_imports(ListImports): "cloudformation:ListImports";
    validate(ValidateTemplate): "cloudformation:ValidateTemplate";
}
