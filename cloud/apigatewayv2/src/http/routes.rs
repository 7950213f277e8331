//! Finds the route of a request.
//!
//! "API Gateway selects the route with the most-specific match, using the following priorities: full match for a route and
//! method; match for a route and method with a greedy path variable ({proxy+}); the $default route."
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html>. Of full matches, a literal segment
//! goes before a variable, from the left; of greedy ones, the longest path. A method goes before `ANY` on the same path.

use crate::model::{RouteKey, Segment};
use slam_cloud_gateway::request::decode;
use std::collections::HashMap;

/// The routes of a stage, as a tree of segments.
#[derive(Default)]
pub struct Routes {
    nodes: Vec<Node>,
    default: Option<usize>,
}

#[derive(Default)]
struct Node {
    literals: HashMap<String, usize>,
    variable: Option<usize>,
    here: Methods,
    greedy: Methods,
}

/// Routes by their methods.
#[derive(Default)]
struct Methods(HashMap<String, usize>);

impl Methods {
    fn of(&self, method: &str) -> Option<usize> {
        self.0.get(method).or_else(|| self.0.get("ANY")).copied()
    }
}

impl Routes {
    /// Adds a route under its number.
    pub fn insert(&mut self, key: &RouteKey, route: usize) {
        let RouteKey::Path { method, path } = key else {
            self.default = Some(route);
            return;
        };
        if self.nodes.is_empty() {
            self.nodes.push(Node::default());
        }
        let mut at = 0;
        for segment in &path.0 {
            at = match segment {
                Segment::Greedy(_) => {
                    self.nodes[at].greedy.0.insert(method.clone(), route);
                    return;
                }
                Segment::Variable(_) => {
                    let next = self.nodes.len();
                    *self.nodes[at].variable.get_or_insert(next)
                }
                Segment::Literal(text) => {
                    let next = self.nodes.len();
                    *self.nodes[at].literals.entry(text.clone()).or_insert(next)
                }
            };
            if at == self.nodes.len() {
                self.nodes.push(Node::default());
            }
        }
        self.nodes[at].here.0.insert(method.clone(), route);
    }

    /// The number of the route for a method and a path, which is still percent-encoded.
    pub fn find(&self, method: &str, path: &str) -> Option<usize> {
        let segments = segments(path);
        let found = self.full(0, method, &segments).or_else(|| self.greedy(0, method, &segments));
        found.or(self.default)
    }

    fn full(&self, at: usize, method: &str, segments: &[&str]) -> Option<usize> {
        let node = self.nodes.get(at)?;
        let Some((first, rest)) = segments.split_first() else { return node.here.of(method) };
        let literal = node.literals.get(&*decode(first)).and_then(|child| self.full(*child, method, rest));
        // A variable stands for something.
        let variable = node.variable.filter(|_| !first.is_empty());
        literal.or_else(|| variable.and_then(|child| self.full(child, method, rest)))
    }

    fn greedy(&self, at: usize, method: &str, segments: &[&str]) -> Option<usize> {
        let node = self.nodes.get(at)?;
        let (first, rest) = segments.split_first()?;
        let literal = node.literals.get(&*decode(first)).and_then(|child| self.greedy(*child, method, rest));
        let variable =
            || node.variable.filter(|_| !first.is_empty()).and_then(|child| self.greedy(child, method, rest));
        literal.or_else(variable).or_else(|| node.greedy.of(method))
    }
}

/// The segments of a path; `/` has none.
fn segments(path: &str) -> Vec<&str> {
    let path = path.strip_prefix('/').unwrap_or(path);
    if path.is_empty() { Vec::new() } else { path.split('/').collect() }
}

