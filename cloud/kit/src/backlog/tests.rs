use super::*;
use serde::Deserialize;
use slam_cloud_testing::TestCloud;
use std::sync::atomic::AtomicU32;

/// What was attempted before.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Task {
    name: String,
    attempts: u32,
}

const LIMITS: Limits = Limits { waiting: 3, at_once: 2, in_a_lane: 2 };

fn open(store: &Arc<Store>) -> Backlog<Task> {
    Backlog::open(store, "test_jobs", LIMITS, Clock::default()).unwrap()
}

fn lane(test: &TestCloud, name: &str) -> Lane {
    Lane { scope: Scope::regional(&test.root()), name: name.into() }
}

fn task(name: &str) -> Task {
    Task { name: name.into(), attempts: 0 }
}

async fn until_is(mut reached: impl FnMut() -> bool) {
    while !reached() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

#[tokio::test]
async fn a_job_is_attempted_until_it_is_done_and_survives_the_process() {
    let (test, backlog) = TestCloud::new(|_, store, _| Ok(open(store)));
    // Nobody attempts it in this process.
    backlog.accept(lane(&test, "a"), &task("a")).await.unwrap();
    let (_test, backlog) = test.again(|_, store, _| Ok(open(store)));
    let attempts = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&attempts);
    backlog.start(move |_, task| {
        counted.fetch_add(1, Ordering::SeqCst);
        let next = Task { attempts: task.attempts + 1, ..task };
        let done = next.attempts == 3;
        let again = Attempt::Again { task: next, pause: Duration::from_millis(1) };
        Box::pin(async move { if done { Attempt::Done } else { again } })
    });
    until_is(|| backlog.inner.waiting.load(Ordering::SeqCst) == 0).await;
    assert_eq!(attempts.load(Ordering::SeqCst), 3);
    until_is(|| backlog.inner.lanes().is_empty()).await;
}

#[tokio::test]
async fn a_lane_that_may_not_go_on_holds_up_no_other() {
    let (test, backlog) = TestCloud::new(|_, store, _| Ok(open(store)));
    let (done, early) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Notify::new()));
    let opened = Arc::new(AtomicU32::new(0));
    let (noted, sooner, is_open) = (Arc::clone(&done), Arc::clone(&early), Arc::clone(&opened));
    backlog.start(move |_, task| {
        let may = task.name != "slow" || is_open.load(Ordering::SeqCst) == 1;
        let early = Some(Arc::clone(&sooner));
        let outcome = if may { Attempt::Done } else { Attempt::Later { early } };
        if may {
            noted.lock().unwrap().push(task.name);
        }
        Box::pin(async move { outcome })
    });
    backlog.accept(lane(&test, "slow"), &task("slow")).await.unwrap();
    backlog.accept(lane(&test, "slow"), &task("slow")).await.unwrap();
    backlog.accept(lane(&test, "quick"), &task("quick")).await.unwrap();
    until_is(|| *done.lock().unwrap() == ["quick"]).await;
    opened.store(1, Ordering::SeqCst);
    early.notify_one();
    until_is(|| done.lock().unwrap().len() == 3).await;
    until_is(|| backlog.inner.lanes().is_empty()).await;
}

#[tokio::test]
async fn no_more_is_taken_on_than_may_wait() {
    let (test, backlog) = TestCloud::new(|_, store, _| Ok(open(store)));
    for _ in 0..3 {
        backlog.accept(lane(&test, "a"), &task("a")).await.unwrap();
    }
    assert!(matches!(backlog.accept(lane(&test, "a"), &task("a")).await, Err(NotAccepted::Full)));
    backlog.clear().await.unwrap();
    backlog.accept(lane(&test, "a"), &task("a")).await.unwrap();
}

#[tokio::test]
async fn a_job_is_there_with_the_transaction_that_it_is_of() {
    let (test, (store, backlog)) = TestCloud::new(|_, store, _| Ok((Arc::clone(store), open(store))));
    let done = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&done);
    backlog.start(move |_, _| {
        counted.fetch_add(1, Ordering::SeqCst);
        Box::pin(async { Attempt::Done })
    });
    let put = Arc::new(backlog.put(lane(&test, "a"), &task("a")).unwrap());
    let written = Arc::clone(&put);
    let refused = store.write(move |c| written.write(c).and_then(|()| c.execute("INSERT INTO nowhere VALUES (1)", [])));
    assert!(refused.await.is_err());
    let written = Arc::clone(&put);
    store.write(move |c| written.write(c)).await.unwrap();
    put.committed();
    until_is(|| done.load(Ordering::SeqCst) == 1).await;
    until_is(|| backlog.inner.waiting.load(Ordering::SeqCst) == 0).await;
}
