//! The modules of a crate and what each takes from the others, read from the sources' tokens.
//!
//! A path counts wherever it stands, in a `use` or in the code; what only tests use does not. A name that a module hands
//! on (`pub use error::BundleError`) leads to where it is from.

use super::sources;
use proc_macro2::{TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

/// A module's place in its crate: `[]` is the root.
type Place = Vec<String>;

#[derive(Default)]
struct Module {
    /// Names that it imports or hands on, with where they lead to.
    names: BTreeMap<String, Place>,
    /// Modules of which it hands on everything.
    globs: Vec<Place>,
    /// What is defined here.
    items: BTreeSet<String>,
    /// Every path that it names, from the root on.
    paths: BTreeSet<Place>,
}

/// The modules of a crate.
pub struct Modules(BTreeMap<Place, Module>);

/// Modules below one parent, each of which comes to need itself by the others.
pub struct Circle {
    /// Their names from the root on: `install`, `build`.
    pub modules: Vec<String>,
    /// Who takes what: `install uses build::skipped`.
    pub uses: Vec<String>,
}

impl fmt::Display for Circle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.modules.join(", "))?;
        self.uses.iter().try_for_each(|uses| write!(formatter, "\n  {uses}"))
    }
}

impl Modules {
    /// Reads a crate's `src` folder.
    pub fn read(src: &Path) -> Self {
        let mut modules = Self(BTreeMap::new());
        for file in sources::rust_files(src) {
            let place = file.strip_prefix(src).unwrap().with_extension("");
            let mut place: Place = place.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
            if matches!(place.last().map(String::as_str), Some("mod"))
                || matches!(&place[..], [root] if root == "lib" || root == "main")
            {
                place.pop();
            }
            modules.add(place, sources::tokens(&file));
        }
        modules
    }

    /// A crate of modules that are given as text, each with its path.
    fn of(files: &[(&str, &str)]) -> Self {
        let mut modules = Self(BTreeMap::new());
        for (place, text) in files {
            let place = place.split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect();
            modules.add(place, text.parse().unwrap());
        }
        modules
    }

