//! Python's tracebacks, with the project's own paths and without slam's own frames.

use regex::Regex;
use slam_project::Project;
use std::path::Path;
use std::sync::LazyLock;

/// What leads to a file of a package: on AWS, and in the embedded cloud, where it is named by 64 digits.
static PACKAGE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"[^\s"'(]*/[0-9a-f]{64}/"#).expect("the pattern is fixed"));

/// What Python writes above the frames.
const HEADER: &str = "Traceback (most recent call last):";

/// Takes a log's lines one by one.
pub(super) struct Traceback<'a> {
    project: &'a Project,
    /// The indentation of the frame that is left out, while its source follows.
    dropped: Option<usize>,
    /// The line above the frames, which is shown with the first of them; and whether one was left out below it.
    header: Option<(String, bool)>,
}

impl<'a> Traceback<'a> {
    pub(super) fn new(project: &'a Project) -> Self {
        Self { project, dropped: None, header: None }
    }

    /// The lines to show now that this one has come: mostly itself, or none.
    pub(super) fn line(&mut self, text: &str) -> Vec<String> {
        // Lambda's runtimes write a traceback's indentation so, because the log would trim it.
        let text = text.replace('\u{a0}', " ");
        let indentation = text.len() - text.trim_start().len();
        if let Some((path, rest)) = frame(&text) {
            let path = inside(path);
            self.dropped = is_ours(&path).then_some(indentation);
            if self.dropped.is_some() {
                self.header.iter_mut().for_each(|(_, left_out)| *left_out = true);
                return Vec::new();
            }
            let frame = format!("{}File \"{}\"{rest}", " ".repeat(indentation), self.own(&path));
            return self.header.take().map(|(header, _)| header).into_iter().chain([frame]).collect();
        }
        if self.dropped.is_some_and(|frame| indentation > frame) {
            return Vec::new();
        }
        self.dropped = None;
        // Above frames that are all left out, there is nothing to announce.
        let mut shown: Vec<_> =
            self.header.take().filter(|(_, left_out)| !left_out).map(|(header, _)| header).into_iter().collect();
        if text.trim() == HEADER {
            self.header = Some((text, false));
        } else {
            shown.push(PACKAGE.replace_all(&text, "").into_owned());
        }
        shown
    }

    /// The path as the project has it: what is packed may be a folder of it.
    fn own(&self, path: &str) -> String {
        let plans = self.project.packages();
        let folders = plans.iter().filter_map(|plan| plan.settings.path.as_deref());
        let own =
            folders.map(|folder| Path::new(folder).join(path)).find(|own| self.project.directory.join(own).is_file());
        own.filter(|_| Path::new(path).is_relative()).map_or_else(|| path.to_owned(), |own| own.display().to_string())
    }
}

/// The path of `  File "/var/task/app.py", line 3, in index`, and what follows it.
fn frame(text: &str) -> Option<(&str, &str)> {
    let (path, rest) = text.trim_start().strip_prefix("File \"")?.split_once('"')?;
    rest.starts_with(", line ").then_some((path, rest))
}

/// The path below the package's folder.
fn inside(path: &str) -> String {
    if let Some(path) = path.strip_prefix("/var/task/") {
        return path.to_owned();
    }
    let is_hash = |name: &str| name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    let parts: Vec<&str> = path.split('/').collect();
    let found = parts.iter().rposition(|part| is_hash(part));
    found.map_or_else(|| path.to_owned(), |at| parts[at + 1..].join("/"))
}

/// Frames of slam's adapter, of Lambda's runtime and of Python's import: they lead to the user's code, and tell nothing
/// about it.
fn is_ours(path: &str) -> bool {
    let generated = path.starts_with("lambda_handler") && path.ends_with(".py") && !path.contains('/');
    let adapter = path.starts_with("slam_lambda/");
    let runtime = path.starts_with("/var/runtime/") || path.ends_with("/_slam_runtime.py");
    let import = path.starts_with("<frozen importlib") || path.ends_with("/importlib/__init__.py");
    generated || adapter || runtime || import
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(lines: &[&str], expected: &[&str]) {
        let defaults = slam_project::Defaults::default();
        let yaml = "name: x\napp: m:a\nruntime: python3.13\n";
        let project = Project::parse(yaml, Path::new("slam.yaml"), &defaults).unwrap();
        let mut traceback = Traceback::new(&project);
        let shown: Vec<_> = lines.iter().flat_map(|line| traceback.line(line)).collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn frames_of_the_project_stay() {
        let hash = "b".repeat(64);
        check(
            &[
                "\u{a0}\u{a0}File \"/var/task/slam_lambda/handler.py\", line 3, in __call__",
                "\u{a0}\u{a0}\u{a0}\u{a0}return self._runner(event, context)",
                "\u{a0}\u{a0}File \"/var/task/pages/index.py\", line 7, in index",
                "\u{a0}\u{a0}\u{a0}\u{a0}return broken",
                &format!("  File \"/home/my name/cloud/{hash}/app.py\", line 1, in f"),
                "  File \"<frozen importlib._bootstrap>\", line 1387, in _gcd_import",
                "  File \"/usr/lib/python3.13/json/__init__.py\", line 1, in loads",
                "ValueError: no",
            ],
            &[
                "  File \"pages/index.py\", line 7, in index",
                "    return broken",
                "  File \"app.py\", line 1, in f",
                "  File \"/usr/lib/python3.13/json/__init__.py\", line 1, in loads",
                "ValueError: no",
            ],
        );
    }

    #[test]
    fn nothing_announces_frames_that_are_left_out() {
        let ours = "  File \"/var/task/slam_lambda/handler.py\", line 3, in __call__";
        check(&[HEADER, ours, "    x", "TypeError: no"], &["TypeError: no"]);
        check(&["TypeError: no", HEADER, ours, "    x"], &["TypeError: no"]);
        check(&["TypeError: no", HEADER], &["TypeError: no"]);
        check(
            &[HEADER, ours, "  File \"/var/task/app.py\", line 1, in f"],
            &[HEADER, "  File \"app.py\", line 1, in f"],
        );
        check(&[HEADER, "is only a text"], &[HEADER, "is only a text"]);
    }

    #[test]
    fn other_text_loses_only_the_hash() {
        check(
            &["  File a \"b\"", &format!("at handler (/h/{}/index.js:1:2)", "0".repeat(64)), "/var/task/x"],
            &["  File a \"b\"", "at handler (index.js:1:2)", "/var/task/x"],
        );
    }
}
