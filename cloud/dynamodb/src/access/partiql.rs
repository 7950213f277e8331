//! What a PartiQL statement touches: its verb and its table, nothing more.

use crate::names::{index_arn, table_arn, table_name};
use slam_cloud_core::{Access, Context};

/// The permissions of statements.
pub(super) fn access<'a>(context: &Context, statements: impl IntoIterator<Item = &'a str>) -> Vec<Access> {
    let mut accesses = Vec::new();
    for statement in statements {
        // The keys of a statement's condition are not looked for.
        let access = of_statement(context, statement).condition("dynamodb:LeadingKeys", super::UNTOLD);
        if !accesses.contains(&access) {
            accesses.push(access);
        }
    }
    accesses
}

fn of_statement(context: &Context, statement: &str) -> Access {
    let tokens: Vec<Token<'_>> = Tokens { rest: statement }.collect();
    let keyword = |at: usize, word: &str| {
        tokens.get(at).is_some_and(|token| token.kind == Kind::Word && token.text.eq_ignore_ascii_case(word))
    };
    let (action, name_at) = if keyword(0, "INSERT") {
        ("dynamodb:PartiQLInsert", keyword(1, "INTO").then_some(2))
    } else if keyword(0, "UPDATE") {
        ("dynamodb:PartiQLUpdate", Some(1))
    } else if keyword(0, "DELETE") {
        ("dynamodb:PartiQLDelete", keyword(1, "FROM").then_some(2))
    } else {
        // SELECT, and the EXISTS(SELECT …) of transactions. After a dot the word is an attribute's name.
        let after_dot = |at: usize| at > 0 && tokens[at - 1].is_dot();
        let from = (0..tokens.len()).find(|at| keyword(*at, "FROM") && !after_dot(*at));
        ("dynamodb:PartiQLSelect", from.map(|from| from + 1))
    };
    let name = |at: Option<usize>| at.and_then(|at| tokens.get(at)).filter(|token| token.kind != Kind::Sign);
    let Some(table) = name(name_at) else {
        // No table: the engine refuses it; until then nothing but a wildcard permits it.
        return Access::new(action, table_arn(context, "*"));
    };
    let dot = name_at.and_then(|at| tokens.get(at + 1)).is_some_and(Token::is_dot);
    let index = if dot { name(name_at.map(|at| at + 2)) } else { None };
    let table = table_name(context, table.text).unwrap_or(table.text);
    let resource = index.map_or_else(|| table_arn(context, table), |index| index_arn(context, table, index.text));
    Access::new(action, resource)
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
    fn is_dot(&self) -> bool {
        self.kind == Kind::Sign && self.text == "."
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
    use slam_cloud_core::Principal;

    #[test]
    fn verbs_and_tables() {
        let context = Context::new("000000000000", "us-east-1", Principal::Anonymous);
        for (statement, action, resource) in [
            ("SELECT * FROM \"tasks\" WHERE id = 'FROM x'", "PartiQLSelect", "tasks"),
            ("select id from tasks", "PartiQLSelect", "tasks"),
            ("SELECT * FROM \"tasks\".\"by-owner\"", "PartiQLSelect", "tasks/index/by-owner"),
            ("SELECT * FROM \"my.table\"", "PartiQLSelect", "my.table"),
            ("INSERT INTO \"tasks\" VALUE {'id': 'a'}", "PartiQLInsert", "tasks"),
            ("UPDATE \"tasks\" SET a = 1 WHERE id = 'a'", "PartiQLUpdate", "tasks"),
            ("DELETE FROM tasks WHERE id = 'a'", "PartiQLDelete", "tasks"),
            ("EXISTS(SELECT * FROM \"tasks\" WHERE id = 'a')", "PartiQLSelect", "tasks"),
            ("SELECT * FROM tasks.index", "PartiQLSelect", "tasks/index/index"),
            ("SELECT /* FROM mine */ * FROM secret", "PartiQLSelect", "secret"),
            ("SELECT * -- FROM mine\nFROM secret", "PartiQLSelect", "secret"),
            ("SELECT 'it''s FROM mine', `FROM mine` FROM secret", "PartiQLSelect", "secret"),
            ("SELECT a.from, b FROM secret", "PartiQLSelect", "secret"),
            ("INSERT /* x */ INTO secret VALUE {'INTO': 'mine'}", "PartiQLInsert", "secret"),
            ("INSERT nonsense INTO mine", "PartiQLInsert", "*"),
            ("nonsense", "PartiQLSelect", "*"),
        ] {
            let access = of_statement(&context, statement);
            let resource = format!("arn:aws:dynamodb:us-east-1:000000000000:table/{resource}");
            assert_eq!((&*access.action, access.resource), (&*format!("dynamodb:{action}"), resource), "{statement}");
        }
    }
}
