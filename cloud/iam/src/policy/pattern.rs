//! Wildcards (`*`, `?`) and policy variables (`${aws:username}`).

use super::Keys;

/// A piece of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    /// One byte of text that must be there.
    Byte(u8),
    /// `?`: any one character.
    One,
    /// `*`: any run of characters.
    Many,
    /// `${key}` or `${key, 'default'}`: stands for a value of the request, taken literally.
    Variable { key: String, default: Option<String> },
}

/// A text with wildcards and, from version 2012-10-17 on, variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    pieces: Vec<Piece>,
    has_variables: bool,
}

impl Pattern {
    /// A pattern in which `*` and `?` are wildcards and, if asked for, `${…}` are variables.
    pub fn wildcard(text: &str, variables: bool) -> Self {
        Self::parse(text, true, variables)
    }

    /// A text that must be met exactly, but for variables.
    pub fn literal(text: &str, variables: bool) -> Self {
        Self::parse(text, false, variables)
    }

    fn parse(text: &str, wildcards: bool, variables: bool) -> Self {
        let mut pieces = Vec::with_capacity(text.len());
        let mut has_variables = false;
        let mut rest = text;
        while let Some(first) = rest.bytes().next() {
            let variable = if variables { rest.strip_prefix("${").and_then(|r| r.split_once('}')) } else { None };
            if let Some((inner, after)) = variable {
                match inner.trim() {
                    // The three characters that have a meaning of their own are written as variables.
                    special @ ("*" | "?" | "$") => pieces.push(Piece::Byte(special.as_bytes()[0])),
                    inner => {
                        let (key, default) = match inner.split_once(',') {
                            Some((key, default)) => (key, Some(default.trim().trim_matches('\'').to_owned())),
                            None => (inner, None),
                        };
                        pieces.push(Piece::Variable { key: key.trim().to_ascii_lowercase(), default });
                        has_variables = true;
                    }
                }
                rest = after;
                continue;
            }
            match first {
                b'*' if wildcards => {
                    if pieces.last() != Some(&Piece::Many) {
                        pieces.push(Piece::Many);
                    }
                }
                b'?' if wildcards => pieces.push(Piece::One),
                byte => pieces.push(Piece::Byte(byte)),
            }
            // Bytes of a multi-byte character never look like ASCII, so they may be taken one by one.
            rest = match rest.char_indices().nth(1) {
                Some((next, _)) => {
                    pieces.extend(rest.as_bytes()[1..next].iter().map(|byte| Piece::Byte(*byte)));
                    &rest[next..]
                }
                None => {
                    pieces.extend(rest.as_bytes()[1..].iter().map(|byte| Piece::Byte(*byte)));
                    ""
                }
            };
        }
        Self { pieces, has_variables }
    }

    /// Whether the text fits. A variable that the request cannot fill fits nothing.
    pub fn matches(&self, text: &str, keys: &dyn Keys) -> bool {
        if !self.has_variables {
            return fits(&self.pieces, text.as_bytes());
        }
        let mut filled = Vec::with_capacity(self.pieces.len());
        for piece in &self.pieces {
            let Piece::Variable { key, default } = piece else {
                filled.push(piece.clone());
                continue;
            };
            // A key with several values cannot stand in a text.
            let value = match keys.values(key).as_deref() {
                Some([value]) => Some(value.clone().into_owned()),
                _ => default.clone(),
            };
            let Some(value) = value else { return false };
            filled.extend(value.bytes().map(Piece::Byte));
        }
        fits(&filled, text.as_bytes())
    }

    /// The parts between separators, at most `count`; the colon of a variable's name separates nothing.
    pub fn split(&self, separator: char, count: usize) -> Vec<Self> {
        let parts =
            self.pieces.splitn(count, |piece| matches!(piece, Piece::Byte(byte) if char::from(*byte) == separator));
        parts.map(|pieces| Self { pieces: pieces.to_vec(), has_variables: self.has_variables }).collect()
    }

    /// The text with its variables filled in, for operators that compare values rather than texts.
    pub fn fill(&self, keys: &dyn Keys) -> Option<String> {
        let mut bytes = Vec::with_capacity(self.pieces.len());
        for piece in &self.pieces {
            match piece {
                Piece::Byte(byte) => bytes.push(*byte),
                Piece::One => bytes.push(b'?'),
                Piece::Many => bytes.push(b'*'),
                Piece::Variable { key, default } => match keys.values(key).as_deref() {
                    Some([value]) => bytes.extend(value.bytes()),
                    _ => bytes.extend(default.as_ref()?.bytes()),
                },
            }
        }
        String::from_utf8(bytes).ok()
    }
}

/// Greedy matching that goes back to the last `*` only: linear in practice, at most pattern × text.
fn fits(pattern: &[Piece], text: &[u8]) -> bool {
    let (mut at, mut read) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while read < text.len() {
        match pattern.get(at) {
            Some(Piece::Many) => {
                star = Some((at + 1, read));
                at += 1;
                continue;
            }
            Some(Piece::One) => {
                at += 1;
                read = next_character(text, read);
                continue;
            }
            Some(Piece::Byte(byte)) if *byte == text[read] => {
                at += 1;
                read += 1;
                continue;
            }
            _ => {}
        }
        let Some((resume, from)) = star else { return false };
        star = Some((resume, from + 1));
        (at, read) = (resume, from + 1);
    }
    pattern[at..].iter().all(|piece| *piece == Piece::Many)
}

fn next_character(text: &[u8], from: usize) -> usize {
    let mut next = from + 1;
    while next < text.len() && text[next] & 0b1100_0000 == 0b1000_0000 {
        next += 1;
    }
    next
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn wildcards() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("*", "anything", true),
            ("a*c", "abbbc", true),
            ("a*c", "abbb", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("a?c", "aéc", true),
            ("*ab*ab", "xabxxabyab", true),
            ("**", "x", true),
            ("arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket/a/b", true),
            ("arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket", false),
            ("Bücher", "Bücher", true),
        ] {
            let fits = Pattern::wildcard(pattern, true).matches(text, &BTreeMap::new());
            assert_eq!(fits, expected, "{pattern} against {text}");
        }
    }

    #[test]
    fn variables() {
        let keys: BTreeMap<String, Vec<String>> = [
            ("aws:username".to_owned(), vec!["ann*".to_owned()]),
            ("aws:tagkeys".to_owned(), vec!["a".to_owned(), "b".to_owned()]),
        ]
        .into();
        for (pattern, text, expected) in [
            ("home/${aws:username}/*", "home/ann*/x", true),
            // A value's own wildcards are plain characters.
            ("home/${aws:username}/*", "home/anna/x", false),
            ("${AWS:UserName}", "ann*", true),
            ("${aws:nothing}", "", false),
            ("${aws:nothing, 'guest'}", "guest", true),
            ("${aws:tagkeys}", "a", false),
            ("${*}", "*", true),
            ("${*}", "x", false),
            ("${$}{x}", "${x}", true),
        ] {
            assert_eq!(Pattern::wildcard(pattern, true).matches(text, &keys), expected, "{pattern} against {text}");
        }
    }

    #[test]
    fn before_2012_a_variable_is_plain_text() {
        let pattern = Pattern::wildcard("${aws:username}", false);
        assert!(pattern.matches("${aws:username}", &BTreeMap::new()));
    }

    #[test]
    fn a_pattern_made_to_backtrack_ends_soon() {
        let pattern = format!("{}b", "*a".repeat(200));
        assert!(!Pattern::wildcard(&pattern, true).matches(&"a".repeat(2000), &BTreeMap::new()));
    }
}
