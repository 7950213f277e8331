//! The language of slam.yaml: one table of keys, from which the parser's checks, the JSON Schema and the reference come.

mod check;
mod keys;
mod reference;
mod schema;

pub use check::{check, did_you_mean};
pub use reference::reference;
pub use schema::schema;

/// A key of a mapping.
pub struct Key {
    pub name: &'static str,
    pub shape: Shape,
    /// One line for editors and the reference.
    pub about: &'static str,
    /// What holds when the key is left out, for the reference; empty for nothing.
    pub default: &'static str,
    pub status: Status,
}

/// What this version makes of a key.
pub enum Status {
    /// Understood.
    Now,
    /// Understood; a word of the original's, with its newer equivalent.
    Original(&'static str),
    /// Part of the language, but not of this version.
    Later,
}

/// What a value must look like.
pub enum Shape {
    /// Text, a single value.
    Text,
    /// An environment variable or a tag: any single value, taken as text.
    Scalar,
    /// Yes or no.
    Flag,
    /// A whole number within bounds.
    Integer { min: u64, max: u64 },
    /// One of a few words; those in `later` are part of the language, but not of this version.
    Choice { now: &'static [&'static str], later: &'static [&'static str] },
    /// A list.
    List(&'static Shape),
    /// One value, or a list of them.
    OneOrMany(&'static Shape),
    /// Names that the user chooses, each with a value.
    Map(&'static Shape),
    /// Keys that the language defines.
    Section(&'static [Key]),
    /// The first shape that fits the kind of the value: a single one, a list, a mapping.
    AnyOf(&'static [Shape]),
    /// CloudFormation, as it is.
    CloudFormation,
}

/// Everything that a file may say at its top level.
pub const FILE: Shape = Shape::Section(keys::FILE);
