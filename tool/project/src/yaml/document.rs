//! Builds the tree from the parser's events, within bounds: aliases cannot blow it up.

use super::{Kind, Node};
use crate::Diagnostic;
use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// A slam.yaml has some dozens of nodes; one with this many is an accident or an attack.
const MAX_NODES: usize = 100_000;
/// Deep enough for any CloudFormation resource, shallow enough for recursion.
const MAX_DEPTH: usize = 64;

/// Parses the one document of a file.
pub fn parse(text: &str) -> Result<Node, Diagnostic> {
    let mut builder = Builder::new(text);
    for event in Parser::new_from_str(text) {
        match event {
            Ok((event, span)) => builder.take(event, span)?,
            Err(error) => {
                let start = builder.offsets.byte(error.marker().index());
                return Err(Diagnostic::at(start..start, "this is not valid YAML").label(error.info()));
            }
        }
    }
    builder.root.ok_or_else(|| Diagnostic::new("the file is empty"))
}

/// The parser counts characters, everybody else bytes.
struct Offsets {
    bytes: Option<Vec<usize>>,
    len: usize,
}

impl Offsets {
    fn new(text: &str) -> Self {
        let bytes = (!text.is_ascii()).then(|| text.char_indices().map(|(byte, _)| byte).collect());
        Self { bytes, len: text.len() }
    }

    fn byte(&self, character: usize) -> usize {
        match &self.bytes {
            Some(bytes) => bytes.get(character).copied().unwrap_or(self.len),
            None => character.min(self.len),
        }
    }
}

/// A list or mapping whose end was not seen yet.
struct Open {
    start: usize,
    anchor: usize,
    tag: Option<String>,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    Map { entries: Vec<(Node, Node)>, seen: HashSet<String>, key: Option<Node> },
}

struct Anchored {
    node: Node,
    size: usize,
    depth: usize,
}

struct Builder<'t> {
    text: &'t str,
    offsets: Offsets,
    open: Vec<Open>,
    anchors: HashMap<usize, Anchored>,
    nodes: usize,
    root: Option<Node>,
}

impl<'t> Builder<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, offsets: Offsets::new(text), open: Vec::new(), anchors: HashMap::new(), nodes: 0, root: None }
    }

    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Diagnostic> {
        let span = self.offsets.byte(span.start.index())..self.offsets.byte(span.end.index());
        match event {
            Event::DocumentStart(_) if self.root.is_some() => {
                Err(Diagnostic::at(span, "a second document begins here")
                    .hint("slam.yaml holds one document: remove the `---`"))
            }
            Event::Scalar(text, style, anchor, tag) => {
                let forced = tag.as_ref().is_some_and(|tag| core_schema(tag) && tag.suffix == "str");
                let plain = style == ScalarStyle::Plain && !forced;
                let kind = Kind::Scalar { text: text.into_owned(), plain };
                self.count(1, &span)?;
                self.finish(Node { span, tag: own_tag(tag), kind }, anchor, 1)
            }
            Event::SequenceStart(anchor, tag) => self.begin(span, anchor, tag, Content::List(Vec::new())),
            Event::MappingStart(anchor, tag) => {
                let content = Content::Map { entries: Vec::new(), seen: HashSet::new(), key: None };
                self.begin(span, anchor, tag, content)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(span.end),
            Event::Alias(anchor) => self.alias(anchor, span),
            _ => Ok(()),
        }
    }

    fn begin(
        &mut self,
        span: Range<usize>,
        anchor: usize,
        tag: Option<Cow<'_, Tag>>,
        content: Content,
    ) -> Result<(), Diagnostic> {
        self.count(1, &span)?;
        if self.open.len() >= MAX_DEPTH {
            return Err(too_deep(span));
        }
        self.open.push(Open { start: span.start, anchor, tag: own_tag(tag), content });
        Ok(())
    }

    fn end(&mut self, end: usize) -> Result<(), Diagnostic> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let written = self.text.get(open.start..end.max(open.start)).unwrap_or("").trim_end();
        let span = open.start..open.start + written.len();
        let kind = match open.content {
            Content::List(items) => Kind::List(items),
            Content::Map { entries, seen, .. } => Kind::Map(self.merged(entries, seen)?),
        };
        let node = Node { span, tag: open.tag, kind };
        let size = if open.anchor == 0 { 0 } else { size(&node) };
        self.finish(node, open.anchor, size)
    }

    /// Resolves `<<: *defaults`: what is written beside it wins.
    fn merged(
        &mut self,
        entries: Vec<(Node, Node)>,
        mut seen: HashSet<String>,
    ) -> Result<Vec<(Node, Node)>, Diagnostic> {
        let is_merge = |key: &Node| matches!(&key.kind, Kind::Scalar { text, plain: true } if text == "<<");
        let (merges, mut entries): (Vec<_>, Vec<_>) = entries.into_iter().partition(|(key, _)| is_merge(key));
        for (_, value) in merges {
            let sources =
                if matches!(value.kind, Kind::List(_)) { value.items() } else { std::slice::from_ref(&value) };
            for source in sources {
                if !matches!(source.kind, Kind::Map(_)) {
                    return Err(Diagnostic::at(source.span.clone(), "`<<` merges mappings, and this is none"));
                }
                for (key, value) in source.entries() {
                    if seen.insert(key.key().to_owned()) {
                        self.count(size(value), &source.span)?;
                        entries.push((key.clone(), value.clone()));
                    }
                }
            }
        }
        Ok(entries)
    }

    fn alias(&mut self, anchor: usize, span: Range<usize>) -> Result<(), Diagnostic> {
        let Some(anchored) = self.anchors.get(&anchor) else {
            return Err(Diagnostic::at(span, "this alias stands inside of what it stands for"));
        };
        let size = anchored.size;
        if self.open.len() + anchored.depth > MAX_DEPTH {
            return Err(too_deep(span));
        }
        // Counted before it is copied: the copy is what a YAML bomb is after.
        self.nodes += size;
        if self.nodes > MAX_NODES {
            return Err(too_large(span));
        }
        let node = Node { span, ..anchored.node.clone() };
        self.finish(node, 0, size)
    }

    fn finish(&mut self, node: Node, anchor: usize, size: usize) -> Result<(), Diagnostic> {
        if anchor != 0 {
            self.count(size, &node.span)?;
            self.anchors.insert(anchor, Anchored { depth: depth(&node), node: node.clone(), size });
        }
        match self.open.last_mut().map(|open| &mut open.content) {
            None => self.root = Some(node),
            Some(Content::List(items)) => items.push(node),
            Some(Content::Map { entries, seen, key }) => match key.take() {
                Some(name) => entries.push((name, node)),
                None => {
                    let Kind::Scalar { text, .. } = &node.kind else {
                        return Err(Diagnostic::at(node.span, "a key must be a single word"));
                    };
                    if text != "<<" && !seen.insert(text.clone()) {
                        return Err(Diagnostic::at(node.span.clone(), format!("`{text}` is given twice"))
                            .label("here again")
                            .hint("keep one of the two"));
                    }
                    *key = Some(node);
                }
            },
        }
        Ok(())
    }

    fn count(&mut self, nodes: usize, span: &Range<usize>) -> Result<(), Diagnostic> {
        self.nodes += nodes;
        if self.nodes > MAX_NODES { Err(too_large(span.clone())) } else { Ok(()) }
    }
}

