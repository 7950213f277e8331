//! Parameter mappings: what of a request or an answer is changed, and where the new value comes from.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html>

use super::jsonpath::JsonPath;

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// What is done.
    pub change: Change,
    /// Where.
    pub place: Place,
    /// The value.
    pub value: Expression,
}

/// What is done to a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// A value is added.
    Append,
    /// A value takes the place of all that are there.
    Overwrite,
    /// All values go.
    Remove,
}

/// What is changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A header.
    Header(String),
    /// A parameter of the query string.
    Query(String),
    /// The path of the request.
    Path,
    /// The status of the answer.
    Status,
}

/// A text with values in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expression(pub Vec<Piece>);

/// A part of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Text as it is.
    Text(String),
    /// What a selection leads to.
    Value(Selection),
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// `$request.header.x`, `$response.header.x`: all its values, with commas.
    Header(String),
    /// `$request.querystring.x`: all its values, with commas.
    Query(String),
    /// `$request.body`, `$response.body`
    Body,
    /// `$request.body.a.b`
    BodyPath(JsonPath),
    /// `$request.path`: without the stage.
    Path,
    /// `$request.path.x`
    PathParameter(String),
    /// `$context.x`
    Context(String),
    /// `$stageVariables.x`
    StageVariable(String),
}

/// Whose parameters a selection reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// `$request.…`
    Request,
    /// `$response.…`
    Response,
}

/// Headers that no mapping may change ("Reserved headers").
const RESERVED: [&str; 18] = [
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-location",
    "forwarded",
    "keep-alive",
    "origin",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailers",
    "transfer-encoding",
    "upgrade",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "via",
];
const RESERVED_BEGINNINGS: [&str; 4] = ["access-control-", "apigw-", "x-amz-", "x-amzn-"];

impl Mapping {
    /// Reads `append:header.x` and its value.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(key: &str, value: &str, side: Side) -> Result<Self, String> {
        let invalid = || format!("Invalid mapping expression parameter specified: {key}");
        let (change, place) = key.split_once(':').ok_or_else(invalid)?;
        let change = match change {
            "append" => Change::Append,
            "overwrite" => Change::Overwrite,
            "remove" => Change::Remove,
            _ => return Err(invalid()),
        };
        let place = match (place.split_once('.'), side) {
            (Some(("header", name)), _) if is_token(name) => {
                if is_reserved(name) {
                    return Err(format!("Operations on header {name} are restricted"));
                }
                Place::Header(name.to_owned())
            }
            (Some(("querystring", name)), Side::Request) if !name.is_empty() => Place::Query(name.to_owned()),
            (None, Side::Request) if place == "path" && change == Change::Overwrite => Place::Path,
            (None, Side::Response) if place == "statuscode" && change == Change::Overwrite => Place::Status,
            _ => return Err(invalid()),
        };
        let value = Expression::parse(value, side)?;
        if place == Place::Status && !value.is_status() {
            return Err(format!("Invalid status code specified for {key}"));
        }
        Ok(Self { change, place, value })
    }
}

/// Whether a header is none that a mapping may change.
fn is_reserved(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    RESERVED.contains(&name.as_str()) || RESERVED_BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
}

fn is_token(name: &str) -> bool {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(token)
}

