//! `.env` files, as python-dotenv reads them: `export`, comments, quotes, `${NAME}`. Nothing in them is ever run.
//!
//! <https://github.com/theskumar/python-dotenv#file-format>. Stricter in two ways: what it skips with a warning is an error
//! here, and `${NAME}` is a variable of the same file, never one of this machine, so that a deployment does not depend on
//! who makes it.

/// A variable and the line that it begins on.
#[derive(Debug, PartialEq, Eq)]
pub struct Variable {
    pub name: String,
    pub value: String,
    pub line: usize,
}

/// What cannot be understood, and where.
#[derive(Debug, PartialEq, Eq)]
pub struct Bad {
    pub line: usize,
    pub message: String,
}

/// The variables of a file, in its order.
pub fn parse(text: &str) -> Result<Vec<Variable>, Bad> {
    let mut lines = Lines { rest: text.strip_prefix('\u{feff}').unwrap_or(text), line: 1 };
    let mut variables: Vec<Variable> = Vec::new();
    while lines.skip_blank() {
        let line = lines.line;
        let bad = |message: String| Bad { line, message };
        lines.word("export");
        let name = lines.name().map_err(bad)?;
        if !lines.take('=') {
            let message = format!("`{name}` has no value: write `{name}=` for an empty one");
            return Err(bad(message));
        }
        let value = lines.value().map_err(bad)?;
        let value = expanded(&value, &variables).map_err(bad)?;
        variables.push(Variable { name, value, line });
    }
    Ok(variables)
}

/// `${NAME}` and `${NAME:-default}`, from what stands above.
fn expanded(value: &str, above: &[Variable]) -> Result<String, String> {
    let mut text = String::with_capacity(value.len());
    let mut rest = value;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((inside, next)) = after.split_once('}') else { break };
        let (name, default) = inside.split_once(":-").map_or((inside, None), |(name, default)| (name, Some(default)));
        let known = above.iter().rev().find(|variable| variable.name == name).map(|variable| variable.value.as_str());
        let found = known
            .or(default)
            .ok_or_else(|| format!("`${{{name}}}` is not set above: variables of this machine are not looked at"))?;
        text.push_str(before);
        text.push_str(found);
        rest = next;
    }
    Ok(text + rest)
}

struct Lines<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Lines<'a> {
    /// Goes to the next thing that is neither blank nor a comment, if there is one.
    fn skip_blank(&mut self) -> bool {
        loop {
            self.take_while(char::is_whitespace);
            match self.rest.chars().next() {
                None => return false,
                Some('#') => drop(self.take_while(|character| character != '\n')),
                Some(_) => return true,
            }
        }
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|character| !wanted(character)).unwrap_or(self.rest.len());
        self.cut(end)
    }

    fn cut(&mut self, end: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(end);
        self.line += taken.matches('\n').count();
        self.rest = rest;
        taken
    }

    fn blanks(&mut self) {
        self.take_while(|character| character.is_whitespace() && character != '\n');
    }

    /// A word that stands before a name.
    fn word(&mut self, word: &str) {
        if self.rest.strip_prefix(word).is_some_and(|rest| rest.starts_with([' ', '\t'])) {
            self.cut(word.len());
            self.blanks();
        }
    }

    fn name(&mut self) -> Result<String, String> {
        if let Some(quoted) = self.rest.strip_prefix('\'') {
            let end = quoted.find('\'').ok_or("a quote is not closed")?;
            let name = quoted[..end].to_owned();
            self.cut(end + 2);
            return Ok(name);
        }
        let name = self.take_while(|character| !character.is_whitespace() && !"=#".contains(character));
        if name.is_empty() { Err("there is no name before the `=`".to_owned()) } else { Ok(name.to_owned()) }
    }

    fn take(&mut self, wanted: char) -> bool {
        self.blanks();
        let found = self.rest.starts_with(wanted);
        if found {
            self.cut(wanted.len_utf8());
        }
        found
    }

    fn value(&mut self) -> Result<String, String> {
        self.blanks();
        match self.rest.chars().next() {
            Some(quote @ ('\'' | '"')) => {
                self.cut(1);
                let value = self.quoted(quote)?;
                self.blanks();
                if self.rest.is_empty() || self.rest.starts_with(['\n', '#']) {
                    return Ok(value);
                }
                Err("something stands behind the closing quote".to_owned())
            }
            _ => {
                let line = self.take_while(|character| character != '\n');
                // A `#` begins a comment behind a space only, and not at the value's begin: `a#b` is a value, and `#b`.
                let behind_space = |(place, _): &(usize, &str)| line[..*place].ends_with(char::is_whitespace);
                let comment = line.match_indices('#').find(behind_space).map(|(place, _)| place);
                Ok(line[..comment.unwrap_or(line.len())].trim_end().to_owned())
            }
        }
    }

    /// What stands between quotes, over several lines too.
    fn quoted(&mut self, quote: char) -> Result<String, String> {
        let mut value = String::new();
        let mut characters = self.rest.char_indices();
        while let Some((place, character)) = characters.next() {
            if character == quote {
                self.cut(place + 1);
                return Ok(value);
            }
            if character != '\\' {
                value.push(character);
                continue;
            }
            match characters.next().map(|(_, next)| (next, escaped(quote, next))) {
                Some((_, Some(meant))) => value.push(meant),
                Some((next, None)) => value.extend(['\\', next]),
                None => break,
            }
        }
        Err("a quote is not closed".to_owned())
    }
}

