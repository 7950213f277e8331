//! Events of EventBridge's buses.

use super::super::duration;
use super::{Reader, pattern, reference};
use crate::model::{EventInput, EventTrigger, Trigger};
use crate::yaml::{Node, to_cloudformation};
use indexmap::IndexMap;
use serde_json::Value;

/// EventBridge's bounds. <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargets.html>
const MAX_RETRIES: u32 = 185;
const MAX_AGE: u32 = 86_400;
const MAX_INPUT: usize = 8192;
const MAX_PATHS: usize = 100;

impl Reader<'_, '_> {
    pub(super) fn event(&mut self) -> Option<Trigger> {
        let bus = self.bus();
        let input = self.event_input();
        let retries = self.retries(MAX_RETRIES);
        let age = duration::of(self.reading, self.entry, "age", 60..=MAX_AGE);
        let failures = reference::queue_for_failures(self.reading, self.entry, false);
        let pattern = pattern::pattern(self.reading, self.entry.get("event")?)?;
        Some(Trigger::Event(EventTrigger { pattern, bus, input, retries, age, failures }))
    }

    /// A bus by its name or ARN, or a CloudFormation function that gives one.
    fn bus(&mut self) -> Option<Value> {
        let node = self.entry.get("bus")?;
        match to_cloudformation(node) {
            Ok(Value::Object(map)) if map.len() == 1 => Some(Value::Object(map)),
            Ok(_) => {
                let text = node.text().unwrap_or_default();
                let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-:".contains(&byte);
                if text.is_empty() || text.len() > 256 || !text.bytes().all(legal) {
                    self.reading
                        .error(node, "this names no bus")
                        .hints
                        .push("write its name or ARN, or a CloudFormation function that gives one".to_owned());
                }
                Some(text.into())
            }
            Err(error) => {
                self.reading.errors.push(error);
                None
            }
        }
    }

    /// What the function gets: `input`, or a `template` with `paths`.
    fn event_input(&mut self) -> Option<EventInput> {
        let entry = self.entry;
        let (input, template) = (entry.get("input"), entry.get("template"));
        if let Some((key, _)) = entry.entry("template").filter(|_| input.is_some()) {
            self.reading
                .error(key, "`input` says what the function gets already")
                .hints
                .push("keep one of the two".to_owned());
        }
        if let Some((key, _)) = entry.entry("paths").filter(|_| template.is_none()) {
            self.reading
                .error(key, "there is no `template` with these parts")
                .hints
                .push("add `template: '{\"id\": <id>}'`".to_owned());
        }
        let given = match (input, template) {
            (Some(node), _) => (node, EventInput::Constant(pattern::plain(self.reading, node)?)),
            (None, Some(node)) => {
                let template = node.text().unwrap_or_default().to_owned();
                (node, EventInput::Template { paths: self.paths(&template), template })
            }
            (None, None) => return None,
        };
        let (node, input) = given;
        let size = match &input {
            EventInput::Constant(value) => value.to_string().len(),
            EventInput::Template { template, .. } => template.len(),
        };
        if size > MAX_INPUT {
            self.reading.error(node, format!("this has {size} bytes, and EventBridge takes {MAX_INPUT}"));
        }
        Some(input)
    }

    fn paths(&mut self, template: &str) -> IndexMap<String, String> {
        let mut paths = IndexMap::new();
        let node = self.entry.get("paths");
        for (name, path) in node.map(Node::entries).unwrap_or_default() {
            let text = path.text().unwrap_or_default();
            if !text.starts_with('$') {
                self.reading
                    .error(path, format!("`{text}` is no path"))
                    .hints
                    .push("a path is like `$.detail.id`".to_owned());
            }
            if !template.contains(&format!("<{}>", name.key())) {
                self.reading.error(name, format!("the template has no `<{}>`", name.key()));
            }
            paths.insert(name.key().to_owned(), text.to_owned());
        }
        if let Some(node) = node.filter(|_| paths.len() > MAX_PATHS) {
            self.reading.error(node, format!("EventBridge takes at most {MAX_PATHS} paths"));
        }
        paths
    }
}
