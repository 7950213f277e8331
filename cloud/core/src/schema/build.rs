//! The words in which the generated tables are written, one line each: `m("Name", &FunctionName).uri()`.
//!
//! They are evaluated by the compiler, so a table costs nothing at run time and a wrong word does not compile.

use super::{Constraints, List, Location, Map, Member, OperationModel, Schema, Structure, TimestampFormat};

/// Text of any kind.
pub const STRING: Schema = Schema::String(Constraints::NONE);
/// Bytes of any number.
pub const BLOB: Schema = Schema::Blob(Constraints::NONE);
/// True or false.
pub const BOOLEAN: Schema = Schema::Boolean;
/// Any 32-bit number.
pub const INTEGER: Schema = Schema::Integer(Constraints::NONE);
/// Any 64-bit number.
pub const LONG: Schema = Schema::Long(Constraints::NONE);
/// Any 32-bit floating-point number.
pub const FLOAT: Schema = Schema::Float(Constraints::NONE);
/// Any 64-bit floating-point number.
pub const DOUBLE: Schema = Schema::Double(Constraints::NONE);
/// A moment in the protocol's own format.
pub const TIMESTAMP: Schema = Schema::Timestamp(TimestampFormat::Default);
/// A moment in seconds since 1970.
pub const TIMESTAMP_UNIX: Schema = Schema::Timestamp(TimestampFormat::Unix);
/// A moment as `2026-11-23T15:00:00Z`.
pub const TIMESTAMP_ISO8601: Schema = Schema::Timestamp(TimestampFormat::Iso8601);
/// A moment as `Mon, 23 Nov 2026 15:00:00 GMT`.
pub const TIMESTAMP_RFC822: Schema = Schema::Timestamp(TimestampFormat::Rfc822);
/// Any JSON.
pub const DOCUMENT: Schema = Schema::Document;

/// Values of one type in order.
pub const fn list(member: &'static Schema) -> Schema {
    Schema::List(List { member, member_name: "member", constraints: Constraints::NONE })
}

/// Values of one type by key.
pub const fn map(key: &'static Schema, value: &'static Schema) -> Schema {
    Schema::Map(Map { key, value, key_name: "key", value_name: "value", constraints: Constraints::NONE })
}

/// Named members.
pub const fn structure(name: &'static str, members: &'static [Member]) -> Schema {
    Schema::Structure(Structure { name, members, payload: payload(members), union: false })
}

/// Named members of which one is set.
pub const fn union(name: &'static str, members: &'static [Member]) -> Schema {
    Schema::Structure(Structure { name, members, payload: payload(members), union: true })
}

/// Where the member is that is the whole body.
const fn payload(members: &[Member]) -> Option<usize> {
    let mut index = 0;
    while index < members.len() {
        if members[index].payload {
            return Some(index);
        }
        index += 1;
    }
    None
}

impl Schema {
    /// At least this: of a text's length, a number's value, or how many there are.
    pub const fn min(mut self, min: i64) -> Self {
        self.constraints().min = Some(min);
        self
    }

    /// At most this.
    pub const fn max(mut self, max: i64) -> Self {
        self.constraints().max = Some(max);
        self
    }

    /// Text of this regular expression.
    pub const fn pattern(mut self, pattern: &'static str) -> Self {
        self.constraints().pattern = Some(pattern);
        self
    }

    /// One of these.
    pub const fn values(mut self, values: &'static [&'static str]) -> Self {
        self.constraints().values = values;
        self
    }

    /// What no error and no log may show.
    pub const fn sensitive(mut self) -> Self {
        self.constraints().sensitive = true;
        self
    }

    /// A list whose elements have this name on the wire.
    pub const fn of(mut self, member_name: &'static str) -> Self {
        match &mut self {
            Self::List(list) => list.member_name = member_name,
            _ => panic!("only a list's elements have a name"),
        }
        self
    }

    /// A map whose entries have these names on the wire.
    pub const fn entries(mut self, key_name: &'static str, value_name: &'static str) -> Self {
        match &mut self {
            Self::Map(map) => (map.key_name, map.value_name) = (key_name, value_name),
            _ => panic!("only a map has entries"),
        }
        self
    }

    const fn constraints(&mut self) -> &mut Constraints {
        match self {
            Self::String(constraints)
            | Self::Blob(constraints)
            | Self::Integer(constraints)
            | Self::Long(constraints)
            | Self::Float(constraints)
            | Self::Double(constraints) => constraints,
            Self::List(list) => &mut list.constraints,
            Self::Map(map) => &mut map.constraints,
            Self::Structure(_) | Self::Boolean | Self::Timestamp(_) | Self::Document => {
                panic!("nothing is demanded of such a value")
            }
        }
    }
}

/// A member of the body that has the model's name on the wire. [`crate::shape!`] says whether it is required.
pub const fn m(name: &'static str, schema: &'static Schema) -> Member {
    Member {
        name,
        wire_name: name,
        location: Location::Body,
        required: false,
        flattened: false,
        payload: false,
        schema,
    }
}

impl Member {
    /// With another name on the wire.
    pub const fn named(mut self, wire_name: &'static str) -> Self {
        self.wire_name = wire_name;
        self
    }

    /// Which the input must have, or not.
    pub const fn required(mut self, required: bool) -> Self {
        self.required = required;
        self
    }

    /// Without an element around the list or map.
    pub const fn flattened(mut self) -> Self {
        self.flattened = true;
        self
    }

    /// The whole body.
    pub const fn payload(mut self) -> Self {
        self.payload = true;
        self
    }

    /// In a label of the path.
    pub const fn uri(self) -> Self {
        self.at(Location::Uri)
    }

    /// In the query string.
    pub const fn query(self) -> Self {
        self.at(Location::QueryString)
    }

    /// In a header.
    pub const fn header(self) -> Self {
        self.at(Location::Header)
    }

    /// In all headers that begin with its name.
    pub const fn headers(self) -> Self {
        self.at(Location::Headers)
    }

    /// The answer's HTTP status.
    pub const fn status_code(self) -> Self {
        self.at(Location::StatusCode)
    }

    /// The payload of an event.
    pub const fn event_payload(self) -> Self {
        self.at(Location::EventPayload)
    }

    const fn at(mut self, location: Location) -> Self {
        self.location = location;
        self
    }
}

impl OperationModel {
    /// With another HTTP status of success than 200.
    pub const fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// With this element around the result in query answers.
    pub const fn wrapped(mut self, result_wrapper: &'static str) -> Self {
        self.result_wrapper = Some(result_wrapper);
        self
    }
}

/// Operations that all have `POST /` and differ by name alone, as rows of [`super::ServiceModel::others`].
pub const fn by_name<const N: usize>(names: [&'static str; N]) -> [(&'static str, &'static str, &'static str); N] {
    let mut rows = [("", "POST", "/"); N];
    let mut index = 0;
    while index < N {
        rows[index].0 = names[index];
        index += 1;
    }
    rows
}
