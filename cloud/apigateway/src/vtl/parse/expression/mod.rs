//! Values and operators.
//!
//! Operators stand in `#set` and in conditions alone: arguments, indices, and the items of lists and maps are single
//! values.
//!
//! - [`mod@reference`]: `$name` and its steps.

pub mod reference;

use super::super::ast::{Expression, Node, Operator};
use super::{Source, deeper, nodes};
use reference::reference;
use winnow::ascii::{digit0, digit1, multispace0};
use winnow::combinator::{alt, cut_err, delimited, not, opt, preceded, repeat, separated, terminated};
use winnow::error::{ContextError, ErrMode, StrContext};
use winnow::prelude::*;
use winnow::stream::Stream;
use winnow::token::{one_of, take_while};

pub fn expression(input: &mut Source<'_>) -> ModalResult<Expression> {
    deeper(input, or)
}

/// `operand (operator operand)*`, grouped to the left.
fn left_to_right<'i>(
    input: &mut Source<'i>,
    mut operand: impl FnMut(&mut Source<'i>) -> ModalResult<Expression>,
    operator: impl Fn(&mut Source<'i>) -> ModalResult<Operator>,
) -> ModalResult<Expression> {
    let mut left = operand(input)?;
    loop {
        let before = input.checkpoint();
        let found = delimited(multispace0, |input: &mut Source<'i>| operator(input), multispace0).parse_next(input);
        match found {
            Ok(found) => {
                let right = cut_err(|input: &mut Source<'i>| operand(input))
                    .context(StrContext::Label("an operator without a right side"))
                    .parse_next(input)?;
                left = Expression::Binary(found, Box::new(left), Box::new(right));
            }
            Err(ErrMode::Backtrack(_)) => {
                input.reset(&before);
                return Ok(left);
            }
            Err(error) => return Err(error),
        }
    }
}

/// A word as an operator: `or`, not `order`.
fn word<'i>(name: &'static str) -> impl Parser<Source<'i>, (), ErrMode<ContextError>> {
    terminated(name, not(one_of(|c: char| c.is_ascii_alphanumeric() || c == '_'))).void()
}

fn or(input: &mut Source<'_>) -> ModalResult<Expression> {
    left_to_right(input, and, |input| alt(("||".void(), word("or"))).value(Operator::Or).parse_next(input))
}

fn and(input: &mut Source<'_>) -> ModalResult<Expression> {
    left_to_right(input, equality, |input| alt(("&&".void(), word("and"))).value(Operator::And).parse_next(input))
}

fn equality(input: &mut Source<'_>) -> ModalResult<Expression> {
    left_to_right(input, relation, |input| {
        alt((
            alt(("==".void(), word("eq"))).value(Operator::Equal),
            alt(("!=".void(), word("ne"))).value(Operator::NotEqual),
        ))
        .parse_next(input)
    })
}

fn relation(input: &mut Source<'_>) -> ModalResult<Expression> {
    left_to_right(input, sum, |input| {
        alt((
            alt(("<=".void(), word("le"))).value(Operator::LessOrEqual),
            alt((">=".void(), word("ge"))).value(Operator::GreaterOrEqual),
            alt(("<".void(), word("lt"))).value(Operator::Less),
            alt((">".void(), word("gt"))).value(Operator::Greater),
        ))
        .parse_next(input)
    })
}

/// A minus before a digit belongs to the number: `3-1` is two numbers, and no subtraction.
fn sum(input: &mut Source<'_>) -> ModalResult<Expression> {
    let minus = || ('-', not((opt('.'), one_of('0'..='9'))));
    left_to_right(input, product, |input| {
        alt(("+".value(Operator::Add), minus().value(Operator::Subtract))).parse_next(input)
    })
}

fn product(input: &mut Source<'_>) -> ModalResult<Expression> {
    left_to_right(input, unary, |input| {
        alt(("*".value(Operator::Multiply), "/".value(Operator::Divide), "%".value(Operator::Remainder)))
            .parse_next(input)
    })
}

fn unary(input: &mut Source<'_>) -> ModalResult<Expression> {
    alt((
        preceded((alt((('!', not('=')).void(), word("not"))), multispace0), |input: &mut Source<'_>| {
            deeper(input, unary)
        })
        .map(|inner| Expression::Not(Box::new(inner))),
        delimited(('(', multispace0), expression, (multispace0, ')')),
        parameter,
    ))
    .parse_next(input)
}

/// What may be an argument, an item, or a value of a map.
pub fn parameter(input: &mut Source<'_>) -> ModalResult<Expression> {
    alt((
        reference.map(Expression::Reference),
        quoted,
        interpolated,
        number,
        word("true").value(Expression::Boolean(true)),
        word("false").value(Expression::Boolean(false)),
        list,
        map,
    ))
    .parse_next(input)
}

