//! What the placeholders of a recording stand for: `<uuid:1>` is the same value wherever it is in one test.

use regex::Regex;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The account of the recordings.
const RECORDED_ACCOUNT: &str = "111111111111";

static PLACEHOLDER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"<(?<name>[A-Za-z][A-Za-z0-9_ -]*)(?::(?:(?<number>\d+)|len\((?<length>\d+)\)))?>").unwrap()
});

/// The values of the placeholders, by `<name:1>`.
#[derive(Clone, Debug)]
pub struct Names(BTreeMap<String, String>);

impl Names {
    /// Those of a test in an account and region.
    pub fn new(account: &str, region: &str) -> Self {
        let known = [(RECORDED_ACCOUNT, account), ("<region>", region), ("<partition>", "aws")];
        Self(known.map(|(name, value)| (name.to_owned(), value.to_owned())).into())
    }

    /// Tells what a placeholder stands for.
    pub fn set(&mut self, name: &str, value: &str) {
        self.0.insert(name.to_owned(), value.to_owned());
    }

    /// A text with the values of the placeholders that are known, and which of its placeholders are not.
    pub fn fill(&self, text: &str) -> (String, Vec<String>) {
        let text = text.replace(RECORDED_ACCOUNT, &self.0[RECORDED_ACCOUNT]);
        let mut unknown = Vec::new();
        let filled = PLACEHOLDER.replace_all(&text, |found: &regex::Captures<'_>| match found.name("length") {
            // `<a:len(65)>`: the recorder's word for a long text of one letter.
            Some(length) => found["name"].repeat(length.as_str().parse().unwrap()),
            None => self.0.get(&found[0]).cloned().unwrap_or_else(|| {
                unknown.push(found[0].to_owned());
                found[0].to_owned()
            }),
        });
        (filled.into_owned(), unknown)
    }

    /// Whether a recorded value says that something was there, and no more: `<location>`, `date`.
    pub fn is_anything(recorded: &str) -> bool {
        let whole = PLACEHOLDER.captures(recorded).filter(|found| found[0].len() == recorded.len());
        let any = whole.is_some_and(|found| {
            found.name("number").is_none() && found.name("length").is_none() && !is_known(&found[0])
        });
        any || matches!(recorded, "date" | "datetime" | "timestamp")
    }

    /// Whether a recorded text is this one. What its placeholders stand for is kept: the same ones are the same later,
    /// and others of the same kind are others.
    pub fn is(&mut self, recorded: &str, actual: &str) -> bool {
        let (filled, _) = self.fill(recorded);
        let (mut pattern, mut names, mut end) = (String::from("(?s)^"), Vec::new(), 0);
        for found in PLACEHOLDER.captures_iter(&filled) {
            let whole = found.get(0).unwrap();
            pattern.push_str(&regex::escape(&filled[end..whole.start()]));
            end = whole.end();
            // Without a number it stands for anything, here for this and there for that.
            pattern.push_str(if found.name("number").is_some() { "(.+?)" } else { "(?:.*?)" });
            names.extend(found.name("number").map(|_| whole.as_str().to_owned()));
        }
        pattern.push_str(&regex::escape(&filled[end..]));
        pattern.push('$');
        let Some(found) = Regex::new(&pattern).unwrap().captures(actual) else { return false };
        let values = found.iter().skip(1).flatten().map(|value| value.as_str());
        names.into_iter().zip(values).all(|(name, value)| self.bind(&name, value))
    }

    fn bind(&mut self, name: &str, value: &str) -> bool {
        if let Some(known) = self.0.get(name) {
            return known == value;
        }
        let kind = |name: &str| name.rsplit_once(':').map(|(kind, _)| kind.to_owned());
        let taken = self.0.iter().any(|(other, known)| known == value && kind(other) == kind(name));
        if !taken {
            self.set(name, value);
        }
        !taken
    }
}

fn is_known(placeholder: &str) -> bool {
    matches!(placeholder, "<region>" | "<partition>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_stand_for_one_value() {
        let mut names = Names::new("000000000000", "us-east-1");
        let arn = "arn:<partition>:lambda:<region>:111111111111:function:<function-name:1>";
        for (recorded, actual, expected) in [
            (arn, "arn:aws:lambda:us-east-1:000000000000:function:f", true),
            (arn, "arn:aws:lambda:us-east-1:000000000000:function:g", false),
            (arn, "arn:aws:lambda:eu-west-1:000000000000:function:f", false),
            ("/aws/lambda/<function-name:1>", "/aws/lambda/f", true),
            ("<function-name:2>", "f", false),
            ("<function-name:2>", "g", true),
            ("<resource:1>", "f", true),
            ("<request-id> and <request-id>", "1 and 2", true),
            ("Value '<a:len(3)>'", "Value 'aaa'", true),
            ("Value '<a:len(3)>'", "Value 'aa'", false),
            ("[0-9]+", "[0-9]+", true),
            ("[0-9]+", "0", false),
        ] {
            assert_eq!(names.is(recorded, actual), expected, "{recorded} {actual}");
        }
        assert_eq!(names.fill("<function-name:1> <uuid:1>"), ("f <uuid:1>".into(), vec!["<uuid:1>".into()]));
    }

    #[test]
    fn some_stand_for_anything() {
        for (recorded, expected) in
            [("date", true), ("<location>", true), ("<uuid:1>", false), ("<region>", false), ("at <location>", false)]
        {
            assert_eq!(Names::is_anything(recorded), expected, "{recorded}");
        }
    }
}
