//! The function that a mapping is for.

use super::answer::{self, Answer};
use super::caller::Caller;
use crate::error::function_not_found;
use crate::invoke::request::{Request, plan};
use crate::model::{Function, FunctionName, Mapping, lineage};
use crate::pool::environment::Execution;
use crate::pool::{Pool, role};
use crate::store::LambdaStore;
use bytes::Bytes;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::observer::{Delivery, Outcome};
use slam_cloud_core::{Access, AwsResult, Clock, Cloud, Context, Operation};
use std::sync::Arc;
use tokio::sync::Notify;

/// A function, and calls as its role.
pub struct Target {
    /// The way to the source.
    pub cloud: Cloud,
    store: Arc<LambdaStore>,
    pool: Arc<Pool>,
    scope: Scope,
    name: FunctionName,
    caller: Caller,
}

/// Records for one invocation.
pub struct Batch<'b> {
    /// The ARN of where they come from.
    pub source: &'b str,
    /// What the function is given.
    pub event: Bytes,
    /// What the function may report as failed.
    pub identifiers: Vec<&'b str>,
    /// The trace headers of the records, which say who invoked whom.
    pub traces: Vec<&'b str>,
    /// Whether it may.
    pub partial: bool,
}

impl Batch<'_> {
    fn answer(&self, execution: &Execution) -> Answer {
        match (execution.failed, self.partial) {
            (true, _) => Answer::Whole,
            (false, true) => answer::read(&execution.payload, |id| self.identifiers.contains(&id)),
            (false, false) => Answer::Done,
        }
    }
}

impl Target {
    /// The function of a mapping.
    pub fn new(cloud: &Cloud, store: &Arc<LambdaStore>, pool: &Arc<Pool>, scope: &Scope, mapping: &Mapping) -> Self {
        Self {
            cloud: cloud.clone(),
            store: Arc::clone(store),
            pool: Arc::clone(pool),
            scope: scope.clone(),
            name: FunctionName { name: mapping.function.clone(), qualifier: mapping.qualifier.clone() },
            caller: Caller::default(),
        }
    }

    /// The cloud's clock.
    pub fn clock(&self) -> Clock {
        self.cloud.clock()
    }

    /// Lambda's own context where the mapping is.
    pub fn context(&self) -> Context {
        role::of_lambda(&self.scope)
    }

    fn function(&self, context: &Context) -> AwsResult<Arc<Function>> {
        let function = self.store.functions.get(&self.scope, &self.name.name);
        function.ok_or_else(|| function_not_found(&self.name.qualified_arn(context)))
    }

    /// Makes a call as the role of the version that is invoked.
    ///
    /// # Errors
    /// When the function is gone, its role cannot be taken on, or what the call answers.
    pub async fn call<O: Operation>(&self, input: O) -> AwsResult<O::Output> {
        self.cloud.call(self.as_role().await?, input).await
    }

    /// Asks whether the role of the version that is invoked may do something.
    ///
    /// # Errors
    /// When it may not, the function is gone, or its role cannot be taken on.
    pub async fn authorize(&self, access: &Access) -> AwsResult<()> {
        self.cloud.authorize(&self.as_role().await?, access)
    }

    async fn as_role(&self) -> AwsResult<Context> {
        let context = self.context();
        let function = self.function(&context)?;
        let role = &function.version(&context, self.name.qualifier.as_deref())?.version.role;
        self.caller.context(&self.cloud, &context, role, &self.name.name).await
    }

    /// Brings a batch to the function, waits for its answer, and has it told. The request id stands before what came of it.
    ///
    /// # Errors
    /// When the function is not let run.
    pub async fn bring(&self, batch: &Batch<'_>) -> (String, AwsResult<(Execution, Answer)>) {
        let context = self.context();
        let invocation = async {
            let function = self.function(&context)?;
            let plan = plan(&context, &function, &self.name)?;
            let mut request = Request::new(&context, Some(batch.event.clone()), None, false)?;
            request.trace = lineage::joined(&request.trace, batch.traces.iter().copied());
            self.pool.execute(Arc::new(plan), request.event(&context, &function, &self.name)?).await
        };
        let answer = invocation.await.map(|execution| {
            let answer = batch.answer(&execution);
            (execution, answer)
        });
        let id = context.request_id.to_string();
        let failed;
        let outcome = match &answer {
            Ok((_, Answer::Done)) => Outcome::Delivered,
            Ok((_, Answer::Whole)) => Outcome::Failed { why: "the function failed" },
            Ok((_, Answer::Failed(identifiers))) => {
                failed = format!("the function reports {} as failed", identifiers.len());
                Outcome::Failed { why: &failed }
            }
            Err(error) => Outcome::Failed { why: &error.message },
        };
        self.told(batch.source, batch.identifiers.len(), &id, outcome);
        (id, answer)
    }

    /// Has it told what came of events that are for the function.
    pub fn told(&self, source: &str, events: usize, id: &str, outcome: Outcome<'_>) {
        let context = self.context();
        let target = self.name.qualified_arn(&context);
        self.cloud.delivered(&context, &Delivery { source, target: &target, events, id: Some(id), outcome });
    }

    /// Has it told what a destination said to the record of a failure.
    pub fn told_destination(&self, destination: &str, result: &AwsResult<()>) {
        let (source, target) = (self.function_arn(), destination);
        let outcome = match result {
            Ok(()) => Outcome::Delivered,
            Err(error) => Outcome::GivenUp { why: &error.message },
        };
        self.cloud.delivered(&self.context(), &Delivery { source: &source, target, events: 1, id: None, outcome });
    }

    /// The function's ARN, without a version or alias.
    pub fn function_arn(&self) -> String {
        self.name.arn(&self.context())
    }

    /// What tells that the function may run again, after it was not let.
    pub fn freed(&self) -> Arc<Notify> {
        let reserved = self.store.functions.get(&self.scope, &self.name.name);
        let reserved = reserved.is_some_and(|function| function.reserved_concurrency.is_some());
        self.pool.freed(&self.scope, &self.name.name, reserved)
    }
}
