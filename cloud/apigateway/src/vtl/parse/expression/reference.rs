//! `$name`, `$!name`, `${name}`, `$!{name}` and what follows.

use super::super::super::ast::{Expression, Reference, Step};
use super::super::{Source, deeper};
use super::{index, parameter};
use winnow::ascii::multispace0;
use winnow::combinator::{alt, cut_err, delimited, opt, peek, preceded, repeat, separated};
use winnow::error::StrContext;
use winnow::prelude::*;
use winnow::token::{one_of, take_while};

pub fn reference(input: &mut Source<'_>) -> ModalResult<Reference> {
    deeper(input, |input| {
        let formal = delimited(
            ('{', peek(one_of(|c: char| c.is_ascii_alphabetic() || c == '_'))),
            path,
            cut_err('}').context(StrContext::Label("a reference without }")),
        );
        let read = preceded(('$', opt('!')), alt((formal, path))).with_taken().parse_next(input);
        read.map(|((name, steps), source)| Reference { name, steps, source: source.to_owned() })
    })
}

fn path(input: &mut Source<'_>) -> ModalResult<(String, Vec<Step>)> {
    (identifier, repeat(0.., step)).parse_next(input)
}

fn identifier(input: &mut Source<'_>) -> ModalResult<String> {
    let start = one_of(|c: char| c.is_ascii_alphabetic() || c == '_');
    let rest = take_while(0.., |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    (start, rest).take().map(str::to_owned).parse_next(input)
}

/// A dot begins a step before a letter alone.
fn step(input: &mut Source<'_>) -> ModalResult<Step> {
    let member = preceded(peek(one_of(|c: char| c.is_ascii_alphabetic())), (identifier, opt(arguments)));
    let close = cut_err((multispace0, ']')).context(StrContext::Label("an index without ]"));
    let index = cut_err(index).context(StrContext::Label("an index"));
    alt((
        preceded('.', member).map(|(name, arguments)| match arguments {
            Some(arguments) => Step::Call(name, arguments),
            None => Step::Property(name),
        }),
        delimited(('[', multispace0), index, close).map(Step::Index),
    ))
    .parse_next(input)
}

fn arguments(input: &mut Source<'_>) -> ModalResult<Vec<Expression>> {
    let list = separated(0.., parameter, (multispace0, ',', multispace0));
    let close = cut_err((multispace0, ')')).context(StrContext::Label("an argument list without end"));
    delimited(('(', multispace0), list, close).parse_next(input)
}
