//! Paths and query strings: AWS's URI patterns, percent-encoding, forms.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, utf8_percent_encode};

/// A URI pattern of AWS's models, taken apart: `/2015-03-31/functions/{FunctionName}?versions`.
pub struct Pattern {
    segments: Vec<Segment>,
    /// Parameters that the query string must have, with their value where the pattern fixes it.
    query: Vec<(&'static str, Option<&'static str>)>,
}

enum Segment {
    Literal(&'static str),
    Label(&'static str),
    /// `{Key+}`: the rest of the path.
    Greedy(&'static str),
}

/// How well a path fits a pattern: greater is better. Fixed parameters first, then literals before labels.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fit(usize, Vec<u8>);

impl Pattern {
    /// Takes a pattern apart.
    pub fn parse(pattern: &'static str) -> Self {
        let (path, query) = pattern.split_once('?').unwrap_or((pattern, ""));
        let segments = split(path).map(|segment| match segment.strip_prefix('{').and_then(|s| s.strip_suffix('}')) {
            Some(label) => match label.strip_suffix('+') {
                Some(label) => Segment::Greedy(label),
                None => Segment::Label(label),
            },
            None => Segment::Literal(segment),
        });
        let query = query.split('&').filter(|parameter| !parameter.is_empty());
        let query = query.map(|parameter| match parameter.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (parameter, None),
        });
        Self { segments: segments.collect(), query: query.collect() }
    }

    /// How well a path and query string fit; `None` when they do not.
    pub fn fit(&self, path: &str, query: &str) -> Option<Fit> {
        let mut parts = split(path);
        let mut kinds = Vec::with_capacity(self.segments.len());
        for segment in &self.segments {
            let part = parts.next()?;
            kinds.push(match segment {
                Segment::Literal(literal) if *literal == part => 2,
                Segment::Literal(_) => return None,
                Segment::Label(_) if part.is_empty() => return None,
                Segment::Label(_) => 1,
                Segment::Greedy(_) => {
                    parts.by_ref().for_each(drop);
                    0
                }
            });
        }
        if parts.next().is_some() {
            return None;
        }
        let has = |(name, value): &(&str, Option<&str>)| {
            query.split('&').any(|parameter| {
                let (key, given) = parameter.split_once('=').unwrap_or((parameter, ""));
                key == *name && value.is_none_or(|value| value == given)
            })
        };
        self.query.iter().all(has).then_some(Fit(self.query.len(), kinds))
    }

    fn labels(&self, path: &str) -> Vec<(&'static str, String)> {
        let mut rest = path.strip_prefix('/').unwrap_or(path);
        let mut labels = Vec::new();
        for segment in &self.segments {
            let (part, after) = rest.split_once('/').unwrap_or((rest, ""));
            match segment {
                Segment::Literal(_) => {}
                Segment::Label(name) => labels.push((*name, decoded(part))),
                Segment::Greedy(name) => {
                    labels.push((*name, decoded(rest)));
                    break;
                }
            }
            rest = after;
        }
        labels
    }
}

/// The labels' values in a path, decoded; `None` when the path is not of the pattern.
pub fn labels(pattern: &'static str, path: &str) -> Option<Vec<(&'static str, String)>> {
    let parsed = Pattern::parse(pattern);
    // The query string took part when the operation was chosen.
    let path_only = Pattern { segments: parsed.segments, query: Vec::new() };
    path_only.fit(path, "")?;
    Some(path_only.labels(path))
}

/// The segments of a path, without the empty ones that its leading and trailing slash make.
fn split(path: &str) -> impl Iterator<Item = &str> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let path = path.strip_suffix('/').unwrap_or(path);
    path.split('/')
}

/// The parameters of a query string, decoded, in their order. A plus is a space, as in forms.
pub fn query(query: &str) -> Vec<(String, String)> {
    form(query.as_bytes())
}

/// The parameters of a form, decoded, in their order.
pub fn form(body: &[u8]) -> Vec<(String, String)> {
    let parameters = body.split(|byte| *byte == b'&').filter(|parameter| !parameter.is_empty());
    let parameters = parameters.map(|parameter| {
        let equals = parameter.iter().position(|byte| *byte == b'=');
        let (name, value) = equals.map_or((parameter, &[][..]), |at| (&parameter[..at], &parameter[at + 1..]));
        (form_decoded(name), form_decoded(value))
    });
    parameters.collect()
}

fn form_decoded(text: &[u8]) -> String {
    if text.contains(&b'+') {
        let spaced: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
        percent_decode(&spaced).decode_utf8_lossy().into_owned()
    } else {
        percent_decode(text).decode_utf8_lossy().into_owned()
    }
}

/// What stands for itself nowhere in a URI (RFC 3986, section 2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A text as it stands within a path's segment, or a parameter of a query or form.
pub fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// A path's part, decoded.
pub fn decoded(text: &str) -> String {
    percent_decode(text.as_bytes()).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_decoded_and_greedy_ones_take_the_rest() {
        let check = |pattern, path, expected: Option<&[(&str, &str)]>| {
            let found = labels(pattern, path);
            let found = found.as_ref().map(|labels| labels.iter().map(|(n, v)| (*n, v.as_str())).collect::<Vec<_>>());
            assert_eq!(found.as_deref(), expected, "{pattern} {path}");
        };
        check("/a/{B}/c", "/a/x%2Fy/c", Some(&[("B", "x/y")]));
        check("/a/{B}/c", "/a/x/c/", Some(&[("B", "x")]));
        check("/a/{B}/c", "/a//c", None);
        check("/a/{B}/c", "/a/x/d", None);
        check("/a/{B}", "/a/x/c", None);
        check("/{Bucket}/{Key+}", "/b/x/y%20z", Some(&[("Bucket", "b"), ("Key", "x/y z")]));
    }

    #[test]
    fn a_literal_beats_a_label_and_a_fixed_parameter_beats_none() {
        let fit = |pattern, path, query| Pattern::parse(pattern).fit(path, query);
        assert!(fit("/f/{A}/policy", "/f/x/policy", "") > fit("/f/{A}/{B}", "/f/x/policy", ""));
        assert!(fit("/r?mode=import", "/r", "mode=import") > fit("/r", "/r", "mode=import"));
        assert_eq!(fit("/r?mode=import", "/r", "mode=x"), None);
        assert_eq!(fit("/r?versions", "/r", ""), None);
    }

    #[test]
    fn forms_are_decoded() {
        assert_eq!(
            form(b"a=1+2&b&c=%3D%2B"),
            [("a", "1 2"), ("b", ""), ("c", "=+")].map(|(n, v)| (n.into(), v.into()))
        );
    }
}
