//! The paths of which something is said apart: each is answered, and it is known of each request which one it takes.

use super::super::Reading;
use super::keys::everywhere;
use crate::model::is_below;
use crate::project::Project;
use crate::yaml::Node;

/// Something is said of paths that a function or the static files answer.
pub(super) fn check(reading: &mut Reading<'_>, project: &Project) {
    let root = reading.root;
    let files = project.static_files.as_ref().map(|files| files.url.as_str());
    let answered = |path: &str| {
        let own = project.functions.iter().filter_map(|function| function.path.as_deref()).chain(files);
        project.http.is_some() || own.into_iter().any(|start| is_below(path, start))
    };
    let authorizers = everywhere(root, "authorizer").into_iter().map(|(_, node)| node);
    let open = authorizers.clone().flat_map(|node| node.get("open").map(Node::one_or_many).unwrap_or_default());
    let throttles = everywhere(root, "throttle").into_iter().map(|(_, node)| node);
    let named = authorizers.chain(throttles).flat_map(|node| node.get("paths").map(Node::entries).unwrap_or_default());
    for node in open.chain(named.map(|(name, _)| name)) {
        let path = node.key().trim_end_matches('/');
        if !answered(path) {
            reading.error(node, format!("nothing answers `{path}`")).hints.push(
                "a function does with `on: {http: /path}`; a web application at the top answers all paths".to_owned(),
            );
        } else if files.is_some_and(|files| path != files && is_below(path, files)) {
            reading
                .error(node, format!("`{path}` is among the static files, of which one thing holds"))
                .hints
                .push(format!("say it of `{}`", files.unwrap_or_default()));
        }
    }
    check_variables(reading, project);
}

/// Which path a request takes is known by what is asked of it: of two that it may take, neither below the other, the same is asked.
///
/// With a variable, what a path protects could be asked for by another. HTTP APIs take "full match, then match with a greedy path
/// variable", so `/{tenant}/items` before `/admin/{proxy+}`; REST APIs take what is written out, segment by segment, so
/// `/images/{proxy+}` before `/{tenant}/admin`.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html>
fn check_variables(reading: &mut Reading<'_>, project: &Project) {
    let authorizers = everywhere(reading.root, "authorizer").into_iter().map(|(_, node)| node);
    let named = authorizers.flat_map(|node| {
        let open = node.get("open").map(Node::one_or_many).unwrap_or_default().iter();
        open.chain(node.get("paths").map(Node::entries).unwrap_or_default().iter().map(|(name, _)| name))
    });
    let named: Vec<(&Node, &str)> = named.map(|node| (node, node.key().trim_end_matches('/'))).collect();
    let own = project.functions.iter().filter_map(|function| function.path.as_deref());
    let files = project.static_files.as_ref().map(|files| files.url.as_str());
    let own: Vec<&str> = own.chain(files).collect();
    for (at, (node, path)) in named.iter().enumerate() {
        let others = named[..at].iter().map(|(_, other)| *other).chain(own.iter().copied());
        let differs = |other: &&str| {
            may_meet(path, other)
                && project.stages.iter().any(|stage| {
                    let access = &stage.settings.access;
                    access.of(path) != access.of(other)
                })
        };
        if let Some(other) = { others }.find(differs) {
            reading
                .error(
                    node,
                    format!("a request may be one of `{path}` and one of `{other}`, of which something else holds"),
                )
                .hints
                .push("say the same of both, or name paths that no variable can stand for".to_owned());
        }
    }
}

/// Whether a request may be one of either path, where neither is below the other.
fn may_meet(one: &str, other: &str) -> bool {
    let is_variable = |part: &str| part.starts_with('{');
    let mut parts = one.split('/').zip(other.split('/'));
    let meet = parts.all(|(one, other)| one == other || is_variable(one) || is_variable(other));
    meet && !is_below(one, other) && !is_below(other, one)
}

#[cfg(test)]
mod tests {
    use super::may_meet;

    #[test]
    fn a_variable_stands_for_what_another_path_names() {
        for (one, other, expected) in [
            ("/admin", "/{tenant}/items", true),
            ("/images", "/{tenant}/admin", true),
            ("/{tenant}/admin", "/a/{part}", true),
            ("/admin", "/admin/{id}", false),
            ("/admin", "/administration", false),
            ("/a/{id}", "/b/{id}", false),
            ("/{tenant}/a", "/{tenant}/b", false),
        ] {
            assert_eq!(may_meet(one, other), expected, "{one} {other}");
            assert_eq!(may_meet(other, one), expected, "{other} {one}");
        }
    }
}
