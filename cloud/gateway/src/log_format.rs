//! The line of an access log: text with `$context` variables.
//!
//! AWS: "API Gateway mapping template and access logging variable reference"; what has no value is a `-`.

use winnow::combinator::{alt, preceded, repeat};
use winnow::prelude::*;
use winnow::token::{any, one_of, take_while};

/// A format, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFormat(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Variable(String),
}

impl LogFormat {
    /// Reads a format; every text is one.
    pub fn parse(text: &str) -> Self {
        let mut input = text;
        let pieces: ModalResult<Vec<Piece>> = repeat(0.., piece).parse_next(&mut input);
        Self(pieces.unwrap_or_default())
    }

    /// The line for a request. `context` answers the variable after `$context.`.
    pub fn line(&self, context: impl Fn(&str) -> Option<String>) -> String {
        let mut line = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => line.push_str(text),
                Piece::Variable(name) => line.push_str(&context(name).unwrap_or_else(|| "-".into())),
            }
        }
        line
    }
}

fn piece(input: &mut &str) -> ModalResult<Piece> {
    alt((
        preceded("$context.", variable).map(Piece::Variable),
        take_while(1.., |c| c != '$').map(|text: &str| Piece::Text(text.to_owned())),
        any.map(|character: char| Piece::Text(character.to_string())),
    ))
    .parse_next(input)
}

/// `identity.sourceIp`; a dot at the end ends a sentence, not a name.
fn variable(input: &mut &str) -> ModalResult<String> {
    let word = |input: &mut &str| -> ModalResult<()> {
        (one_of(|c: char| c.is_ascii_alphabetic()), take_while(0.., |c: char| c.is_ascii_alphanumeric() || c == '-'))
            .void()
            .parse_next(input)
    };
    (word, repeat::<_, _, (), _, _>(0.., preceded('.', word))).take().map(str::to_owned).parse_next(input)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_filled_in_and_unknown_ones_dashed() {
        let context = |name: &str| (name == "identity.sourceIp").then(|| "127.0.0.1".to_owned());
        for (format, expected) in [
            ("$context.identity.sourceIp", "127.0.0.1"),
            (r#"{"ip":"$context.identity.sourceIp","x":"$context.none"}"#, r#"{"ip":"127.0.0.1","x":"-"}"#),
            ("from $context.identity.sourceIp. $5 $$context.", "from 127.0.0.1. $5 $$context."),
            ("", ""),
        ] {
            assert_eq!(LogFormat::parse(format).line(context), expected, "{format}");
        }
    }
}
