//! Lists in pages.

use crate::error::invalid_parameter;
use slam_cloud_core::AwsResult;
use slam_cloud_kit::paging;

/// One page of `items` (which are in the order of their ids): at most `limit`, after the one that `marker` names.
/// Returns the marker of the next page, if there is one.
pub(super) fn page<T>(
    items: impl IntoIterator<Item = (String, T)>,
    marker: Option<&str>,
    limit: Option<i64>,
    most: usize,
) -> AwsResult<(Vec<T>, Option<String>)> {
    let invalid = || invalid_parameter("Invalid marker: the value is not one that an earlier page returned.");
    let marker = marker.filter(|marker| !marker.is_empty());
    let after = marker.map(|marker| paging::key_of(marker).ok_or_else(invalid)).transpose()?;
    let page = paging::by_key(items, after.as_deref(), paging::size(limit, most, most));
    Ok((page.items, page.next.as_deref().map(paging::token)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_of_somebody_else_is_refused() {
        assert!(page([("a".to_owned(), 1)], Some("!"), None, 50).is_err());
    }
}
