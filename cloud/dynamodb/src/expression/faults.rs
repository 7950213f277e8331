//! What is wrong with an expression besides its syntax. AWS reads an expression to its end, and tells of one fault: by
//! its class first, and within a class of the first one.

use std::collections::BTreeMap;

/// The classes, in the order in which AWS tells of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Parentheses around parentheses.
    Parentheses,
    /// Attributes that need a `#name`, in updates and projections.
    Reserved,
    /// Functions that there are none of.
    UnknownFunction,
    /// Functions where a value or a condition should be.
    MisusedFunction,
    /// Attributes that need a `#name`, in conditions.
    ReservedInCondition,
    /// A section that is there twice.
    Section,
    /// The first condition that is wrong in itself.
    Condition,
    /// Names and values that are not given.
    Undefined,
    /// Paths that meet.
    Overlap,
    /// Paths that meet and part again.
    Conflict,
    /// How many operands there are.
    Count,
    /// Two operands that are the same one.
    Distinct,
    /// Operands' types.
    Operand,
}

/// The faults of an expression: of each class the first.
#[derive(Debug, Default)]
pub struct Faults(BTreeMap<Class, String>);

impl Faults {
    /// Adds one, unless there is one of its class.
    pub fn add(&mut self, class: Class, fault: impl FnOnce() -> String) {
        self.0.entry(class).or_insert_with(fault);
    }

    /// Makes what is wrong with one condition its fault, so that what is wrong with later ones comes after it.
    pub fn end_of_condition(&mut self) {
        let within = self.0.split_off(&Class::Undefined);
        if let Some((_, first)) = within.into_iter().next() {
            self.add(Class::Condition, || first);
        }
    }

    /// The reserved word belongs to a condition.
    pub fn in_condition(&mut self) {
        if let Some(reserved) = self.0.remove(&Class::Reserved) {
            self.add(Class::ReservedInCondition, || reserved);
        }
    }

    /// The one to tell of.
    pub fn result(mut self) -> Result<(), String> {
        self.0.pop_first().map_or(Ok(()), |(_, fault)| Err(fault))
    }
}
