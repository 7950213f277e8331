//! Long lines at a terminal: broken at spaces, with what follows under the text of the label, and with commands whole.

use anstream::adapter::strip_str;
use std::io::IsTerminal;
use std::os::fd::AsFd;
use textwrap::WordSeparator;
use textwrap::core::{Word, display_width};
use textwrap::wrap_algorithms::wrap_first_fit;

/// Narrower terminals are treated as if they were this wide, and in wider ones lines are no longer: nobody reads them.
const NARROWEST: usize = 40;
const WIDEST: usize = 100;
/// A label that ends further to the right is none: it is part of a sentence.
const LABEL: usize = 20;

/// The columns that text has in front of a person; `None` where programs read it.
pub(super) fn room(stream: &(impl IsTerminal + AsFd)) -> Option<usize> {
    if !stream.is_terminal() || std::env::var_os("CI").is_some() {
        return None;
    }
    columns(stream).map(|columns| columns.clamp(NARROWEST, WIDEST))
}

/// The columns of a terminal; `None` when it is none, or does not tell.
pub(super) fn columns(stream: &impl AsFd) -> Option<usize> {
    // One that knows its columns may not know its rows: a session that is recorded.
    let size = rustix::termios::tcgetwinsize(stream).ok()?;
    Some(usize::from(size.ws_col)).filter(|&columns| columns > 0)
}

/// Breaks the lines of a text that are longer than there is room.
pub(super) fn wrapped(text: &str, room: Option<usize>) -> String {
    let Some(room) = room else { return text.to_owned() };
    let lines = text.split('\n').map(|line| {
        let indent = " ".repeat(text_column(line));
        wrapped_line(line, room, room, &indent)
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// An error in slam.yaml, whose picture of the file stays as it is: the sentences above and below are broken.
pub(super) fn wrapped_diagnostic(text: &str, room: Option<usize>) -> String {
    let Some(room) = room else { return text.to_owned() };
    let lines = text.split('\n').map(|line| {
        let plain = strip_str(line).to_string();
        if plain.starts_with("error: ") {
            return wrapped(line, Some(room));
        }
        // `  ╰ hint: …`, or `├` where another one follows.
        let Some((frame, _)) =
            plain.split_once("hint: ").filter(|(frame, _)| frame.trim_matches([' ', '├', '╰']).is_empty())
        else {
            return line.to_owned();
        };
        let below = frame.replace('╰', " ").replace('├', "│");
        wrapped_line(line, room, room, &format!("{below}      "))
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// One line as several: the first has room for `first` columns, the others for `room` with their indent.
pub(super) fn wrapped_line(line: &str, first: usize, room: usize, indent: &str) -> String {
    let below = room.saturating_sub(display_width(indent));
    if display_width(line) <= first {
        return line.to_owned();
    }
    let pieces = pieces(line, below);
    let lines = wrap_first_fit(&pieces, &[first as f64, below as f64]);
    let lines = lines.iter().map(|words| {
        let line: String = words.iter().flat_map(|word| [word.word, word.whitespace]).collect();
        line.trim_end().to_owned()
    });
    let mut out = lines.collect::<Vec<_>>().join(&format!("\n{indent}"));
    // A question ends with a space before its answer.
    out.push_str(&line[line.trim_end().len()..]);
    out
}

/// What is not broken: words, and code in backticks as long as a line has room for it.
fn pieces(line: &str, room: usize) -> Vec<Word<'_>> {
    let words: Vec<Word<'_>> = WordSeparator::AsciiSpace.find_words(line).collect();
    let marks = |word: &Word<'_>| word.word.matches('`').count() % 2 == 1;
    let length = |words: &[Word<'_>]| words.iter().map(|word| word.word.len() + word.whitespace.len()).sum::<usize>();
    let (mut pieces, mut at, mut start) = (Vec::new(), 0, 0);
    while let Some(word) = words.get(at) {
        let close = marks(word).then(|| words[at + 1..].iter().position(marks)).flatten();
        let last = close.map_or(at, |close| at + 1 + close);
        let end = start + length(&words[at..=last]);
        let whole = Word::from(&line[start..end]);
        if display_width(&whole) <= room {
            pieces.push(whole);
        } else {
            pieces.extend_from_slice(&words[at..=last]);
        }
        (at, start) = (last + 1, end);
    }
    pieces
}

/// The column in which the text of a line begins: after its indent and its label (`error: …`, `  package   …`).
fn text_column(line: &str) -> usize {
    let line = strip_str(line).to_string();
    let indent = line.len() - line.trim_start_matches(' ').len();
    let rest = &line[indent..];
    let colon = rest.find(": ").map(|at| at + 2);
    let columns = rest.find("  ").map(|at| rest.len() - rest[at..].trim_start_matches(' ').len());
    let label = colon.into_iter().chain(columns).min().filter(|&label| !rest[..label].contains('`'));
    let column = label.map(|label| indent + display_width(&rest[..label]));
    column.filter(|&column| column <= LABEL).unwrap_or(indent.min(LABEL))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, room: usize, expected: &str) {
        assert_eq!(wrapped(text, Some(room)), expected);
        let joined = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(joined(&wrapped(text, Some(room))), joined(text), "nothing is lost");
    }

    #[test]
    fn what_follows_stands_under_the_text() {
        check(
            "error: there is no such thing here, so it seems",
            30,
            "error: there is no such thing\n       here, so it seems",
        );
        check(
            "  left behind: the table notes with 2 items",
            30,
            "  left behind: the table notes\n               with 2 items",
        );
        check("  dev  nothing is published to it yet", 30, "  dev  nothing is published to\n       it yet");
        check("            as the line above it", 24, "            as the line\n            above it");
        check("short", 30, "short");
        check(
            "first line that is long\nsecond: line that is long",
            20,
            "first line that is\nlong\nsecond: line that is\n        long",
        );
    }

    #[test]
    fn code_is_not_broken_where_a_line_has_room_for_it() {
        check(
            "hint: say `slam deploy --delete-data notes`, then go",
            40,
            "hint: say\n      `slam deploy --delete-data notes`,\n      then go",
        );
        check("take `a b c d e f g h i j k l m n` or (`o p`)", 20, "take `a b c d e f g\nh i j k l m n` or\n(`o p`)");
        check("a lone ` is no code, and it is broken", 20, "a lone ` is no code,\nand it is broken");
    }

    #[test]
    fn long_words_are_whole_and_colours_take_no_room() {
        check(
            "see https://example.com/a/very/long/path/indeed for it",
            20,
            "see\nhttps://example.com/a/very/long/path/indeed\nfor it",
        );
        check(
            "\u{1b}[1merror\u{1b}[0m: four words are here",
            20,
            "\u{1b}[1merror\u{1b}[0m: four words\n       are here",
        );
        assert_eq!(wrapped("go on? it is long [y/N] ", Some(12)), "go on? it is\nlong [y/N] ");
    }

    #[test]
    fn a_picture_of_the_file_is_not_touched() {
        let picture = "error: the key is not known to slam\n  ╭▸ slam.yaml:2:1\n2 │ kind: a very long line of the file here\n  ├ hint: leave it \
                       out of it\n  ╰ hint: or leave it as it is";
        let expected = "error: the key is\n       not known to\n       slam\n  ╭▸ slam.yaml:2:1\n2 │ kind: a very long line of the file \
                        here\n  ├ hint: leave it\n  │       out of it\n  ╰ hint: or leave\n          it as it\n          is";
        assert_eq!(wrapped_diagnostic(picture, Some(19)), expected);
        assert_eq!(wrapped_diagnostic(picture, None), picture);
    }
}