    fn add(&mut self, place: Place, tokens: TokenStream) {
        self.0.entry(place.clone()).or_default();
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            at += sources::tests(&tokens[at..]).unwrap_or_else(|| self.token(&place, &tokens[at..]));
        }
    }

    /// Reads what begins here, and tells how many tokens that were.
    fn token(&mut self, place: &Place, tokens: &[TokenTree]) -> usize {
        match &tokens[0] {
            TokenTree::Ident(word) if word == "use" => {
                let end = tokens.iter().position(|token| is_sign(Some(token), ';')).unwrap_or(tokens.len());
                self.import(place, &[], &tokens[1..end]);
                end
            }
            TokenTree::Ident(word) if word == "mod" && matches!(tokens.get(2), Some(TokenTree::Group(_))) => {
                let (Some(TokenTree::Ident(name)), Some(TokenTree::Group(body))) = (tokens.get(1), tokens.get(2))
                else {
                    return 1;
                };
                self.add([place, &[name.to_string()][..]].concat(), body.stream());
                3
            }
            TokenTree::Ident(word) if ["crate", "self", "super"].iter().any(|start| word == start) => {
                let (path, length) = path(tokens);
                if path.len() > 1 {
                    let path = self.absolute(place, &path);
                    self.module(place).paths.extend(path);
                }
                length
            }
            TokenTree::Ident(word) => {
                const ITEMS: [&str; 8] = ["struct", "enum", "trait", "fn", "const", "static", "type", "union"];
                if ITEMS.iter().any(|item| word == item)
                    && let Some(TokenTree::Ident(name)) = tokens.get(1)
                {
                    self.module(place).items.insert(name.to_string());
                }
                1
            }
            TokenTree::Group(group) => {
                self.add(place.clone(), group.stream());
                1
            }
            _ => 1,
        }
    }

    fn module(&mut self, place: &Place) -> &mut Module {
        self.0.entry(place.clone()).or_default()
    }

    /// Reads one branch of a `use`; `before` is the path that leads to it.
    fn import(&mut self, place: &Place, before: &[String], tokens: &[TokenTree]) {
        let (path, length) = path(tokens);
        let whole = [before, &path].concat();
        match tokens.get(length) {
            Some(TokenTree::Group(branches)) => {
                let branches: Vec<TokenTree> = branches.stream().into_iter().collect();
                for branch in branches.split(|token| is_sign(Some(token), ',')).filter(|branch| !branch.is_empty()) {
                    self.import(place, &whole, branch);
                }
            }
            Some(TokenTree::Punct(_)) => {
                let path = self.absolute(place, &whole);
                let module = self.module(place);
                module.globs.extend(path.clone());
                module.paths.extend(path);
            }
            renamed => {
                let whole = match whole.split_last() {
                    Some((last, parent)) if last == "self" && !parent.is_empty() => parent.to_vec(),
                    _ => whole,
                };
                let Some(path) = self.absolute(place, &whole) else { return };
                let name = match (renamed, tokens.get(length + 1)) {
                    (Some(_), Some(TokenTree::Ident(name))) => Some(name.to_string()),
                    _ => path.last().cloned(),
                };
                let module = self.module(place);
                module.names.extend(name.map(|name| (name, path.clone())));
                module.paths.insert(path);
            }
        }
    }

    /// A path from the root on; `None` for one into another crate.
    fn absolute(&self, place: &Place, path: &[String]) -> Option<Place> {
        let (first, rest) = path.split_first()?;
        let mut base = match first.as_str() {
            "crate" => Vec::new(),
            "self" => place.clone(),
            "super" => place.split_last()?.1.to_vec(),
            // A module's own child, or another crate: which of the two is known when all is read.
            _ => return Some([place, path].concat()),
        };
        for part in rest {
            match part.as_str() {
                "super" => drop(base.pop()),
                part => base.push(part.to_owned()),
            }
        }
        Some(base)
    }

    /// The module in which a path ends.
    fn home(&self, path: &[String], depth: usize) -> Option<Place> {
        let mut at: Place = Vec::new();
        for (index, part) in path.iter().enumerate() {
            let child = [&at[..], std::slice::from_ref(part)].concat();
            if self.0.contains_key(&child) {
                at = child;
                continue;
            }
            let module = self.0.get(&at)?;
            if depth == 0 {
                return Some(at);
            }
            if let Some(named) = module.names.get(part).filter(|named| **named != path[..=index]) {
                return self.home(&[named, &path[index + 1..]].concat(), depth - 1);
            }
            let handed_on = module.globs.iter().find(|glob| !module.items.contains(part) && self.has(glob, part));
            return match handed_on {
                Some(glob) => self.home(&[glob, &path[index..]].concat(), depth - 1),
                None => Some(at),
            };
        }
        Some(at)
    }

    fn has(&self, place: &Place, name: &str) -> bool {
        let child = [place, &[name.to_owned()][..]].concat();
        self.0.contains_key(&child)
            || self.0.get(place).is_some_and(|module| {
                module.items.contains(name)
                    || module.names.contains_key(name)
                    || module.globs.iter().any(|glob| glob != place && self.has(glob, name))
            })
    }

    /// The circles between modules that have one parent. A parent and what is below it may know each other.
    pub fn circles(&self) -> Vec<Circle> {
        // parent → module → what it uses → an example
        let mut edges: BTreeMap<Place, BTreeMap<String, BTreeMap<String, String>>> = BTreeMap::new();
        for (from, module) in &self.0 {
            for path in &module.paths {
                let Some(to) = self.home(path, 8) else { continue };
                let common = from.iter().zip(&to).take_while(|(one, other)| one == other).count();
                if let (Some(user), Some(used)) = (from.get(common), to.get(common)) {
                    let example = format!("{} uses {}", from.join("::"), path.join("::"));
                    let of_parent = edges.entry(from[..common].to_vec()).or_default();
                    of_parent.entry(user.clone()).or_default().entry(used.clone()).or_insert(example);
                }
            }
        }
        let mut circles = Vec::new();
        for (parent, edges) in &edges {
            let mut told: BTreeSet<&String> = BTreeSet::new();
            for module in edges.keys() {
                let within: BTreeSet<&String> =
                    reached(edges, module).into_iter().filter(|other| reached(edges, other).contains(module)).collect();
                if within.is_empty() || told.contains(module) {
                    continue;
                }
                told.extend(&within);
                let uses = within.iter().flat_map(|user| edges.get(*user).into_iter().flatten());
                let uses = uses.filter(|(used, _)| within.contains(used)).map(|(_, example)| example.clone());
                let full = |name: &&String| [parent, &[(*name).clone()][..]].concat().join("::");
                circles.push(Circle { modules: within.iter().map(full).collect(), uses: uses.collect() });
            }
        }
        circles
    }
}

