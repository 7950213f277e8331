//! What Lambda is told of at the door. A denied call becomes a line in the function's log, which shows its owner which permission
//! its role lacks, and writes to tables wake those who read their streams.

use crate::LambdaService;
use crate::pool::Live;
use slam_cloud_core::observer::Call;
use slam_cloud_core::{Context, Denial, Observer, Principal};
use std::sync::{Arc, PoisonError};

impl Observer for LambdaService {
    /// Those who read streams look when somebody wrote to a table.
    fn called(&self, _: &Context, call: &Call<'_>) {
        let is_reading = ["Get", "BatchGet", "TransactGet", "Query", "Scan", "Describe", "List"];
        if call.service == "dynamodb" && !is_reading.iter().any(|prefix| call.operation.starts_with(prefix)) {
            self.sources.written();
        }
    }

    fn denied(&self, context: &Context, denial: &Denial) {
        let Principal::AssumedRole { role_arn, session_name, .. } = &*context.principal else { return };
        // The writing of the log itself: a line about it could not be written either.
        if context.source_ip.is_none() && denial.access.action.starts_with("logs:") {
            return;
        }
        let mut environments = self.pool.living();
        environments.retain(|live| {
            live.role == *role_arn
                && *live.scope.account == *context.account
                && crate::pool::role::session_name(&live.function) == *session_name
                && trace(live).is_some()
        });
        // The SDKs pass the invocation's trace on, which tells concurrent invocations apart.
        let of_this_trace = environments.iter().find(|live| {
            let running = trace(live);
            let running = running.as_deref().and_then(root);
            running.is_some() && running == context.trace.as_deref().and_then(root)
        });
        if let Some(live) = of_this_trace.or(environments.last()) {
            live.journal.push(line(&denial.access.action, &denial.access.resource));
        }
    }
}

fn line(action: &str, resource: &str) -> String {
    format!("[slam] AccessDenied: {action} on {resource} – the role lacks: {{allow: [{action}], on: \"{resource}\"}}\n")
}

fn trace(live: &Arc<Live>) -> Option<String> {
    live.trace.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

fn root(trace: &str) -> Option<&str> {
    trace.split(';').find_map(|part| part.trim().strip_prefix("Root="))
}
