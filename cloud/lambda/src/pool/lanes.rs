//! Idle environments, and invocations that wait for one, by the version they run.

use super::environment::Environment;
use super::plan::Key;
use std::collections::{HashMap, VecDeque};
use std::time::Duration;
use tokio::sync::oneshot;

/// One lane for each version.
#[derive(Default)]
pub(super) struct Lanes {
    lanes: HashMap<Key, Lane>,
}

#[derive(Default)]
struct Lane {
    /// The last one in is the first one out: few environments do the work, and the others age and end.
    idle: Vec<Environment>,
    waiting: VecDeque<oneshot::Sender<Environment>>,
}

impl Lane {
    fn is_empty(&self) -> bool {
        self.idle.is_empty() && self.waiting.is_empty()
    }
}

type Handed = oneshot::Receiver<Environment>;

impl Lanes {
    /// An idle environment, or a place in the line for the next one. Also returns those that were found `spent`.
    pub(super) fn take_or_wait(
        &mut self,
        key: &Key,
        spent: impl Fn(&Environment) -> bool,
    ) -> (Vec<Environment>, Result<Environment, Handed>) {
        let lane = self.lanes.entry(key.clone()).or_default();
        let mut stale = Vec::new();
        while let Some(environment) = lane.idle.pop() {
            if !spent(&environment) {
                return (stale, Ok(environment));
            }
            stale.push(environment);
        }
        let (hand_over, handed) = oneshot::channel();
        lane.waiting.push_back(hand_over);
        (stale, Err(handed))
    }

    /// Hands an environment to the first who waits and still wants it, or keeps it.
    pub(super) fn put(&mut self, environment: Environment) {
        let lane = self.lanes.entry(environment.plan.key.clone()).or_default();
        let mut environment = environment;
        while let Some(hand_over) = lane.waiting.pop_front() {
            match hand_over.send(environment) {
                Ok(()) => return,
                Err(back) => environment = back,
            }
        }
        lane.idle.push(environment);
    }

    /// Freezes the environments that have been idle for so long; whether others are still to be frozen.
    pub(super) fn freeze(&mut self, idle: Duration) -> bool {
        let mut others = false;
        for environment in self.lanes.values_mut().flat_map(|lane| &mut lane.idle) {
            others |= !environment.freeze(idle);
        }
        others
    }

    /// Whether an invocation waits for an environment of this version.
    pub(super) fn is_awaited(&self, key: &Key) -> bool {
        self.lanes.get(key).is_some_and(|lane| lane.waiting.iter().any(|hand_over| !hand_over.is_closed()))
    }

    /// Takes out the idle environments that fulfil `condition`.
    pub(super) fn take_idle_if(&mut self, condition: impl Fn(&Environment) -> bool) -> Vec<Environment> {
        let mut taken = Vec::new();
        self.lanes.retain(|_, lane| {
            lane.waiting.retain(|hand_over| !hand_over.is_closed());
            let (out, stay) =
                std::mem::take(&mut lane.idle).into_iter().partition(|environment| condition(environment));
            lane.idle = stay;
            taken.extend::<Vec<_>>(out);
            !lane.is_empty()
        });
        taken
    }

    /// Takes out the environment that has been idle longest.
    pub(super) fn take_oldest(&mut self) -> Option<Environment> {
        let lanes = self.lanes.values_mut().filter(|lane| !lane.idle.is_empty());
        let lane = lanes.min_by_key(|lane| lane.idle[0].idle_since())?;
        Some(lane.idle.remove(0))
    }
}