/// What a directive other than `#set` and `#if` takes.
pub fn argument(input: &mut Source<'_>) -> ModalResult<Expression> {
    let letters = take_while(1.., |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '@'));
    alt((parameter, letters.map(|name: &str| Expression::Text(name.to_owned())))).parse_next(input)
}

/// What may stand in `[ ]` after a reference.
pub fn index(input: &mut Source<'_>) -> ModalResult<Expression> {
    parameter
        .verify(|value| {
            !matches!(value, Expression::List(_) | Expression::Map(_) | Expression::Range(..) | Expression::Double(_))
        })
        .parse_next(input)
}

fn number(input: &mut Source<'_>) -> ModalResult<Expression> {
    let exponent = || (one_of(['e', 'E']), opt(one_of(['+', '-'])), digit1).void();
    // `1..5` is a range, not a number with a dot.
    let fraction = ('.', not('.'), digit0, opt(exponent())).void();
    let double = (opt('-'), alt(((digit1, alt((fraction, exponent()))).void(), ('.', digit1, opt(exponent())).void())));
    alt((
        double.take().parse_to().map(Expression::Double),
        (opt('-'), digit1).take().parse_to().map(Expression::Integer),
        // Java's have no bounds.
        (opt('-'), digit1, cut_err(winnow::combinator::fail))
            .context(StrContext::Label("a number of more than 38 digits"))
            .map(|(_, _, never)| never),
    ))
    .parse_next(input)
}

/// A quote inside is written twice.
fn content<'i>(quote: char, input: &mut Source<'i>) -> ModalResult<String> {
    let twice = if quote == '"' { "\"\"" } else { "''" };
    let plain = move |c: char| c != quote;
    let piece = alt((take_while(1.., plain).map(str::to_owned), twice.map(|_| quote.to_string())));
    let whole = repeat(0.., piece).fold(String::new, |text, piece: String| text + &piece);
    delimited(quote, whole, quote).parse_next(input)
}

fn quoted(input: &mut Source<'_>) -> ModalResult<Expression> {
    content('\'', input).map(Expression::Text)
}

fn interpolated(input: &mut Source<'_>) -> ModalResult<Expression> {
    let depth = input.state;
    let content = content('"', input)?;
    if !content.contains(['$', '#']) {
        return Ok(Expression::Text(content));
    }
    let mut inner = Source { input: content.as_str(), state: depth };
    let parsed = nodes(&mut inner).map_err(|error| match error {
        ErrMode::Backtrack(context) => ErrMode::Cut(context),
        error => error,
    })?;
    if !inner.input.is_empty() {
        return cut_err(winnow::combinator::fail)
            .context(StrContext::Label("a string whose directives do not fit together"))
            .parse_next(input);
    }
    Ok(match &parsed[..] {
        [] => Expression::Text(String::new()),
        [Node::Text(text)] => Expression::Text(text.clone()),
        _ => Expression::Interpolated(parsed),
    })
}

/// `[1..5]` or `[1, 2]`: told apart after the first value, so that no value is read twice.
fn list(input: &mut Source<'_>) -> ModalResult<Expression> {
    deeper(input, |input| {
        ('[', multispace0).parse_next(input)?;
        let first = opt(parameter).parse_next(input)?;
        multispace0.parse_next(input)?;
        let list = match first {
            None => Expression::List(Vec::new()),
            Some(first) => match opt(preceded(("..", multispace0), end_of_range)).parse_next(input)? {
                Some(last) if is_end_of_range(&first) => Expression::Range(Box::new(first), Box::new(last)),
                Some(_) => return cut_err(winnow::combinator::fail).context(RANGE).parse_next(input),
                None => {
                    let more: Vec<Expression> =
                        repeat(0.., preceded((multispace0, ',', multispace0), parameter)).parse_next(input)?;
                    Expression::List(std::iter::once(first).chain(more).collect())
                }
            },
        };
        (multispace0, ']').parse_next(input)?;
        Ok(list)
    })
}

const RANGE: StrContext = StrContext::Label("a range: its ends are whole numbers or references");

fn is_end_of_range(value: &Expression) -> bool {
    matches!(value, Expression::Integer(_) | Expression::Reference(_))
}

fn end_of_range(input: &mut Source<'_>) -> ModalResult<Expression> {
    cut_err(parameter.verify(is_end_of_range)).context(RANGE).parse_next(input)
}

fn map(input: &mut Source<'_>) -> ModalResult<Expression> {
    deeper(input, |input| {
        let entry = (parameter, preceded((multispace0, ':', multispace0), parameter));
        let entries = separated(0.., entry, (multispace0, ',', multispace0));
        delimited(('{', multispace0), entries, (multispace0, '}')).map(Expression::Map).parse_next(input)
    })
}
