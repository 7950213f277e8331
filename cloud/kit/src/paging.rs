//! Lists in pages.
//!
//! A page ends at a size, and the next one begins after the last item's key or at a position. Services keep their own
//! tokens' forms, which clients never look into.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A part of a list, and where the next part begins, if there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T, N> {
    /// The part.
    pub items: Vec<T>,
    /// The key after which, or the position at which, the next part begins.
    pub next: Option<N>,
}

/// At most `size` of the items that come after the one with the key `after`, in the order of their keys. An item that
/// was deleted since the last page does not end the list.
pub fn by_key<T>(items: impl IntoIterator<Item = (String, T)>, after: Option<&str>, size: usize) -> Page<T, String> {
    let mut rest = items.into_iter().skip_while(|(key, _)| after.is_some_and(|after| key.as_str() <= after));
    let mut last = String::new();
    let page = rest.by_ref().take(size).map(|(key, item)| {
        last = key;
        item
    });
    let items: Vec<T> = page.collect();
    let next = rest.next().map(|_| last);
    Page { items, next }
}

/// At most `size` of the items that come after the one with the id `after`, in an order that is not that of the ids. An
/// unknown id is that of an item that was deleted: its list has ended.
pub fn by_id<T>(items: Vec<T>, id: impl Fn(&T) -> &str, after: Option<&str>, size: usize) -> Page<T, String> {
    let start = match after {
        Some(after) => items.iter().position(|item| id(item) == after).map_or(items.len(), |index| index + 1),
        None => 0,
    };
    let Page { items, next } = by_position(items, start, size);
    let next = next.and_then(|_| items.last().map(|item| id(item).to_owned()));
    Page { items, next }
}

/// At most `size` items from a position on.
pub fn by_position<T>(items: Vec<T>, start: usize, size: usize) -> Page<T, usize> {
    let end = start.saturating_add(size);
    let next = (items.len() > end).then_some(end);
    Page { items: items.into_iter().skip(start).take(size).collect(), next }
}

/// What the caller asked for as a page's size, at most `most` and at least one.
pub fn size(asked: Option<i64>, default: usize, most: usize) -> usize {
    asked.map_or(default, |asked| usize::try_from(asked).unwrap_or(1)).clamp(1, most)
}

/// A key as an opaque token.
pub fn token(key: &str) -> String {
    URL_SAFE_NO_PAD.encode(key)
}

/// The key in a token; `None` for a token that was not given out.
pub fn key_of(token: &str) -> Option<String> {
    String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_one_another_without_gap_or_overlap() {
        let check = |after: Option<&str>, size: usize, expected: &[&str], next: Option<&str>| {
            let all = ["a", "b", "c", "d", "e"];
            let page = by_key(all.map(|key| (key.to_owned(), key)), after, size);
            assert_eq!((page.items.as_slice(), page.next.as_deref()), (expected, next), "{after:?} {size}");
            let page = by_id(all.to_vec(), |item| item, after, size);
            assert_eq!((page.items.as_slice(), page.next.as_deref()), (expected, next), "{after:?} {size}");
            let start = after.map_or(0, |after| all.iter().position(|item| *item == after).unwrap() + 1);
            let page = by_position(all.to_vec(), start, size);
            assert_eq!((page.items.as_slice(), page.next), (expected, next.map(|_| start + size)));
        };
        check(None, 2, &["a", "b"], Some("b"));
        check(Some("b"), 2, &["c", "d"], Some("d"));
        check(Some("d"), 2, &["e"], None);
        check(None, 5, &["a", "b", "c", "d", "e"], None);
    }

    #[test]
    fn what_was_deleted_meanwhile_is_passed_over_or_ends_the_list() {
        assert_eq!(by_key([("a".to_owned(), 1), ("c".to_owned(), 3)], Some("b"), 2).items, [3]);
        assert_eq!(by_id(vec!["a", "c"], |item| item, Some("b"), 2).items, [""; 0]);
    }

    #[test]
    fn sizes_and_tokens() {
        assert_eq!([None, Some(0), Some(7), Some(900)].map(|asked| size(asked, 25, 500)), [25, 1, 7, 500]);
        assert_eq!(key_of(&token("a/é")).as_deref(), Some("a/é"));
        assert_eq!(key_of("!"), None);
    }
}
