//! Scalars as text: in labels, query strings, headers, forms and XML.

use crate::timestamp;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use slam_cloud_core::Value;
use slam_cloud_core::schema::{Schema, TimestampFormat};

/// The scalar that a text stands for; `None` when it is not of the schema's type.
///
/// `timestamps` is the place's own format where the schema names none.
pub(super) fn parse(schema: &Schema, text: &str, timestamps: TimestampFormat) -> Option<Value> {
    match schema {
        Schema::String(_) => Some(Value::String(text.to_owned())),
        Schema::Boolean => match text {
            "true" => Some(Value::Boolean(true)),
            "false" => Some(Value::Boolean(false)),
            _ => None,
        },
        Schema::Integer(_) => text.parse::<i32>().ok().map(|number| Value::Integer(number.into())),
        Schema::Long(_) => text.parse().ok().map(Value::Integer),
        Schema::Float(_) | Schema::Double(_) => text.parse().ok().map(Value::Double),
        Schema::Blob(_) => BASE64.decode(text).ok().map(|bytes| Value::Blob(bytes.into())),
        Schema::Timestamp(format) => timestamp::parse(or(*format, timestamps), text).map(Value::Timestamp),
        Schema::Document => serde_json::from_str(text).ok().map(Value::Document),
        Schema::Structure(_) | Schema::List(_) | Schema::Map(_) => None,
    }
}

/// The text of a scalar; `None` for what is no scalar.
pub(super) fn write(schema: &Schema, value: &Value, timestamps: TimestampFormat) -> Option<String> {
    Some(match value {
        Value::String(text) => text.clone(),
        Value::Boolean(flag) => flag.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Double(number) => number.to_string(),
        Value::Blob(bytes) => BASE64.encode(bytes),
        Value::Timestamp(moment) => {
            let format = if let Schema::Timestamp(format) = schema { *format } else { TimestampFormat::Default };
            timestamp::format(or(format, timestamps), *moment)
        }
        Value::Document(json) => json.to_string(),
        Value::Structure(_) | Value::List(_) | Value::Map(_) | Value::Events(_) => return None,
    })
}

fn or(format: TimestampFormat, of_the_place: TimestampFormat) -> TimestampFormat {
    if format == TimestampFormat::Default { of_the_place } else { format }
}
