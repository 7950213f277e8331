//! DynamoDB tables.

use indexmap::IndexMap;

/// A table, made once per stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name, without the stage.
    pub name: String,
    /// The attributes that keys are made of, all of them used by a key.
    pub attributes: IndexMap<String, AttributeType>,
    /// The primary key.
    pub key: KeySchema,
    /// Indexes that share the hash key.
    pub local_indexes: Vec<Index>,
    /// Indexes with keys of their own.
    pub global_indexes: Vec<Index>,
    /// The attribute that holds the time of expiry.
    pub ttl: Option<String>,
    /// What the table's stream tells.
    pub stream: Option<StreamView>,
    /// Provisioned capacity; `None`: on demand. When it is given, every global index has one too.
    pub throughput: Option<Throughput>,
}

impl Table {
    /// The name that the table has in a stage. It is the original's.
    #[must_use]
    pub fn name_in(&self, stage: &str) -> String {
        format!("{stage}.{}", self.name)
    }

    /// Whether it has an index of any kind.
    #[must_use]
    pub fn has_indexes(&self) -> bool {
        !self.local_indexes.is_empty() || !self.global_indexes.is_empty()
    }
}

/// The type of a key's attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttributeType {
    /// Text.
    S,
    /// A number.
    N,
    /// Bytes.
    B,
}

impl AttributeType {
    /// DynamoDB's letter.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::S => "S",
            Self::N => "N",
            Self::B => "B",
        }
    }
}

/// The key of a table or an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySchema {
    /// The hash key's attribute.
    pub hash: String,
    /// The range key's attribute.
    pub range: Option<String>,
}

/// A secondary index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// Its key.
    pub key: KeySchema,
    /// The attributes in it.
    pub projection: Projection,
    /// Provisioned capacity; only of global indexes, and only when the table's is provisioned.
    pub throughput: Option<Throughput>,
}

/// The attributes in an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Projection {
    /// All of them.
    All,
    /// Those of its and the table's keys.
    KeysOnly,
    /// These beside the keys.
    Include(Vec<String>),
}

/// Provisioned capacity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Throughput {
    /// Read capacity units.
    pub read: u64,
    /// Write capacity units.
    pub write: u64,
}

/// What a stream tells of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamView {
    /// The item's key.
    Keys,
    /// The item as it is now.
    New,
    /// The item as it was.
    Old,
    /// Both.
    NewAndOld,
}

impl StreamView {
    /// DynamoDB's `StreamViewType`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Keys => "KEYS_ONLY",
            Self::New => "NEW_IMAGE",
            Self::Old => "OLD_IMAGE",
            Self::NewAndOld => "NEW_AND_OLD_IMAGES",
        }
    }
}