/// What a backslash makes of a character: in single quotes only of quotes and itself.
fn escaped(quote: char, next: char) -> Option<char> {
    Some(match (quote, next) {
        (_, '\\' | '\'') => next,
        ('"', '"') => '"',
        ('"', 'a') => '\u{7}',
        ('"', 'b') => '\u{8}',
        ('"', 'f') => '\u{c}',
        ('"', 'n') => '\n',
        ('"', 'r') => '\r',
        ('"', 't') => '\t',
        ('"', 'v') => '\u{b}',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(&str, &str)]) {
        let found = parse(text).expect(text);
        let found: Vec<_> = found.iter().map(|it| (it.name.as_str(), it.value.as_str())).collect();
        assert_eq!(found, expected, "{text:?}");
    }

    // Each pair is what python-dotenv 1.2.1 answers.
    #[test]
    fn values_are_those_of_python_dotenv() {
        check("", &[]);
        check("# a comment\n\n  \nA=1\r\n", &[("A", "1")]);
        check("export A=1\nexport  B = 2", &[("A", "1"), ("B", "2")]);
        check("export=1", &[("export", "1")]);
        check("A=", &[("A", "")]);
        check("A=\nB=2", &[("A", ""), ("B", "2")]);
        check("A=b c  # comment", &[("A", "b c")]);
        check("A=b#c", &[("A", "b#c")]);
        check("A= # comment", &[("A", "# comment")]);
        check("A='b # c' # comment", &[("A", "b # c")]);
        check("A=\"b\\nc\\\"d\\\\\"", &[("A", "b\nc\"d\\")]);
        check("A='b\\nc\\'d'", &[("A", "b\\nc'd")]);
        check("A=\"line 1\nline 2\"\nB=1", &[("A", "line 1\nline 2"), ("B", "1")]);
        check("'A b'=1", &[("A b", "1")]);
        check("A=$(rm -rf /) `id`", &[("A", "$(rm -rf /) `id`")]);
        check("A=1\nB=${A}2\nC='${B}'\nD=$A", &[("A", "1"), ("B", "12"), ("C", "12"), ("D", "$A")]);
        check("A=${NO_SUCH:-x y}", &[("A", "x y")]);
        check("A=a=b", &[("A", "a=b")]);
        check("A=ä", &[("A", "ä")]);
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_a_name() {
        check("\u{feff}A=1", &[("A", "1")]);
    }

    #[test]
    fn bad_lines_are_told() {
        for (text, line, message) in [
            ("A=1\nB", 2, "`B` has no value"),
            ("=1", 1, "there is no name"),
            ("A=1\n\nB='x\ny", 3, "a quote is not closed"),
            ("A=\"x\" y", 1, "something stands behind"),
            ("A=\"a\nb\"\nB=${PATH}", 3, "`${PATH}` is not set above"),
            ("A B=1", 1, "`A` has no value"),
        ] {
            let bad = parse(text).expect_err(text);
            assert_eq!(bad.line, line, "{text}");
            assert!(bad.message.starts_with(message), "{}", bad.message);
        }
    }
}