fn too_large(span: Range<usize>) -> Diagnostic {
    Diagnostic::at(span, format!("the file has more than {MAX_NODES} values, aliases counted each time"))
}

fn too_deep(span: Range<usize>) -> Diagnostic {
    Diagnostic::at(span, format!("this is nested more than {MAX_DEPTH} levels deep"))
}

fn core_schema(tag: &Tag) -> bool {
    tag.is_yaml_core_schema()
}

fn own_tag(tag: Option<Cow<'_, Tag>>) -> Option<String> {
    tag.filter(|tag| !core_schema(tag)).map(|tag| tag.to_string())
}

fn size(node: &Node) -> usize {
    1 + match &node.kind {
        Kind::Scalar { .. } => 0,
        Kind::List(items) => items.iter().map(size).sum(),
        Kind::Map(entries) => entries.iter().map(|(_, value)| 1 + size(value)).sum(),
    }
}

fn depth(node: &Node) -> usize {
    match &node.kind {
        Kind::Scalar { .. } => 0,
        Kind::List(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Kind::Map(entries) => 1 + entries.iter().map(|(_, value)| depth(value)).max().unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> String {
        parse(text).expect_err("refused").message
    }

    #[test]
    fn nodes_know_their_bytes() {
        let text = "# é\nname: tasks\nlist: [a, ünö]\n";
        let root = parse(text).expect("valid");
        let name = root.get("name").expect("name");
        assert_eq!(&text[name.span.clone()], "tasks");
        let items = root.get("list").expect("list").items();
        assert_eq!(&text[items[1].span.clone()], "ünö");
    }

    #[test]
    fn aliases_and_merge_keys_are_resolved() {
        let root = parse("base: &b {x: 1, y: 2}\nother:\n  <<: *b\n  y: 3\n").expect("valid");
        let other = root.get("other").expect("other");
        assert_eq!(other.get("x").and_then(Node::text), Some("1"));
        assert_eq!(other.get("y").and_then(Node::text), Some("3"));
    }

    #[test]
    fn a_bomb_is_refused() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let before = format!("*a{}", level - 1);
            let line = vec![before; 9].join(", ");
            text.push_str(&format!("a{level}: &a{level} [{line}]\n"));
        }
        assert!(message(&text).contains("more than 100000 values"));
        assert!(message(&"[".repeat(200)).contains("nested"));
    }

    #[test]
    fn what_is_ambiguous_is_refused() {
        assert_eq!(message("a: 1\na: 2\n"), "`a` is given twice");
        assert_eq!(message("a: 1\n---\nb: 2\n"), "a second document begins here");
        assert_eq!(message(""), "the file is empty");
        assert_eq!(message("[a, b]: 1\n"), "a key must be a single word");
        assert_eq!(message("a: [1\n"), "this is not valid YAML");
    }
}
