//! Patterns of the models: regular expressions in Java's dialect, matched as a whole.

use regex::Regex;
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

/// A pattern that can be matched here.
struct Compiled {
    must: Regex,
    /// Of a leading `(?!…)`, which Java has and linear-time engines have not.
    must_not: Option<Regex>,
}

/// Compiled patterns by their text. The texts are the models', so their number is bounded.
static CACHE: RwLock<Option<HashMap<&'static str, Option<Compiled>>>> = RwLock::new(None);

/// Whether a text is of a pattern. Patterns that need more than a linear-time engine has are taken to match: the
/// services check such names themselves.
pub(super) fn matches(pattern: &'static str, text: &str) -> bool {
    let check = |compiled: &Option<Compiled>| {
        compiled.as_ref().is_none_or(|compiled| {
            compiled.must.is_match(text) && !compiled.must_not.as_ref().is_some_and(|regex| regex.is_match(text))
        })
    };
    {
        let cache = CACHE.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(compiled) = cache.as_ref().and_then(|cache| cache.get(pattern)) {
            return check(compiled);
        }
    }
    let mut cache = CACHE.write().unwrap_or_else(PoisonError::into_inner);
    check(cache.get_or_insert_default().entry(pattern).or_insert_with(|| compile(pattern)))
}

fn compile(pattern: &str) -> Option<Compiled> {
    let (must_not, must) = leading_negation(pattern).map_or((None, pattern), |(not, rest)| (Some(not), rest));
    let must_not = match must_not {
        // Where the look-ahead stands, the text begins; what it forbids ends where it says so itself.
        Some(expression) => Some(Regex::new(&format!("^(?:{expression})")).ok()?),
        None => None,
    };
    Some(Compiled { must: Regex::new(&format!("^(?:{must})$")).ok()?, must_not })
}

/// Splits `(?!A)B` and `((?!A)B)` into A and B.
fn leading_negation(pattern: &str) -> Option<(&str, &str)> {
    let inner = pattern.strip_prefix("((?!").and_then(|_| pattern.strip_prefix('(')?.strip_suffix(')'));
    let body = inner.unwrap_or(pattern).strip_prefix("(?!")?;
    let mut depth = 1;
    for (at, character) in body.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some((&body[..at], &body[at + 1..]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_the_whole_text() {
        let check = |pattern, text, expected| assert_eq!(matches(pattern, text), expected, "{pattern} {text:?}");
        check("[a-z]+|[0-9]+", "ab", true);
        check("[a-z]+|[0-9]+", "ab1", false);
        check("[a-z]+", "ab\n", false);
        check("[a-zA-Z0-9-_]+", "a-b_c", true);
        check("(?!^[0-9]+$)([a-zA-Z0-9-_]+)", "2024", false);
        check("(?!^[0-9]+$)([a-zA-Z0-9-_]+)", "2024a", true);
        check("((?!^\\d+$)^[0-9a-zA-Z-_]+$)", "1", false);
        check("((?!^\\d+$)^[0-9a-zA-Z-_]+$)", "live", true);
        check("((?!^\\d+$)^[0-9a-zA-Z-_]+$)", "$LATEST", false);
        check("(a)\\1", "ab", true);
    }

    /// Nearly all patterns of the models can be checked; these are the ones that cannot.
    #[test]
    fn nearly_all_patterns_compile() {
        use slam_cloud_core::schema::Schema;
        let mut patterns = std::collections::BTreeSet::new();
        let mut seen = std::collections::HashSet::new();
        fn walk(
            schema: &'static Schema,
            seen: &mut std::collections::HashSet<usize>,
            patterns: &mut std::collections::BTreeSet<&'static str>,
        ) {
            if !seen.insert(std::ptr::from_ref(schema) as usize) {
                return;
            }
            match schema {
                Schema::Structure(structure) => structure.members.iter().for_each(|m| walk(m.schema, seen, patterns)),
                Schema::List(list) => walk(list.member, seen, patterns),
                Schema::Map(map) => {
                    walk(map.key, seen, patterns);
                    walk(map.value, seen, patterns);
                }
                Schema::String(constraints) => patterns.extend(constraints.pattern),
                _ => {}
            }
        }
        for service in crate::ALL {
            service.operations.iter().for_each(|operation| walk(operation.input, &mut seen, &mut patterns));
        }
        let failing: Vec<_> = patterns.iter().filter(|pattern| compile(pattern).is_none()).collect();
        // The first two and the last are of members that are refused. The handlers of the others check what they mean: the third is
        // the name of a function with a qualifier.
        assert_eq!(
            failing,
            [
                &"(?=[/\\.\\-_A-Za-z0-9]+)((?!aws\\.).*)|(\\$(\\.[\\w_-]+(\\[(\\d+|\\*)\\])*)*)",
                &"(^(?!(system\\x2e)))(^[_a-zA-Z0-9])([^$]*)",
                &"(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?(\\d{12}:)?\
                  (function:)?([a-zA-Z0-9-_]{1,64})(:((?!\\d+$)[0-9a-zA-Z-_]+))?",
                &"[0-9A-Za-z\\.\\-_]*(?<!\\.)",
                &"^(?!\\s*$).+",
            ]
        );
    }
}
