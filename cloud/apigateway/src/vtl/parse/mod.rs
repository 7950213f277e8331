//! Reads templates, in the grammar of Velocity 1.7.
//!
//! Velocity's grammar has no errors in its text: a `$` or `#` that begins nothing known is text. Inside a directive, an
//! argument list or an index there is no way back, so there parsers are cut.
//!
//! - [`mod@expression`]: values and operators, with references in them.

mod expression;

use super::TemplateError;
use super::ast::Node;
use expression::reference::reference;
use expression::{argument, expression};
use std::sync::Arc;
use winnow::ascii::multispace0;
use winnow::combinator::{alt, cut_err, delimited, not, opt, preceded, repeat, terminated};
use winnow::error::{ContextError, ErrMode, StrContext};
use winnow::prelude::*;
use winnow::stream::Stateful;
use winnow::token::{any, one_of, take_till, take_until, take_while};

/// Blocks, parentheses and strings within one another; deeper ones would exhaust the stack.
const DEPTH: usize = 48;
/// The directives whose name a backslash before them makes text.
const DIRECTIVES: [&str; 14] = [
    "set", "if", "elseif", "else", "end", "foreach", "break", "stop", "define", "evaluate", "macro", "include",
    "parse", "literal",
];

type Source<'i> = Stateful<&'i str, usize>;

/// Reads a whole template.
pub fn template(text: &str) -> Result<Vec<Node>, TemplateError> {
    let mut input = Source { input: text, state: 0 };
    let line = |input: &Source<'_>| text[..text.len() - input.input.len()].lines().count().max(1);
    let nodes =
        nodes(&mut input).map_err(|error| TemplateError::Syntax { line: line(&input), what: reason(&error) })?;
    if !input.input.is_empty() {
        let what = input.input.lines().next().unwrap_or_default().chars().take(40).collect();
        return Err(TemplateError::Syntax { line: line(&input), what });
    }
    // 1.7 has no token for it; 2.4.1 prints it.
    if text.ends_with('$') && !text.ends_with("]]#$") {
        return Err(TemplateError::Syntax { line: line(&input), what: "a $ ends the template".into() });
    }
    Ok(nodes)
}

fn reason(error: &ErrMode<ContextError>) -> String {
    let context = match error {
        ErrMode::Backtrack(context) | ErrMode::Cut(context) => context,
        ErrMode::Incomplete(_) => return "the template ends too early".into(),
    };
    let reason: Vec<String> = context.context().map(ToString::to_string).collect();
    if reason.is_empty() { "unexpected text".into() } else { reason.join(", in ") }
}

/// Runs a parser one level deeper.
fn deeper<'i, T>(input: &mut Source<'i>, parser: impl FnOnce(&mut Source<'i>) -> ModalResult<T>) -> ModalResult<T> {
    if input.state >= DEPTH {
        return cut_err(winnow::combinator::fail.context(StrContext::Label("too many nested expressions")))
            .parse_next(input);
    }
    input.state += 1;
    let result = parser(input);
    input.state -= 1;
    result
}

/// Everything up to the end or to a directive that closes a block.
fn nodes(input: &mut Source<'_>) -> ModalResult<Vec<Node>> {
    deeper(input, |input| {
        let mut nodes = Vec::new();
        // Whether the text since the last thing that was none is blanks alone.
        let mut blank = true;
        while !input.input.is_empty() && closing(input).is_none() {
            match node(input)? {
                Some(Node::Text(more)) => {
                    blank &= more.bytes().all(|byte| matches!(byte, b' ' | b'\t'));
                    match nodes.last_mut() {
                        Some(Node::Text(text)) => text.push_str(&more),
                        _ => nodes.push(Node::Text(more)),
                    }
                }
                Some(node) => {
                    if matches!(node, Node::Set(..)) && blank {
                        drop_blanks(&mut nodes);
                    }
                    nodes.push(node);
                    blank = true;
                }
                None => blank = true,
            }
        }
        Ok(nodes)
    })
}

/// 1.7 takes the blanks before a `#set` when nothing but blanks stands between it and the directive or reference
/// before; 2.4.1 those that begin a line.
fn drop_blanks(nodes: &mut Vec<Node>) {
    let Some(Node::Text(text)) = nodes.last_mut() else { return };
    text.truncate(text.trim_end_matches([' ', '\t']).len());
    if text.is_empty() {
        nodes.pop();
    }
}

