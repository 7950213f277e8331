//! Carries out parameter mappings.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html>

use super::answer::Answer;
use super::compiled::CompiledIntegration;
use super::context;
use super::exchange::Exchange;
use super::failure::Failure;
use crate::model::jsonpath::JsonPath;
use crate::model::mapping::{Change, Expression, Mapping, Piece, Place, Selection};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use std::borrow::Cow;

/// "When you specify a JSON path, API Gateway truncates the request body at 100 KB and then applies the selection expression."
const JSON: usize = 100 * 1024;

pub(super) const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Changes a request before its integration gets it. Values are those of the request as it came.
pub fn change_request(exchange: &mut Exchange<'_>, mappings: &[Mapping]) {
    if mappings.is_empty() {
        return;
    }
    let values: Vec<String> = mappings.iter().map(|mapping| of_request(exchange, &mapping.value)).collect();
    let request = &mut exchange.request;
    let mut has_query = false;
    for (mapping, value) in mappings.iter().zip(values) {
        match &mapping.place {
            Place::Header(name) => {
                change(&mut request.headers, mapping.change, &name.to_ascii_lowercase(), value, true)
            }
            Place::Query(name) => {
                has_query = true;
                change(&mut request.query, mapping.change, name, value, false);
            }
            Place::Path => request.path = if value.starts_with('/') { value } else { format!("/{value}") },
            Place::Status => {}
        }
    }
    if has_query {
        let encoded = |text: &str| utf8_percent_encode(text, QUERY).to_string();
        let pairs = request.query.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
        request.query_text = pairs.collect::<Vec<_>>().join("&");
    }
}

/// Changes an answer by the mappings of its status.
///
/// # Errors
/// 500 for a status that is none.
pub fn change_answer(
    exchange: &Exchange<'_>,
    integration: &CompiledIntegration,
    mut answer: Answer,
) -> Result<Answer, Failure> {
    let Some(mappings) = integration.responses.get(&answer.status) else { return Ok(answer) };
    let values: Vec<String> = mappings.iter().map(|mapping| of_answer(exchange, &answer, &mapping.value)).collect();
    for (mapping, value) in mappings.iter().zip(values) {
        match &mapping.place {
            Place::Header(name) => change(&mut answer.headers, mapping.change, name, value, true),
            Place::Status => {
                let status = value.parse().ok().filter(|status| (200..=599).contains(status));
                answer.status = status.ok_or_else(|| Failure::Internal(format!("{value} is no HTTP status")))?;
            }
            Place::Query(_) | Place::Path => {}
        }
    }
    Ok(answer)
}

fn change(pairs: &mut Vec<(String, String)>, change: Change, name: &str, value: String, is_header: bool) {
    let is_it = |own: &str| if is_header { own.eq_ignore_ascii_case(name) } else { own == name };
    match change {
        // A value that is not there adds nothing.
        Change::Append if value.is_empty() => {}
        Change::Append => pairs.push((name.to_owned(), value)),
        Change::Overwrite => {
            pairs.retain(|(own, _)| !is_it(own));
            pairs.push((name.to_owned(), value));
        }
        Change::Remove => pairs.retain(|(own, _)| !is_it(own)),
    }
}

/// The value of an expression over a request.
pub fn of_request(exchange: &Exchange<'_>, expression: &Expression) -> String {
    expression.0.iter().map(|piece| of_piece(exchange, piece)).collect()
}

/// The same, where it is known whether there is any: an expression of one selection that leads to nothing has none.
pub fn selected(exchange: &Exchange<'_>, expression: &Expression) -> Option<String> {
    match &expression.0[..] {
        [Piece::Value(selection)] => request_value(exchange, selection).map(Cow::into_owned),
        _ => Some(of_request(exchange, expression)),
    }
}

fn of_piece<'e>(exchange: &'e Exchange<'_>, piece: &'e Piece) -> Cow<'e, str> {
    match piece {
        Piece::Text(text) => text.into(),
        Piece::Value(selection) => request_value(exchange, selection).unwrap_or_default(),
    }
}

fn request_value<'e>(exchange: &'e Exchange<'_>, selection: &Selection) -> Option<Cow<'e, str>> {
    let request = &exchange.request;
    match selection {
        Selection::Header(name) => request.header(name),
        Selection::Query(name) => request.query_parameter(name),
        Selection::Body => Some(String::from_utf8_lossy(&request.body)),
        Selection::BodyPath(path) => part(path, &request.body).map(Into::into),
        Selection::Path => Some(request.decoded_path().into()),
        Selection::PathParameter(name) => request.path_parameter(name).map(Into::into),
        Selection::Context(name) => context::variable(exchange, name).map(Into::into),
        Selection::StageVariable(name) => exchange.stage.variables.get(name).map(|value| value.as_str().into()),
    }
}

fn of_answer(exchange: &Exchange<'_>, answer: &Answer, expression: &Expression) -> String {
    let value = |piece: &Piece| match piece {
        Piece::Text(text) => text.clone(),
        Piece::Value(Selection::Header(name)) => {
            let values = answer.headers.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name));
            values.map(|(_, value)| value.as_str()).collect::<Vec<_>>().join(",")
        }
        Piece::Value(Selection::Body) => String::from_utf8_lossy(&answer.body).into_owned(),
        Piece::Value(Selection::BodyPath(path)) => part(path, &answer.body).unwrap_or_default(),
        Piece::Value(selection) => request_value(exchange, selection).unwrap_or_default().into_owned(),
    };
    expression.0.iter().map(value).collect()
}

/// A part of a JSON body; texts without their quotes.
fn part(path: &JsonPath, body: &[u8]) -> Option<String> {
    let document: Value = serde_json::from_slice(body.get(..JSON).unwrap_or(body)).ok()?;
    match path.evaluate(&document)? {
        Value::Null => None,
        value => Some(context::text(&value)),
    }
}
