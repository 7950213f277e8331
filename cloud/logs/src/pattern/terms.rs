//! Terms in unstructured text: `ERROR "exact phrase" ?either ?or -without %regex%`.

use super::{invalid, regex};
use crate::error::invalid_parameter;
use slam_cloud_core::AwsResult;

#[derive(Debug)]
enum Term {
    Text(String),
    Regex(regex::Regex),
}

impl Term {
    fn is_in(&self, message: &str) -> bool {
        match self {
            Self::Text(text) => message.contains(text.as_str()),
            Self::Regex(regex) => regex.is_match(message),
        }
    }
}

/// The terms of a pattern.
#[derive(Debug, Default)]
pub struct Terms {
    required: Vec<Term>,
    optional: Vec<Term>,
    excluded: Vec<Term>,
}

impl Terms {
    /// Parses the terms.
    ///
    /// # Errors
    /// When a term has characters that need quotes, or a quote is not closed.
    pub fn parse(text: &str) -> AwsResult<Self> {
        let mut terms = Self::default();
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            let sign = rest.chars().next().filter(|sign| matches!(sign, '?' | '-'));
            if sign.is_some() {
                rest = &rest[1..];
            }
            let (term, after) = term(rest)?;
            match sign {
                Some('?') => terms.optional.push(term),
                Some(_) => terms.excluded.push(term),
                None => terms.required.push(term),
            }
            rest = after.trim_start();
        }
        // "If you combine the question mark with other filter patterns, the question mark will be ignored."
        if !terms.required.is_empty() || !terms.excluded.is_empty() {
            terms.required.append(&mut terms.optional);
        }
        Ok(terms)
    }

    /// Whether a message has all of the required, one of the optional and none of the excluded terms.
    pub fn matches(&self, message: &str) -> bool {
        self.required.iter().all(|term| term.is_in(message))
            && !self.excluded.iter().any(|term| term.is_in(message))
            && (self.optional.is_empty() || self.optional.iter().any(|term| term.is_in(message)))
    }
}

/// One term and what follows it.
fn term(text: &str) -> AwsResult<(Term, &str)> {
    match text.chars().next() {
        Some('"') => {
            let (phrase, rest) = quoted(text)?;
            Ok((Term::Text(phrase), rest))
        }
        Some('%') => {
            let (expression, rest) = text[1..].split_once('%').ok_or_else(invalid)?;
            Ok((Term::Regex(regex(expression)?), rest))
        }
        _ => {
            let end = text.find(char::is_whitespace).unwrap_or(text.len());
            let (word, rest) = text.split_at(end);
            if word.is_empty() || !word.chars().all(|c| c.is_alphanumeric() || c == '_') {
                return Err(invalid_parameter(format!("Invalid character(s) in term '{word}'")));
            }
            Ok((Term::Text(word.to_owned()), rest))
        }
    }
}

/// The text between double quotes at the start, a backslash escaping, and what follows it.
pub(super) fn quoted(text: &str) -> AwsResult<(String, &str)> {
    let mut phrase = String::new();
    let mut characters = text.char_indices().skip(1);
    while let Some((index, character)) = characters.next() {
        match character {
            '"' => return Ok((phrase, &text[index + 1..])),
            '\\' => phrase.push(characters.next().ok_or_else(invalid)?.1),
            other => phrase.push(other),
        }
    }
    Err(invalid())
}
