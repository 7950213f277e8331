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
    /// Whether it asks for anything: `false`, an empty text, list or map do not, and clients send them.
    fn is_given(&self) -> bool {
        true
    }
}

/// The path of a member that is refused, and whether an input asks for it.
pub type Refused<O> = (&'static str, fn(&O) -> bool);

/// An operation's input: it names its output and its row in the tables.
pub trait Operation: Shape {
    /// What the operation answers.
    type Output: Shape;
    /// The row in the tables.
    const MODEL: &'static OperationModel;
    /// The members that are refused ([`OperationModel::refused`]).
    const REFUSED: &'static [Refused<Self>];

    /// Refuses what the input asks for and nothing here would do.
    ///
    /// # Errors
    /// `NotImplemented`, naming the first such member.
    fn check_supported(&self) -> Result<(), AwsError> {
        match Self::REFUSED.iter().find(|(_, given)| given(self)) {
            Some((member, _)) => Err(Self::MODEL.refusal(member)),
            None => Ok(()),
        }
    }
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

    /// The next member.
    ///
    /// # Errors
    /// When it is absent though it must not be, or does not fit the field.
    pub fn field<F: Field>(&mut self) -> Result<F, AwsError> {
        F::read(self.structure, self.members.next().flatten())
    }
}

/// The type of a structure's field: a shape, or an `Option` of one where the member may be absent.
pub trait Field: Sized {
    /// Whether the member must be there.
    const REQUIRED: bool;
    /// The field of a structure from its member's value.
    ///
    /// # Errors
    /// When it is absent though it must not be, or does not fit the field.
    fn read(structure: &'static str, value: Option<Value>) -> Result<Self, AwsError>;
    /// The member's value.
    fn write(self) -> Option<Value>;
    /// Whether the member is there and asks for anything ([`Shape::is_given`]).
    fn is_given(&self) -> bool;
}

/// Validation has made sure that it is there.
impl<T: Shape> Field for T {
    const REQUIRED: bool = true;
    fn read(structure: &'static str, value: Option<Value>) -> Result<Self, AwsError> {
        match value {
            Some(value) => T::from_value(value),
            None => Err(AwsError::validation(format!("a required member of {structure} is missing"))),
        }
    }
    fn write(self) -> Option<Value> {
        Some(self.into_value())
    }
    fn is_given(&self) -> bool {
        Shape::is_given(self)
    }
}

impl<T: Shape> Field for Option<T> {
    const REQUIRED: bool = false;
    fn read(_: &'static str, value: Option<Value>) -> Result<Self, AwsError> {
        value.map(T::from_value).transpose()
    }
    fn write(self) -> Option<Value> {
        self.map(T::into_value)
    }
    fn is_given(&self) -> bool {
        self.as_ref().is_some_and(Shape::is_given)
    }
}

/// A structure of a service's model: the Rust type, its [`Shape`], and a static table of the same name.
///
/// Each line is a field and its member in the table, which is required unless the field is an `Option`. `as` tells
/// the shape's name in AWS's model where it is another one; a `union` is a structure of which one member is set.
///
/// ```
/// use slam_cloud_core::schema::build::*;
/// use slam_cloud_core::shape;
///
/// shape! { structure DeleteAlias as "DeleteAliasRequest" {
///     function_name: String = m("FunctionName", &STRING).uri(),
///     name: Option<String> = m("Name", &STRING).uri(),
/// } }
///
/// let members = DeleteAlias.structure().unwrap().members;
/// assert!(members[0].required && !members[1].required);
/// ```
#[macro_export]
macro_rules! shape {
    ($kind:ident $name:ident { $($members:tt)* }) => {
        $crate::shape!(@ $kind $name, stringify!($name), $($members)*);
    };
    ($kind:ident $name:ident as $shape:literal { $($members:tt)* }) => {
        $crate::shape!(@ $kind $name, $shape, $($members)*);
    };
    (@ $kind:ident $name:ident, $shape:expr, $($field:ident: $type:ty = $member:expr,)*) => {
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct $name { $(pub $field: $type,)* }

        impl $crate::shape::Shape for $name {
            fn from_value(value: $crate::Value) -> $crate::AwsResult<Self> {
                let mut members = $crate::shape::Members::of($shape, value)?;
                Ok(Self { $($field: members.field()?,)* })
            }
            fn into_value(self) -> $crate::Value {
                $crate::Value::Structure(vec![$($crate::shape::Field::write(self.$field),)*])
            }
        }

        // A structure with named fields is no value, so its table can have its name.
        static $name: $crate::schema::Schema = {
            static MEMBERS: &[$crate::schema::Member] =
                &[$($member.required(<$type as $crate::shape::Field>::REQUIRED),)*];
            $crate::schema::build::$kind($shape, MEMBERS)
        };
    };
}

/// The operations of a service: what connects the types that [`shape!`] made, and `OPERATIONS`, all their tables.
///
/// Each line is an operation, which has the name of its input's type, its HTTP method and path, and its output's type.
/// `refuses` has the members of its input that are refused, and when they are given.
#[macro_export]
macro_rules! operations {
    ($service:literal: $(
        $name:ident($method:literal, $uri:literal) -> $output:ident $(.$trait:ident($value:expr))*
            $(refuses { $($member:literal: $given:expr,)* })?,
    )*) => {
        $(impl $crate::shape::Operation for $name {
            type Output = $output;
            const MODEL: &'static $crate::schema::OperationModel = {
                static MODEL: $crate::schema::OperationModel = $crate::schema::OperationModel {
                    service: $service,
                    name: stringify!($name),
                    method: $method,
                    uri: $uri,
                    status: 200,
                    input: &$name,
                    output: &$output,
                    result_wrapper: None,
                    refused: &[$($($member,)*)?],
                }$(.$trait($value))*;
                &MODEL
            };
            const REFUSED: &'static [$crate::shape::Refused<Self>] = &[$($(($member, $given),)*)?];
        })*

        const OPERATIONS: &[&$crate::schema::OperationModel] =
            &[$(<$name as $crate::shape::Operation>::MODEL,)*];
    };
}

fn mismatch(expected: &str, value: &Value) -> AwsError {
    AwsError::internal(format!("expected {expected}, found {value:?}"))
}

/// Implements [`Shape`] for a type that is one variant of [`Value`].
macro_rules! leaf {
    ($type:ty, $variant:ident, $name:literal $(, $given:expr)?) => {
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
            $(fn is_given(&self) -> bool {
                let given: fn(&Self) -> bool = $given;
                given(self)
            })?
        }
    };
}

leaf!(bool, Boolean, "a boolean", |flag| *flag);
leaf!(i64, Integer, "an integer");
leaf!(f64, Double, "a number");
leaf!(String, String, "a string", |text| !text.is_empty());
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
    fn is_given(&self) -> bool {
        !self.is_empty()
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
    fn is_given(&self) -> bool {
        !self.is_empty()
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
