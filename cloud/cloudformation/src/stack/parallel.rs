//! Work along a graph: everything whose needs are met runs at once.

use futures_util::stream::{FuturesUnordered, StreamExt};
use indexmap::{IndexMap, IndexSet};
use std::future::Future;

/// How many resources are worked on at once.
const AT_ONCE: usize = 32;

/// What came of it.
#[derive(Debug)]
pub struct Outcome<E> {
    /// What failed and how.
    pub failed: Vec<(String, E)>,
    /// Whether everything was done.
    pub complete: bool,
}

/// Runs `work` for every node after all that it needs. After a failure nothing that depends on it is begun; with
/// `stop_at_failure` nothing at all is. `stop` is asked before each beginning.
pub async fn along<E, F>(
    needs: &IndexMap<String, IndexSet<String>>,
    stop_at_failure: bool,
    stop: impl Fn() -> bool,
    work: impl Fn(String) -> F,
) -> Outcome<E>
where
    F: Future<Output = (String, Result<(), E>)>,
{
    let mut open: IndexMap<&str, usize> = IndexMap::new();
    for (id, needed) in needs {
        open.insert(id, needed.iter().filter(|id| needs.contains_key(*id)).count());
    }
    let mut failed: Vec<(String, E)> = Vec::new();
    let mut running = FuturesUnordered::new();
    loop {
        let halted = (stop_at_failure && !failed.is_empty()) || stop();
        while !halted && running.len() < AT_ONCE {
            let Some(id) = open.iter().find(|(_, count)| **count == 0).map(|(id, _)| (*id).to_owned()) else { break };
            open.shift_remove(&*id);
            running.push(work(id));
        }
        let Some((id, result)) = running.next().await else { break };
        match result {
            Ok(()) => {
                for (other, count) in &mut open {
                    if needs.get(*other).is_some_and(|needed| needed.contains(&id)) {
                        *count -= 1;
                    }
                }
            }
            Err(error) => failed.push((id, error)),
        }
    }
    let complete = failed.is_empty() && open.is_empty();
    Outcome { failed, complete }
}

/// The same graph the other way round: for deletion.
pub fn reversed(needs: &IndexMap<String, IndexSet<String>>) -> IndexMap<String, IndexSet<String>> {
    let mut reversed: IndexMap<String, IndexSet<String>> =
        needs.keys().rev().map(|id| (id.clone(), IndexSet::new())).collect();
    for (id, needed) in needs {
        for other in needed {
            if let Some(entry) = reversed.get_mut(other) {
                entry.insert(id.clone());
            }
        }
    }
    reversed
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    fn graph(edges: &[(&str, &[&str])]) -> IndexMap<String, IndexSet<String>> {
        edges.iter().map(|(id, needs)| ((*id).to_owned(), needs.iter().map(|n| (*n).to_owned()).collect())).collect()
    }

    async fn run(needs: &IndexMap<String, IndexSet<String>>, broken: &str) -> (String, bool) {
        let done = Mutex::new(Vec::new());
        let outcome = along(
            needs,
            false,
            || false,
            |id| {
                let result = if id == broken { Err(()) } else { Ok(()) };
                done.lock().unwrap().push(id.clone());
                async move { (id, result) }
            },
        )
        .await;
        (done.into_inner().unwrap().join(" "), outcome.complete)
    }

    #[tokio::test]
    async fn needs_come_first() {
        let needs = graph(&[("c", &["b"]), ("b", &["a"]), ("a", &[])]);
        assert_eq!(run(&needs, "").await, ("a b c".to_owned(), true));
        assert_eq!(run(&reversed(&needs), "").await, ("c b a".to_owned(), true));
    }

    #[tokio::test]
    async fn what_needs_a_failure_is_not_begun() {
        let needs = graph(&[("a", &[]), ("b", &["a"]), ("c", &[])]);
        assert_eq!(run(&needs, "a").await, ("a c".to_owned(), false));
    }
}
