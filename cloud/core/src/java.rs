//! Java's regular expressions, in which AWS's services read what templates and APIs call a pattern.
//!
//! Matching is `fancy-regex`'s, for look-around and possessive quantifiers, with its backtracking bounded. A pattern is
//! rewritten first where the same text means something else to Java
//! (<https://docs.oracle.com/en/java/javase/17/docs/api/java.base/java/util/regex/Pattern.html>):
//!
//! * `\d`, `\w`, `\s` and POSIX classes (`\p{Alpha}`) are ASCII; `\h` is a horizontal space, and no hexadecimal digit;
//! * `.` stops at every line terminator of Unicode;
//! * a backslash before what is no letter or digit makes it literal, `\<` too; `\Q…\E` quotes; `\uhhhh` is a character;
//! * in a class, only `&&` is an operator: `--` and `~~` are characters, and so is `-` where no range can be.
//!
//! What Java has beyond that (`\G`, `\N{…}`, `\p{javaMirrored}`, octal escapes, flags other than `imsxu`) is no pattern
//! here, and the caller refuses it.

use fancy_regex::{Regex, RegexBuilder};
use std::fmt::Write as _;
use std::iter::Peekable;
use std::ops::Range;
use std::str::Chars;
use std::sync::Arc;

/// How often a match may go back and try something else. Beyond, there is no answer; a pattern that needs as much is
/// either an accident or an attack.
const BACKTRACKS: usize = 100_000;
/// The largest compiled pattern in bytes.
const SIZE: usize = 1 << 21;
/// The most instructions of a pattern with look-around.
const INSTRUCTIONS: usize = 100_000;

/// Matches that are looked for in one text.
const MATCHES: usize = 100_000;

/// Java's line terminators.
const TERMINATORS: &str = r"\n\r\u{85}\u{2028}\u{2029}";

/// A compiled pattern.
#[derive(Clone, Debug)]
pub struct Pattern(Regex);

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// It is no regular expression of Java's, or of a part of the language that is not supported.
    #[error("{0}")]
    Invalid(String),
    /// Finding out takes too long.
    #[error("the regular expression needs too many steps on this value")]
    TooSlow,
}

impl Pattern {
    /// A pattern that is looked for anywhere in a text: Java's `find`.
    ///
    /// # Errors
    /// [`PatternError::Invalid`].
    pub fn find(pattern: &str) -> Result<Self, PatternError> {
        Self::compile(&translate(pattern)?)
    }

    /// A pattern for a text as a whole: Java's `matches`.
    ///
    /// # Errors
    /// [`PatternError::Invalid`].
    pub fn whole(pattern: &str) -> Result<Self, PatternError> {
        Self::compile(&format!(r"\A(?:{})\z", translate(pattern)?))
    }

    /// [`Pattern::whole`], where `.` takes line terminators, too: Java's `DOTALL`.
    ///
    /// # Errors
    /// [`PatternError::Invalid`].
    pub fn whole_lines(pattern: &str) -> Result<Self, PatternError> {
        Self::compile(&format!(r"(?s)\A(?:{})\z", translate(&format!("(?s){pattern}"))?))
    }

    fn compile(translated: &str) -> Result<Self, PatternError> {
        RegexBuilder::new(translated)
            .backtrack_limit(BACKTRACKS)
            .delegate_size_limit(SIZE)
            .delegate_dfa_size_limit(SIZE)
            .max_prog_size(INSTRUCTIONS)
            .build()
            .map(Self)
            .map_err(|error| PatternError::Invalid(error.to_string()))
    }

    /// Whether a text matches.
    ///
    /// # Errors
    /// [`PatternError::TooSlow`].
    pub fn is_match(&self, text: &str) -> Result<bool, PatternError> {
        self.0.is_match(text).map_err(|_| PatternError::TooSlow)
    }

