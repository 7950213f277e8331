//! Where a mapped parameter's value comes from.
//!
//! AWS: "API Gateway API request and response data mapping reference".

use crate::vtl::jsonpath::JsonPath;

/// One side of a parameter mapping: `method.request.header.x`, `integration.response.body.y`, `'text'` …
#[derive(Clone, Debug)]
pub enum Source {
    /// `'text'`
    Literal(String),
    /// The last value of a header.
    Header(String),
    /// All values of a header.
    MultiValueHeader(String),
    /// The last value of a query parameter.
    Query(String),
    /// All values of a query parameter.
    MultiValueQuery(String),
    /// A path parameter.
    Path(String),
    /// The whole body.
    Body,
    /// A part of a JSON body.
    BodyPath(JsonPath),
    /// `context.identity.sourceIp`
    Context(String),
    /// `stageVariables.x`
    StageVariable(String),
}

impl Source {
    /// Reads an expression whose parts of the message begin with `message`: `method.request` or `integration.response`.
    pub fn parse(expression: &str, message: &str) -> Option<Self> {
        if let Some(text) = expression.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
            return Some(Self::Literal(text.to_owned()));
        }
        if let Some(name) = expression.strip_prefix("stageVariables.") {
            return Some(Self::StageVariable(name.to_owned()));
        }
        if let Some(path) = expression.strip_prefix("context.") {
            return Some(Self::Context(path.to_owned()));
        }
        let part = expression.strip_prefix(message)?.strip_prefix('.')?;
        if part == "body" {
            return Some(Self::Body);
        }
        if let Some(path) = part.strip_prefix("body").filter(|path| path.starts_with(['.', '['])) {
            return JsonPath::parse(&format!("${path}")).ok().map(Self::BodyPath);
        }
        let (place, name) = part.split_once('.')?;
        let name = name.to_owned();
        Some(match place {
            "header" => Self::Header(name),
            "multivalueheader" => Self::MultiValueHeader(name),
            "querystring" => Self::Query(name),
            "multivaluequerystring" => Self::MultiValueQuery(name),
            "path" => Self::Path(name),
            _ => return None,
        })
    }
}

/// A JSON value as a parameter: strings without their quotes.
pub fn text_of(value: serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text,
        serde_json::Value::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_name_their_source() {
        for (expression, expected) in [
            ("'a b'", "Literal(\"a b\")"),
            ("method.request.header.X-A", "Header(\"X-A\")"),
            ("method.request.multivaluequerystring.q", "MultiValueQuery(\"q\")"),
            ("method.request.path.id", "Path(\"id\")"),
            ("method.request.body", "Body"),
            ("context.identity.sourceIp", "Context(\"identity.sourceIp\")"),
            ("stageVariables.x", "StageVariable(\"x\")"),
        ] {
            assert_eq!(format!("{:?}", Source::parse(expression, "method.request").unwrap()), expected);
        }
        assert!(matches!(Source::parse("method.request.body.a[0]", "method.request"), Some(Source::BodyPath(_))));
        for nothing in ["", "true", "integration.response.header.x", "method.request.cookie.x", "method.requestbody"] {
            assert!(Source::parse(nothing, "method.request").is_none(), "{nothing}");
        }
    }
}
