//! Lists in pages.

use crate::model::errors::invalid_parameter;
use base64::Engine as _;
use slam_cloud_core::AwsResult;

/// One page of `items` (which are in the order of their ids): at most `limit`, after the one that `marker` names.
/// Returns the marker of the next page, if there is one.
pub(super) fn page<T>(
    items: impl IntoIterator<Item = (String, T)>,
    marker: Option<&str>,
    limit: Option<i64>,
    most: usize,
) -> AwsResult<(Vec<T>, Option<String>)> {
    let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let after = marker.filter(|marker| !marker.is_empty()).map(|marker| engine.decode(marker)).transpose();
    let after = after.ok().map(|after| after.and_then(|after| String::from_utf8(after).ok()));
    let Some(after) = after.filter(|after| after.is_some() || marker.is_none_or(str::is_empty)) else {
        return Err(invalid_parameter("Invalid marker: the value is not one that an earlier page returned."));
    };
    let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(most).clamp(1, most);
    let mut rest = items.into_iter().skip_while(|(id, _)| after.as_deref().is_some_and(|after| id.as_str() <= after));
    let mut last = String::new();
    let page = rest
        .by_ref()
        .take(limit)
        .map(|(id, item)| {
            last = id;
            item
        })
        .collect();
    let next = rest.next().map(|_| engine.encode(last));
    Ok((page, next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other_without_gap_or_overlap() {
        let items = || ["a", "b", "c"].map(|id| (id.to_owned(), id));
        let (first, marker) = page(items(), None, Some(2), 50).unwrap();
        let (second, end) = page(items(), marker.as_deref(), Some(2), 50).unwrap();
        assert_eq!((first, second, end), (vec!["a", "b"], vec!["c"], None));
    }

    #[test]
    fn a_marker_of_somebody_else_is_refused() {
        assert!(page([("a".to_owned(), 1)], Some("!"), None, 50).is_err());
    }
}
