//! PartiQL statements, as far as they must be understood before the engine: what they touch, and which values they write.

use serde_json::{Map, Value, json};

/// What a statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    Insert,
    Update,
    Delete,
    Select,
}

/// What a statement touches. Without a table the engine refuses it.
#[derive(Debug)]
pub struct Touched<'a> {
    pub verb: Verb,
    pub table: Option<&'a str>,
    pub index: Option<&'a str>,
}

/// What a statement touches.
pub fn touched(statement: &str) -> Touched<'_> {
    of_tokens(&Tokens { rest: statement }.collect::<Vec<_>>())
}

fn of_tokens<'a>(tokens: &[Token<'a>]) -> Touched<'a> {
    let keyword = |at: usize, word: &str| tokens.get(at).is_some_and(|token| token.is_word(word));
    let (verb, name_at) = if keyword(0, "INSERT") {
        (Verb::Insert, keyword(1, "INTO").then_some(2))
    } else if keyword(0, "UPDATE") {
        (Verb::Update, Some(1))
    } else if keyword(0, "DELETE") {
        (Verb::Delete, keyword(1, "FROM").then_some(2))
    } else {
        // SELECT, and the EXISTS(SELECT …) of transactions. After a dot the word is an attribute's name.
        let after_dot = |at: usize| at > 0 && tokens[at - 1].is_sign(".");
        let from = (0..tokens.len()).find(|at| keyword(*at, "FROM") && !after_dot(*at));
        (Verb::Select, from.map(|from| from + 1))
    };
    let name = |at: Option<usize>| at.and_then(|at| tokens.get(at)).filter(|token| token.kind != Kind::Sign);
    let dot = name_at.and_then(|at| tokens.get(at + 1)).is_some_and(|token| token.is_sign("."));
    let index = if dot { name(name_at.map(|at| at + 2)) } else { None };
    Touched { verb, table: name(name_at).map(|token| token.text), index: index.map(|token| token.text) }
}

/// The table that a statement writes to, and the attributes of the item that it sets to a parameter or a text; `None` when
/// it writes nothing.
pub fn written(statement: &str, parameters: &[Value]) -> Option<(String, Value)> {
    let tokens: Vec<Token<'_>> = Tokens { rest: statement }.collect();
    let touched = of_tokens(&tokens);
    let (assigns, within) = match touched.verb {
        Verb::Insert => (":", 1),
        Verb::Update => ("=", 0),
        Verb::Delete | Verb::Select => return None,
    };
    let mut item = Map::new();
    let mut parameters = parameters.iter();
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate() {
        match token.text {
            // What follows is the item's key.
            _ if touched.verb == Verb::Update && token.is_word("WHERE") => break,
            "{" | "[" | "(" if token.kind == Kind::Sign => depth += 1,
            "}" | "]" | ")" if token.kind == Kind::Sign => depth -= 1,
            _ => {}
        }
        let value = match token.kind {
            Kind::Sign if token.text == "?" => parameters.next().cloned(),
            Kind::Quoted => Some(json!({"S": token.text.replace("''", "'")})),
            _ => None,
        };
        // An attribute's name, a sign, the value; no part of a longer path.
        if let (Some(value), Some([before, name, sign])) = (value, at.checked_sub(3).map(|from| &tokens[from..at]))
            && depth == within
            && sign.is_sign(assigns)
            && name.kind != Kind::Sign
            && !before.is_sign(".")
        {
            item.insert(name.text.to_owned(), value);
        }
    }
    Some((touched.table?.to_owned(), Value::Object(item)))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Word,
    Quoted,
    Sign,
}

struct Token<'a> {
    text: &'a str,
    kind: Kind,
}

impl Token<'_> {
    fn is_sign(&self, sign: &str) -> bool {
        self.kind == Kind::Sign && self.text == sign
    }

    fn is_word(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(word)
    }
}

/// Splits as the engine's parser does: what it takes for a comment or a text must not be taken for a keyword here.
struct Tokens<'a> {
    rest: &'a str,
}

impl<'a> Tokens<'a> {
    fn skip_blanks_and_comments(&mut self) {
        loop {
            self.rest = self.rest.trim_ascii_start();
            if let Some(comment) = self.rest.strip_prefix("--") {
                self.rest = comment.find('\n').map_or("", |end| &comment[end..]);
            } else if let Some(comment) = self.rest.strip_prefix("/*") {
                self.rest = comment.find("*/").map_or("", |end| &comment[end + 2..]);
            } else {
                return;
            }
        }
    }

    /// The inside of a quoted text; a doubled quote stands for itself and does not end it.
    fn quoted(&mut self, quote: char) -> &'a str {
        let inner = &self.rest[1..];
        let mut end = 0;
        while let Some(at) = inner[end..].find(quote) {
            end += at;
            if quote == '`' || !inner[end + 1..].starts_with(quote) {
                self.rest = &inner[end + 1..];
                return &inner[..end];
            }
            end += 2;
        }
        self.rest = "";
        inner
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        self.skip_blanks_and_comments();
        let first = self.rest.chars().next()?;
        if matches!(first, '"' | '\'' | '`') {
            return Some(Token { text: self.quoted(first), kind: Kind::Quoted });
        }
        let sign = |c: char| c.is_ascii_whitespace() || "{}[](),:*?+-.;=<>!'\"`#/".contains(c);
        let (length, kind) = if sign(first) {
            (first.len_utf8(), Kind::Sign)
        } else {
            (self.rest.find(sign).unwrap_or(self.rest.len()), Kind::Word)
        };
        let (text, rest) = self.rest.split_at(length);
        self.rest = rest;
        Some(Token { text, kind })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_statements_write() {
        let check = |statement: &str, parameters: Value, expected: Option<Value>| {
            let written = written(statement, parameters.as_array().unwrap());
            assert_eq!(written, expected.map(|item| ("tasks".to_owned(), item)), "{statement}");
        };
        check(
            "INSERT INTO \"tasks\" VALUE {'id': ?, 'm': {'g': ?}, 'g': 'it''s', 'n': 1}",
            json!([{"S": "a"}, {"S": "b"}]),
            Some(json!({"id": {"S": "a"}, "g": {"S": "it's"}})),
        );
        check(
            "INSERT INTO tasks VALUE {'m': [{'g': ?}], 'g': ?}",
            json!([{"S": "a"}, {"S": "b"}]),
            Some(json!({"g": {"S": "b"}})),
        );
        check(
            "UPDATE tasks SET g = ?, m.r = ? SET \"r\" = 'x' WHERE id = ?",
            json!([{"S": "a"}, {"S": "b"}, {"S": "c"}]),
            Some(json!({"g": {"S": "a"}, "r": {"S": "x"}})),
        );
        check("DELETE FROM tasks WHERE g = ?", json!([{"S": "a"}]), None);
    }
}
