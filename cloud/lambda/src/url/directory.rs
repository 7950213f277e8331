//! Which function or alias a URL is of. The functions' documents have the URLs; this finds them by their ids.

use slam_cloud_core::collection::Scope;
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

/// Whose a URL is.
#[derive(Clone, Debug)]
pub struct Place {
    /// The function's account and region.
    pub scope: Scope,
    /// The function's name.
    pub function: String,
    /// The alias; empty for the function itself.
    pub qualifier: String,
}

/// The places of all URLs, by id.
#[derive(Debug, Default)]
pub struct Directory {
    places: RwLock<HashMap<String, Place>>,
}

impl Directory {
    /// Notes a URL.
    pub fn enter(&self, id: &str, place: Place) {
        self.places.write().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned(), place);
    }

    /// Forgets one.
    pub fn leave(&self, id: &str) {
        self.places.write().unwrap_or_else(PoisonError::into_inner).remove(id);
    }

    /// Whose a URL is.
    pub fn place(&self, id: &str) -> Option<Place> {
        self.places.read().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    /// All ids.
    pub fn ids(&self) -> Vec<String> {
        self.places.read().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect()
    }
}
