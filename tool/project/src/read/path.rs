//! Paths of the project's API.

use super::Reading;
use crate::yaml::Node;

/// `/images/{id}/` → itself, without a slash at the end. One that no API can have is an error.
/// <https://docs.aws.amazon.com/apigateway/latest/api/API_CreateResource.html>
pub(super) fn path(reading: &mut Reading<'_>, node: &Node) -> String {
    let text = node.key();
    let path = text.trim_end_matches('/');
    let plain = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte))
    };
    // {proxy+} is slam's own.
    let variable = |part: &str| part.strip_prefix('{').and_then(|part| part.strip_suffix('}')).is_some_and(plain);
    if !text.starts_with('/') || !path.split('/').skip(1).all(|part| plain(part) || variable(part)) {
        reading
            .error(node, format!("`{text}` is no path that an API can have"))
            .hints
            .push("a path such as `/images` or `/images/{id}`, of letters, digits and `._:-`".to_owned());
    }
    path.to_owned()
}
