//! Events as patterns see them: fields under their whole paths.

use super::json::{self, Json};
use super::scalar::Scalar;
use std::collections::HashMap;

/// Which element of which array something is in, the outermost array first. Arrays are numbered in the order in which they stand.
pub type Places = Vec<(u32, u32)>;

/// A value with the arrays that it is in.
#[derive(Clone, Debug)]
pub struct Field {
    /// The value.
    pub value: Scalar,
    /// Where it is.
    pub places: Places,
}

/// An event.
#[derive(Clone, Debug, Default)]
pub struct Event {
    fields: HashMap<String, Vec<Field>>,
    arrays: u32,
}

impl Event {
    /// Reads an event.
    ///
    /// # Errors
    /// When it is not JSON, or nested more than 128 deep.
    pub fn read(text: &str) -> Result<Self, serde_json::Error> {
        let mut event = Self::default();
        if let Json::Object(fields) = json::read(text)? {
            event.object(&fields, "", &mut Vec::new());
        }
        for fields in event.fields.values_mut() {
            fields.sort_by(|one, other| one.places.cmp(&other.places));
        }
        Ok(event)
    }

    /// The values under a path, sorted by their places.
    pub fn at(&self, path: &str) -> &[Field] {
        self.fields.get(path).map_or(&[], Vec::as_slice)
    }

    fn object(&mut self, fields: &[(std::borrow::Cow<'_, str>, Json<'_>)], path: &str, places: &mut Places) {
        for (name, value) in fields {
            let path = if path.is_empty() { name.to_string() } else { format!("{path}.{name}") };
            self.value(value, &path, places);
        }
    }

    fn value(&mut self, value: &Json<'_>, path: &str, places: &mut Places) {
        match value {
            Json::Object(fields) => self.object(fields, path, places),
            Json::Array(elements) => {
                self.arrays += 1;
                let array = self.arrays;
                for (index, element) in (0..).zip(elements) {
                    // Values stand beside each other in an array; what is in objects or arrays there belongs together.
                    match Scalar::of(element) {
                        Some(value) => self.add(path, value, places),
                        None => {
                            places.push((array, index));
                            self.value(element, path, places);
                            places.pop();
                        }
                    }
                }
            }
            value => {
                if let Some(value) = Scalar::of(value) {
                    self.add(path, value, places);
                }
            }
        }
    }

    fn add(&mut self, path: &str, value: Scalar, places: &Places) {
        let field = Field { value, places: places.clone() };
        match self.fields.get_mut(path) {
            Some(fields) => fields.push(field),
            None => drop(self.fields.insert(path.to_owned(), vec![field])),
        }
    }
}