    /// The matches in a text from its beginning, as Java's `Matcher.find` goes on: behind a match of nothing one
    /// character further, behind another one right there.
    ///
    /// # Errors
    /// [`PatternError::TooSlow`].
    pub fn matches(&self, text: &str, most: usize) -> Result<Vec<Match>, PatternError> {
        let names: Arc<[Option<String>]> = self.0.capture_names().map(|name| name.map(str::to_owned)).collect();
        let mut found = Vec::new();
        let mut from = 0;
        while found.len() < most
            && let Some(captures) = self.0.captures_from_pos(text, from).map_err(|_| PatternError::TooSlow)?
        {
            let groups: Vec<_> = captures.iter().map(|group| group.map(|group| group.range())).collect();
            let Some(Some(whole)) = groups.first().cloned() else { break };
            found.push(Match { groups, names: Arc::clone(&names) });
            if found.len() > MATCHES {
                return Err(PatternError::TooSlow);
            }
            from = whole.end;
            if whole.is_empty() {
                let Some(character) = text[from..].chars().next() else { break };
                from += character.len_utf8();
            }
        }
        Ok(found)
    }
}

/// Where a pattern matched, and its groups.
#[derive(Clone, Debug)]
pub struct Match {
    groups: Vec<Option<Range<usize>>>,
    names: Arc<[Option<String>]>,
}

impl Match {
    /// Where all of it lies.
    pub fn range(&self) -> Range<usize> {
        self.group(0).unwrap_or_default()
    }

    /// How many groups there are, with the whole.
    pub fn groups(&self) -> usize {
        self.groups.len()
    }

    /// Where a group lies; none when it took no part.
    pub fn group(&self, number: usize) -> Option<Range<usize>> {
        self.groups.get(number).cloned().flatten()
    }

    /// [`Match::group`] by name; none when there is no such group.
    pub fn named(&self, name: &str) -> Option<Option<Range<usize>>> {
        let number = self.names.iter().position(|own| own.as_deref() == Some(name))?;
        Some(self.group(number))
    }
}

fn invalid(what: impl Into<String>) -> PatternError {
    PatternError::Invalid(what.into())
}

/// The same pattern in the language of `fancy-regex`.
fn translate(pattern: &str) -> Result<String, PatternError> {
    let mut reader = Reader { rest: pattern.chars().peekable(), out: String::new(), depth: 0 };
    // A flag that changes what `.` takes is rare and mostly stands at the beginning.
    let dot_takes_all = pattern.contains("(?s") || pattern.contains("(?is") || pattern.contains("(?ms");
    while let Some(character) = reader.rest.next() {
        match character {
            '\\' => reader.escape(false)?,
            '[' => reader.class()?,
            '.' if dot_takes_all => reader.out.push('.'),
            '.' => write!(reader.out, "[^{TERMINATORS}]").unwrap_or_default(),
            other => reader.out.push(other),
        }
    }
    if pattern.contains("(?x") {
        // A comment ends with its line, and more comes after the pattern.
        reader.out.push('\n');
    }
    Ok(reader.out)
}

struct Reader<'a> {
    rest: Peekable<Chars<'a>>,
    out: String,
    depth: usize,
}

