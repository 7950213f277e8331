//! Lists in pages.

use slam_cloud_kit::paging;

/// What AWS answers with when no limit is given.
const DEFAULT: usize = 25;
/// More AWS does not answer at once.
const MOST: usize = 500;

/// The page that begins after `position`, the id of the last item of the page before, and where the next one begins.
pub(super) fn page<T>(
    items: Vec<T>,
    id: impl Fn(&T) -> &str,
    position: Option<&str>,
    limit: Option<i64>,
) -> (Vec<T>, Option<String>) {
    let page = paging::by_id(items, id, position, paging::size(limit, DEFAULT, MOST));
    (page.items, page.next)
}
