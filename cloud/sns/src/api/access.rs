//! Which permission each operation needs, on which resource.
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html>
//!
//! Actions are written as SNS writes them in its denials: `SNS:Publish`.

use crate::SnsService;
use crate::model::name::Reference;
use slam_cloud_core::{Access, Context, Principal};
use slam_cloud_wire::sns as wire;

/// An action on a topic, by its own policy or the caller's.
///
/// Nobody here tells `aws:SourceOwner`, by which the policy that topics have at first lets in the alarms of their owner: EventBridge and S3
/// need a statement of their own (EventBridge's User Guide, "Amazon SNS permissions"; S3's, "Granting permissions to publish event
/// notification messages").
fn on(service: &SnsService, action: &'static str, arn: &str) -> Access {
    let mut access = Access::new(action, arn.to_owned());
    let Some(reference) = Reference::read(arn) else { return access };
    let Some(topic) = service.topics.find(&reference) else { return access };
    for (tag, value) in &topic.tags {
        access = access.condition(format!("aws:ResourceTag/{tag}"), value);
    }
    access.resource_policy(Some(topic.policy(arn, &reference.scope.account)))
}

/// The same where a service may ask, too, which is told of a topic that is not there, as SQS tells of a queue.
fn on_known(service: &SnsService, context: &Context, action: &'static str, arn: &str) -> Vec<Access> {
    let is_service = matches!(&*context.principal, Principal::Service { .. });
    let is_there = Reference::read(arn).is_some_and(|reference| service.topics.find(&reference).is_some());
    match is_service && !is_there {
        true => Vec::new(),
        false => vec![on(service, action, arn)],
    }
}

/// Those that name a topic and nothing else that matters here. A batch needs the permission of what it has several of.
macro_rules! on_topic {
    ($($function:ident: $operation:ident as $action:literal;)*) => {$(
        pub fn $function(service: &SnsService, context: &Context, input: &wire::$operation) -> Vec<Access> {
            on_known(service, context, $action, &input.topic_arn)
        }
    )*};
}

on_topic! {
    delete_topic: DeleteTopic as "SNS:DeleteTopic";
    get_topic_attributes: GetTopicAttributes as "SNS:GetTopicAttributes";
    set_topic_attributes: SetTopicAttributes as "SNS:SetTopicAttributes";
    add_permission: AddPermission as "SNS:AddPermission";
    remove_permission: RemovePermission as "SNS:RemovePermission";
    confirm_subscription: ConfirmSubscription as "SNS:ConfirmSubscription";
    list_subscriptions_by_topic: ListSubscriptionsByTopic as "SNS:ListSubscriptionsByTopic";
    publish_batch: PublishBatch as "SNS:Publish";
}

/// AWS knows no resource for these; whose the subscription is, is looked at by the operation.
macro_rules! on_nothing {
    ($($function:ident: $operation:ident as $action:literal;)*) => {$(
        pub fn $function(_: &SnsService, _: &Context, _: &wire::$operation) -> Vec<Access> {
            vec![Access::new($action, "*")]
        }
    )*};
}

on_nothing! {
    list_topics: ListTopics as "SNS:ListTopics";
    list_subscriptions: ListSubscriptions as "SNS:ListSubscriptions";
    get_subscription_attributes: GetSubscriptionAttributes as "SNS:GetSubscriptionAttributes";
    set_subscription_attributes: SetSubscriptionAttributes as "SNS:SetSubscriptionAttributes";
    unsubscribe: Unsubscribe as "SNS:Unsubscribe";
    create_platform_application: CreatePlatformApplication as "SNS:CreatePlatformApplication";
    list_platform_applications: ListPlatformApplications as "SNS:ListPlatformApplications";
    get_platform_application_attributes: GetPlatformApplicationAttributes as "SNS:GetPlatformApplicationAttributes";
    set_platform_application_attributes: SetPlatformApplicationAttributes as "SNS:SetPlatformApplicationAttributes";
    delete_platform_application: DeletePlatformApplication as "SNS:DeletePlatformApplication";
    create_platform_endpoint: CreatePlatformEndpoint as "SNS:CreatePlatformEndpoint";
    list_endpoints_by_platform_application: ListEndpointsByPlatformApplication as "SNS:ListEndpointsByPlatformApplication";
    get_endpoint_attributes: GetEndpointAttributes as "SNS:GetEndpointAttributes";
    set_endpoint_attributes: SetEndpointAttributes as "SNS:SetEndpointAttributes";
    delete_endpoint: DeleteEndpoint as "SNS:DeleteEndpoint";
    get_sms_attributes: GetSMSAttributes as "SNS:GetSMSAttributes";
    set_sms_attributes: SetSMSAttributes as "SNS:SetSMSAttributes";
}

fn with_request_tags(access: Access, tags: &[wire::Tag]) -> Access {
    access.request_tags(tags.iter().map(|tag| (&*tag.key, &*tag.value)))
}

pub fn create_topic(service: &SnsService, context: &Context, input: &wire::CreateTopic) -> Vec<Access> {
    let arn = Reference::here(context, input.name.clone()).arn();
    let creation = Access::new("SNS:CreateTopic", arn.clone());
    match input.tags.as_deref().filter(|tags| !tags.is_empty()) {
        None => vec![creation],
        Some(tags) => {
            let tagging = on(service, "SNS:TagResource", &arn);
            vec![with_request_tags(creation, tags), with_request_tags(tagging, tags)]
        }
    }
}

pub fn subscribe(service: &SnsService, _: &Context, input: &wire::Subscribe) -> Vec<Access> {
    let access = on(service, "SNS:Subscribe", &input.topic_arn).condition("sns:Protocol", &input.protocol);
    vec![match &input.endpoint {
        Some(endpoint) => access.condition("sns:Endpoint", endpoint),
        None => access,
    }]
}

pub fn publish(service: &SnsService, context: &Context, input: &wire::Publish) -> Vec<Access> {
    let topic = input.topic_arn.as_deref().or(input.target_arn.as_deref()).unwrap_or("*");
    on_known(service, context, "SNS:Publish", topic)
}

pub fn tag_resource(service: &SnsService, _: &Context, input: &wire::TagResource) -> Vec<Access> {
    vec![with_request_tags(on(service, "SNS:TagResource", &input.resource_arn), &input.tags)]
}

pub fn untag_resource(service: &SnsService, _: &Context, input: &wire::UntagResource) -> Vec<Access> {
    vec![on(service, "SNS:UntagResource", &input.resource_arn).tag_keys(input.tag_keys.clone())]
}

pub fn list_tags_for_resource(service: &SnsService, _: &Context, input: &wire::ListTagsForResource) -> Vec<Access> {
    vec![on(service, "SNS:ListTagsForResource", &input.resource_arn)]
}
