//! requirements.txt, as far as it names what is on this machine: files it includes, folders of wheels, local packages.
//! All else in it is uv's to read.
//!
//! As for uv, included files and folders of wheels are relative to the file that names them, packages to where uv runs.

use super::locks::{first_name, normalized};
use crate::BundleError;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use regex::{Captures, Regex};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// Files by where they are.
pub type Files = BTreeMap<PathBuf, String>;

enum Line<'a> {
    Includes(PathBuf),
    Constrains(PathBuf),
    FindsLinks(PathBuf),
    Other(&'a str),
}

/// A requirement that names a file or a directory of this machine.
#[derive(Debug, PartialEq, Eq)]
pub struct Local<'a> {
    pub name: Option<&'a str>,
    pub path: PathBuf,
    /// `[a,b]` or nothing.
    pub extras: &'a str,
    /// `; marker`, `--hash=…` or nothing.
    pub rest: &'a str,
}

/// A file and those it names with `-r` and `-c`.
pub fn read(path: &Path) -> Result<Files, BundleError> {
    let mut files = Files::new();
    read_into(path, None, &mut files)?;
    Ok(files)
}

fn read_into(path: &Path, named_in: Option<&Path>, files: &mut Files) -> Result<(), BundleError> {
    // Two files that include each other by `..` would never come to a path that was seen.
    let file = place_of(path, named_in)?;
    if files.contains_key(&file) {
        return Ok(());
    }
    let text = text(path)?;
    files.insert(file, text.clone());
    for one in text.lines() {
        if let Line::Includes(file) | Line::Constrains(file) = line(one, path) {
            read_into(&file, Some(path), files)?;
        }
    }
    Ok(())
}

/// A file with those it includes written out, so that each line can be replaced and be read from anywhere.
pub fn flattened(path: &Path) -> Result<String, BundleError> {
    let mut flat = String::new();
    flatten(path, &mut Vec::new(), &mut flat)?;
    Ok(flat)
}

fn flatten(path: &Path, seen: &mut Vec<PathBuf>, flat: &mut String) -> Result<(), BundleError> {
    let file = place_of(path, None)?;
    if seen.contains(&file) {
        return Ok(());
    }
    seen.push(file);
    for one in text(path)?.lines() {
        match line(one, path) {
            Line::Includes(file) => flatten(&file, seen, flat)?,
            Line::Constrains(file) => *flat += &format!("-c {}\n", address(&absolute(&file)?)),
            Line::FindsLinks(links) => *flat += &format!("--find-links {}\n", address(&absolute(&links)?)),
            Line::Other(other) => *flat += &format!("{other}\n"),
        }
    }
    Ok(())
}

/// The file among `path` and those it includes that names a package, and the number of the line.
pub fn line_of(path: &Path, package: &str) -> Option<(PathBuf, usize)> {
    let mut waiting = vec![path.to_owned()];
    let mut seen = Vec::new();
    while let Some(path) = waiting.pop() {
        let Some(file) = std::fs::canonicalize(&path).ok().filter(|file| !seen.contains(file)) else { continue };
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        if let Some(line) = text.lines().position(|line| normalized(first_name(line)) == package) {
            return Some((file, line + 1));
        }
        let included = |one| if let Line::Includes(file) = line(one, &path) { Some(file) } else { None };
        waiting.extend(text.lines().filter_map(included));
        seen.push(file);
    }
    None
}

/// The folders of wheels that the file `path` names.
pub fn links(path: &Path, text: &str) -> Vec<PathBuf> {
    let links = |one| if let Line::FindsLinks(links) = line(one, path) { Some(links) } else { None };
    text.lines().filter_map(links).collect()
}

/// Whether it is more than comments.
pub fn lists_anything(text: &str) -> bool {
    text.lines().any(|line| !without_comment(line).is_empty())
}

