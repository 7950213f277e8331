//! The samples, and events made of them.

use crate::SampleError;
use crate::template::filled;
use flate2::read::DeflateDecoder;
use md5::{Digest, Md5};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// By source and name, as the build packs them.
type Samples = BTreeMap<String, BTreeMap<String, Sample>>;

static SAMPLES: LazyLock<Samples> = LazyLock::new(|| {
    let packed: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/samples.json.deflate"));
    serde_json::from_reader(DeflateDecoder::new(packed)).unwrap_or_default()
});

/// A source and an event of it.
type Name = (&'static str, &'static str);

/// Names that `sam local generate-event` has for what is elsewhere here.
const ALIASES: [(Name, Name); 2] = [
    (("cloudwatch", "scheduled-event"), ("eventbridge", "scheduled-event")),
    (("kinesis", "kinesis-firehose"), ("kinesis", "firehose")),
];

/// A sample event.
#[derive(Clone, Debug, Deserialize)]
pub struct Sample {
    /// When it is sent, in a few words.
    pub what: String,
    /// What can be said of it, with what it says when nothing is.
    #[serde(default)]
    pub arguments: Map<String, Value>,
    /// Where the arguments stand: pointers and templates.
    #[serde(default)]
    leaves: Map<String, Value>,
    /// Where hashes of other leaves stand.
    #[serde(default)]
    digests: Vec<Hash>,
    event: Value,
}

/// The MD5 of a text.
#[derive(Clone, Debug, Deserialize)]
struct Hash {
    path: String,
    of: String,
}

/// All samples, by source and name.
pub fn samples() -> &'static BTreeMap<String, BTreeMap<String, Sample>> {
    &SAMPLES
}

/// A sample by its source and name.
///
/// # Errors
/// When there is none.
pub fn find(source: &str, event: &str) -> Result<&'static Sample, SampleError> {
    let asked = (source, event);
    let (source, event) = ALIASES.iter().find(|(alias, _)| *alias == asked).map_or(asked, |(_, of)| *of);
    let events = SAMPLES.get(source).ok_or_else(|| SampleError::UnknownSource {
        source_name: source.to_owned(),
        near: near(source, SAMPLES.keys()),
    })?;
    events.get(event).ok_or_else(|| SampleError::UnknownEvent {
        source_name: source.to_owned(),
        event: event.to_owned(),
        near: near(event, events.keys()),
    })
}

impl Sample {
    /// The event with these arguments, and what the sample says for the others.
    ///
    /// # Errors
    /// When it does not take one of them, or one is to be JSON and is none.
    pub fn event(&self, given: &BTreeMap<String, String>) -> Result<Value, SampleError> {
        if let Some(name) = given.keys().find(|name| !self.arguments.contains_key(*name)) {
            let known = self.arguments.keys().cloned().collect();
            return Err(SampleError::UnknownArgument { name: name.clone(), known });
        }
        let mut arguments: BTreeMap<&str, &str> =
            self.arguments.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap_or_default())).collect();
        arguments.extend(given.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let mut event = self.event.clone();
        for (path, template) in &self.leaves {
            if let Some(leaf) = event.pointer_mut(path) {
                *leaf = filled(template.as_str().unwrap_or_default(), &arguments)?;
            }
        }
        for Hash { path, of } in &self.digests {
            let hash = event.pointer(of).and_then(Value::as_str).map(|text| hex(&Md5::digest(text)));
            if let (Some(hash), Some(leaf)) = (hash, event.pointer_mut(path)) {
                *leaf = hash.into();
            }
        }
        Ok(event)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn near<'a>(name: &str, known: impl Iterator<Item = &'a String>) -> Option<String> {
    let distances = known.map(|known| (strsim::osa_distance(name, known), known));
    distances.min().filter(|(distance, _)| *distance <= 3).map(|(_, known)| known.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn event(source: &str, name: &str, arguments: &[(&str, &str)]) -> Result<Value, SampleError> {
        let arguments = arguments.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        find(source, name).and_then(|sample| sample.event(&arguments))
    }

    /// A sample says the same with its arguments as it does without: its file is what it makes.
    #[test]
    fn every_sample_is_the_event_of_its_own_arguments() {
        let mut checked = 0;
        for (source, events) in samples() {
            for (name, sample) in events {
                assert_eq!(sample.event(&BTreeMap::new()).as_ref(), Ok(&sample.event), "{source} {name}");
                let missing = sample.leaves.keys().find(|path| sample.event.pointer(path).is_none());
                assert_eq!(missing, None, "{source} {name}");
                let templates = sample.leaves.values().filter_map(Value::as_str).collect::<String>();
                for argument in sample.arguments.keys() {
                    assert!(
                        templates.contains(&format!("${{{argument}")),
                        "{source} {name}: {argument} stands nowhere"
                    );
                }
                checked += 1;
            }
        }
        assert_eq!(checked, 127);
    }

    #[test]
    fn arguments_stand_where_they_belong() {
        let put = event("s3", "put", &[("bucket", "mine"), ("key", "a b.png")]).unwrap();
        let s3 = &put["Records"][0]["s3"];
        assert_eq!((&s3["bucket"]["name"], &s3["object"]["key"]), (&json!("mine"), &json!("a+b.png")));
        assert_eq!(s3["bucket"]["arn"], "arn:aws:s3:::mine");
        let received = event("sqs", "receive-message", &[("body", "x")]).unwrap();
        assert_eq!(received["Records"][0]["md5OfBody"], "9dd4e461268c8034f5c8564e155c67a6");
        let custom = event("eventbridge", "custom", &[("detail", r#"{"n": 1}"#)]).unwrap();
        assert_eq!(custom["detail"], json!({ "n": 1 }));
    }

    #[test]
    fn the_names_that_sam_has_for_them_lead_to_them() {
        for ((source, name), of) in ALIASES {
            assert_eq!(event(source, name, &[]), event(of.0, of.1, &[]));
        }
    }

    #[test]
    fn what_is_not_there_is_told_with_what_may_be_meant() {
        let unknown = event("sqss", "x", &[]).unwrap_err();
        assert!(matches!(unknown, SampleError::UnknownSource { near: Some(near), .. } if near == "sqs"));
        let unknown = event("s3", "putt", &[]).unwrap_err();
        assert!(matches!(unknown, SampleError::UnknownEvent { near: Some(near), .. } if near == "put"));
        let unknown = event("s3", "put", &[("size", "1")]).unwrap_err();
        assert!(matches!(unknown, SampleError::UnknownArgument { known, .. } if known == ["bucket", "key", "region"]));
    }
}
