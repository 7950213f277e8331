//! Reads templates.
//!
//! Velocity's grammar has no errors in its text: a `$` or `#` that begins nothing known is text. Inside a directive or
//! an argument list there is no way back, so there parsers are cut.

use super::TemplateError;
use super::ast::{Expression, Node, Operator, Reference, Step};
use winnow::ascii::{digit1, multispace0};
use winnow::combinator::{alt, cut_err, delimited, not, opt, peek, preceded, repeat, separated, terminated};
use winnow::error::{ContextError, ErrMode, StrContext};
use winnow::prelude::*;
use winnow::stream::{Stateful, Stream};
use winnow::token::{any, one_of, take_till, take_until, take_while};

/// Blocks, parentheses and strings within one another; deeper ones would exhaust the stack.
const DEPTH: usize = 48;

type Source<'i> = Stateful<&'i str, usize>;

/// Reads a whole template.
pub fn template(text: &str) -> Result<Vec<Node>, TemplateError> {
    let mut input = Source { input: text, state: 0 };
    let line = |input: &Source<'_>| text[..text.len() - input.input.len()].lines().count().max(1);
    let nodes =
        nodes(&mut input).map_err(|error| TemplateError::Syntax { line: line(&input), what: reason(&error) })?;
    if input.input.is_empty() {
        return Ok(nodes);
    }
    let what = input.input.lines().next().unwrap_or_default().chars().take(40).collect();
    Err(TemplateError::Syntax { line: line(&input), what })
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
        while !input.input.is_empty() && closing(input).is_none() {
            match node(input)? {
                Some(Node::Text(more)) => match nodes.last_mut() {
                    Some(Node::Text(text)) => text.push_str(&more),
                    _ => nodes.push(Node::Text(more)),
                },
                Some(node) => {
                    if matches!(node, Node::Set(..)) {
                        drop_indentation(&mut nodes);
                    }
                    nodes.push(node);
                }
                None => {}
            }
        }
        Ok(nodes)
    })
}

/// Velocity takes the blanks before a `#set` that begins its line.
fn drop_indentation(nodes: &mut Vec<Node>) {
    let first = nodes.len() == 1;
    let Some(Node::Text(text)) = nodes.last_mut() else { return };
    let kept = text.trim_end_matches([' ', '\t']).len();
    if text[..kept].ends_with('\n') || (first && kept == 0) {
        text.truncate(kept);
    }
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
    alt((("#{", name, "}").void(), ("#", name, not(one_of(|c: char| c.is_ascii_alphanumeric() || c == '_'))).void()))
}

/// One node, or nothing where a comment stood.
fn node(input: &mut Source<'_>) -> ModalResult<Option<Node>> {
    alt((
        comment.map(|()| None),
        raw.map(|text| Some(Node::Text(text))),
        directive.map(Some),
        reference.map(|reference| Some(Node::Reference(reference))),
        text.map(|text| Some(Node::Text(text))),
    ))
    .parse_next(input)
}

fn comment(input: &mut Source<'_>) -> ModalResult<()> {
    alt((
        ("##", take_till(0.., ['\n']), opt('\n')).void(),
        ("#*", cut_err(terminated(take_until(0.., "*#"), "*#")).context(StrContext::Label("a comment without end")))
            .void(),
    ))
    .parse_next(input)
}

/// `#[[ text ]]#`
fn raw(input: &mut Source<'_>) -> ModalResult<String> {
    delimited("#[[", take_until(0.., "]]#"), "]]#").map(str::to_owned).parse_next(input)
}

/// Up to the next `$` or `#`; one of them alone is text too, and so is an escaped one.
fn text(input: &mut Source<'_>) -> ModalResult<String> {
    alt((
        preceded('\\', one_of(['$', '#'])).map(String::from),
        take_while(1.., |c| !matches!(c, '$' | '#' | '\\')).map(str::to_owned),
        any.map(String::from),
    ))
    .parse_next(input)
}

fn directive(input: &mut Source<'_>) -> ModalResult<Node> {
    alt((set, condition, foreach, simple("break", Node::Break), simple("stop", Node::Stop), unsupported))
        .parse_next(input)
}

