//! Event patterns: which events a rule, a subscription or an event source mapping is for.
//!
//! AWS's own implementation, Event Ruler, is the measure: its answers are in `data/patterns.jsonl`.
//!
//! - [`parse`]: patterns as they are written. [`matcher`]: what one field is compared with.
//! - [`event`]: events as patterns see them. [`scalar`], [`json`]: their values.

pub mod event;
pub mod json;
pub mod matcher;
mod parse;
pub mod scalar;

pub use event::Event;

use event::{Field, Places};
use matcher::Matcher;
use parse::Fields;
use scalar::Scalar;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// A pattern.
#[derive(Clone, Debug)]
pub struct Pattern {
    ways: Vec<Fields>,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// Why it is none, in Event Ruler's words; what is wrong with its JSON in others.
    pub fn parse(text: &str) -> Result<Self, String> {
        Ok(Self { ways: parse::ways(text)? })
    }

    /// The same where `exists` asks for a value that is neither `null` nor empty, as in SNS's filter policies.
    /// <https://docs.aws.amazon.com/sns/latest/dg/attribute-key-matching.html>
    #[must_use]
    pub fn of_filled_values(mut self) -> Self {
        let nothing = [Scalar::Literal("null".to_owned()), Scalar::text("")].map(Matcher::Exactly);
        for matcher in self.ways.iter_mut().flat_map(BTreeMap::values_mut).flatten() {
            if *matcher == Matcher::Exists(true) {
                *matcher = Matcher::AnythingBut(nothing.to_vec());
            }
        }
        self
    }

    /// Whether an event meets it.
    pub fn matches(&self, event: &Event) -> bool {
        self.ways.iter().any(|way| Search::new(way, event).meets(0, &Places::new()))
    }
}

/// The search for values that meet all fields of a pattern and are in the same elements of the arrays that they share.
struct Search<'s> {
    steps: Vec<Step<'s>>,
    /// Where it led to nothing.
    tried: HashSet<(usize, Places)>,
}

/// A field of the pattern, in the order of their paths.
struct Step<'s> {
    matchers: &'s [Matcher],
    fields: &'s [Field],
    /// The arrays that this field and those after it can be in.
    arrays: BTreeSet<u32>,
}

impl<'s> Search<'s> {
    fn new(way: &'s Fields, event: &'s Event) -> Self {
        let mut steps: Vec<Step<'s>> = Vec::with_capacity(way.len());
        let mut arrays = BTreeSet::new();
        for (path, matchers) in way.iter().rev() {
            let fields = event.at(path);
            arrays.extend(fields.iter().flat_map(|field| field.places.iter().map(|(array, _)| *array)));
            steps.push(Step { matchers, fields, arrays: arrays.clone() });
        }
        steps.reverse();
        Self { steps, tried: HashSet::new() }
    }

    /// Whether the fields from this one on can be met beside values in these places.
    fn meets(&mut self, step: usize, places: &Places) -> bool {
        let Some(Step { matchers, fields, arrays }) = self.steps.get(step) else { return true };
        let (matchers, fields) = (*matchers, *fields);
        // What else was chosen makes no difference from here on.
        let places: Places = places.iter().filter(|(array, _)| arrays.contains(array)).copied().collect();
        if self.tried.contains(&(step, places.clone())) {
            return false;
        }
        let beside = beside(fields, &places);
        let is_absent = beside.clone().next().is_none();
        if is_absent && matchers.contains(&Matcher::Exists(false)) && self.meets(step + 1, &places) {
            return true;
        }
        for field in beside {
            if matchers.iter().any(|matcher| matcher.matches(&field.value)) {
                let mut both = places.clone();
                both.extend(field.places.iter().filter(|place| !places.contains(place)));
                if self.meets(step + 1, &both) {
                    return true;
                }
            }
        }
        self.tried.insert((step, places));
        false
    }
}