/// The directive that closes a block here, if there is one.
fn closing(input: &Source<'_>) -> Option<&'static str> {
    ["elseif", "else", "end"].into_iter().find(|name| directive_name(name).parse_peek(*input).is_ok())
}

/// `#name` or `#{name}`, not `#named`.
fn directive_name<'i>(name: &'static str) -> impl Parser<Source<'i>, (), ErrMode<ContextError>> {
    let goes_on = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '@');
    alt((("#{", name, "}").void(), ("#", name, not(one_of(goes_on))).void()))
}

/// One node, or nothing where a comment stood.
fn node(input: &mut Source<'_>) -> ModalResult<Option<Node>> {
    alt((
        comment.map(|()| None),
        raw.map(|text| Some(Node::Text(text))),
        directive.map(Some),
        printed.map(Some),
        text.map(|text| Some(Node::Text(text))),
    ))
    .parse_next(input)
}

/// One that has no end goes on to the template's.
fn comment(input: &mut Source<'_>) -> ModalResult<()> {
    alt((
        ("##", take_till(0.., ['\n', '\r']), opt(alt(("\r\n", "\n", "\r")))).void(),
        ("#*", alt((terminated(take_until(0.., "*#"), "*#"), winnow::token::rest))).void(),
    ))
    .parse_next(input)
}

/// `#[[ text ]]#`
fn raw(input: &mut Source<'_>) -> ModalResult<String> {
    let end = cut_err(terminated(take_until(0.., "]]#"), "]]#")).context(StrContext::Label("a #[[ without ]]#"));
    preceded("#[[", end).map(str::to_owned).parse_next(input)
}

/// A reference where its value goes out. Of the backslashes before it every second one is printed; when one is left
/// over, the reference is printed instead of its value.
fn printed(input: &mut Source<'_>) -> ModalResult<Node> {
    let escapes = take_while(0.., '\\').map(str::len);
    (escapes, reference).map(|(escapes, reference)| Node::Reference(reference, escapes)).parse_next(input)
}

/// Up to the next `$`, `#` or backslash; one of them alone is text, too.
fn text(input: &mut Source<'_>) -> ModalResult<String> {
    alt((
        escaped_directive,
        take_while(1.., '\\').map(str::to_owned),
        take_while(1.., |c| !matches!(c, '$' | '#' | '\\')).map(str::to_owned),
        any.map(String::from),
    ))
    .parse_next(input)
}

/// `\#if` is the text `#if`; `\#other` stays as it is.
fn escaped_directive(input: &mut Source<'_>) -> ModalResult<String> {
    let escapes = take_while(1.., '\\').parse_next(input)?.len();
    winnow::combinator::peek('#').parse_next(input)?;
    let directive = DIRECTIVES.into_iter().any(|name| directive_name(name).parse_peek(*input).is_ok());
    if !directive {
        return Ok("\\".repeat(escapes));
    }
    let mut text = "\\".repeat(escapes / 2);
    if escapes % 2 == 1 {
        text.push_str(any.take().parse_next(input)?);
        text.push_str(
            take_while(0.., |c: char| c.is_ascii_alphanumeric() || matches!(c, '{' | '}')).parse_next(input)?,
        );
    }
    Ok(text)
}

fn directive(input: &mut Source<'_>) -> ModalResult<Node> {
    alt((
        set,
        condition,
        foreach,
        define,
        evaluate,
        simple("break", Node::Break),
        simple("stop", Node::Stop),
        refused,
        unknown,
    ))
    .parse_next(input)
}

fn simple<'i>(name: &'static str, node: Node) -> impl Parser<Source<'i>, Node, ErrMode<ContextError>> {
    directive_name(name).value(node)
}

/// What Velocity has and API Gateway has not: macros (<https://github.com/openedx/edx-enterprise/pull/154>) and files.
fn refused(input: &mut Source<'_>) -> ModalResult<Node> {
    alt((directive_name("macro"), directive_name("include"), directive_name("parse"), directive_name("literal")))
        .parse_next(input)?;
    let reason = "#macro, #include, #parse and #literal are not supported in mapping templates";
    cut_err(winnow::combinator::fail.context(StrContext::Label(reason))).parse_next(input)
}

