//! How generated code stands on its lines. rustfmt leaves it as it is: it would give each argument a line.

/// How long a line may be.
const WIDTH: usize = 120;
/// One step of indentation.
const INDENT: &str = "    ";

/// A Rust string.
pub fn literal(text: &str) -> String {
    format!("{text:?}")
}

/// `head` and a chain of calls, on one line or as many as they need.
pub fn chain(depth: usize, head: &str, calls: &[String]) -> String {
    let whole = line(depth, &format!("{head} {}", calls.concat()));
    if fits(&whole) {
        return whole;
    }
    line(depth, head) + &pieces(depth + 1, depth + 1, calls)
}

/// Pieces of code, as many on a line as it takes; lines after the first one begin at `then`.
pub fn pieces(first: usize, then: usize, pieces: &[String]) -> String {
    let (mut out, mut depth) = (String::new(), first);
    let mut pending = String::new();
    for piece in pieces {
        if !pending.is_empty() && !fits(&line(depth, format!("{pending}{piece}").trim_end())) {
            out.push_str(&line(depth, pending.trim_end()));
            pending.clear();
            depth = then;
        }
        pending.push_str(piece);
    }
    out + &line(depth, &pending)
}

/// `open`, a text and `close`, the text in pieces where it is longer than a line.
pub fn text(depth: usize, open: &str, text: &str, close: &str) -> String {
    let whole = line(depth, &format!("{open}{}{close}", literal(text)));
    if fits(&whole) {
        return whole;
    }
    let room = WIDTH - (depth + 1) * INDENT.len() - 4;
    let mut pieces = vec![String::new()];
    for character in text.chars() {
        let escaped = literal(&character.to_string());
        let escaped = if character == '\'' { "'" } else { &escaped[1..escaped.len() - 1] };
        let last = pieces.len() - 1;
        // Rust skips the white space with which a continued line begins.
        if pieces[last].len() + escaped.len() > room && !character.is_whitespace() {
            pieces.push(escaped.to_owned());
        } else {
            pieces[last].push_str(escaped);
        }
    }
    let indent = INDENT.repeat(depth + 1);
    let pieces = pieces.join(&format!("\\\n{indent} "));
    format!("{}{indent}\"{pieces}\",\n{}", line(depth, open), line(depth, close))
}

/// `open`, the items and `close` on one line, or as many lines of items as they need.
pub fn filled(depth: usize, open: &str, items: impl Iterator<Item = String>, close: &str) -> String {
    let items: Vec<String> = items.collect();
    let whole = line(depth, &format!("{open}{}{close}", items.join(", ")));
    if fits(&whole) {
        return whole;
    }
    let mut out = line(depth, open);
    let mut pending = String::new();
    for item in items {
        let longer = if pending.is_empty() { format!("{item},") } else { format!("{pending} {item},") };
        if !pending.is_empty() && !fits(&line(depth + 1, &longer)) {
            out.push_str(&line(depth + 1, &pending));
            pending = format!("{item},");
        } else {
            pending = longer;
        }
    }
    out + &line(depth + 1, &pending) + &line(depth, close)
}

/// One line.
pub fn line(depth: usize, text: &str) -> String {
    format!("{}{text}\n", INDENT.repeat(depth))
}

/// Whether a line, with its end, is short enough.
pub fn fits(line: &str) -> bool {
    line.chars().count() <= WIDTH + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_continued_and_stays_the_same() {
        let long = "a\\d b".repeat(40);
        let code = text(0, "static X: Schema = STRING.pattern(", &long, ");");
        assert!(code.lines().count() > 3 && code.lines().all(|line| line.len() <= WIDTH), "{code}");
        let inner: Vec<&str> = code.lines().skip(1).map(str::trim_start).take_while(|line| *line != ");").collect();
        let joined: String = inner.iter().map(|line| line.strip_suffix('\\').unwrap_or(line)).collect();
        assert_eq!(joined, format!("{long:?},"));
    }

    #[test]
    fn items_fill_lines() {
        let items = || (0..40).map(|number| format!("\"{number:04}\""));
        let code = filled(1, "x(&[", items(), "]);");
        assert_eq!(code.lines().count(), 5, "{code}");
        assert!(code.lines().all(|line| line.len() <= WIDTH));
        assert_eq!(filled(0, "x(&[", items().take(2), "]);"), "x(&[\"0000\", \"0001\"]);\n");
    }
}
