//! Proofs of passwords that were taken: each is good once, though what it is over is kept by nobody but the client.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// How many are known at a time. Only who knows a password adds one; those that are over first are forgotten first.
const KNOWN: usize = 10_000;

/// The nonces of proofs that were taken, each until its block is no longer good (in seconds since 1970).
#[derive(Default)]
pub struct Spent(Mutex<HashMap<String, i64>>);

impl Spent {
    /// Takes a proof. `false` where it was taken before.
    pub fn take(&self, nonce: &str, expires: i64, now: i64) -> bool {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.contains_key(nonce) {
            return false;
        }
        if known.len() >= KNOWN {
            known.retain(|_, expires| *expires > now);
        }
        if known.len() >= KNOWN {
            let first = known.iter().min_by_key(|(_, expires)| **expires).map(|(nonce, _)| nonce.clone());
            first.and_then(|first| known.remove(&first));
        }
        known.insert(nonce.to_owned(), expires);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_is_taken_once_and_few_are_known() {
        let spent = Spent::default();
        assert!(spent.take("a", 10_000_000, 0));
        assert!(!spent.take("a", 10_000_000, 1));
        for nonce in 0..KNOWN {
            assert!(spent.take(&nonce.to_string(), i64::try_from(nonce).unwrap(), 0));
        }
        assert_eq!(spent.0.lock().unwrap().len(), KNOWN);
        assert!(!spent.take("a", 10_000_000, 1));
    }
}
