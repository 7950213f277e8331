//! JSON templates: as `serde_json` reads them, but a key must not occur twice.
//!
//! A comma too many at the end is forgiven, as AWS does (asserted on AWS by a test of LocalStack's whose
//! template `cfn_lambda_serverless.yml` has some): YAML, of which JSON is a part, allows it.

use super::{MAX_DEPTH, malformed};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use slam_cloud_core::AwsResult;
use std::fmt;

/// Parses a JSON template.
pub(super) fn parse(text: &str) -> AwsResult<Value> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let result = Node(0).deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    let error = match result {
        Ok(value) => return Ok(value),
        Err(error) if error.to_string().starts_with("trailing comma") => return super::yaml::parse(text),
        Err(error) => error,
    };
    // AWS counts the column after the character it stumbled over.
    let place = format!("JSON not well-formed. (line {}, column {})", error.line(), error.column() + 1);
    if !error.is_data() {
        return Err(malformed(place));
    }
    let reason = error.to_string();
    let reason = reason.rsplit_once(" at line ").map_or(&*reason, |(reason, _)| reason);
    Err(malformed(format!("{place}: {reason}")))
}

/// A value at a depth.
struct Node(usize);

impl<'de> DeserializeSeed<'de> for Node {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::from(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::from(value))
    }
    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }
    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let depth = deeper::<A::Error>(self.0)?;
        let mut items = Vec::new();
        while let Some(item) = access.next_element_seed(Node(depth))? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let depth = deeper::<A::Error>(self.0)?;
        let mut entries = Map::new();
        while let Some(key) = access.next_key::<String>()? {
            if entries.contains_key(&key) {
                return Err(A::Error::custom(format_args!("the key '{key}' occurs twice")));
            }
            let value = access.next_value_seed(Node(depth))?;
            entries.insert(key, value);
        }
        Ok(Value::Object(entries))
    }
}

fn deeper<E: Error>(depth: usize) -> Result<usize, E> {
    if depth >= MAX_DEPTH { Err(E::custom("the template is nested too deeply")) } else { Ok(depth + 1) }
}
