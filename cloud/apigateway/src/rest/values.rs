//! Names with their values, as events have them: the last of each, and all.

use indexmap::IndexMap;
use serde::Serialize;

/// All values of each name.
pub type AllValues<'a> = IndexMap<&'a str, Vec<&'a str>>;

/// The last value of each name.
#[derive(Serialize)]
#[serde(transparent)]
pub struct LastValues<'a>(IndexMap<&'a str, &'a str>);

/// The last value of each name.
pub fn last_values(pairs: &[(String, String)]) -> LastValues<'_> {
    LastValues(pairs.iter().map(|(name, value)| (&**name, &**value)).collect())
}

/// All values of each name.
pub fn all_values(pairs: &[(String, String)]) -> AllValues<'_> {
    let mut values = AllValues::with_capacity(pairs.len());
    for (name, value) in pairs {
        values.entry(name).or_default().push(value);
    }
    values
}