impl Reader<'_> {
    /// What follows a backslash.
    fn escape(&mut self, in_class: bool) -> Result<(), PatternError> {
        let Some(character) = self.rest.next() else { return Err(invalid("a backslash ends the pattern")) };
        let class = |positive: &str, negated: bool| match (in_class, negated) {
            (true, false) => positive.to_owned(),
            (_, true) => format!("[^{positive}]"),
            (false, false) => format!("[{positive}]"),
        };
        let text = match character {
            'd' | 'D' => class("0-9", character == 'D'),
            'w' | 'W' => class("A-Za-z0-9_", character == 'W'),
            's' | 'S' => class(r" \t\n\x0B\f\r", character == 'S'),
            'h' | 'H' => {
                class(r"\x20\t\u{A0}\u{1680}\u{180E}\u{2000}-\u{200A}\u{202F}\u{205F}\u{3000}", character == 'H')
            }
            'v' | 'V' => class(r"\n\x0B\f\r\u{85}\u{2028}\u{2029}", character == 'V'),
            'R' if !in_class => format!(r"(?:\r\n|[\x0B\f{TERMINATORS}])"),
            'p' | 'P' => class(&self.property()?, character == 'P'),
            'u' => self.hexadecimal(4)?,
            'x' if self.rest.peek() == Some(&'{') => {
                self.rest.next();
                let digits: String = self.rest.by_ref().take_while(|digit| *digit != '}').collect();
                code_point(&digits)?
            }
            'x' => self.hexadecimal(2)?,
            'e' => r"\x1B".to_owned(),
            'a' => r"\x07".to_owned(),
            'c' => match self.rest.next() {
                Some(control) if control.is_ascii() => format!(r"\x{:02X}", (control as u8) ^ 64),
                _ => return Err(invalid(r"\c names no control character")),
            },
            'Q' => self.quoted(),
            't' | 'n' | 'r' | 'f' => format!(r"\{character}"),
            'b' | 'B' | 'A' | 'z' | 'Z' if !in_class => format!(r"\{character}"),
            'k' if !in_class => r"\k".to_owned(),
            '1'..='9' if !in_class => format!(r"\{character}"),
            other if other.is_ascii_alphanumeric() => {
                return Err(invalid(format!(r"\{other} is not supported in regular expressions")));
            }
            other => literal(other),
        };
        self.out.push_str(&text);
        Ok(())
    }

    /// A class, after its first bracket.
    fn class(&mut self) -> Result<(), PatternError> {
        self.depth += 1;
        if self.depth > 32 {
            return Err(invalid("the classes are nested too deep"));
        }
        self.out.push('[');
        if self.rest.next_if_eq(&'^').is_some() {
            self.out.push('^');
        }
        // Whether a range may follow: after one character, and not after a range or a class.
        let mut single = false;
        let mut empty = true;
        loop {
            let Some(character) = self.rest.next() else { return Err(invalid("a class has no end")) };
            match character {
                ']' if !empty => break,
                '[' => {
                    self.class()?;
                    single = false;
                }
                '&' if self.rest.peek() == Some(&'&') => {
                    self.rest.next();
                    self.out.push_str("&&");
                    single = false;
                }
                '-' if single && !matches!(self.rest.peek(), None | Some(']' | '[')) => {
                    self.out.push('-');
                    match self.rest.next() {
                        Some('\\') => self.escape(true)?,
                        Some(end) => self.out.push_str(&literal(end)),
                        None => return Err(invalid("a class has no end")),
                    }
                    single = false;
                }
                '\\' => {
                    let known = !matches!(
                        self.rest.peek(),
                        Some('d' | 'D' | 'w' | 'W' | 's' | 'S' | 'h' | 'H' | 'v' | 'V' | 'p' | 'P' | 'Q')
                    );
                    self.escape(true)?;
                    single = known;
                }
                other => {
                    self.out.push_str(&literal(other));
                    single = true;
                }
            }
            empty = false;
        }
        self.out.push(']');
        self.depth -= 1;
        Ok(())
    }

    /// The class that a property names, as it stands within brackets.
    fn property(&mut self) -> Result<String, PatternError> {
        let name: String = match self.rest.next() {
            Some('{') => self.rest.by_ref().take_while(|character| *character != '}').collect(),
            Some(letter) => letter.to_string(),
            None => return Err(invalid(r"\p names no property")),
        };
        Ok(match name.as_str() {
            "Lower" => "a-z".to_owned(),
            "Upper" => "A-Z".to_owned(),
            "ASCII" => r"\x00-\x7F".to_owned(),
            "Alpha" => "A-Za-z".to_owned(),
            "Digit" => "0-9".to_owned(),
            "Alnum" => "A-Za-z0-9".to_owned(),
            "Punct" => r"!-/:-@\[-`{-\~".to_owned(),
            "Graph" => r"!-\~".to_owned(),
            "Print" => r"\x20-\~".to_owned(),
            "Blank" => r"\x20\t".to_owned(),
            "Cntrl" => r"\x00-\x1F\x7F".to_owned(),
            "XDigit" => "0-9a-fA-F".to_owned(),
            "Space" => r"\x20\t\n\x0B\f\r".to_owned(),
            java if java.starts_with("java") => return Err(invalid(format!(r"\p{{{java}}} is not supported"))),
            // `IsAlphabetic`, `IsLatin`, `L`, `Lu`, `script=Latin` …
            other => format!(r"\p{{{}}}", other.strip_prefix("Is").unwrap_or(other)),
        })
    }

    fn hexadecimal(&mut self, digits: usize) -> Result<String, PatternError> {
        let text: String = self.rest.by_ref().take(digits).collect();
        if text.len() < digits {
            return Err(invalid("a character's code is too short"));
        }
        code_point(&text)
    }

    fn quoted(&mut self) -> String {
        let mut text = String::new();
        while let Some(character) = self.rest.next() {
            if character == '\\' && self.rest.peek() == Some(&'E') {
                self.rest.next();
                break;
            }
            text.push_str(&literal(character));
        }
        text
    }
}

