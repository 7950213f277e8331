//! Route keys: `$default`, or a method and a path.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html>

use crate::error::bad_request;
use slam_cloud_core::AwsResult;

/// What a route answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RouteKey {
    /// What no other route does.
    Default,
    /// A method on a path; `ANY` is every method that the path has no route of its own for.
    Path {
        /// `GET`, or `ANY`.
        method: String,
        /// Its segments.
        path: RoutePath,
    },
}

/// A path, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoutePath(pub Vec<Segment>);

/// What stands between two slashes of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// The same text.
    Literal(String),
    /// `{name}`: any one segment.
    Variable(String),
    /// `{name+}`: all that follows, at the end alone.
    Greedy(String),
}

/// "HTTP APIs" of the model's documentation, and `ANY`.
const METHODS: [&str; 8] = ["ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

impl RouteKey {
    /// Reads a key.
    ///
    /// # Errors
    /// `BadRequestException`
    pub fn parse(text: &str) -> AwsResult<Self> {
        if text == "$default" {
            return Ok(Self::Default);
        }
        let malformed = || {
            bad_request(format!(
                "Provided route key: {text} is not properly formatted for HTTP protocol. Format should be \
                 \"<HTTP METHOD> /<RESOURCE PATH>\" or \"$default\""
            ))
        };
        let (method, path) = text.split_once(' ').filter(|(_, path)| path.starts_with('/')).ok_or_else(malformed)?;
        if !METHODS.contains(&method) || path.contains([' ', '?', '#']) {
            return Err(malformed());
        }
        let path = RoutePath::parse(path).ok_or_else(malformed)?;
        Ok(Self::Path { method: method.to_owned(), path })
    }

    /// Whether two keys are for the same requests, whatever they call their variables.
    /// <https://github.com/plutomi/plutomi/issues/271>
    pub fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Default, Self::Default) => true,
            (Self::Path { method: one, path: of_one }, Self::Path { method: two, path: of_two }) => {
                one == two && of_one.shape() == of_two.shape()
            }
            _ => false,
        }
    }
}

impl RoutePath {
    /// Reads a path. A greedy variable stands at its end alone, and no two variables have the same name.
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.strip_prefix('/')?.split('/').collect();
        let last = parts.len() - 1;
        let mut segments = Vec::with_capacity(parts.len());
        let mut names = Vec::new();
        for (at, part) in parts.into_iter().enumerate() {
            let variable = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
            segments.push(match variable {
                Some(variable) => {
                    let (name, greedy) = variable.strip_suffix('+').map_or((variable, false), |name| (name, true));
                    let word = |c: char| c.is_ascii_alphanumeric() || "._-:".contains(c);
                    if name.is_empty() || !name.chars().all(word) || names.contains(&name) || (greedy && at != last) {
                        return None;
                    }
                    names.push(name);
                    if greedy { Segment::Greedy(name.to_owned()) } else { Segment::Variable(name.to_owned()) }
                }
                None if part.contains(['{', '}']) => return None,
                None => Segment::Literal(part.to_owned()),
            });
        }
        // `/` is one empty segment, and no segment at all.
        if segments == [Segment::Literal(String::new())] {
            segments.clear();
        }
        Some(Self(segments))
    }

    /// The path without the names of its variables.
    fn shape(&self) -> Vec<&str> {
        let of = self.0.iter().map(|segment| match segment {
            Segment::Literal(text) => text.as_str(),
            Segment::Variable(_) => "{}",
            Segment::Greedy(_) => "{+}",
        });
        of.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_methods_and_paths() {
        for (text, is_valid) in [
            ("$default", true),
            ("GET /", true),
            ("GET /pets", true),
            ("ANY /{proxy+}", true),
            ("POST /a/{b}/c/{d+}", true),
            ("PATCH /a.b/~c/:x", true),
            ("GET /pets/", true),
            ("", false),
            ("GET", false),
            ("GET pets", false),
            ("get /pets", false),
            ("TRACE /pets", false),
            ("GET  /pets", false),
            ("GET /{proxy+}/a", false),
            ("GET /{}", false),
            ("GET /{a", false),
            ("GET /x{a}", false),
            ("GET /{a}/{a}", false),
            ("GET /a?b", false),
            ("$connect", false),
            ("sendmessage", false),
        ] {
            assert_eq!(RouteKey::parse(text).is_ok(), is_valid, "{text}");
        }
    }

    #[test]
    fn names_of_variables_make_no_difference() {
        for (one, two, alike) in [
            ("GET /a/{b}/c", "GET /a/{x}/c", true),
            ("GET /a/{b}", "POST /a/{x}", false),
            ("GET /a/{b}", "GET /a/{b+}", false),
            ("GET /a/{b}", "GET /a/b", false),
            ("$default", "$default", true),
            ("$default", "ANY /{proxy+}", false),
        ] {
            assert_eq!(RouteKey::parse(one).unwrap().is_like(&RouteKey::parse(two).unwrap()), alike, "{one} {two}");
        }
    }
}
