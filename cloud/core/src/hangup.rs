//! Clients that go before they are answered.
//!
//! What a request began is done even if its client hangs up. What only waits on the client's behalf asks here whether it still does.

use tokio::sync::watch;

/// The server's end: the client is there for as long as this lives.
#[derive(Debug)]
pub struct Line {
    _sender: watch::Sender<()>,
}

/// Whether a client has hung up. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Hangup(watch::Receiver<()>);

/// A line to a client, and what tells when it is cut.
pub fn line() -> (Line, Hangup) {
    let (sender, receiver) = watch::channel(());
    (Line { _sender: sender }, Hangup(receiver))
}

impl Hangup {
    /// Waits until the client has hung up.
    pub async fn happens(&self) {
        let mut line = self.0.clone();
        while line.changed().await.is_ok() {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_end_of_a_line_is_heard_by_all() {
        let (line, hangup) = line();
        let other = hangup.clone();
        let waiting = tokio::spawn(async move { other.happens().await });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        drop(line);
        waiting.await.unwrap();
        hangup.happens().await;
    }
}