fn code_point(digits: &str) -> Result<String, PatternError> {
    match u32::from_str_radix(digits, 16).ok().and_then(char::from_u32) {
        Some(character) => Ok(literal(character)),
        None => Err(invalid(format!("{digits} is the code of no character"))),
    }
}

/// A character that stands for itself, inside of a class and outside.
fn literal(character: char) -> String {
    match character {
        '<' | '>' | '/' | '"' | '\'' | '@' | '%' | '_' | ',' | ';' | ':' | '=' | '!' | '`' => character.to_string(),
        ' ' => r"\x20".to_owned(),
        punctuation if punctuation.is_ascii_punctuation() => format!(r"\{punctuation}"),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Patterns of public templates, of registry schemas and of what Java's documentation has beyond other languages,
    /// each with texts. The answers are those of `java.util.regex` of JDK 17, by `Pattern.compile(pattern)` and
    /// `matcher(text).matches()`, run over this very file (`java_patterns.tsv`).
    #[test]
    fn answers_are_javas() {
        let table = include_str!("java_patterns.tsv");
        let mut wrong = Vec::new();
        let mut count = 0;
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let [pattern, text, expected] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
            let text: String = serde_json::from_str(text).expect("text is JSON");
            let found = match Pattern::whole(pattern).and_then(|pattern| pattern.is_match(&text)) {
                Ok(found) => found.to_string(),
                Err(error) => error.to_string(),
            };
            count += 1;
            if found != expected {
                wrong.push(format!("{pattern} on {text:?} is {expected} in Java, and {found} here"));
            }
        }
        assert!(wrong.is_empty() && count > 150, "{count}\n{}", wrong.join("\n"));
    }

    #[test]
    fn what_is_not_supported_is_said() {
        for pattern in [r"\G", r"\N{DIGIT ONE}", r"\p{javaMirrored}", "[a", "(a", r"a\", r"\p{Nothing}", r"\uD800"] {
            assert!(matches!(Pattern::whole(pattern), Err(PatternError::Invalid(_))), "{pattern}");
        }
    }

    #[test]
    fn a_match_that_takes_too_long_is_given_up() {
        // Each `a` can be taken in several ways, and none leads to the `y` that is asked for at the end.
        let pattern = Pattern::whole(r"yz(?:(a)\1?|a)*y").expect("a pattern");
        let text = format!("yz{}", "a".repeat(4096));
        assert_eq!(pattern.is_match(&text), Err(PatternError::TooSlow));
    }
}