/// uv's message about `list`, which is a file's flattened text, as one about the file that the user calls `name`: a
/// line is quoted where uv counts lines, and its own quotes are kept.
pub fn in_users_terms(message: &str, list: &Path, directory: Option<&Path>, name: &str) -> String {
    static LINE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"requirements\.txt:(\d+):\d+").expect("a constant expression"));
    static POSITION: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(requirements\.txt`?) at position \d+").expect("a constant expression"));
    let text = std::fs::read_to_string(list).unwrap_or_default();
    let quoted = |found: &Captures| {
        let line = found[1].parse::<usize>().ok().and_then(|line| text.lines().nth(line.checked_sub(1)?));
        format!("requirements.txt, `{}`", line.unwrap_or_default().trim())
    };
    let message = POSITION.replace_all(message, "$1");
    let message = LINE.replace_all(&message, quoted);
    // uv shortens paths below the directory it runs in.
    let below = directory.and_then(|directory| list.strip_prefix(directory).ok());
    [Some(list), below]
        .into_iter()
        .flatten()
        .fold(message.into_owned(), |message, path| message.replace(&path.display().to_string(), name))
}

fn place_of(path: &Path, named_in: Option<&Path>) -> Result<PathBuf, BundleError> {
    if !path.is_file() {
        return Err(BundleError::RequirementsMissing { path: path.to_owned(), named_in: named_in.map(Path::to_owned) });
    }
    std::fs::canonicalize(path).map_err(BundleError::io(path, "read"))
}

/// The text of a file, each of its lines whole.
fn text(path: &Path) -> Result<String, BundleError> {
    let content = std::fs::read(path).map_err(BundleError::io(path, "read"))?;
    let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&content);
    let utf16 = content.starts_with(b"\xff\xfe") || content.starts_with(b"\xfe\xff") || content.contains(&0);
    match std::str::from_utf8(content) {
        Ok(text) if !utf16 => Ok(text.replace("\\\r\n", " ").replace("\\\n", " ")),
        _ => Err(BundleError::RequirementsEncoding { path: path.to_owned(), utf16 }),
    }
}

/// A line of the file `path`.
fn line<'a>(line: &'a str, path: &Path) -> Line<'a> {
    let text = without_comment(line);
    let place = |options: [&str; 2]| {
        let given = expanded(value(text, options)?);
        Some(path.with_file_name("").join(local_path(&given)?))
    };
    // What is at an address is uv's to fetch, and does not count as a change.
    if let Some(file) = place(["--requirement", "-r"]) {
        Line::Includes(file)
    } else if let Some(file) = place(["--constraint", "-c"]) {
        Line::Constrains(file)
    } else if let Some(links) = place(["--find-links", "-f"]) {
        Line::FindsLinks(links)
    } else {
        Line::Other(line)
    }
}

/// What a requirement names on this machine, seen from `base`, the directory that uv calls `PROJECT_ROOT`.
pub fn local<'a>(line: &'a str, base: &Path) -> Option<Local<'a>> {
    static REST: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\s;|;\s|\s--").expect("a constant expression"));
    static NAME: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^([A-Za-z0-9][\w.-]*)\s*(\[[^\]]*\])?\s*@").expect("a constant expression"));
    let text = without_comment(line);
    let editable = value(text, ["--editable", "-e"]);
    let text = editable.unwrap_or(text);
    if text.starts_with('-') {
        return None;
    }
    let (text, rest) = text.split_at(REST.find(text).map_or(text.len(), |found| found.start()));
    let named = NAME.captures(text);
    let place = named.as_ref().map_or(text, |named| &text[named[0].len()..]).trim();
    let (place, last) = place.split_at(place.find('[').filter(|_| place.ends_with(']')).unwrap_or(place.len()));
    let place = place.trim_matches(['"', '\'']);
    // A bare word is the name of a package, although a directory may have it as well.
    if place.is_empty() || !(editable.is_some() || named.is_some() || place.contains('/') || place.starts_with('.')) {
        return None;
    }
    let part = |index| named.as_ref().and_then(|named| named.get(index)).map(|part| part.as_str());
    Some(Local {
        name: part(1),
        path: base.join(local_path(&expanded(&place.replace("${PROJECT_ROOT}", &base.display().to_string())))?),
        extras: part(2).unwrap_or(last),
        rest: rest.trim(),
    })
}

fn without_comment(line: &str) -> &str {
    let line = line.trim();
    let comment = if line.starts_with('#') { Some(0) } else { line.find(" #").or_else(|| line.find("\t#")) };
    line[..comment.unwrap_or(line.len())].trim_end()
}

/// The value of an option that has two names.
fn value<'a>(line: &'a str, options: [&str; 2]) -> Option<&'a str> {
    let value = options.iter().find_map(|option| line.strip_prefix(option))?;
    Some(value.trim_start_matches(['=', ' ', '\t']).trim_matches(['"', '\''])).filter(|value| !value.is_empty())
}

/// The value that a line of a list gives to an option, which may have two names.
pub fn option<'a>(line: &'a str, names: [&str; 2]) -> Option<&'a str> {
    value(without_comment(line), names)
}

/// `${NAME}` replaced by the variable, where there is one.
fn expanded(text: &str) -> String {
    static VARIABLE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\$\{([A-Z0-9_]+)\}").expect("a constant expression"));
    let variable = |found: &Captures| std::env::var(&found[1]).unwrap_or_else(|_| found[0].to_owned());
    VARIABLE.replace_all(text, variable).into_owned()
}

/// The path that a path or an address says; none when it leads elsewhere.
pub fn local_path(given: &str) -> Option<PathBuf> {
    let Some(address) = given.strip_prefix("file:") else {
        return (!given.contains("://")).then(|| PathBuf::from(given));
    };
    let (address, fragment) = address.split_once('#').unwrap_or((address, ""));
    let address = address.strip_prefix("//").unwrap_or(address);
    let address = address.strip_prefix("localhost/").map_or(address.to_owned(), |rest| format!("/{rest}"));
    let path = PathBuf::from(percent_decode_str(&address).decode_utf8().ok()?.into_owned());
    let below = fragment.split('&').find_map(|part| part.strip_prefix("subdirectory="));
    Some(below.map_or(path.clone(), |below| path.join(below)))
}

/// A path as an address: the one form in which a requirements.txt can name every path.
pub fn address(path: &Path) -> String {
    const PLAIN: &AsciiSet =
        &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_').remove(b'~').remove(b'+');
    format!("file://{}", utf8_percent_encode(&path.to_string_lossy(), PLAIN))
}

fn absolute(path: &Path) -> Result<PathBuf, BundleError> {
    std::path::absolute(path).map_err(BundleError::io(path, "read"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: Option<(&str, &str, &str)>) {
        let found = local(line, Path::new("/base"));
        let found = found.as_ref().map(|local| (local.path.to_str().expect("UTF-8"), local.extras, local.rest));
        assert_eq!(found, expected, "{line}");
    }

    #[test]
    fn places_are_told_from_names() {
        check("-e .", Some(("/base/.", "", "")));
        check("--editable=../lib", Some(("/base/../lib", "", "")));
        check("../lib[a,b] ; python_version > '3' # why", Some(("/base/../lib", "[a,b]", "; python_version > '3'")));
        check("-e lib", Some(("/base/lib", "", "")));
        check("lib @ ./lib", Some(("/base/./lib", "", "")));
        check("./x.whl --hash=sha256:aa", Some(("/base/./x.whl", "", "--hash=sha256:aa")));
        check("flask==3", None);
        check("lib", None);
        check("-r ../lib", None);
        check("# ./lib", None);
        check("x @ https://host/x-1-py3-none-any.whl", None);
        check("-e git+ssh://git@host/x", None);
    }

    #[test]
    fn addresses_of_files_are_places() {
        check("lib@file:///my%20lib", Some(("/my lib", "", "")));
        check("lib[a] @ file:///lib; python_version > '3'", Some(("/lib", "[a]", "; python_version > '3'")));
        check("-e file:///lib#egg=lib", Some(("/lib", "", "")));
        check("lib @ file://localhost/x#subdirectory=lib", Some(("/x/lib", "", "")));
        check("lib @ file://${PROJECT_ROOT}/lib", Some(("/base/lib", "", "")));
        check("lib @ ${NOT_SET_ANYWHERE}/lib", Some(("/base/${NOT_SET_ANYWHERE}/lib", "", "")));
    }

    #[test]
    fn what_a_file_includes_is_written_out_and_what_it_names_can_be_read_from_anywhere() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let root = directory.path().canonicalize().expect("there");
        std::fs::create_dir(root.join("a b")).expect("created");
        std::fs::write(root.join("r.txt"), "\u{feff}-r \"a b/x.txt\" # more\nflask\\\r\n==3\n").expect("written");
        std::fs::write(root.join("c.txt"), "").expect("written");
        let included = "\u{feff}--constraint=../c.txt\r\n-f wheels\n-r ../a b/../r.txt\n-f https://host/links\n";
        std::fs::write(root.join("a b/x.txt"), included).expect("written");
        let root = root.display();
        assert_eq!(
            flattened(&directory.path().join("r.txt")).expect("read"),
            format!(
                "-c file://{root}/a%20b/../c.txt\n--find-links file://{root}/a%20b/wheels\n-f https://host/links\n\
                 flask ==3\n"
            )
        );
    }

    #[test]
    fn messages_name_the_users_file() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let list = directory.path().join(".build-x/requirements.txt");
        std::fs::create_dir(directory.path().join(".build-x")).expect("created");
        std::fs::write(&list, "flask\n--bogus 1\n").expect("written");
        for (message, expected) in [
            (
                format!("error: Couldn't parse requirement in `{}` at position 0\n foo=1", list.display()),
                "error: Couldn't parse requirement in `prod.txt`\n foo=1",
            ),
            (
                "error: Unexpected '-': .build-x/requirements.txt:2:1".to_owned(),
                "error: Unexpected '-': prod.txt, `--bogus 1`",
            ),
        ] {
            assert_eq!(in_users_terms(&message, &list, Some(directory.path()), "prod.txt"), expected);
        }
    }

    #[test]
    fn another_encoding_is_refused() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("requirements.txt");
        for (content, expected) in [(&b"\xff\xfef\0l\0"[..], true), (b"f\0l\0", true), (b"# caf\xe9\n", false)] {
            std::fs::write(&path, content).expect("written");
            let error = read(&path).expect_err("refused");
            assert!(matches!(error, BundleError::RequirementsEncoding { utf16, .. } if utf16 == expected));
        }
    }
}
