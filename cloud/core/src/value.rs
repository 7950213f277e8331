//! A value between the wire and a typed shape.

use crate::Timestamp;
use crate::stream::EventStream;
use bytes::Bytes;

/// A decoded value whose meaning its [`crate::schema::Schema`] tells. Codecs make and read it; services never see it.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A boolean.
    Boolean(bool),
    /// An integer or long.
    Integer(i64),
    /// A float or double.
    Double(f64),
    /// Text.
    String(String),
    /// Bytes.
    Blob(Bytes),
    /// A moment in time.
    Timestamp(Timestamp),
    /// A list; `None` is JSON's null in a sparse list.
    List(Vec<Value>),
    /// A map, in the order it arrived.
    Map(Vec<(String, Value)>),
    /// A structure: one place per member of its schema, in the schema's order.
    Structure(Vec<Option<Value>>),
    /// Any JSON.
    Document(serde_json::Value),
    /// Structures that come one after the other: an event stream.
    Events(EventStream<Value>),
}
