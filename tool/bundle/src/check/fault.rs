//! Where a Python was when it crashed or took too long, as its fault handler says.
//! <https://docs.python.org/3/library/faulthandler.html>

use serde_json::{Value, json};
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// The fault handler tells of a hundred frames in each thread at most, and an application may print much before.
const READ: u64 = 256 << 10;

/// The frames in the files below `root`, the outermost first, with their lines' text. `said` is what the process printed.
pub(super) fn frames(said: &Path, root: &Path) -> Vec<Value> {
    let text = end_of(said);
    // The thread that crashed is the current one; of a process that takes too long the main thread is the last.
    let lines: Vec<&str> = text.lines().collect();
    let begins = |head: &str| {
        lines.iter().rposition(|line| line.starts_with(head) && line.ends_with("(most recent call first):"))
    };
    let Some(first) = begins("Current thread 0x").or_else(|| begins("Thread 0x")) else { return Vec::new() };
    let stack = lines[first + 1..].iter().map_while(|line| frame(line));
    let mut found: Vec<Value> = stack.filter_map(|(path, number)| place(path, number, root)).collect();
    found.reverse();
    found
}

fn end_of(path: &Path) -> String {
    let read = || -> std::io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(READ)))?;
        let mut text = Vec::new();
        file.take(READ).read_to_end(&mut text)?;
        Ok(text)
    };
    String::from_utf8_lossy(&read().unwrap_or_default()).into_owned()
}

/// `  File "/package/app.py", line 3 in connect`
fn frame(line: &str) -> Option<(&str, usize)> {
    let (path, rest) = line.strip_prefix("  File \"")?.rsplit_once("\", line ")?;
    Some((path, rest.split(' ').next()?.parse().ok()?))
}

fn place(path: &str, number: usize, root: &Path) -> Option<Value> {
    let name = Path::new(path).strip_prefix(root).ok()?.to_str()?;
    let source = fs::read_to_string(path).unwrap_or_default();
    let text = source.lines().nth(number.saturating_sub(1)).unwrap_or_default().trim();
    Some(json!({"file": name, "line": number, "text": text.chars().take(200).collect::<String>()}))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(said: &str, expected: &[(&str, u64, &str)]) {
        let folder = tempfile::tempdir().expect("created");
        let root = folder.path().join("package");
        fs::create_dir(&root).expect("created");
        fs::write(root.join("app.py"), "import native\n\nnative.crash()\n").expect("written");
        let printed = folder.path().join("said.txt");
        fs::write(&printed, said.replace("ROOT", &root.display().to_string())).expect("written");
        let found = frames(&printed, &root);
        let found: Vec<_> =
            found.iter().map(|it| (it["file"].as_str(), it["line"].as_u64(), it["text"].as_str())).collect();
        let expected: Vec<_> =
            expected.iter().map(|(file, line, text)| (Some(*file), Some(*line), Some(*text))).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn frames_are_those_of_the_thread_that_matters() {
        check(
            "noise\nFatal Python error: Segmentation fault\n\nThread 0x01 (most recent call first):\n  File \"ROOT/app.py\", line 2 in \
             other\n\nCurrent thread 0x02 (most recent call first):\n  File \"ROOT/app.py\", line 3 in crash\n  File \"<frozen \
             importlib._bootstrap>\", line 488 in _call\n  File \"ROOT/app.py\", line 1 in <module>\n\nExtension modules: a (total: 1)\n",
            &[("app.py", 1, "import native"), ("app.py", 3, "native.crash()")],
        );
        check(
            "Timeout (0:00:19)!\nThread 0x01 (most recent call first):\n  File \"ROOT/app.py\", line 1 in wait\n\nThread 0x02 (most \
             recent call first):\n  File \"ROOT/app.py\", line 3 in <module>\n",
            &[("app.py", 3, "native.crash()")],
        );
        check("Killed\n", &[]);
    }
}
