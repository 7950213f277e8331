//! The keys of an HTTP API's routes.

use slam_project::logical_name;

/// The route of whatever no other route takes.
const DEFAULT_ROUTE: &str = "$default";

/// The keys of the routes to a path and all below it, with what their logical ids have of it.
pub fn keys(path: &str) -> Vec<(String, String)> {
    if path.is_empty() {
        return vec![(DEFAULT_ROUTE.to_owned(), String::new())];
    }
    let name = logical_name(path);
    vec![(format!("ANY {path}"), name.clone()), (format!("ANY {path}/{{proxy+}}"), format!("{name}Proxy"))]
}

/// The keys of the preflights of the same paths.
pub fn preflight_keys(path: &str) -> [(String, String); 2] {
    let name = logical_name(path);
    let at = if path.is_empty() { "/" } else { path };
    [(format!("OPTIONS {at}"), name.clone()), (format!("OPTIONS {path}/{{proxy+}}"), format!("{name}Proxy"))]
}
