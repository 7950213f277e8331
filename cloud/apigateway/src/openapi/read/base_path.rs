//! The path before all paths.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-import-api-basePath.html>

use crate::openapi::document::Document;
use serde_json::Value;

/// What becomes of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BasePath {
    /// It is as if it was not there.
    #[default]
    Ignore,
    /// It stands before all paths.
    Prepend,
    /// All but its first segment does.
    Split,
}

impl BasePath {
    /// What AWS names so.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "ignore" => Self::Ignore,
            "prepend" => Self::Prepend,
            "split" => Self::Split,
            _ => return None,
        })
    }

    /// The segments that stand before all paths.
    pub fn segments(self, document: &Document) -> Vec<String> {
        let skipped = match self {
            Self::Ignore => return Vec::new(),
            Self::Prepend => 0,
            Self::Split => 1,
        };
        let path = of(document).unwrap_or_default();
        path.split('/').filter(|segment| !segment.is_empty()).skip(skipped).map(str::to_owned).collect()
    }
}

/// OpenAPI 3 has a variable `basePath` of a server by convention, or the path of the server's URL.
fn of(document: &Document) -> Option<String> {
    let root = document.root();
    if document.is_swagger() {
        return root.get("basePath")?.as_str().map(str::to_owned);
    }
    let servers = root.get("servers")?.as_array()?;
    let variable = |server: &Value| server.pointer("/variables/basePath/default")?.as_str().map(str::to_owned);
    servers.iter().find_map(variable).or_else(|| {
        let url = servers.first()?.get("url")?.as_str()?;
        let path = url.split_once("://").map_or(Some(url), |(_, rest)| rest.find('/').map(|at| &rest[at..]))?;
        Some(path.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use slam_cloud_core::{Context, Principal};

    /// Recorded: test_import_rest_api_with_base_path_oas30, test_import_rest_apis_with_base_path_swagger.
    #[test]
    fn the_base_path_is_a_servers_variable_or_the_path_of_its_url() {
        let context = Context::new("111111111111", "us-east-1", Principal::Anonymous);
        for (text, expected) in [
            (r#"{"swagger": "2.0", "basePath": "/base"}"#, ["base", ""]),
            (
                r#"{"openapi": "3.0.1", "servers": [{"url": "https://t.com/base-url/part/"}]}"#,
                ["base-url/part", "part"],
            ),
            (r#"{"openapi": "3.0.1", "servers": [{"url": "https://t.com"}]}"#, ["", ""]),
            (r#"{"openapi": "3.0.1", "servers": [{"url": "/a"}]}"#, ["a", ""]),
            (
                r#"{"openapi": "3.0.1", "servers": [{"url": "https://t.com", "variables": {"basePath": {"default": "/base-var"}}}]}"#,
                ["base-var", ""],
            ),
            (r#"{"openapi": "3.0.1"}"#, ["", ""]),
        ] {
            let document = Document::read(text.as_bytes(), &context).unwrap();
            let [prepended, split] =
                [BasePath::Prepend, BasePath::Split].map(|mode| mode.segments(&document).join("/"));
            assert_eq!([&*prepended, &*split], expected, "{text}");
            assert!(BasePath::Ignore.segments(&document).is_empty());
        }
    }
}
