//! Subscriptions come.

use super::topics::check_size;
use crate::SnsService;
use crate::delivery::wake;
use crate::error::{invalid, invalid_because};
use crate::model::endpoint::{self, Protocol};
use crate::model::name::{FIFO, Reference};
use crate::model::publication::{Kind, Publication};
use crate::model::subscription::{Settings, State, Subscription};
use crate::model::subscription_attributes::{self, Place};
use crate::model::topic::Topic;
use crate::publications::New;
use slam_cloud_core::{Arn, AwsError, AwsResult, Context, StoreError, id};
use slam_cloud_wire::sns as wire;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The most subscriptions of a FIFO topic, and filter policies of a topic (Developer Guide, "Amazon SNS endpoints and quotas").
const OF_FIFO: usize = 100;
const FILTERS: usize = 200;
/// What is answered where the confirmation is still to come (recorded: `test_http_subscription_response`).
const PENDING: &str = "pending confirmation";

/// Subscribe.
pub async fn subscribe(
    service: Arc<SnsService>,
    context: Context,
    input: wire::Subscribe,
) -> AwsResult<wire::SubscribeResponse> {
    let reference = Reference::of_arn(&context, &input.topic_arn)?;
    let topic = service.topics.get(&reference)?;
    let protocol = Protocol::read(&input.protocol);
    let endpoint = input.endpoint.filter(|endpoint| !endpoint.is_empty()).ok_or_else(|| invalid("Endpoint"))?;
    protocol.as_ref().map_or(Ok(()), |protocol| endpoint::check(*protocol, &endpoint, &reference))?;
    let given = input.attributes.unwrap_or_default();
    // What is wrong with attributes is told of all protocols, those among them that are refused here.
    let known = protocol.as_ref().ok().copied();
    let set = |settings| set(settings, &given, &reference, &context, known, &endpoint).map_err(of_subscribe);
    let settings = set(Settings::default())?;
    let protocol = protocol?;
    let answer = |id: &str, it: &Subscription| {
        let is_told = it.state != State::Pending || input.return_subscription_arn == Some(true);
        let arn = if is_told { reference.subscription(id) } else { PENDING.to_owned() };
        wire::SubscribeResponse { subscription_arn: Some(arn) }
    };
    let _one_at_a_time = service.topics.subscribing.lock().await;
    let there = service.topics.subscribers(&reference, &topic);
    let existing = there.iter().find(|it| it.subscription.protocol == protocol && it.subscription.endpoint == endpoint);
    if let Some(existing) = existing {
        // What is not said of it is as it is (recorded: `test_subscribe_idempotency`).
        let now = &existing.subscription.settings;
        if set(now.clone())? != *now {
            let reason = "Subscription already exists with different attributes";
            return Err(invalid_because("Attributes", reason));
        }
        if let (State::Pending, Some(token)) = (existing.subscription.state, &existing.subscription.token) {
            let kind = Kind::Confirmation { token: token.clone() };
            tell(&service, &existing.topic, &topic, &existing.id, kind).await?;
        }
        return Ok(answer(&existing.id, &existing.subscription));
    }
    let others = there.iter().map(|it| it.subscription.protocol).chain([protocol]).map(|it| !it.is_managed());
    check_size(&topic, there.len() + 1, others)?;
    check_count(&topic, there.len(), settings.filter.is_some(), &|| {
        there.iter().filter(|it| it.filter.is_some()).count()
    })?;
    let state = state(&context, protocol, &endpoint)?;
    let token = match state {
        State::Pending => Some(token()?),
        _ => None,
    };
    let id = id::uuid_made_by(&context.request_id, "Subscription");
    let subscription = Subscription {
        topic: reference.name.clone(),
        topic_id: topic.id.clone(),
        owner: context.account.to_string(),
        principal: context.principal.arn(),
        protocol,
        endpoint,
        settings,
        state,
        token: token.clone(),
        since: service.now(),
    };
    let answer = answer(&id, &subscription);
    service.topics.add(&reference.scope, &id, subscription).await?;
    if let Some(token) = token {
        tell(&service, &reference, &topic, &id, Kind::Confirmation { token }).await?;
    }
    Ok(answer)
}

