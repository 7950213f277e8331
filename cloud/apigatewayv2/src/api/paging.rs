//! Lists in pages.

use crate::error::bad_request;
use slam_cloud_core::AwsResult;
use slam_cloud_kit::paging;

/// What AWS answers with when no number is given.
const DEFAULT: usize = 25;
/// More AWS does not answer at once. Not verified on AWS: that of REST APIs.
const MOST: usize = 500;

/// The page that begins after `token`, the id of the last item of the page before, and where the next one begins.
pub(super) fn page<T>(
    items: Vec<T>,
    id: impl Fn(&T) -> &str,
    token: Option<&str>,
    most: Option<&str>,
) -> AwsResult<(Vec<T>, Option<String>)> {
    let invalid = || bad_request("Invalid maxResults value");
    let most = most.map(|most| most.parse::<i64>().ok().filter(|most| *most > 0).ok_or_else(invalid)).transpose()?;
    let after = token.map(|token| paging::key_of(token).ok_or_else(|| bad_request("Invalid nextToken value")));
    let page = paging::by_id(items, id, after.transpose()?.as_deref(), paging::size(most, DEFAULT, MOST));
    Ok((page.items, page.next.map(|next| paging::token(&next))))
}
