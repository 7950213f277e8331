//! What authorizers answered, remembered for a while.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/configure-api-gateway-lambda-authorization.html>: an answer
//! is kept for all methods of a stage, under the values of the identity sources, for at most an hour.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Answers that are remembered at most. Beyond, those that are over are forgotten, and all where none is.
const MOST: usize = 10_000;

/// Answers by the identity that they are about. Time is in milliseconds since 1970.
#[derive(Debug)]
pub struct Cache<V> {
    entries: Mutex<HashMap<String, (Arc<V>, i64)>>,
}

impl<V> Default for Cache<V> {
    fn default() -> Self {
        Self { entries: Mutex::default() }
    }
}

impl<V> Cache<V> {
    /// What was answered for an identity, unless that is over.
    pub fn get(&self, identity: &str, now: i64) -> Option<Arc<V>> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let (value, until) = entries.get(identity)?;
        (now < *until).then(|| Arc::clone(value))
    }

    /// Remembers an answer until a moment.
    pub fn put(&self, identity: String, value: Arc<V>, now: i64, until: i64) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= MOST {
            entries.retain(|_, (_, until)| now < *until);
        }
        if entries.len() >= MOST {
            entries.clear();
        }
        entries.insert(identity, (value, until));
    }

    /// Forgets everything.
    pub fn clear(&self) {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_remembered_until_its_time_is_over() {
        let cache = Cache::default();
        cache.put("a".into(), Arc::new(1), 0, 300);
        assert_eq!([0, 299, 300].map(|now| cache.get("a", now).as_deref().copied()), [Some(1), Some(1), None]);
        assert_eq!(cache.get("b", 0), None);
        cache.clear();
        assert_eq!(cache.get("a", 0), None);
    }

    #[test]
    fn strangers_do_not_fill_the_memory() {
        let cache = Cache::default();
        for number in 0..=MOST {
            cache.put(number.to_string(), Arc::new(()), 0, 300);
        }
        assert!(cache.entries.lock().unwrap().len() <= MOST);
        assert!(cache.get(&MOST.to_string(), 0).is_some());
    }
}