/// `#name(arguments)` of no directive is text, but its arguments have to be some.
fn unknown(input: &mut Source<'_>) -> ModalResult<Node> {
    let letter = |c: char| c.is_ascii_alphabetic() || c == '_';
    let word = (one_of(letter), take_while(0.., |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '@'))).void();
    let arguments = repeat(0.., (argument, multispace0, opt((',', multispace0)))).map(|()| ());
    let close = cut_err((multispace0, ')')).context(StrContext::Label("the arguments of an unknown directive"));
    let call = (multispace0, '(', multispace0, arguments, close).void();
    ('#', word, call).take().map(|text: &str| Node::Text(text.to_owned())).parse_next(input)
}

/// The rest of a line that a directive ends, taken with it when it is blank.
fn end_of_line(input: &mut Source<'_>) -> ModalResult<()> {
    opt((take_while(0.., [' ', '\t']), alt(("\r\n", "\n", "\r")))).void().parse_next(input)
}

/// `( … )` after a directive's name: no way back from here.
fn parenthesised<'i, T>(
    what: &'static str,
    inner: impl Parser<Source<'i>, T, ErrMode<ContextError>>,
) -> impl Parser<Source<'i>, T, ErrMode<ContextError>> {
    delimited(
        (multispace0, cut_err('(').context(StrContext::Label(what)), multispace0),
        cut_err(inner).context(StrContext::Label(what)),
        (cut_err((multispace0, ')')).context(StrContext::Label(what)), end_of_line),
    )
}

/// Without a parenthesis it is text.
fn set(input: &mut Source<'_>) -> ModalResult<Node> {
    (directive_name("set"), winnow::combinator::peek((multispace0, '('))).void().parse_peek(*input)?;
    let assignment = (reference, preceded((multispace0, '=', multispace0), expression));
    let (target, value) = preceded(directive_name("set"), parenthesised("#set", assignment)).parse_next(input)?;
    Ok(Node::Set(target, value))
}

fn condition(input: &mut Source<'_>) -> ModalResult<Node> {
    let first = preceded(directive_name("if"), parenthesised("#if", expression)).parse_next(input)?;
    let mut branches = vec![(first, cut_err(nodes).parse_next(input)?)];
    while closing(input) == Some("elseif") {
        let next = preceded(directive_name("elseif"), parenthesised("#elseif", expression)).parse_next(input)?;
        branches.push((next, cut_err(nodes).parse_next(input)?));
    }
    let otherwise = match opt(terminated(directive_name("else"), end_of_line)).parse_next(input)? {
        Some(()) => cut_err(nodes).parse_next(input)?,
        None => Vec::new(),
    };
    end("an #if without #end", input)?;
    Ok(Node::If(branches, otherwise))
}

/// Any word stands between the variable and the list, as in 1.7.
fn foreach(input: &mut Source<'_>) -> ModalResult<Node> {
    let word = take_while(1.., |c: char| c.is_ascii_alphanumeric() || c == '_');
    let head = (reference, preceded((multispace0, word, multispace0), argument));
    let (variable, list) = preceded(directive_name("foreach"), parenthesised("#foreach", head)).parse_next(input)?;
    let body = cut_err(nodes).parse_next(input)?;
    end("a #foreach without #end", input)?;
    Ok(Node::Foreach(variable.name, list, body))
}

fn define(input: &mut Source<'_>) -> ModalResult<Node> {
    let name = preceded(directive_name("define"), parenthesised("#define", reference)).parse_next(input)?.name;
    let body = cut_err(nodes).parse_next(input)?;
    end("a #define without #end", input)?;
    Ok(Node::Define(name, Arc::new(body)))
}

fn evaluate(input: &mut Source<'_>) -> ModalResult<Node> {
    let text = preceded(directive_name("evaluate"), parenthesised("#evaluate", argument)).parse_next(input)?;
    Ok(Node::Evaluate(text))
}

fn end(what: &'static str, input: &mut Source<'_>) -> ModalResult<()> {
    cut_err(directive_name("end")).context(StrContext::Label(what)).parse_next(input)?;
    end_of_line(input)
}
