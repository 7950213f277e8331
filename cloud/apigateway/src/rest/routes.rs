//! Which resource a path means.
//!
//! AWS: "Set up methods and resources": a literal segment before a variable one before a greedy one, with ways back:
//! when nothing fits below the better segment, the lesser one is tried. Resources without methods are not deployed,
//! so they catch nothing, and one without the request's verb lets a lesser one answer (asserted on AWS:
//! test_proxy_routing_with_hardcoded_resource_sibling). Empty segments count only inside what a greedy variable takes,
//! and what a variable takes is what was sent: an encoded slash does not end a segment (asserted on AWS:
//! test_lambda_aws_proxy_integration; aws-sam-cli issues 771 and 3524).

use percent_encoding::percent_decode_str;
use std::collections::HashMap;

/// The tree of a deployment's paths.
#[derive(Debug, Default)]
pub struct Routes {
    nodes: Vec<Node>,
}

#[derive(Debug, Default)]
struct Node {
    literals: HashMap<String, usize>,
    variable: Option<(String, usize)>,
    greedy: Option<(String, usize)>,
    /// The caller's number of the resource that ends here.
    route: Option<usize>,
}

/// A path's resource.
#[derive(Debug, PartialEq, Eq)]
pub struct Match {
    /// The number that [`Routes::insert`] was given.
    pub route: usize,
    /// The values of the variables as they were sent, in the order of the path.
    pub parameters: Vec<(String, String)>,
}

impl Routes {
    /// Adds a resource's path: `/users/{id}`.
    pub fn insert(&mut self, path: &str, route: usize) {
        if self.nodes.is_empty() {
            self.nodes.push(Node::default());
        }
        let mut at = 0;
        for part in path.split('/').filter(|part| !part.is_empty()) {
            at = self.child(at, part);
        }
        self.nodes[at].route = Some(route);
    }

    fn child(&mut self, at: usize, part: &str) -> usize {
        let next = self.nodes.len();
        let node = &mut self.nodes[at];
        let child = match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            Some(variable) => match variable.strip_suffix('+') {
                Some(name) => node.greedy.get_or_insert_with(|| (name.to_owned(), next)).1,
                None => node.variable.get_or_insert_with(|| (variable.to_owned(), next)).1,
            },
            None => *node.literals.entry(part.to_owned()).or_insert(next),
        };
        if child == next {
            self.nodes.push(Node::default());
        }
        child
    }

    /// Finds the resource of a path, which is still percent-encoded, among those that are `fit` for the request.
    pub fn find(&self, path: &str, fit: impl Fn(usize) -> bool) -> Option<Match> {
        let mut segments = Vec::new();
        let mut start = 0;
        for part in path.split('/') {
            if !part.is_empty() {
                segments.push((start, part));
            }
            start += part.len() + 1;
        }
        let mut parameters = Vec::new();
        let route = self.descend(0, path, &segments, &fit, &mut parameters)?;
        Some(Match { route, parameters })
    }

    fn descend(
        &self,
        at: usize,
        path: &str,
        segments: &[(usize, &str)],
        fit: &impl Fn(usize) -> bool,
        parameters: &mut Vec<(String, String)>,
    ) -> Option<usize> {
        let node = self.nodes.get(at)?;
        let Some(((start, segment), rest)) = segments.split_first() else {
            return node.route.filter(|route| fit(*route));
        };
        if let Some(child) = node.literals.get(&*percent_decode_str(segment).decode_utf8_lossy())
            && let Some(route) = self.descend(*child, path, rest, fit, parameters)
        {
            return Some(route);
        }
        if let Some((name, child)) = &node.variable {
            let before = parameters.len();
            parameters.push((name.clone(), (*segment).to_owned()));
            if let Some(route) = self.descend(*child, path, rest, fit, parameters) {
                return Some(route);
            }
            parameters.truncate(before);
        }
        let (name, child) = node.greedy.as_ref()?;
        let route = self.nodes.get(*child)?.route.filter(|route| fit(*route))?;
        parameters.push((name.clone(), path[*start..].trim_end_matches('/').to_owned()));
        Some(route)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATHS: [&str; 8] =
        ["/", "/users", "/users/{id}", "/users/{id}/posts", "/users/me", "/files/{path+}", "/{proxy+}", "/a/b/c"];

    fn check(path: &str, expected: Option<(&str, &[(&str, &str)])>) {
        let mut routes = Routes::default();
        PATHS.iter().enumerate().for_each(|(number, path)| routes.insert(path, number));
        let found = routes.find(path, |_| true).map(|found| (PATHS[found.route], found.parameters));
        let expected = expected.map(|(resource, parameters)| {
            (resource, parameters.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect::<Vec<_>>())
        });
        assert_eq!(found, expected, "{path}");
    }

    #[test]
    fn literals_before_variables_before_greedy_ones() {
        check("/", Some(("/", &[])));
        check("", Some(("/", &[])));
        check("/users", Some(("/users", &[])));
        check("/users/me", Some(("/users/me", &[])));
        check("/users/7", Some(("/users/{id}", &[("id", "7")])));
        check("/users/7/posts", Some(("/users/{id}/posts", &[("id", "7")])));
        check("/files/a/b.txt", Some(("/files/{path+}", &[("path", "a/b.txt")])));
        check("/other", Some(("/{proxy+}", &[("proxy", "other")])));
    }

    #[test]
    fn there_is_a_way_back_from_a_better_segment() {
        check("/users/me/posts", Some(("/users/{id}/posts", &[("id", "me")])));
        check("/users/7/photos", Some(("/{proxy+}", &[("proxy", "users/7/photos")])));
        check("/a/b", Some(("/{proxy+}", &[("proxy", "a/b")])));
        check("/files", Some(("/{proxy+}", &[("proxy", "files")])));
    }

    #[test]
    fn a_resource_that_does_not_fit_lets_a_lesser_one_answer() {
        let mut routes = Routes::default();
        ["/test", "/{name}/any", "/{proxy+}"].iter().enumerate().for_each(|(number, path)| routes.insert(path, number));
        for (path, unfit, expected) in [("/test", 0, Some(2)), ("/a/any", 1, Some(2)), ("/a/b", 2, None)] {
            let found = routes.find(path, |route| route != unfit).map(|found| found.route);
            assert_eq!(found, expected, "{path}");
        }
    }

    #[test]
    fn values_are_as_they_were_sent_but_for_slashes_at_the_end() {
        check("/users/", Some(("/users", &[])));
        check("//users", Some(("/users", &[])));
        check("/users/a%20b%2Fc", Some(("/users/{id}", &[("id", "a%20b%2Fc")])));
        check("/files/a%20b//c/", Some(("/files/{path+}", &[("path", "a%20b//c")])));
        check("/users/%257B", Some(("/users/{id}", &[("id", "%257B")])));
        check("/users/a+b%2Bc", Some(("/users/{id}", &[("id", "a+b%2Bc")])));
        check("/users/50%2525/posts", Some(("/users/{id}/posts", &[("id", "50%2525")])));
    }

    #[test]
    fn without_a_greedy_root_the_unknown_is_unknown() {
        let mut routes = Routes::default();
        routes.insert("/users/{id}", 0);
        assert_eq!(routes.find("/", |_| true), None);
        assert_eq!(routes.find("/users", |_| true), None);
        assert_eq!(routes.find("/users/1/2", |_| true), None);
        assert_eq!(Routes::default().find("/", |_| true), None);
    }
}
