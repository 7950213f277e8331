//! Where AWS's services differ in what they enforce and how they say it.

use crate::error::AwsError;
use crate::id;
use std::borrow::Cow;

/// The front that a service's requests come through, as far as clients can tell one from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Front {
    /// Most services'.
    Common,
    /// DynamoDB's. Each of its answers has a checksum, its request ids have a form of their own, plain JSON is answered in
    /// plain JSON, an error may have no text, and it has words of its own for what a request lacks to be signed.
    Coral,
}

impl Front {
    /// A new request id: a UUID, and with DynamoDB 52 letters and digits.
    pub fn request_id(self) -> String {
        match self {
            Self::Common => id::request_id(),
            Self::Coral => id::upper_alphanumeric(52),
        }
    }
}

/// How one service differs from the others. It hands this over when it is registered, so that the wire knows none.
#[derive(Debug)]
pub struct Dialect {
    /// The code of the error for an input that its model does not allow.
    pub invalid_code: &'static str,
    /// Whether that error names members of the body with the input: `createRestApiInput.name`.
    pub names_input: bool,
    /// The code of a denial, where it is another one than its protocol has.
    pub denied_code: Option<&'static str>,
    /// Whether it tells scalars in a list not to be null, beside the other demands.
    pub scalars_not_null: bool,
    /// Enumerations, by their place in the input, that the service checks itself; `*` for all of them.
    pub unenforced: &'static [&'static str],
    /// Members of inputs of which it tells after all others, wherever the model has them.
    pub told_last: &'static [&'static str],
    /// The values that it lists for an enumeration at a place in the input, where they are other ones than the model's.
    pub listed: &'static [(&'static str, &'static [&'static str])],
    /// Enumerations in the order in which it lists their values, where that was recorded: it is that of a hash table,
    /// so it cannot be told from the model.
    pub orders: &'static [&'static [&'static str]],
    /// What it says of a text at a place in the input that is not of the model's pattern, where it looks for that itself: in
    /// words of its own, alone, and after all that the model demands.
    pub worded: fn(place: &str, pattern: &str) -> Option<String>,
    /// The front that its requests come through.
    pub front: Front,
    /// What it says of a member that an input lacks, by the member's name and the operation's, where it does not say it as others
    /// do: of the first one, and nothing else then.
    pub missing: Option<fn(member: &str, operation: &str) -> AwsError>,
    /// How it speaks the query protocol, where that is what its older clients speak, and its model is one of JSON (the trait
    /// `awsQueryCompatible` of Smithy).
    pub in_query: Option<&'static InQuery>,
    /// Lists in its outputs that it leaves out of JSON where they are empty, though its model says that they are there.
    pub left_out: &'static [&'static str],
    /// What stands before an error's code in JSON.
    pub namespace: fn(code: &str) -> &'static str,
    /// How an error's text is called in JSON bodies.
    pub message_member: fn(code: &str) -> &'static str,
}

impl Dialect {
    /// What most services do.
    pub const DEFAULT: Self = Self {
        invalid_code: "ValidationException",
        denied_code: None,
        names_input: false,
        scalars_not_null: false,
        unenforced: &[],
        told_last: &[],
        listed: &[],
        orders: &[],
        worded: |_, _| None,
        front: Front::Common,
        missing: None,
        in_query: None,
        left_out: &[],
        namespace: |_| "",
        message_member: |_| "message",
    };

    /// The values that the service lists for an enumeration at a place in the input.
    pub fn values_at(&self, place: &str) -> Option<&'static [&'static str]> {
        self.listed.iter().find(|(listed, _)| *listed == place).map(|(_, values)| *values)
    }

    /// An enumeration's values in the order in which the service lists them.
    pub fn ordered(&self, values: &'static [&'static str]) -> &'static [&'static str] {
        let same = |order: &&&[&str]| order.len() == values.len() && values.iter().all(|value| order.contains(value));
        self.orders.iter().find(same).copied().unwrap_or(values)
    }
}

/// How a service speaks the query protocol whose model is one of JSON: that no longer has the names that forms and XML use. All its
/// lists and maps are flattened.
#[derive(Debug)]
pub struct InQuery {
    /// The namespace of its XML answers.
    pub xml_namespace: &'static str,
    /// The member that is the request's path where the form has none: of operations without it, a path takes none.
    pub of_path: &'static str,
    /// Operations that a path takes although they have no such member.
    pub at_path: &'static [&'static str],
    /// Members whose name is another one there. A list of structures has that of its structures.
    pub members: &'static [(&'static str, &'static str)],
    /// Those among them that forms may call as the model does, too. All others are refused by that name.
    pub both: &'static [&'static str],
    /// The maps whose entries have a `Key` and a `Value`; others have a `Name` and a `Value`.
    pub keyed: &'static [&'static str],
    /// How it tells an error, by its code. Its clients know errors by that code in JSON, too.
    pub error: fn(code: &str) -> QueryError,
}

/// An error in the query protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryError {
    /// Its code there.
    pub code: Cow<'static, str>,
    /// Its text there, where it is another one.
    pub message: Option<&'static str>,
}