/// Every module that one leads to.
fn reached<'a>(edges: &'a BTreeMap<String, BTreeMap<String, String>>, from: &str) -> BTreeSet<&'a String> {
    let mut found = BTreeSet::new();
    let mut waiting: Vec<&str> = vec![from];
    while let Some(module) = waiting.pop() {
        for next in edges.get(module).into_iter().flat_map(BTreeMap::keys) {
            if found.insert(next) {
                waiting.push(next);
            }
        }
    }
    found
}

/// The names of a path and how many tokens they and their `::` are.
fn path(tokens: &[TokenTree]) -> (Vec<String>, usize) {
    let (mut names, mut at) = (Vec::new(), 0);
    while let Some(TokenTree::Ident(name)) = tokens.get(at) {
        names.push(name.to_string());
        at += 1;
        if !(is_sign(tokens.get(at), ':') && is_sign(tokens.get(at + 1), ':')) {
            break;
        }
        at += 2;
    }
    (names, at.max(1).min(tokens.len()))
}

fn is_sign(token: Option<&TokenTree>, sign: char) -> bool {
    matches!(token, Some(TokenTree::Punct(found)) if found.as_char() == sign)
}

#[test]
fn circles_are_found() {
    fn check(modules: &[(&str, &str)], expected: &[&str]) {
        let circles = Modules::of(modules).circles();
        let found: Vec<_> = circles.iter().map(|circle| circle.modules.join(" ")).collect();
        assert_eq!(found, expected, "{modules:?}");
    }
    check(&[("", "mod a; mod b;"), ("a", "use crate::b::B;"), ("b", "pub struct B;")], &[]);
    check(&[("a", "use crate::b::B;"), ("b", "fn f() { crate::a::g(); }")], &["a b"]);
    check(&[("a", "use super::{b::{self, B}};"), ("b", "use crate::{a as c, d};"), ("d", "")], &["a b"]);
    check(
        &[("a", "use crate::b;"), ("b", "use crate::c;"), ("c", "use crate::a;"), ("d", "use crate::a;")],
        &["a b c"],
    );
    // A name leads to where it is from, through whoever hands it on.
    check(&[("", "pub use a::A;"), ("a", "use crate::b;"), ("b", "use crate::A;")], &["a b"]);
    check(&[("", "pub use a::*;"), ("a", "pub struct A; use crate::b;"), ("b", "use crate::A;")], &["a b"]);
    check(&[("", "use a::A as X;"), ("a", "use super::b;"), ("b", "use super::X;")], &["a b"]);
    // A parent and its children may know each other; what they are to others, they are together.
    check(&[("a", "use b::B; struct A;"), ("a::b", "use super::A; pub struct B;")], &[]);
    check(&[("a", ""), ("a::b", "use crate::c;"), ("c", "use crate::a::d;"), ("a::d", "")], &["a c"]);
    check(&[("a", ""), ("a::b", "use super::d;"), ("a::d", "use crate::a::b;")], &["a::b a::d"]);
    check(&[("a", "mod c { use crate::b; }"), ("b", "use crate::a;")], &["a b"]);
    // Words, comments and tests do not count.
    check(&[("a", "use crate::b;"), ("b", "/// [`crate::a`]\nfn f() -> &'static str { \"crate::a\" }")], &[]);
    check(&[("a", "use crate::b;"), ("b", "#[cfg(test)] mod tests { use crate::a; } #[cfg(test)] use crate::a;")], &[]);
}
