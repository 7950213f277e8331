//! Which inputs ask for what is refused, as code: `it.code.source_kms_key_arn.is_given()`.

use super::layout::literal;
use super::model::{Service, Shape};
use super::names::field;
use super::selection::Refused;
use anyhow::{Context, Result, bail};

/// Whether an input, `it`, of the given shape has a refused member.
pub fn given(service: &Service, input: &str, refused: &Refused) -> Result<String> {
    let path: Vec<&str> = refused.path.split('.').collect();
    let found = within(service, service.shape(input)?, "it", &path, refused.unless.as_deref());
    found.with_context(|| format!("{input} has no member to refuse at {}", refused.path))
}

fn within(service: &Service, shape: &Shape, it: &str, path: &[&str], unless: Option<&str>) -> Result<String> {
    let (name, rest) = path.split_first().context("a path has a member")?;
    let members = shape.members()?;
    let (member, reference) = members.iter().find(|(member, _)| member == name).context("it is not in the model")?;
    let optional = !shape.required.contains(member);
    let here = format!("{it}.{}", field(member));
    let inner = service.shape(&reference.shape)?;
    if rest.is_empty() {
        return value(inner, &here, optional, unless);
    }
    if inner.is_structure() {
        return if optional {
            Ok(format!("{here}.as_ref().is_some_and(|it| {})", within(service, inner, "it", rest, unless)?))
        } else {
            within(service, inner, &here, rest, unless)
        };
    }
    let element = inner.member.as_ref().context("only structures and lists have members")?;
    let element = within(service, service.shape(&element.shape)?, "it", rest, unless)?;
    Ok(format!("{here}.iter(){}.any(|it| {element})", if optional { ".flatten()" } else { "" }))
}

fn value(shape: &Shape, here: &str, optional: bool, unless: Option<&str>) -> Result<String> {
    let Some(unless) = unless else { return Ok(format!("{here}.is_given()")) };
    let (unless, some) = match shape.kind.as_str() {
        "string" => (literal(unless), format!("{here}.as_deref()")),
        "integer" | "long" => (unless.parse::<i64>()?.to_string(), here.to_owned()),
        other => bail!("a default of the type {other} is not known"),
    };
    Ok(if optional { format!("{some}.is_some_and(|it| it != {unless})") } else { format!("{here} != {unless}") })
}