impl Expression {
    /// Reads `$request.header.x`, or a text with `${request.header.x}` in it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str, side: Side) -> Result<Self, String> {
        let invalid = |selection: &str| format!("Invalid mapping expression specified: {selection}");
        if let Some(selection) = text.strip_prefix('$').filter(|rest| !rest.starts_with('{')) {
            let selection = Selection::parse(selection, side).ok_or_else(|| invalid(text))?;
            return Ok(Self(vec![Piece::Value(selection)]));
        }
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (selection, after) = after.split_once('}').ok_or_else(|| invalid(text))?;
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_owned()));
            }
            pieces.push(Piece::Value(Selection::parse(selection, side).ok_or_else(|| invalid(text))?));
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        Ok(Self(pieces))
    }

    /// The text, where it has no values in it.
    pub fn constant(&self) -> Option<&str> {
        match &self.0[..] {
            [] => Some(""),
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// A status that is known when it is configured is one: "within the range of 200-599".
    fn is_status(&self) -> bool {
        self.constant().is_none_or(|text| text.parse().is_ok_and(|status: u16| (200..=599).contains(&status)))
    }
}

impl Selection {
    /// Reads what follows the `$`.
    pub fn parse(text: &str, side: Side) -> Option<Self> {
        let named = |name: &str| Some(name.to_owned()).filter(|name| !name.is_empty());
        if let Some(name) = text.strip_prefix("stageVariables.") {
            return named(name).map(Self::StageVariable);
        }
        if let Some(name) = text.strip_prefix("context.") {
            return named(name).map(Self::Context);
        }
        let part = match side {
            Side::Request => text.strip_prefix("request.")?,
            Side::Response => text.strip_prefix("response.")?,
        };
        if part == "body" {
            return Some(Self::Body);
        }
        if let Some(path) = part.strip_prefix("body").filter(|path| path.starts_with(['.', '['])) {
            return JsonPath::parse(&format!("${path}")).ok().map(Self::BodyPath);
        }
        match (part.split_once('.'), side) {
            (Some(("header", name)), _) => named(name).map(Self::Header),
            (Some(("querystring", name)), Side::Request) => named(name).map(Self::Query),
            (Some(("path", name)), Side::Request) => named(name).map(Self::PathParameter),
            (None, Side::Request) if part == "path" => Some(Self::Path),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(key: &str, value: &str, side: Side, expected: Option<&str>) {
        let read = Mapping::parse(key, value, side);
        let shown = read.as_ref().ok().map(|mapping| format!("{:?} {:?}", mapping.change, mapping.place));
        assert_eq!(shown.as_deref(), expected, "{key} {value}: {read:?}");
    }

    /// The tables of "Transforming API requests and responses", and "Reserved headers".
    #[test]
    fn what_may_be_changed() {
        use Side::{Request, Response};
        check("append:header.header1", "$context.requestId", Request, Some("Append Header(\"header1\")"));
        check("remove:header.header1", "''", Request, Some("Remove Header(\"header1\")"));
        check("overwrite:querystring.q", "a", Request, Some("Overwrite Query(\"q\")"));
        check("overwrite:path", "/x/$request.path", Request, Some("Overwrite Path"));
        check("append:path", "/x", Request, None);
        check("overwrite:statuscode", "403", Response, Some("Overwrite Status"));
        check("overwrite:statuscode", "99", Response, None);
        check("overwrite:statuscode", "103", Response, None);
        check("overwrite:statuscode", "$context.x", Response, Some("Overwrite Status"));
        check("overwrite:statuscode", "403", Request, None);
        check("append:querystring.q", "a", Response, None);
        check("replace:header.a", "a", Request, None);
        check("header.a", "a", Request, None);
        check("append:cookie.a", "a", Request, None);
        for header in ["Authorization", "access-control-allow-origin", "apigw-x", "Via", "x-amzn-trace-id", "TE"] {
            check(&format!("overwrite:header.{header}"), "a", Request, None);
        }
    }

    #[test]
    fn values_are_texts_with_selections() {
        use Side::{Request, Response};
        for (text, side, pieces) in [
            ("plain", Request, Some(1)),
            ("", Request, Some(0)),
            ("$request.header.a", Request, Some(1)),
            ("${request.path.name} ${request.path.id}", Request, Some(3)),
            ("/a/${stageVariables.x}/b", Request, Some(3)),
            ("$request.body.a[0]", Request, Some(1)),
            ("$request.body..a", Request, None),
            ("$request.body[?(@.a)]", Request, None),
            ("$request.body", Request, Some(1)),
            ("$request.cookie.a", Request, None),
            ("$response.body.a", Response, Some(1)),
            ("$request.header.a", Response, None),
            ("$response.header.a", Request, None),
            ("${request.header.a", Request, None),
        ] {
            let read = Expression::parse(text, side);
            assert_eq!(read.as_ref().ok().map(|expression| expression.0.len()), pieces, "{text}: {read:?}");
        }
    }
}
