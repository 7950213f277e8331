//! No member of an operation's input is taken and forgotten: each is read by the service, refused by name, or written
//! down with the reason why AWS does nothing with it either (`xtask/operations.txt`).
//!
//! Read is what a function or `impl` with the input's type in its head mentions as `.field` or as a field of a pattern;
//! of members of members, what the crate mentions anywhere. Outside of this: S3, whose wire is s3s' (part of its own
//! tests), and DynamoDB, whose engine reads AWS's JSON itself.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The services whose requests do not come through the tables.
const OF_THEIR_OWN_WIRE: [&str; 3] = ["dynamodb", "dynamodbstreams", "s3"];

/// The services, and the crates that answer them: each its own, but for STS, which IAM's answers.
fn services() -> Vec<(String, String)> {
    let text = read("xtask/operations.txt");
    let headers = text.lines().filter_map(|line| line.strip_prefix('[')?.strip_suffix(']')?.split_once(' '));
    let names = headers.map(|(_, name)| name).filter(|name| !OF_THEIR_OWN_WIRE.contains(name));
    names.map(|name| (name.to_owned(), if name == "sts" { "iam" } else { name }.to_owned())).collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn read(path: impl AsRef<Path>) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

/// A field of a generated structure: its Rust name, its Rust type, AWS's name.
type Field = (String, String, String);

/// The generated structures of a service by name, and its operations.
fn shapes(service: &str) -> (BTreeMap<String, Vec<Field>>, Vec<String>) {
    let text = read(format!("cloud/wire/src/generated/{service}.rs"));
    let mut shapes = BTreeMap::new();
    for shape in text.split("\nshape! { ").skip(1) {
        let (head, body) = shape.split_once("} }").unwrap().0.split_once('{').unwrap();
        let name = head.split_whitespace().nth(1).unwrap();
        // The names of AWS stand in the rows of members: `field: Type = m("Name", …`, in one line or two.
        let rows = body.split("m(\"").collect::<Vec<_>>();
        let fields = rows.windows(2).map(|pair| {
            let before = pair[0].rsplit(['\n', '{']).find(|line| line.contains(": ")).unwrap();
            let (field, kind) = before.split_once(": ").unwrap();
            let field = field.trim().trim_start_matches("r#").to_owned();
            (field, kind.trim_end_matches([' ', '=']).to_owned(), pair[1].split('"').next().unwrap().to_owned())
        });
        shapes.insert(name.to_owned(), fields.collect());
    }
    let operations = text.split_once("\noperations! {").unwrap().1;
    let lines = operations.lines().filter(|line| line.starts_with("    ") && !line.starts_with("     "));
    let names = lines.filter_map(|line| line.trim().split_once('(')).map(|(name, _)| name.to_owned());
    (shapes, names.filter(|name| name.chars().all(char::is_alphanumeric)).collect())
}

/// What `operations.txt` says of members: service and operation → paths.
fn listed() -> BTreeMap<(String, String), BTreeSet<String>> {
    let (mut service, mut operation) = (String::new(), String::new());
    let mut listed: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    for line in read("xtask/operations.txt").lines().map(str::trim) {
        if let Some(header) = line.strip_prefix('[') {
            header.trim_end_matches(']').split_once(' ').unwrap().1.clone_into(&mut service);
        } else if !(line.starts_with('#') || line.starts_with('~') && line.contains(": ")) {
            for word in line.split_whitespace() {
                if let Some(member) = word.strip_prefix(['-', '~']) {
                    let path = member.split('=').next().unwrap().to_owned();
                    listed.entry((service.clone(), operation.clone())).or_default().insert(path);
                } else {
                    word.clone_into(&mut operation);
                }
            }
        }
    }
    listed
}

/// The sources of a crate without comments and tests.
fn sources(folder: &Path, texts: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, texts);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
            texts.push(text.lines().map(|line| line.split("//").next().unwrap()).collect::<Vec<_>>().join("\n"));
        }
    }
}

