//! What was delivered where lately, for `slam events tail`: kept in memory, the newest thousand.

use serde_json::{Value, json};
use slam_cloud_core::observer::{Delivery, Outcome};
use slam_cloud_core::{Context, Observer, Timestamp};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// How many are kept.
const KEPT: usize = 1000;
/// How many an answer has.
const PAGE: usize = 200;
/// How long somebody who asks waits for the next one, less than clients wait for an answer.
const WAIT: Duration = Duration::from_secs(5);
/// Reasons are cut off after so many characters: somebody else wrote them.
const REASON: usize = 300;

/// What was delivered lately.
#[derive(Default)]
pub(crate) struct Deliveries {
    told: Mutex<Told>,
    news: Notify,
}

#[derive(Default)]
struct Told {
    /// How many there have been.
    count: u64,
    newest: VecDeque<Entry>,
}

/// A delivery as it was told. JSON is made of it when somebody asks, as most are never asked for.
struct Entry {
    at: Timestamp,
    account: Arc<str>,
    region: Arc<str>,
    source: String,
    target: String,
    events: usize,
    id: Option<String>,
    outcome: &'static str,
    why: Option<String>,
}

impl Entry {
    fn json(&self) -> Value {
        json!({
            "at": self.at.as_millisecond(),
            "account": &*self.account,
            "region": &*self.region,
            "source": self.source,
            "target": self.target,
            "events": self.events,
            "id": self.id,
            "outcome": self.outcome,
            "why": self.why,
        })
    }
}

impl Deliveries {
    /// Those after the `after`th one (`after=N` in the query), the oldest first; without it, the newest. Waits for one when
    /// there is none. `last` is what to ask with next, and `missed` how many are not kept any more.
    pub(crate) async fn after(&self, query: &str) -> Value {
        let asked = query.split('&').find_map(|pair| pair.strip_prefix("after=")?.parse::<u64>().ok());
        let waited = tokio::time::timeout(WAIT, async {
            loop {
                let news = self.news.notified();
                tokio::pin!(news);
                // From here on none is missed.
                news.as_mut().enable();
                if asked.is_none_or(|after| self.told().count != after) {
                    return;
                }
                news.await;
            }
        });
        // Nothing new is an answer, too.
        let _ = waited.await;
        let told = self.told();
        let kept = told.newest.len() as u64;
        let first = told.count - kept;
        // A number beyond the last one is of a process before this one.
        let after = asked.filter(|after| *after <= told.count).unwrap_or(match asked {
            Some(_) => first,
            None => told.count.saturating_sub(PAGE as u64).max(first),
        });
        let skipped = usize::try_from(after.saturating_sub(first)).unwrap_or(usize::MAX);
        let deliveries: Vec<Value> = told.newest.iter().skip(skipped).take(PAGE).map(Entry::json).collect();
        let last = after.max(first) + deliveries.len() as u64;
        json!({ "deliveries": deliveries, "last": last, "missed": first.saturating_sub(after) })
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Deliveries {
    fn delivered(&self, context: &Context, delivery: &Delivery<'_>) {
        let Delivery { source, target, events, id, outcome } = *delivery;
        let (outcome, why) = match outcome {
            Outcome::Delivered => ("delivered", None),
            Outcome::Failed { why } => ("failed", Some(why)),
            Outcome::GivenUp { why } => ("given-up", Some(why)),
        };
        let entry = Entry {
            at: Timestamp::now(),
            account: Arc::clone(&context.account),
            region: Arc::clone(&context.region),
            source: source.to_owned(),
            target: target.to_owned(),
            events,
            id: id.map(str::to_owned),
            outcome,
            why: why.map(|why| why.chars().take(REASON).collect()),
        };
        let mut told = self.told();
        told.count += 1;
        if told.newest.len() == KEPT {
            told.newest.pop_front();
        }
        told.newest.push_back(entry);
        drop(told);
        self.news.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use slam_cloud_core::Principal;

    fn tell(deliveries: &Deliveries, id: &str) {
        let context = Context::new("000000000000", "us-east-1", Principal::Anonymous);
        let (source, target) =
            ("arn:aws:sqs:us-east-1:000000000000:a", "arn:aws:lambda:us-east-1:000000000000:function:b");
        deliveries
            .delivered(&context, &Delivery { source, target, events: 1, id: Some(id), outcome: Outcome::Delivered });
    }

    fn ids(answer: &Value) -> Vec<&str> {
        answer["deliveries"].as_array().unwrap().iter().map(|entry| entry["id"].as_str().unwrap()).collect()
    }

    #[tokio::test]
    async fn each_is_told_once_and_in_order() {
        let deliveries = Deliveries::default();
        assert_eq!(deliveries.after("").await, json!({ "deliveries": [], "last": 0, "missed": 0 }));
        tell(&deliveries, "1");
        tell(&deliveries, "2");
        let answer = deliveries.after("after=0").await;
        assert_eq!((ids(&answer), &answer["last"]), (vec!["1", "2"], &json!(2)));
        tell(&deliveries, "3");
        assert_eq!(ids(&deliveries.after("after=2").await), ["3"]);
        // Of the process before this one.
        assert_eq!(ids(&deliveries.after("after=17").await), ["1", "2", "3"]);
    }

    #[tokio::test]
    async fn who_asks_waits_for_the_next_one() {
        let deliveries = Deliveries::default();
        tell(&deliveries, "1");
        let (answer, ()) = tokio::join!(deliveries.after("after=1"), async { tell(&deliveries, "2") });
        assert_eq!(ids(&answer), ["2"]);
    }

    #[tokio::test]
    async fn what_is_not_kept_is_counted() {
        let deliveries = Deliveries::default();
        (0..KEPT + 5).for_each(|number| tell(&deliveries, &number.to_string()));
        let answer = deliveries.after("after=2").await;
        assert_eq!((ids(&answer).len(), &answer["missed"], &answer["last"]), (PAGE, &json!(3), &json!(205)));
        assert_eq!(ids(&answer)[0], "5");
        assert_eq!(ids(&deliveries.after("after=205").await)[0], "205");
        let newest = deliveries.after("").await;
        assert_eq!((ids(&newest)[PAGE - 1], &newest["last"]), ("1004", &json!(1005)));
    }
}
