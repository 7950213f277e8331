//! A deployment while it runs: bars for bytes, a live line per resource with its time.

use super::{BAD, GOOD, LABEL, Terminal};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use slam_stack::progress::{Change, Event, Parcel, Progress, ResourceEvent};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Shows a deployment's events.
pub struct DeployProgress {
    terminal: Terminal,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    bars: MultiProgress,
    upload: Option<ProgressBar>,
    resources: HashMap<String, Line>,
    /// The stack goes back: what is complete now is the old state.
    rolling_back: bool,
}

/// A resource under way.
struct Line {
    bar: Option<ProgressBar>,
    since: f64,
}

impl DeployProgress {
    /// A progress on the given terminal.
    pub fn new(terminal: &Terminal) -> Self {
        Self { terminal: terminal.clone(), state: Mutex::default() }
    }

    fn say(&self, text: &str) {
        let bars = self.state.lock().unwrap_or_else(PoisonError::into_inner).bars.clone();
        bars.suspend(|| self.terminal.say(text));
    }

    fn upload(&self, what: Parcel, sent: u64, total: u64) {
        let text = format!("{} {}", what.name(), super::size(total));
        if !self.terminal.is_live() {
            if sent == total {
                self.terminal.step("upload", &text, None);
            }
            return;
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let State { bars, upload, .. } = &mut *state;
        let bar = upload.get_or_insert_with(|| {
            let style =
                ProgressStyle::with_template("  upload    {msg} {bar:30} {bytes}/{total_bytes} {bytes_per_sec}");
            let bar = ProgressBar::new(total).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bars.add(bar.with_message(what.name()))
        });
        bar.set_position(sent);
        if sent == total {
            bar.finish_and_clear();
            *upload = None;
            bars.suspend(|| self.terminal.step("upload", &text, None));
        }
    }

    fn resource(&self, event: &ResourceEvent) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if event.status.ends_with("_IN_PROGRESS") {
            let live = self.terminal.is_live();
            let bars = state.bars.clone();
            state.resources.entry(event.logical_id.clone()).or_insert_with(|| {
                let bar = live.then(|| {
                    let style = ProgressStyle::with_template("            {spinner} {msg} {elapsed}");
                    let bar = bars.add(ProgressBar::new_spinner());
                    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
                    bar.set_message(format!("{}  {LABEL}{}{LABEL:#}", event.logical_id, event.resource_type));
                    bar.enable_steady_tick(Duration::from_millis(100));
                    bar
                });
                Line { bar, since: event.at }
            });
            return;
        }
        let line = state.resources.remove(&event.logical_id);
        let took = line.as_ref().map(|line| Duration::from_secs_f64((event.at - line.since).max(0.0)));
        if let Some(bar) = line.and_then(|line| line.bar) {
            bar.finish_and_clear();
        }
        let text = if event.status.ends_with("_FAILED") {
            format!("{BAD}✗{BAD:#} {}", event.logical_id)
        } else if event.status == "DELETE_SKIPPED" {
            format!("{LABEL}-{LABEL:#} {} kept", event.logical_id)
        } else if state.rolling_back {
            let what = if event.status.starts_with("DELETE") { "taken away again" } else { "as it was before" };
            format!("{LABEL}↩{LABEL:#} {} {what}", event.logical_id)
        } else if event.status.starts_with("DELETE") {
            format!("{GOOD}✓{GOOD:#} {} deleted", event.logical_id)
        } else {
            format!("{GOOD}✓{GOOD:#} {}", event.logical_id)
        };
        let bars = state.bars.clone();
        drop(state);
        bars.suspend(|| self.terminal.step("", &text, took));
    }
}

impl Progress for DeployProgress {
    fn event(&self, event: &Event) {
        match event {
            Event::Upload { what, sent, total } => self.upload(*what, *sent, *total),
            Event::PackageUnchanged => {}
            Event::Changes { resources, changes } => {
                let names: Vec<&str> = changes.iter().map(|change| change.logical_id.as_str()).collect();
                let text = super::listed(&format!("{}: ", what_changes(*resources, changes)), &names);
                self.terminal.step("template", &text, None);
            }
            Event::StageLeaves { name, published } => {
                let what = if *published { "the version that is published there" } else { "its code" };
                let text = format!("{name} is not in slam.yaml any more: its URL and {what} go, its tables stay");
                self.terminal.step("stage", &text, None);
            }
            Event::StillThere(holding) => {
                let (table, items) = (holding.data.physical(), holding.items.of("item"));
                self.say(&format!("  not deleted: table {table} with {items} is still there"));
            }
            Event::Adopted(holding) => {
                let (table, items) = (holding.data.physical(), holding.items.of("item"));
                self.say(&format!("  taken in again: table {table} with {items}"));
            }
            Event::DataDeleted(holding) => {
                let (table, items) = (holding.data.physical(), holding.items.of("item"));
                self.say(&format!("  deleted: table {table} with {items}"));
            }
            Event::Resource(event) => self.resource(event),
            Event::RollingBack => {
                self.state.lock().unwrap_or_else(PoisonError::into_inner).rolling_back = true;
            }
            Event::Waiting { why } => self.terminal.step("stack", &format!("{why}: waiting for its end"), None),
        }
    }
}

/// What a deployment is about to do, in few words. At the first one all is new; only the package bucket may be there, as
/// the packages have to lie somewhere before.
fn what_changes(resources: usize, changes: &[Change]) -> String {
    let total = super::counted(resources, "resource", "resources");
    if changes.len() + 1 >= resources && changes.iter().all(|change| change.action == "Add") {
        return format!("{total}, all of them new");
    }
    format!("{total}, {}", super::counted(changes.len(), "change", "changes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_counted_for_newcomers() {
        let changes = |actions: &[&str]| -> Vec<Change> {
            let change = |action: &&str| Change {
                logical_id: "Function".to_owned(),
                resource_type: "AWS::Lambda::Function".to_owned(),
                action: (*action).to_owned(),
                replacement: false,
            };
            actions.iter().map(change).collect()
        };
        for (resources, actions, expected) in [
            (3, &["Add", "Add"][..], "3 resources, all of them new"),
            (2, &["Add", "Add"], "2 resources, all of them new"),
            (3, &["Modify"], "3 resources, 1 change"),
            (4, &["Add", "Modify"], "4 resources, 2 changes"),
            (1, &["Modify"], "1 resource, 1 change"),
        ] {
            assert_eq!(what_changes(resources, &changes(actions)), expected);
        }
    }
}