fn simple<'i>(name: &'static str, node: Node) -> impl Parser<Source<'i>, Node, ErrMode<ContextError>> {
    terminated(directive_name(name), end_of_line).value(node)
}

/// Velocity has these, API Gateway has not.
fn unsupported(input: &mut Source<'_>) -> ModalResult<Node> {
    alt((
        directive_name("macro"),
        directive_name("define"),
        directive_name("include"),
        directive_name("parse"),
        directive_name("evaluate"),
    ))
    .parse_next(input)?;
    cut_err(winnow::combinator::fail.context(StrContext::Label("a directive that API Gateway does not have")))
        .parse_next(input)
}

/// The rest of a line that a directive ends, taken with it when it is blank.
fn end_of_line(input: &mut Source<'_>) -> ModalResult<()> {
    opt((take_while(0.., [' ', '\t']), opt('\r'), '\n')).void().parse_next(input)
}

/// `( … )` after a directive's name: no way back from here.
fn parenthesised<'i, T>(
    what: &'static str,
    inner: impl Parser<Source<'i>, T, ErrMode<ContextError>>,
) -> impl Parser<Source<'i>, T, ErrMode<ContextError>> {
    delimited(
        (multispace0, '(', multispace0),
        cut_err(inner).context(StrContext::Label(what)),
        cut_err((multispace0, ')')).context(StrContext::Label(what)),
    )
}

fn set(input: &mut Source<'_>) -> ModalResult<Node> {
    let assignment = (reference, preceded((multispace0, '=', multispace0), expression));
    let (target, value) = preceded(directive_name("set"), parenthesised("#set", assignment)).parse_next(input)?;
    end_of_line(input)?;
    Ok(Node::Set(target, value))
}

fn condition(input: &mut Source<'_>) -> ModalResult<Node> {
    let first = preceded(directive_name("if"), parenthesised("#if", expression)).parse_next(input)?;
    end_of_line(input)?;
    let mut branches = vec![(first, cut_err(nodes).parse_next(input)?)];
    while closing(input) == Some("elseif") {
        let next = preceded(directive_name("elseif"), parenthesised("#elseif", expression)).parse_next(input)?;
        end_of_line(input)?;
        branches.push((next, cut_err(nodes).parse_next(input)?));
    }
    let otherwise = match opt(terminated(directive_name("else"), end_of_line)).parse_next(input)? {
        Some(()) => cut_err(nodes).parse_next(input)?,
        None => Vec::new(),
    };
    end("an #if without #end", input)?;
    Ok(Node::If(branches, otherwise))
}

fn foreach(input: &mut Source<'_>) -> ModalResult<Node> {
    let head = (reference, preceded((multispace0, "in", multispace0), expression));
    let (variable, list) = preceded(directive_name("foreach"), parenthesised("#foreach", head)).parse_next(input)?;
    end_of_line(input)?;
    let body = cut_err(nodes).parse_next(input)?;
    end("a #foreach without #end", input)?;
    Ok(Node::Foreach(variable.name, list, body))
}

fn end(what: &'static str, input: &mut Source<'_>) -> ModalResult<()> {
    cut_err(directive_name("end")).context(StrContext::Label(what)).parse_next(input)?;
    end_of_line(input)
}

/// `$name`, `$!name`, `${name}`, `$!{name}` and what follows.
fn reference(input: &mut Source<'_>) -> ModalResult<Reference> {
    deeper(input, |input| {
        ('$', opt('!')).parse_next(input)?;
        alt((delimited('{', path, '}'), path)).parse_next(input)
    })
}

fn path(input: &mut Source<'_>) -> ModalResult<Reference> {
    let name = identifier.parse_next(input)?;
    let steps = repeat(0.., step).parse_next(input)?;
    Ok(Reference { name, steps })
}

