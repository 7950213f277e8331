//! How operations find queues, and list them.

use crate::SqsService;
use crate::error::{invalid, invalid_value};
use crate::messages::Place;
use crate::model::name::{self, Reference};
use crate::model::queue::Queue;
use slam_cloud_core::{AwsResult, Context};
use slam_cloud_kit::paging;
use std::sync::Arc;

/// The most queues in a list (API reference, ListQueues).
const LISTED: usize = 1000;

/// The URLs of queues of an account.
pub fn urls(service: &SqsService, account: &str, names: Vec<String>) -> Vec<String> {
    let settings = service.cloud.settings();
    names.iter().map(|name| name::url(settings, account, name)).collect()
}

/// A page of names, and the token of the next.
///
/// # Errors
/// For a size or a token that cannot be.
pub fn page(
    names: impl Iterator<Item = String>,
    size: Option<i64>,
    token: Option<&str>,
) -> AwsResult<(Vec<String>, Option<String>)> {
    if let Some(size) = size.filter(|size| !(1..=LISTED as i64).contains(size)) {
        return Err(invalid_value(size, "MaxResults", "MaxResults must be an integer between 1 and 1000."));
    }
    let after = token.filter(|token| !token.is_empty()).map(|token| paging::key_of(token).ok_or(token)).transpose();
    let after = after.map_err(|_| invalid("Invalid or expired next token."))?;
    let page =
        paging::by_key(names.map(|name| (name.clone(), name)), after.as_deref(), paging::size(size, LISTED, LISTED));
    let next = page.next.filter(|_| size.is_some());
    Ok((page.items, next.as_deref().map(paging::token)))
}

/// A queue and where its messages are.
///
/// # Errors
/// When it is not there.
pub fn find(service: &SqsService, context: &Context, url: &str) -> AwsResult<(Reference, Arc<Queue>, Place)> {
    let reference = Reference::of_url(context, url);
    let queue = service.queues.get(&reference)?;
    let place = Place::from(&*queue);
    Ok((reference, queue, place))
}
