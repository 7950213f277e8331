//! Lists in pages.

/// What AWS answers with when no limit is given.
const DEFAULT: i64 = 25;
/// More AWS does not answer at once.
const MAXIMUM: i64 = 500;

/// The page that begins after `position`, the id of the last item of the page before, and where the next one begins.
pub fn page<T>(
    items: Vec<T>,
    id: impl Fn(&T) -> &str,
    position: Option<&str>,
    limit: Option<i64>,
) -> (Vec<T>, Option<String>) {
    let start = match position {
        // An unknown position is that of an item that has been deleted: its list has ended.
        Some(position) => items.iter().position(|item| id(item) == position).map_or(items.len(), |index| index + 1),
        None => 0,
    };
    let size = usize::try_from(limit.unwrap_or(DEFAULT).clamp(1, MAXIMUM)).unwrap_or(1);
    let more = items.len() > start + size;
    let page: Vec<T> = items.into_iter().skip(start).take(size).collect();
    let next = if more { page.last().map(|item| id(item).to_owned()) } else { None };
    (page, next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_one_another_without_gap_or_overlap() {
        let all = || ["a", "b", "c", "d", "e"].to_vec();
        for (position, limit, expected, next) in [
            (None, Some(2), vec!["a", "b"], Some("b")),
            (Some("b"), Some(2), vec!["c", "d"], Some("d")),
            (Some("d"), Some(2), vec!["e"], None),
            (None, Some(5), vec!["a", "b", "c", "d", "e"], None),
            (None, None, vec!["a", "b", "c", "d", "e"], None),
            (Some("gone"), None, vec![], None),
        ] {
            let (items, token) = page(all(), |item| item, position, limit);
            assert_eq!((items, token.as_deref()), (expected, next), "{position:?} {limit:?}");
        }
    }
}