fn identifier(input: &mut Source<'_>) -> ModalResult<String> {
    let start = one_of(|c: char| c.is_ascii_alphabetic() || c == '_');
    let rest = take_while(0.., |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    (start, rest).take().map(str::to_owned).parse_next(input)
}

fn step(input: &mut Source<'_>) -> ModalResult<Step> {
    alt((
        preceded('.', (identifier, opt(arguments))).map(|(name, arguments)| match arguments {
            Some(arguments) => Step::Call(name, arguments),
            None => Step::Property(name),
        }),
        delimited(('[', multispace0), expression, (multispace0, ']')).map(Step::Index),
    ))
    .parse_next(input)
}

fn arguments(input: &mut Source<'_>) -> ModalResult<Vec<Expression>> {
    let list = separated(0.., expression, (multispace0, ',', multispace0));
    let close = cut_err((multispace0, ')')).context(StrContext::Label("an argument list without end"));
    delimited(('(', multispace0), list, close).parse_next(input)
}

fn expression(input: &mut Source<'_>) -> ModalResult<Expression> {
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

fn sum(input: &mut Source<'_>) -> ModalResult<Expression> {
    left_to_right(input, product, |input| {
        alt(("+".value(Operator::Add), "-".value(Operator::Subtract))).parse_next(input)
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
        number,
        preceded('-', |input: &mut Source<'_>| deeper(input, unary)).map(|inner| Expression::Negative(Box::new(inner))),
        primary,
    ))
    .parse_next(input)
}

fn number(input: &mut Source<'_>) -> ModalResult<Expression> {
    // `1..5` is a range, not a number with a dot.
    let fraction = preceded('.', (peek(one_of('0'..='9')), digit1));
    let digits = (opt('-'), digit1, opt(fraction)).take();
    digits
        .verify_map(|text: &str| match text.contains('.') {
            true => text.parse().ok().map(Expression::Double),
            false => text.parse().ok().map(Expression::Integer),
        })
        .parse_next(input)
}

fn primary(input: &mut Source<'_>) -> ModalResult<Expression> {
    alt((
        reference.map(Expression::Reference),
        delimited(('(', multispace0), expression, (multispace0, ')')),
        delimited('\'', take_till(0.., ['\'']), '\'').map(|text: &str| Expression::Text(text.to_owned())),
        interpolated,
        literal,
        list,
        map,
    ))
    .parse_next(input)
}

fn literal(input: &mut Source<'_>) -> ModalResult<Expression> {
    alt((
        word("true").value(Expression::Boolean(true)),
        word("false").value(Expression::Boolean(false)),
        word("null").value(Expression::Null),
    ))
    .parse_next(input)
}

fn interpolated(input: &mut Source<'_>) -> ModalResult<Expression> {
    let depth = input.state;
    // A quote inside is written twice.
    let piece = alt((take_while(1.., |c| c != '"').map(str::to_owned), "\"\"".map(|_| "\"".to_owned())));
    let content: String =
        delimited('"', repeat(0.., piece).fold(String::new, |text, piece| text + &piece), '"').parse_next(input)?;
    let mut inner = Source { input: content.as_str(), state: depth };
    let parsed = nodes(&mut inner).map_err(|error| match error {
        ErrMode::Backtrack(context) => ErrMode::Cut(context),
        error => error,
    })?;
    Ok(match &parsed[..] {
        [] => Expression::Text(String::new()),
        [Node::Text(text)] => Expression::Text(text.clone()),
        _ => Expression::Interpolated(parsed),
    })
}

/// `[1..5]` or `[1, 2]`: told apart after the first value, so that no value is read twice.
fn list(input: &mut Source<'_>) -> ModalResult<Expression> {
    ('[', multispace0).parse_next(input)?;
    let first = opt(expression).parse_next(input)?;
    multispace0.parse_next(input)?;
    let list = match first {
        None => Expression::List(Vec::new()),
        Some(first) => match opt(preceded(("..", multispace0), expression)).parse_next(input)? {
            Some(last) => Expression::Range(Box::new(first), Box::new(last)),
            None => {
                let more: Vec<Expression> =
                    repeat(0.., preceded((multispace0, ',', multispace0), expression)).parse_next(input)?;
                Expression::List(std::iter::once(first).chain(more).collect())
            }
        },
    };
    (multispace0, ']').parse_next(input)?;
    Ok(list)
}

fn map(input: &mut Source<'_>) -> ModalResult<Expression> {
    let entry = (expression, preceded((multispace0, ':', multispace0), expression));
    let entries = separated(0.., entry, (multispace0, ',', multispace0));
    delimited(('{', multispace0), entries, (multispace0, '}')).map(Expression::Map).parse_next(input)
}
