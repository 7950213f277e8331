//! Reads paths and the filters in them.

use super::filter::{Comparison, Filter, Operand};
use super::function::{Function, Kind};
use super::{JsonPath, Step};
use slam_cloud_core::java::Pattern;

/// Filters and paths within one another.
const DEPTH: usize = 16;

pub fn path(text: &str) -> Option<JsonPath> {
    if text.is_empty() {
        return None;
    }
    let text = text.trim_end_matches(' ');
    let mut reader = Reader { rest: text, depth: 0, in_filter: false };
    let steps = match text.starts_with(['$', '@']) {
        true => {
            reader.rest = &text[1..];
            reader.steps()?
        }
        false => {
            let first = reader.name()?;
            let mut steps = vec![first];
            steps.extend(reader.steps()?);
            steps
        }
    };
    reader.rest.is_empty().then_some(JsonPath { steps })
}

struct Reader<'t> {
    rest: &'t str,
    depth: usize,
    /// Paths in filters end where something of the filter follows.
    in_filter: bool,
}

impl<'t> Reader<'t> {
    fn take(&mut self, token: &str) -> bool {
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, token: &str) -> Option<()> {
        self.blanks();
        self.take(token).then_some(())
    }

    fn blanks(&mut self) {
        self.rest = self.rest.trim_start_matches(' ');
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        self.depth += 1;
        let read = if self.depth > DEPTH { None } else { read(self) };
        self.depth -= 1;
        read
    }

    fn steps(&mut self) -> Option<Vec<Step>> {
        let mut steps = Vec::new();
        loop {
            if self.take("..") {
                steps.push(Step::Anywhere);
                steps.push(if self.rest.starts_with('[') { self.bracket()? } else { self.name()? });
            } else if self.rest.starts_with('[') {
                steps.push(self.bracket()?);
            } else if self.take(".") {
                steps.push(if self.rest.starts_with('[') { self.bracket()? } else { self.name()? });
            } else {
                return Some(steps);
            }
        }
    }

    /// `name`, `*` or `function(…)`
    fn name(&mut self) -> Option<Step> {
        if self.take("*") {
            return Some(Step::All);
        }
        let ends = |c: char| {
            matches!(c, '.' | '[' | '(' | ' ')
                || (self.in_filter && matches!(c, ')' | '=' | '<' | '>' | '!' | '&' | '|' | ',' | ']' | '}'))
        };
        let length = self.rest.find(ends).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(length);
        if name.is_empty() {
            return None;
        }
        self.rest = rest;
        if !self.take("(") {
            return Some(Step::Names(vec![name.to_owned()]));
        }
        let kind = Kind::named(name)?;
        let mut arguments = Vec::new();
        self.blanks();
        while !self.take(")") {
            if !arguments.is_empty() {
                self.expect(",")?;
            }
            arguments.push(self.within(Self::operand)?);
            self.blanks();
        }
        Some(Step::Function(Function { kind, arguments }))
    }

