//! Files that are served as they are.

use super::{Reading, place};
use crate::model::StaticFiles;
use crate::yaml::Node;

/// Where they are served unless slam.yaml says another place: Django's and Flask's.
const URL: &str = "/static";
/// WhiteNoise's default: what changes without a new name is seen within a minute.
const CACHE: u32 = 60;
const MAX_CACHE: u32 = 365 * 86_400;

pub(super) fn static_files(reading: &mut Reading<'_>) -> Option<StaticFiles> {
    let (key, node) = reading.root.entry("static")?;
    if node.is_null() {
        return None;
    }
    let text = |key: &str| node.get(key).and_then(Node::text).map(str::to_owned);
    let texts = |key: &str| -> Vec<String> {
        node.get(key).map(Node::items).unwrap_or_default().iter().filter_map(Node::text).map(str::to_owned).collect()
    };
    // `static: staticfiles` is the folder alone.
    let place = node.get("folder").or_else(|| node.text().map(|_| node));
    let Some(place) = place else {
        reading.error(key, "`static` names no folder").hints.push("add `folder: staticfiles`".to_owned());
        return None;
    };
    let files = StaticFiles {
        folder: folder(reading, place),
        url: node.get("url").map_or_else(|| URL.to_owned(), |node| url(reading, node)),
        cache: node.get("cache").map_or(CACHE, |node| cache(reading, node)),
        immutable: texts("immutable"),
        exclude: texts("exclude"),
        index: text("index"),
    };
    Some(files)
}

fn folder(reading: &mut Reading<'_>, node: &Node) -> String {
    let text = node.text().unwrap_or_default().trim_end_matches('/');
    let text = text.strip_prefix("./").unwrap_or(text);
    if node.text().is_some_and(|text| text.starts_with(['/', '~'])) {
        reading
            .error(node, "this path is of one machine")
            .hints
            .push("write it from the directory of slam.yaml on, such as `staticfiles`".to_owned());
    } else if text.is_empty() || text == "." {
        reading
            .error(node, "everything in the project would be served, its code and its secrets among it")
            .hints
            .push("name a folder that has nothing else, such as `staticfiles`".to_owned());
    } else {
        place::check(reading, node);
    }
    text.to_owned()
}

/// `/static/` → `/static`. A URL of Django's settings has slashes that a path of the API has not.
fn url(reading: &mut Reading<'_>, node: &Node) -> String {
    let text = node.text().unwrap_or_default();
    let path = text.trim_end_matches('/');
    let plain = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte))
    };
    if !text.starts_with('/') || !path.split('/').skip(1).all(plain) {
        reading
            .error(node, format!("`{text}` is no path that an API can have"))
            .hints
            .push("a path such as `/static`, of letters, digits and `._:-`".to_owned());
    } else if path.is_empty() {
        reading
            .error(node, "the application answers the root of the API")
            .hints
            .push("serve the files below a path, such as `/static`".to_owned());
    }
    path.to_owned()
}

/// `60s`, `10m`, `1h` or `30d`, in seconds.
fn cache(reading: &mut Reading<'_>, node: &Node) -> u32 {
    let text = node.text().unwrap_or_default();
    let units = [('s', 1), ('m', 60), ('h', 3600), ('d', 86_400)];
    let seconds = units.iter().find_map(|(unit, seconds)| {
        let number = text.strip_suffix(*unit)?.parse::<u32>().ok()?;
        number.checked_mul(*seconds).filter(|seconds| *seconds <= MAX_CACHE)
    });
    if seconds.is_none() {
        reading
            .error(node, format!("`{text}` is no time to keep files for"))
            .hints
            .push("write `60s`, `10m`, `1h` or `30d`, a year at most; `0s`: ask each time".to_owned());
    }
    seconds.unwrap_or(CACHE)
}

/// Files need an API that serves them, at a path that is nobody else's.
pub(super) fn check(reading: &mut Reading<'_>, project: &crate::Project) {
    let (Some(files), Some((key, node))) = (&project.static_files, reading.root.entry("static")) else { return };
    if !project.has_api() {
        reading
            .error(key, "there is no API that would serve these files")
            .hints
            .push("`kind: wsgi` or `kind: asgi` makes one, in front of a web application".to_owned());
    }
    let other = project.functions.iter().find(|function| function.path.as_deref() == Some(&*files.url));
    if let Some(function) = other {
        let name = function.name.as_deref().unwrap_or_default();
        reading
            .error(node.get("url").unwrap_or(key), format!("`{}` is the path of the function `{name}`", files.url))
            .hints
            .push("serve the files below another path, with `url`".to_owned());
    }
}
