//! Python source without comments and docstrings, for the adapter: it is compiled at every cold start.
//!
//! What is left means the same and keeps its lines, so tracebacks still lead to the source. Only the adapter is written
//! for this: other packages may read their own docstrings.

/// The source without comments; docstrings are empty strings, as a body may have nothing else.
pub fn without_comments(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    // Brackets that are open; whether a statement has begun on this line or one before that it continues.
    let (mut depth, mut begun) = (0usize, false);
    while let Some(next) = rest.chars().next() {
        let length = match next {
            '#' => {
                trim_end_of_line(&mut out);
                rest = &rest[rest.find('\n').unwrap_or(rest.len())..];
                continue;
            }
            '"' | '\'' => {
                let length = string_length(rest);
                let (string, after) = rest.split_at(length);
                if !begun && depth == 0 && ends_the_line(after) {
                    out.push_str("\"\"");
                    out.extend(string.matches('\n'));
                    rest = after;
                    continue;
                }
                length
            }
            '\\' => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            _ => next.len_utf8(),
        };
        match next {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        begun = if next == '\n' { depth > 0 } else { begun || !next.is_whitespace() };
        out.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    out
}

/// How long the string literal is that a text begins with.
fn string_length(text: &str) -> usize {
    let quote = &text[..1];
    let triple = quote.repeat(3);
    let end = if text.starts_with(&triple) { triple.as_str() } else { quote };
    let mut at = end.len();
    while let Some(next) = text[at..].chars().next() {
        if text[at..].starts_with(end) {
            return at + end.len();
        }
        // In a raw string too a backslash keeps the quote behind it from ending the string.
        let escaped = if next == '\\' { text[at + 1..].chars().next().map_or(0, char::len_utf8) } else { 0 };
        at += next.len_utf8() + escaped;
    }
    text.len()
}

fn ends_the_line(text: &str) -> bool {
    let line = text.lines().next().unwrap_or("").trim_start();
    line.is_empty() || line.starts_with('#')
}

/// Drop the spaces before what is left out.
fn trim_end_of_line(out: &mut String) {
    out.truncate(out.trim_end_matches([' ', '\t']).len());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, expected: &str) {
        assert_eq!(without_comments(source), expected);
    }

    #[test]
    fn comments_go() {
        check("# a\nx = 1  # b\n    # c\ny = 2", "\nx = 1\n\ny = 2");
        check("x = [\n    1,  # one\n]\n", "x = [\n    1,\n]\n");
    }

    #[test]
    fn docstrings_are_empty_and_lines_stay() {
        check("\"\"\"A module.\n\nIt's whole.\n\"\"\"\n\nimport os\n", "\"\"\n\n\n\n\nimport os\n");
        check("class A(Exception):\n    '''Why.'''\n", "class A(Exception):\n    \"\"\n");
        check("def f():\n    \"why\"  # because\n    return 1\n", "def f():\n    \"\"\n    return 1\n");
    }

    #[test]
    fn strings_stay() {
        for source in [
            "x = \"# no comment\"\n",
            "x = 'it\\'s # none'\n",
            "x = (\n    \"one\"\n    \"two\"\n)\n",
            "x = \"\"\"\n# none\n\"\"\"\n",
            "x = \\\n    \"one\"\n",
            "f(\n    \"one\"\n)\n",
            "x = r\"\\\"#\" + f\"{y}#\"\n",
            "x = {'#': \"é#\"}\n",
            "\"one\".join(y)\n",
        ] {
            check(source, source);
        }
    }
}