    /// Reads something in which paths end as in filters.
    fn within<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let before = std::mem::replace(&mut self.in_filter, true);
        let read = self.deeper(read);
        self.in_filter = before;
        read
    }

    fn bracket(&mut self) -> Option<Step> {
        self.expect("[")?;
        self.blanks();
        let step = if self.take("*") {
            Step::All
        } else if self.take("?") {
            self.expect("(")?;
            let filter = self.within(Self::filter)?;
            self.expect(")")?;
            Step::Filter(filter)
        } else if self.rest.starts_with(['\'', '"']) {
            let mut names = vec![self.quoted()?];
            self.blanks();
            while self.take(",") {
                self.blanks();
                names.push(self.quoted()?);
                self.blanks();
            }
            Step::Names(names)
        } else {
            let length = self.rest.find(']')?;
            let (inside, rest) = self.rest.split_at(length);
            self.rest = rest;
            places(inside)?
        };
        self.expect("]")?;
        Some(step)
    }

    fn quoted(&mut self) -> Option<String> {
        let quote = self.rest.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
        let mut text = String::new();
        let mut characters = self.rest[1..].char_indices();
        while let Some((place, character)) = characters.next() {
            match character {
                '\\' => text.push(characters.next()?.1),
                end if end == quote => {
                    self.rest = &self.rest[1 + place + 1..];
                    return Some(text);
                }
                other => text.push(other),
            }
        }
        None
    }

    fn filter(&mut self) -> Option<Filter> {
        let mut any = vec![self.all()?];
        self.blanks();
        while self.take("||") {
            any.push(self.all()?);
            self.blanks();
        }
        Some(Filter::Any(any))
    }

    fn all(&mut self) -> Option<Filter> {
        let mut all = vec![self.term()?];
        self.blanks();
        while self.take("&&") {
            all.push(self.term()?);
            self.blanks();
        }
        Some(Filter::All(all))
    }

    fn term(&mut self) -> Option<Filter> {
        self.deeper(|reader| {
            reader.blanks();
            if reader.take("!") {
                return reader.term().map(|inner| Filter::Not(Box::new(inner)));
            }
            if reader.take("(") {
                let inner = reader.filter()?;
                reader.expect(")")?;
                return Some(inner);
            }
            let left = reader.operand()?;
            reader.blanks();
            match reader.comparison() {
                Some(comparison) => {
                    reader.blanks();
                    let right = reader.operand()?;
                    Some(Filter::Compare(left, comparison, right))
                }
                None if matches!(left, Operand::Path(..)) => Some(Filter::Exists(left)),
                None => None,
            }
        })
    }

    fn comparison(&mut self) -> Option<Comparison> {
        if let Some((token, found)) = Comparison::SIGNS.into_iter().find(|(token, _)| self.rest.starts_with(token)) {
            self.rest = &self.rest[token.len()..];
            return Some(found);
        }
        let length = self.rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(self.rest.len());
        let found = Comparison::named(&self.rest[..length])?;
        self.rest = &self.rest[length..];
        Some(found)
    }

    fn operand(&mut self) -> Option<Operand> {
        self.blanks();
        match self.rest.chars().next()? {
            start @ ('@' | '$') => {
                self.rest = &self.rest[1..];
                self.deeper(Self::steps).map(|steps| Operand::Path(start == '$', steps))
            }
            '\'' | '"' => self.quoted().map(Operand::Text),
            '/' => self.pattern(),
            '[' => {
                self.rest = &self.rest[1..];
                let mut items = Vec::new();
                self.blanks();
                while !self.take("]") {
                    if !items.is_empty() {
                        self.expect(",")?;
                    }
                    items.push(self.deeper(Self::operand)?);
                    self.blanks();
                }
                Some(Operand::List(items))
            }
            _ => {
                let length = self.rest.find([' ', ')', ',', ']', '&', '|']).unwrap_or(self.rest.len());
                let (word, rest) = self.rest.split_at(length);
                self.rest = rest;
                Some(match word {
                    "null" => Operand::Null,
                    "true" => Operand::Boolean(true),
                    "false" => Operand::Boolean(false),
                    number => match number.parse() {
                        Ok(whole) => Operand::Integer(whole),
                        Err(_) => Operand::Double(number.parse().ok().filter(|_| is_number(number))?),
                    },
                })
            }
        }
    }

    /// `/pattern/flags`
    fn pattern(&mut self) -> Option<Operand> {
        let mut escaped = false;
        let end = self.rest[1..].find(|c| {
            let found = c == '/' && !escaped;
            escaped = c == '\\' && !escaped;
            found
        })? + 1;
        let pattern = &self.rest[1..end];
        self.rest = &self.rest[end + 1..];
        let length = self.rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(self.rest.len());
        let (flags, rest) = self.rest.split_at(length);
        self.rest = rest;
        let flags = if flags.is_empty() { String::new() } else { format!("(?{flags})") };
        Pattern::whole(&format!("{flags}{pattern}")).ok().map(Operand::Pattern)
    }
}

fn is_number(text: &str) -> bool {
    text.trim_start_matches('-').starts_with(|c: char| c.is_ascii_digit())
}

/// What stands in brackets: `0`, `0,2`, `1:3`.
fn places(inside: &str) -> Option<Step> {
    if inside.contains(':') {
        let mut ends = inside.split(':').map(str::trim);
        let end = |text: Option<&str>| match text {
            None | Some("") => Some(None),
            Some(text) => text.parse().ok().map(Some),
        };
        let (from, to) = (end(ends.next())?, end(ends.next())?);
        return (from.is_some() || to.is_some()).then_some(Step::Slice(from, to));
    }
    let indices: Option<Vec<i128>> = inside.split(',').map(|index| index.trim().parse().ok()).collect();
    indices.map(Step::Indices)
}
