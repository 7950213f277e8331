//! The templates of gateway responses: texts with variables, and nothing that is worked out.
//!
//! "A `GatewayResponse` mapping template isn't processed by the Velocity Template Language (VTL) engine"
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-gateway-responses.responseTemplates.html>).

use winnow::combinator::{alt, preceded, repeat};
use winnow::prelude::*;
use winnow::token::{any, one_of, take_while};

/// A template, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Substitution(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    /// After `$context.`
    Context(String),
    /// After `$stageVariables.`
    StageVariable(String),
}

impl Substitution {
    /// Reads a template; every text is one.
    pub fn parse(text: &str) -> Self {
        let mut input = text;
        let pieces: ModalResult<Vec<Piece>> = repeat(0.., piece).parse_next(&mut input);
        Self(pieces.unwrap_or_default())
    }

    /// The text with what its variables stand for. What has no value stands for nothing.
    pub fn fill(
        &self,
        context: impl Fn(&str) -> Option<String>,
        stage_variable: impl Fn(&str) -> Option<String>,
    ) -> String {
        let text = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Context(path) => context(path).unwrap_or_default(),
            Piece::StageVariable(name) => stage_variable(name).unwrap_or_default(),
        };
        self.0.iter().map(text).collect()
    }
}

fn piece(input: &mut &str) -> ModalResult<Piece> {
    alt((
        preceded("$context.", path).map(Piece::Context),
        preceded("$stageVariables.", word).map(|name: &str| Piece::StageVariable(name.to_owned())),
        take_while(1.., |c| c != '$').map(|text: &str| Piece::Text(text.to_owned())),
        any.map(|character: char| Piece::Text(character.to_string())),
    ))
    .parse_next(input)
}

fn word<'i>(input: &mut &'i str) -> ModalResult<&'i str> {
    let first = one_of(|c: char| c.is_ascii_alphanumeric() || c == '_');
    (first, take_while(0.., |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-')).take().parse_next(input)
}

/// `identity.sourceIp`; a dot at the end ends a sentence, not a name.
fn path(input: &mut &str) -> ModalResult<String> {
    (word, repeat::<_, _, (), _, _>(0.., preceded('.', word))).take().map(str::to_owned).parse_next(input)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_filled_in_and_nothing_else_is_done() {
        let context = |path: &str| (path == "error.messageString").then(|| "\"no\"".to_owned());
        let variable = |name: &str| (name == "a").then(|| "1".to_owned());
        for (template, expected) in [
            ("{\"message\":$context.error.messageString}", "{\"message\":\"no\"}"),
            ("$stageVariables.a.$context.error.messageString.", "1.\"no\"."),
            ("[$context.none][$stageVariables.b]", "[][]"),
            (
                "#set($x = 1)$x ${context.error.message} $input.body $$ $context.",
                "#set($x = 1)$x ${context.error.message} $input.body $$ $context.",
            ),
            ("", ""),
        ] {
            assert_eq!(Substitution::parse(template).fill(context, variable), expected, "{template}");
        }
    }
}
