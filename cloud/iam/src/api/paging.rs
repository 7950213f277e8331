//! `Marker` and `MaxItems`.

use crate::error;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use slam_cloud_core::AwsResult;
use slam_cloud_kit::paging;

/// Items in a page when the caller does not say.
const DEFAULT: usize = 100;

/// A part of a listing.
pub(super) struct Page<T> {
    /// The part.
    pub items: Vec<T>,
    /// Whether there is more.
    pub is_truncated: Option<bool>,
    /// Where the next part begins.
    pub marker: Option<String>,
}

/// The part that begins at `marker`.
pub(super) fn page<T>(all: Vec<T>, marker: Option<&str>, max_items: Option<i64>) -> AwsResult<Page<T>> {
    let start = match marker {
        None => 0,
        Some(marker) => read(marker).ok_or_else(|| error::validation("Invalid Marker."))?,
    };
    let size = max_items.and_then(|max| usize::try_from(max).ok()).unwrap_or(DEFAULT);
    let page = paging::by_position(all, start, size);
    let marker = page.next.map(|next| STANDARD.encode(format!("after:{next}")));
    Ok(Page { items: page.items, is_truncated: Some(marker.is_some()), marker })
}

fn read(marker: &str) -> Option<usize> {
    let text = String::from_utf8(STANDARD.decode(marker).ok()?).ok()?;
    text.strip_prefix("after:")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_is_read_in_parts() {
        let first = page(vec![1, 2, 3], None, Some(2)).unwrap();
        assert_eq!((first.items, first.is_truncated), (vec![1, 2], Some(true)));
        let second = page(vec![1, 2, 3], first.marker.as_deref(), Some(2)).unwrap();
        assert_eq!((second.items, second.is_truncated, second.marker), (vec![3], Some(false), None));
        assert!(page(vec![1], Some("?"), None).is_err());
    }
}
