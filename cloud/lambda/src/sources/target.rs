//! The function that a mapping is for.

use super::caller::Caller;
use crate::error::function_not_found;
use crate::invoke::request::{Request, plan};
use crate::model::{Function, FunctionName, Mapping};
use crate::pool::Pool;
use crate::pool::environment::Execution;
use crate::store::LambdaStore;
use bytes::Bytes;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsResult, Clock, Cloud, Context, Operation, Principal};
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
        let lambda = Principal::Service { name: "lambda.amazonaws.com".to_owned() };
        Context::new(Arc::clone(&self.scope.account), Arc::clone(&self.scope.region), lambda)
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
        let context = self.context();
        let function = self.function(&context)?;
        let role = &function.version(&context, self.name.qualifier.as_deref())?.version.role;
        let context = self.caller.context(&self.cloud, &context, role, &self.name.name).await?;
        self.cloud.call(context, input).await
    }

    /// Invokes the function and waits for its answer.
    ///
    /// # Errors
    /// When it is not let run.
    pub async fn invoke(&self, payload: Bytes) -> AwsResult<Execution> {
        self.invoke_as(payload).await.1
    }

    /// Invokes the function and waits for its answer, which has a request id before it.
    pub async fn invoke_as(&self, payload: Bytes) -> (String, AwsResult<Execution>) {
        let context = self.context();
        let invocation = async {
            let function = self.function(&context)?;
            let plan = plan(&context, &function, &self.name)?;
            let request = Request::new(&context, Some(payload), None, false)?;
            self.pool.execute(Arc::new(plan), request.event(self.name.qualified_arn(&context))).await
        };
        let answer = invocation.await;
        (context.request_id.to_string(), answer)
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