/// Settings with the attributes of a request.
fn set(
    mut settings: Settings,
    given: &BTreeMap<String, String>,
    topic: &Reference,
    context: &Context,
    protocol: Option<Protocol>,
    endpoint: &str,
) -> AwsResult<Settings> {
    let is_fifo = topic.is_fifo() && endpoint.ends_with(FIFO);
    let place = Place { topic, owner: &context.account, protocol, is_fifo };
    for (name, value) in given {
        subscription_attributes::set(&mut settings, &place, name, value)?;
    }
    subscription_attributes::check(&settings)?;
    Ok(settings)
}

/// What is wrong with an attribute is told otherwise than by SetSubscriptionAttributes (recorded: `test_validate_policy`).
fn of_subscribe(mut error: AwsError) -> AwsError {
    const START: &str = "Invalid parameter: ";
    if let Some(rest) = error.message.strip_prefix(START) {
        error.message = format!("{START}Attributes Reason: {rest}");
    }
    error
}

fn check_count(topic: &Topic, count: usize, is_filtered: bool, filters: &dyn Fn() -> usize) -> AwsResult<()> {
    if topic.is_fifo() && count >= OF_FIFO {
        return Err(AwsError::new("SubscriptionLimitExceeded", 403, "Subscription limit exceeded for this topic"));
    }
    if is_filtered && filters() >= FILTERS {
        return Err(AwsError::new("FilterPolicyLimitExceeded", 403, "Filter policy limit exceeded for this topic"));
    }
    Ok(())
}

/// Who subscribes what is their own need not confirm it (Developer Guide, "Sending Amazon SNS messages to an Amazon SQS queue in a
/// different account").
fn state(context: &Context, protocol: Protocol, endpoint: &str) -> AwsResult<State> {
    let owner = Arn::parse(endpoint).map(|arn| arn.account).filter(|_| protocol.is_managed());
    match owner {
        // Nobody asks the owner of a phone (recorded: `test_subscribe_sms_endpoint`).
        _ if protocol == Protocol::Sms => Ok(State::Confirmed { signed: true, guarded: true }),
        Some(owner) if *owner == *context.account => Ok(State::Confirmed { signed: true, guarded: true }),
        Some(_) if protocol == Protocol::Lambda => Err(AwsError::unsupported(
            "the confirmation of a subscription by a function of another account (the function's owner can subscribe it)",
        )),
        _ => Ok(State::Pending),
    }
}

/// What confirms a subscription: nobody can guess it.
pub fn token() -> AwsResult<String> {
    let mut bytes = [0_u8; 64];
    getrandom::fill(&mut bytes).map_err(AwsError::internal)?;
    Ok(hex::encode(bytes))
}

/// Tells a subscriber of the subscription itself.
///
/// # Errors
/// When the store fails.
pub async fn tell(
    service: &Arc<SnsService>,
    reference: &Reference,
    topic: &Topic,
    id: &str,
    kind: Kind,
) -> Result<(), StoreError> {
    let scope = &reference.scope;
    let publication = Publication {
        id: uuid::Uuid::new_v4().to_string(),
        topic: (scope.account.to_string(), scope.region.to_string(), reference.name.clone()),
        kind,
        text: String::new(),
        structured: false,
        subject: None,
        attributes: BTreeMap::new(),
        sent: service.now(),
        signature: Some(topic.settings.signature.unwrap_or(1)),
        group: None,
        deduplication: None,
        number: None,
        trace: None,
    };
    let new = New { publication, subscriptions: vec![(id.to_owned(), false)], fifo: None };
    service.publications.take(vec![new]).await?;
    wake(service, id);
    Ok(())
}
