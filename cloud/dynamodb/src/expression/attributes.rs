//! `ExpressionAttributeNames` and `ExpressionAttributeValues`, and which of them expressions use.

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What is to be known of a value: its type, by the name that it has on the wire (`S`, `N`, …), and its text if it is one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Type {
    pub name: String,
    pub text: Option<String>,
}

impl<'de> Deserialize<'de> for Type {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct First;
        impl<'de> Visitor<'de> for First {
            type Value = Type;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an attribute value")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Type, A::Error> {
                let mut read = Type::default();
                while let Some(name) = map.next_key::<String>()? {
                    if name == "S" {
                        read.text = Some(map.next_value()?);
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                    if read.name.is_empty() {
                        read.name = name;
                    }
                }
                Ok(read)
            }
        }
        deserializer.deserialize_map(First)
    }
}

/// The names and values that a request gives its expressions.
#[derive(Debug, Default)]
pub struct Attributes {
    pub names: BTreeMap<String, String>,
    pub values: BTreeMap<String, Type>,
    used: BTreeSet<String>,
}

impl Attributes {
    /// Those of a request.
    pub fn new(names: BTreeMap<String, String>, values: BTreeMap<String, Type>) -> Self {
        Self { names, values, used: BTreeSet::new() }
    }

    /// The attribute that a `#name` stands for.
    pub fn name(&mut self, name: &str) -> Result<&str, String> {
        self.used.insert(name.to_owned());
        self.names.get(name).map(String::as_str).ok_or_else(|| {
            format!("An expression attribute name used in the document path is not defined; attribute name: {name}")
        })
    }

    /// What is known of a `:value`.
    pub fn value(&mut self, name: &str) -> Result<&Type, String> {
        self.used.insert(name.to_owned());
        self.values.get(name).ok_or_else(|| {
            format!("An expression attribute value used in expression is not defined; attribute value: {name}")
        })
    }

    /// Refuses what no expression uses.
    pub fn check_used(&self) -> Result<(), String> {
        let unused = |given: &mut dyn Iterator<Item = &String>, member: &str| {
            let unused: Vec<&str> = given.filter(|name| !self.used.contains(*name)).map(String::as_str).collect();
            if unused.is_empty() {
                return Ok(());
            }
            Err(format!("Value provided in {member} unused in expressions: keys: {{{}}}", unused.join(", ")))
        };
        unused(&mut self.names.keys(), "ExpressionAttributeNames")?;
        unused(&mut self.values.keys(), "ExpressionAttributeValues")
    }
}