/// What a path has for the variables of a route, decoded: "API Gateway decodes URL-encoded request parameters before passing them
/// to your backend integration."
pub fn parameters(key: &RouteKey, path: &str) -> Vec<(String, String)> {
    let RouteKey::Path { path: route, .. } = key else { return Vec::new() };
    let mut rest = path.strip_prefix('/').unwrap_or(path);
    let mut parameters = Vec::new();
    for segment in &route.0 {
        let (first, after) = rest.split_once('/').unwrap_or((rest, ""));
        match segment {
            Segment::Literal(_) => {}
            Segment::Variable(name) => parameters.push((name.clone(), decode(first).into_owned())),
            Segment::Greedy(name) => parameters.push((name.clone(), decode(rest).into_owned())),
        }
        rest = after;
    }
    parameters
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(keys: &[&str], method: &str, path: &str) -> Option<(String, Vec<(String, String)>)> {
        let parsed: Vec<RouteKey> = keys.iter().map(|key| RouteKey::parse(key).unwrap()).collect();
        let mut routes = Routes::default();
        parsed.iter().enumerate().for_each(|(number, key)| routes.insert(key, number));
        routes.find(method, path).map(|number| (keys[number].to_owned(), parameters(&parsed[number], path)))
    }

    fn check(keys: &[&str], method: &str, path: &str, expected: Option<&str>) {
        let found = found(keys, method, path).map(|(key, _)| key);
        assert_eq!(found.as_deref(), expected, "{method} {path} of {keys:?}");
    }

    const DOCUMENTED: [&str; 5] =
        ["GET /pets/dog/1", "GET /pets/dog/{id}", "GET /pets/{proxy+}", "ANY /{proxy+}", "$default"];

    /// The table of "Routing API requests".
    #[test]
    fn the_documented_example() {
        check(&DOCUMENTED, "GET", "/pets/dog/1", Some("GET /pets/dog/1"));
        check(&DOCUMENTED, "GET", "/pets/dog/2", Some("GET /pets/dog/{id}"));
        check(&DOCUMENTED, "GET", "/pets/cat/1", Some("GET /pets/{proxy+}"));
        check(&DOCUMENTED, "POST", "/test/5", Some("ANY /{proxy+}"));
        check(&DOCUMENTED, "POST", "/pets/dog/1", Some("ANY /{proxy+}"));
        check(&DOCUMENTED, "GET", "/", Some("$default"));
    }

    #[test]
    fn methods_go_before_any_on_the_same_path() {
        let keys = ["ANY /a", "GET /a", "GET /{proxy+}"];
        check(&keys, "GET", "/a", Some("GET /a"));
        check(&keys, "PUT", "/a", Some("ANY /a"));
        check(&keys, "PUT", "/b", None);
        check(&["ANY /pets/dog", "GET /pets/{id}"], "GET", "/pets/dog", Some("ANY /pets/dog"));
        check(&["POST /pets/dog", "GET /pets/{id}"], "GET", "/pets/dog", Some("GET /pets/{id}"));
    }

    #[test]
    fn full_matches_go_before_greedy_ones() {
        let keys = ["GET /a/{proxy+}", "GET /{x}/b"];
        check(&keys, "GET", "/a/b", Some("GET /{x}/b"));
        check(&keys, "GET", "/a/c", Some("GET /a/{proxy+}"));
        check(&keys, "GET", "/a/b/c", Some("GET /a/{proxy+}"));
        check(&["GET /a/b/{x+}", "GET /a/{x+}"], "GET", "/a/b/c/d", Some("GET /a/b/{x+}"));
        check(&["POST /a/b/{x+}", "GET /a/{x+}"], "GET", "/a/b/c/d", Some("GET /a/{x+}"));
    }

    #[test]
    fn slashes_count() {
        let keys = ["GET /", "GET /a", "GET /b/", "GET /c/{x}", "GET /d/{x+}"];
        check(&keys, "GET", "/", Some("GET /"));
        check(&keys, "GET", "", Some("GET /"));
        check(&keys, "GET", "/a", Some("GET /a"));
        check(&keys, "GET", "/a/", None);
        check(&keys, "GET", "/b/", Some("GET /b/"));
        check(&keys, "GET", "/b", None);
        check(&keys, "GET", "/c/", None);
        check(&keys, "GET", "/d", None);
        check(&keys, "GET", "/nothing", None);
        check(&[], "GET", "/", None);
        check(&["$default"], "PURGE", "/x/y", Some("$default"));
    }

    #[test]
    fn parameters_are_decoded() {
        let pairs = |key: &str, path: &str| {
            let (_, parameters) = found(&[key], "GET", path).unwrap();
            parameters.into_iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("|")
        };
        assert_eq!(pairs("GET /a/{b}/c/{d}", "/a/1/c/x%20y"), "b=1|d=x y");
        assert_eq!(pairs("GET /a/{b}", "/a/x%2Fy"), "b=x/y");
        assert_eq!(pairs("GET /a/{b+}", "/a/x/y%20z/"), "b=x/y z/");
        assert_eq!(pairs("$default", "/a"), "");
    }
}
