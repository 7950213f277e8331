//! Which keys of an entry of `on` belong to which event source.

use super::super::Reading;
use crate::yaml::Node;

/// The event sources, and what may be said of each beside `stages` and `enabled`.
const SOURCES: &[(&str, &[&str])] = &[
    ("http", &[]),
    ("queue", &["batch", "window", "filter", "concurrency", "partial"]),
    ("table", &["batch", "window", "filter", "partial", "start", "bisect", "parallel", "retries", "age", "failures"]),
    ("topic", &["filter", "filter_by", "failures"]),
    ("bucket", &["prefix", "suffix", "events"]),
    ("event", &["bus", "input", "paths", "template", "retries", "age", "failures"]),
    ("schedule", &["timezone", "input", "flexible", "retries", "age", "failures"]),
];
const OF_ALL: [&str; 2] = ["stages", "enabled"];

/// The event source that an entry is about: its key, and the word. What is said of another one is an error.
pub(super) fn kind<'a>(reading: &mut Reading<'_>, entry: &'a Node) -> Option<(&'a Node, &'static str)> {
    let named = |(key, value): &&(Node, Node)| !value.is_null() && SOURCES.iter().any(|(word, _)| *word == key.key());
    let mut found = entry.entries().iter().filter(named).map(|(key, _)| key);
    let Some(key) = found.next() else {
        let words: Vec<_> = SOURCES.iter().map(|(word, _)| format!("`{word}`")).collect();
        reading
            .error(entry, "this names nothing that could call the function")
            .hints
            .push(format!("name one of {}", words.join(", ")));
        return None;
    };
    if let Some(second) = found.next() {
        let (one, other) = (key.key(), second.key());
        reading
            .error(second, format!("`{other}` is another event source than `{one}`"))
            .hints
            .push(format!("write a list: `on: [{{{one}: …}}, {{{other}: …}}]`"));
        return None;
    }
    let (word, known) = *SOURCES.iter().find(|(word, _)| *word == key.key())?;
    let of_all = if word == "http" { &[][..] } else { &OF_ALL[..] };
    for (other, _) in entry.entries() {
        let name = other.key();
        if name != word && !known.contains(&name) && !of_all.contains(&name) {
            let known: Vec<_> = known.iter().chain(of_all).map(|key| format!("`{key}`")).collect();
            let hint = match &known[..] {
                [] => format!("remove it: nothing more is said of `{word}`"),
                known => format!("of `{word}` one can say {}", known.join(", ")),
            };
            reading.error(other, format!("`{name}` is not about `{word}`")).hints.push(hint);
        }
    }
    Some((key, word))
}
