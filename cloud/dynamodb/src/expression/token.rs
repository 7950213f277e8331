//! The words and signs of an expression.

use super::OPERATORS;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A keyword, a function or an attribute.
    Word,
    /// `#name`.
    Name,
    /// `:value`.
    Value,
    /// Digits.
    Number,
    /// Operators and punctuation.
    Sign,
    /// What no expression has; it is refused where it stands.
    Unknown,
}

/// A token and where it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    pub kind: Kind,
    pub text: &'a str,
    start: usize,
}

/// The tokens of an expression, one after the other.
pub struct Tokens<'a> {
    source: &'a str,
    all: Vec<Token<'a>>,
    at: usize,
}

impl<'a> Tokens<'a> {
    /// Those of an expression.
    pub fn of(source: &'a str) -> Self {
        let mut all = Vec::new();
        let mut start = 0;
        while let Some(first) = source[start..].chars().next() {
            if matches!(first, ' ' | '\t' | '\r' | '\n') {
                start += 1;
                continue;
            }
            let (kind, length) = token(&source[start..], first);
            all.push(Token { kind, text: &source[start..start + length], start });
            start += length;
        }
        Self { source, all, at: 0 }
    }

    /// The next token, which stays.
    pub fn peek(&self) -> Option<Token<'a>> {
        self.all.get(self.at).copied()
    }

    /// The token that was taken last.
    pub fn last(&self) -> Option<Token<'a>> {
        self.all.get(self.at.checked_sub(1)?).copied()
    }

    /// Whether the token after the next is this sign.
    pub fn then(&self, sign: &str) -> bool {
        self.all.get(self.at + 1).is_some_and(|token| token.kind == Kind::Sign && token.text == sign)
    }

    /// Where the next token begins.
    pub fn position(&self) -> usize {
        self.peek().map_or(self.source.len(), |token| token.start)
    }

    /// Takes the next token.
    pub fn take(&mut self) -> Option<Token<'a>> {
        let token = self.peek()?;
        self.at += 1;
        Some(token)
    }

    /// Takes the next token if it is this sign.
    pub fn sign(&mut self, sign: &str) -> bool {
        self.taken(|token| token.kind == Kind::Sign && token.text == sign)
    }

    /// Takes the next token if it is this keyword. Keywords are read in any case.
    pub fn keyword(&mut self, keyword: &str) -> bool {
        self.taken(|token| token.kind == Kind::Word && token.text.eq_ignore_ascii_case(keyword))
    }

    fn taken(&mut self, wanted: impl Fn(Token<'_>) -> bool) -> bool {
        let found = self.peek().is_some_and(wanted);
        self.at += usize::from(found);
        found
    }

    /// Refuses all but a certain sign.
    pub fn expect(&mut self, sign: &str) -> Result<(), String> {
        if self.sign(sign) { Ok(()) } else { Err(self.syntax_error()) }
    }

    /// Refuses what is left over.
    pub fn end(&self) -> Result<(), String> {
        if self.peek().is_none() { Ok(()) } else { Err(self.syntax_error()) }
    }

    /// AWS's words for the token that does not belong where it is: it, and its neighbours as they were written. At the end
    /// of the expression, the last token (captured on AWS by the engine's authors: `tests/expression_syntax_errors.rs`
    /// of dynoxide-rs 3.2.0).
    pub fn syntax_error(&self) -> String {
        let Some(found) = self.peek() else {
            let near = self.all.last().map_or(self.source, |last| last.text);
            return format!(r#"Syntax error; token: "<EOF>", near: "{near}""#);
        };
        let start = self.at.checked_sub(1).map_or(found.start, |before| self.all[before].start);
        let last = self.all.get(self.at + 1).unwrap_or(&self.all[self.at]);
        let near = &self.source[start..last.start + last.text.len()];
        format!(r#"Syntax error; token: "{}", near: "{near}""#, found.text)
    }

    /// Refuses more operators than AWS allows, and with them all nesting that would be deeper: what nests without an
    /// operator is a parenthesis too many ([`redundant_parentheses`](Self::redundant_parentheses)) or has no end.
    pub fn within_limits(&self) -> Result<(), String> {
        let is_function = |at: usize| {
            let next = self.all.get(at + 1).map_or("", |next| next.text);
            self.all[at].kind == Kind::Word && next == "(" && !is_keyword(self.all[at].text)
        };
        let operators = self.all.iter().enumerate().filter(|(at, token)| match token.kind {
            Kind::Sign => matches!(token.text, "=" | "<>" | "<" | "<=" | ">" | ">=" | "+" | "-"),
            Kind::Word => is_operator(token.text) || is_function(*at),
            _ => false,
        });
        // The AND of a BETWEEN is none of its own.
        let betweens = self.all.iter().filter(|token| token.text.eq_ignore_ascii_case("BETWEEN")).count();
        let count = operators.count().saturating_sub(betweens);
        if count > OPERATORS {
            return Err(format!("The expression contains too many operators; operator count: {}", OPERATORS + 1));
        }
        let mut depth = 0_usize;
        for token in &self.all {
            match (token.kind, token.text) {
                (Kind::Sign, "(") => depth += 1,
                (Kind::Sign, ")") => depth = depth.saturating_sub(1),
                _ => {}
            }
            // Each operator may stand in parentheses, and so may its operand.
            if depth > 2 * OPERATORS {
                let near = self.all.last().map_or("", |last| last.text);
                return Err(format!(r#"Syntax error; token: "<EOF>", near: "{near}""#));
            }
        }
        Ok(())
    }

    /// Whether parentheses stand around parentheses and nothing else. Those of functions and of IN are no such ones.
    pub fn redundant_parentheses(&self) -> bool {
        let mut open: Vec<usize> = Vec::new();
        // The parentheses that closed with the token before.
        let mut closed = None;
        for (at, token) in self.all.iter().enumerate() {
            let before = closed.take();
            match (token.kind, token.text) {
                (Kind::Sign, "(") => open.push(at),
                (Kind::Sign, ")") => {
                    let Some(start) = open.pop() else { return false };
                    if before == Some(start + 1) && !self.is_list(start) {
                        return true;
                    }
                    closed = Some(start);
                }
                _ => {}
            }
        }
        false
    }

    /// Whether a parenthesis begins a list of operands.
    fn is_list(&self, parenthesis: usize) -> bool {
        let before = parenthesis.checked_sub(1).map(|before| self.all[before]);
        before.is_some_and(|before| {
            before.kind == Kind::Word && (!is_keyword(before.text) || before.text.eq_ignore_ascii_case("IN"))
        })
    }
}

/// The kind and length of the token that a text begins with.
fn token(text: &str, first: char) -> (Kind, usize) {
    let run = |from: usize, fits: fn(char) -> bool| {
        text[from..].find(|c| !fits(c)).map_or(text.len(), |length| from + length)
    };
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    match first {
        '#' | ':' => match run(1, part) {
            1 => (Kind::Unknown, 1),
            length => (if first == '#' { Kind::Name } else { Kind::Value }, length),
        },
        '<' if text.starts_with("<>") || text.starts_with("<=") => (Kind::Sign, 2),
        '>' if text.starts_with(">=") => (Kind::Sign, 2),
        '<' | '>' | '=' | '+' | '-' | '(' | ')' | '[' | ']' | '.' | ',' => (Kind::Sign, 1),
        // A number does not begin with 0: after it comes another.
        '0' => (Kind::Number, 1),
        '1'..='9' => (Kind::Number, run(0, |c| c.is_ascii_digit())),
        c if c.is_ascii_alphabetic() || c == '_' => (Kind::Word, run(0, part)),
        c => (Kind::Unknown, c.len_utf8()),
    }
}

/// Words between operands.
fn is_operator(word: &str) -> bool {
    ["AND", "OR", "NOT", "BETWEEN", "IN"].iter().any(|operator| word.eq_ignore_ascii_case(operator))
}

/// Words that are no attributes and no functions.
pub fn is_keyword(word: &str) -> bool {
    is_operator(word) || ["SET", "REMOVE", "ADD", "DELETE"].iter().any(|section| word.eq_ignore_ascii_case(section))
}