/// The functions and `impl`s of a source: head, and head with body.
fn items(text: &str) -> Vec<(&str, &str)> {
    let mut items = Vec::new();
    for word in ["fn ", "impl"] {
        for (start, _) in text.match_indices(word) {
            let Some(open) = text[start..].find(['{', ';']).map(|at| start + at) else { continue };
            if text[open..].starts_with(';') || text[..start].ends_with(is_word) {
                continue;
            }
            let mut depth = 0;
            let end = text[open..].char_indices().find(|(_, character)| {
                depth += i32::from(*character == '{') - i32::from(*character == '}');
                depth == 0
            });
            let end = end.map_or(text.len(), |(at, _)| open + at);
            items.push((&text[start..open], &text[start..end]));
        }
    }
    items
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// Whether a text has a name as a whole word that `before` and `after` let through.
fn has(text: &str, name: &str, fits: impl Fn(&str, &str) -> bool) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + name.len()..]);
        !before.ends_with(is_word) && !after.starts_with(is_word) && fits(before, after)
    })
}

/// Whether a text mentions a field: `.field`, or `field,` and `field: ` of a pattern.
fn mentions(text: &str, field: &str) -> bool {
    has(text, field, |before, after| {
        before.trim_end_matches("r#").ends_with('.') || after.starts_with([',', ' ']) || after.starts_with(": ")
    })
}

struct Checked<'a> {
    shapes: &'a BTreeMap<String, Vec<Field>>,
    /// Everything that the crate says.
    whole: &'a str,
    listed: BTreeSet<String>,
    forgotten: Vec<String>,
}

impl Checked<'_> {
    /// Checks the members of a structure, of which `text` should mention each.
    fn structure(&mut self, name: &str, path: &str, text: &str, seen: &[&str]) {
        for (field, kind, member) in &self.shapes[name] {
            let path = if path.is_empty() { member.clone() } else { format!("{path}.{member}") };
            let beneath = format!("{path}.");
            if self.listed.contains(&path) {
                continue;
            }
            if !mentions(text, field) && !self.listed.iter().any(|one| one.starts_with(&beneath)) {
                self.forgotten.push(path.clone());
                continue;
            }
            let words = kind.split(|character: char| !is_word(character));
            for inner in words.filter(|word| self.shapes.contains_key(*word) && !seen.contains(word)) {
                self.structure(inner, &path, self.whole, &[seen, &[inner]].concat());
            }
        }
    }
}

#[test]
fn every_member_is_read_or_refused() {
    let listed = listed();
    let mut forgotten = Vec::new();
    for (service, folder) in services() {
        let (shapes, operations) = shapes(&service);
        assert!(!operations.is_empty());
        let mut texts = Vec::new();
        sources(&root().join("cloud").join(folder).join("src"), &mut texts);
        let items: Vec<_> = texts.iter().flat_map(|text| items(text)).collect();
        let whole = texts.join("\n");
        for operation in operations {
            // `wire::GetRole`, but for the literal of one.
            let of_it = items.iter().filter(|(head, _)| has(head, &operation, |_, after| !after.starts_with(" {")));
            let mut text = of_it.map(|(_, item)| *item).collect::<Vec<_>>().join("\n");
            let is_kept = whole.contains(&format!("#[serde(with = \"kept\")]\n    pub settings: wire::{operation},"));
            if text.is_empty() || is_kept {
                // The operation's functions are made by a macro, or its input is kept and read wherever what it made is.
                text.clone_from(&whole);
            }
            let listed = listed.get(&(service.clone(), operation.clone())).cloned().unwrap_or_default();
            let mut checked = Checked { shapes: &shapes, whole: &whole, listed, forgotten: Vec::new() };
            checked.structure(&operation, "", &text, &[]);
            forgotten.extend(checked.forgotten.iter().map(|path| format!("{service} {operation} {path}")));
        }
    }
    assert!(
        forgotten.is_empty(),
        "neither read nor refused; read them, or write -Member or ~Member into xtask/operations.txt:\n{}",
        forgotten.join("\n")
    );
}
