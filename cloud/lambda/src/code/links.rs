//! Where the symbolic links of a package lead, followed as the kernel follows them: a link on the way counts for what it
//! leads to, so `..` behind it goes up from there and not from where it stands.

use std::collections::{HashMap, VecDeque};
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

/// So many links the kernel follows on one way.
/// <https://man7.org/linux/man-pages/man7/path_resolution.7.html>
const MOST: usize = 40;

/// Links by their paths in a folder.
pub(super) type Links = HashMap<PathBuf, PathBuf>;

/// The links in a folder and all below it.
pub(super) fn of_folder(root: &Path) -> io::Result<Links> {
    let mut links = Links::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root.join(&folder))? {
            let entry = entry?;
            let (path, kind) = (folder.join(entry.file_name()), entry.file_type()?);
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_symlink() {
                let target = fs::read_link(entry.path())?;
                links.insert(path, target);
            }
        }
    }
    Ok(links)
}

/// One of the links that leads out of the folder, if any does. What it would lead to need not be there.
pub(super) fn leading_out(links: &Links) -> Option<&Path> {
    let mut paths: Vec<&PathBuf> = links.keys().collect();
    paths.sort_unstable();
    paths.into_iter().find(|path| leads_out(path, links)).map(PathBuf::as_path)
}

fn leads_out(path: &Path, links: &Links) -> bool {
    let mut ahead: VecDeque<OsString> = path.iter().map(OsString::from).collect();
    let mut here = PathBuf::new();
    let mut followed = 0;
    while let Some(part) = ahead.pop_front() {
        match Path::new(&part).components().next() {
            Some(Component::Normal(_)) => {}
            Some(Component::ParentDir) if here.pop() => continue,
            Some(Component::CurDir) | None => continue,
            // Up from the folder itself, or from the root of the machine.
            _ => return true,
        }
        here.push(&part);
        let Some(target) = links.get(&here) else { continue };
        followed += 1;
        if followed > MOST {
            // A circle leads nowhere.
            return false;
        }
        here.pop();
        for part in target.iter().rev() {
            ahead.push_front(part.to_owned());
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(links: &[(&str, &str)], expected: Option<&str>) {
        let links: Links = links.iter().map(|(path, target)| (path.into(), target.into())).collect();
        assert_eq!(leading_out(&links), expected.map(Path::new), "{links:?}");
    }

    #[test]
    fn one_link_stays_or_leads_out() {
        for target in ["app.py", "./app.py", "../app.py", "..", "nothing/../app.py", "../lib/../../lib/app.py"] {
            check(&[("lib/a/link", target)], None);
        }
        for target in ["/etc", "../../..", "../../../x", "nothing/../../../.."] {
            check(&[("lib/a/link", target)], Some("lib/a/link"));
        }
        check(&[("link", "")], None);
    }

    #[test]
    fn links_on_the_way_are_followed() {
        // As the names stand these go down and up again; `up` is one further up.
        check(&[("a/up", ".."), ("out", "a/up/..")], Some("out"));
        check(&[("a/b/up", "../.."), ("a/out", "b/up/../x")], Some("a/out"));
        check(&[("a/up", ".."), ("b/up", "../a/up"), ("out", "b/up/up/..")], None);
        check(&[("x", "y"), ("y", "z/.."), ("z", "w/.."), ("w", "v/up"), ("v/up", "..")], Some("x"));
        check(&[("a/up", ".."), ("in", "a/up/a/file")], None);
    }

    #[test]
    fn circles_lead_nowhere() {
        check(&[("a", "b"), ("b", "a")], None);
        check(&[("a", "a")], None);
        check(&[("a", "a/..")], None);
    }
}