/// The values that are in no other element of an array than these places.
fn beside<'f>(fields: &'f [Field], places: &'f Places) -> impl Iterator<Item = &'f Field> + Clone {
    let element = |array: u32| places.iter().find(|(chosen, _)| *chosen == array).map(|(_, index)| *index);
    // Values under one path are sorted by their places, so those in one element of their outermost array stand together.
    let outermost = fields.first().and_then(|field| field.places.first()).map(|(array, _)| *array);
    let chosen = outermost.and_then(|array| Some((array, element(array)?)));
    let fields = match chosen {
        Some(chosen) if fields.last().and_then(|field| field.places.first()).map(|(array, _)| *array) == outermost => {
            let place = |field: &Field| field.places.first().copied().unwrap_or_default();
            let start = fields.partition_point(|field| place(field) < chosen);
            let end = fields.partition_point(|field| place(field) <= chosen);
            &fields[start..end]
        }
        _ => fields,
    };
    fields.iter().filter(move |field| {
        field.places.iter().all(|(array, index)| element(*array).is_none_or(|chosen| chosen == *index))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    /// What Event Ruler answered.
    #[derive(Deserialize)]
    struct Answered {
        id: u32,
        pattern: String,
        event: Option<String>,
        matches: Option<bool>,
        refused: Option<String>,
    }

    /// Where we differ, and why.
    const OTHERWISE: &[(u32, &str)] = &[
        (742, "EventBridge documents at most 1,000 combinations of $or; the library has no limit"),
        (790, "text after the pattern: whether EventBridge takes it is not known, so we refuse it"),
        (801, "half of a surrogate pair is no text here"),
    ];

    #[test]
    fn patterns_are_read_and_met_as_event_ruler_does() {
        let mut wrong = Vec::new();
        let mut asked = 0;
        for line in include_str!("data/patterns.jsonl").lines() {
            let answered: Answered = serde_json::from_str(line).unwrap();
            if OTHERWISE.iter().any(|(id, _)| *id == answered.id) {
                continue;
            }
            asked += 1;
            let pattern = Pattern::parse(&answered.pattern);
            let told = match (pattern, answered.refused, answered.matches) {
                (Err(reason), Some(refused), _) => {
                    let first = refused.lines().next().unwrap_or_default();
                    // What is wrong with the JSON is told in the words of Ruler's parser.
                    let is_syntax = serde_json::from_str::<serde_json::Value>(&answered.pattern).is_err();
                    (!is_syntax && reason != first).then(|| format!("says {reason:?}, not {first:?}"))
                }
                (Err(reason), None, _) => Some(format!("refuses it: {reason}")),
                (Ok(_), Some(refused), _) => Some(format!("takes it; refused: {refused}")),
                (Ok(pattern), None, Some(matches)) => {
                    let event = Event::read(answered.event.as_deref().unwrap_or_default()).unwrap();
                    (pattern.matches(&event) != matches).then(|| format!("does not say {matches}"))
                }
                (Ok(_), None, None) => None,
            };
            let event = answered.event.unwrap_or_default();
            wrong.extend(told.map(|told| format!("{} {} ~ {event}: {told}", answered.id, answered.pattern)));
        }
        assert!(wrong.is_empty(), "{} of {asked}:\n{}", wrong.len(), wrong.join("\n"));
        assert!(asked > 880);
    }

    /// Many objects in several arrays, of which none meets the pattern: each is looked at a few times.
    #[test]
    fn a_large_event_is_searched_in_no_more_steps_than_it_has_values() {
        let objects: Vec<String> = (0..20_000).map(|n| format!(r#"{{"x":{n},"y":{}}}"#, n + 1)).collect();
        let objects = objects.join(",");
        let event = Event::read(&format!(r#"{{"a":[{objects}],"b":[{objects}],"c":[{objects}]}}"#)).unwrap();
        let fields = r#"{"x":[{"exists":true}],"y":[{"exists":true}]}"#;
        let pattern = Pattern::parse(&format!(r#"{{"a":{fields},"b":{fields},"c":{fields},"d":["x"]}}"#)).unwrap();
        assert!(!pattern.matches(&event));
    }
}
