//! The seam between generated shapes and [`Value`]s.

use crate::Timestamp;
use crate::error::AwsError;
use crate::schema::OperationModel;
use crate::stream::EventStream;
use crate::value::Value;
use bytes::Bytes;
use std::collections::BTreeMap;

/// A Rust type that a codec can read and write through a [`Value`].
///
/// Codecs build values that fit their schema, so a mismatch here is a bug in the tables, reported as an
/// internal failure rather than a panic.
pub trait Shape: Sized + Send + 'static {
    /// The typed form of a value.
    ///
    /// # Errors
    /// When the value does not fit the type.
    fn from_value(value: Value) -> Result<Self, AwsError>;
    /// The value of a typed form.
    fn into_value(self) -> Value;
}

/// An operation's input: it names its output and its row in the tables.
pub trait Operation: Shape {
    /// What the operation answers.
    type Output: Shape;
    /// The row in the tables.
    const MODEL: &'static OperationModel;
}

/// The members of a structure on their way into typed fields, in the schema's order.
pub struct Members {
    structure: &'static str,
    members: std::vec::IntoIter<Option<Value>>,
}

impl Members {
    /// Opens a structure's value.
    ///
    /// # Errors
    /// When the value is not a structure.
    pub fn of(structure: &'static str, value: Value) -> Result<Self, AwsError> {
        match value {
            Value::Structure(members) => Ok(Self { structure, members: members.into_iter() }),
            other => Err(mismatch(structure, &other)),
        }
    }

    /// The next member, which may be absent.
    ///
    /// # Errors
    /// When the value does not fit the field.
    pub fn optional<T: Shape>(&mut self) -> Result<Option<T>, AwsError> {
        self.members.next().flatten().map(T::from_value).transpose()
    }

    /// The next member, which validation has made sure of.
    ///
    /// # Errors
    /// When it is absent or does not fit the field.
    pub fn required<T: Shape>(&mut self) -> Result<T, AwsError> {
        match self.members.next().flatten() {
            Some(value) => T::from_value(value),
            None => Err(AwsError::validation(format!("a required member of {} is missing", self.structure))),
        }
    }
}

fn mismatch(expected: &str, value: &Value) -> AwsError {
    AwsError::internal(format!("expected {expected}, found {value:?}"))
}

/// Implements [`Shape`] for a type that is one variant of [`Value`].
macro_rules! leaf {
    ($type:ty, $variant:ident, $name:literal) => {
        impl Shape for $type {
            fn from_value(value: Value) -> Result<Self, AwsError> {
                match value {
                    Value::$variant(inner) => Ok(inner),
                    other => Err(mismatch($name, &other)),
                }
            }
            fn into_value(self) -> Value {
                Value::$variant(self)
            }
        }
    };
}

leaf!(bool, Boolean, "a boolean");
leaf!(i64, Integer, "an integer");
leaf!(f64, Double, "a number");
leaf!(String, String, "a string");
leaf!(Bytes, Blob, "bytes");
leaf!(Timestamp, Timestamp, "a timestamp");
leaf!(serde_json::Value, Document, "a document");

impl<T: Shape> Shape for Vec<T> {
    fn from_value(value: Value) -> Result<Self, AwsError> {
        match value {
            Value::List(items) => items.into_iter().map(T::from_value).collect(),
            other => Err(mismatch("a list", &other)),
        }
    }
    fn into_value(self) -> Value {
        Value::List(self.into_iter().map(T::into_value).collect())
    }
}

impl<T: Shape> Shape for BTreeMap<String, T> {
    fn from_value(value: Value) -> Result<Self, AwsError> {
        match value {
            Value::Map(entries) => entries.into_iter().map(|(key, value)| Ok((key, T::from_value(value)?))).collect(),
            other => Err(mismatch("a map", &other)),
        }
    }
    fn into_value(self) -> Value {
        Value::Map(self.into_iter().map(|(key, value)| (key, value.into_value())).collect())
    }
}

/// Each event becomes a value when the codec asks for it.
impl<T: Shape> Shape for EventStream<T> {
    fn from_value(value: Value) -> Result<Self, AwsError> {
        // Of the protocols here none carries events in a request.
        Err(mismatch("an event stream, which only outputs have", &value))
    }
    fn into_value(self) -> Value {
        Value::Events(self.map(T::into_value))
    }
}

impl<T: Shape> Shape for Box<T> {
    fn from_value(value: Value) -> Result<Self, AwsError> {
        T::from_value(value).map(Self::new)
    }
    fn into_value(self) -> Value {
        T::into_value(*self)
    }
}
