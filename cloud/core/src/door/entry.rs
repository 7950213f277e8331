//! An operation behind the door, its types erased.
//!
//! What happens at the door is compiled once for all operations, and not once for each: that was a thirtieth of the program.

use crate::access::Access;
use crate::context::Context;
use crate::error::{AwsError, AwsResult};
use crate::schema::OperationModel;
use crate::shape::{Operation, Shape};
use crate::value::Value;
use futures_util::future::BoxFuture;
use std::any::{Any, type_name};
use std::future::Future;
use std::sync::Arc;

/// An input or an output, whose type its operation's entry knows.
pub(super) type Erased = Box<dyn Any + Send>;

/// What permissions an input needs.
type AccessOf = Box<dyn Fn(&Context, &dyn Any) -> AwsResult<Vec<Access>> + Send + Sync>;
/// What an operation does with an input.
type HandlerOf = Box<dyn Fn(Context, Erased) -> BoxFuture<'static, AwsResult<Erased>> + Send + Sync>;

/// One registered operation.
pub struct Entry {
    /// Its row in the tables.
    pub(super) model: &'static OperationModel,
    /// The input of what the wire has read.
    pub(super) decode: fn(Value) -> AwsResult<Erased>,
    /// Refuses what the input asks for and nothing here would do.
    pub(super) supported: fn(&dyn Any) -> AwsResult<()>,
    /// What permissions an input needs.
    pub(super) access: AccessOf,
    /// Does it.
    pub(super) handler: HandlerOf,
    /// The output as the wire writes it.
    pub(super) encode: fn(Erased) -> AwsResult<Value>,
}

impl Entry {
    /// The entry of an operation of a service.
    pub(super) fn new<S, O>(
        service: &Arc<S>,
        access: fn(&S, &Context, &O) -> Vec<Access>,
        handler: impl Handler<S, O>,
    ) -> Self
    where
        S: Send + Sync + 'static,
        O: Operation,
    {
        let (for_access, service) = (Arc::clone(service), Arc::clone(service));
        Self {
            model: O::MODEL,
            decode: |value| Ok(Box::new(O::from_value(value)?)),
            supported: |input| seen::<O>(input)?.check_supported(),
            access: Box::new(move |context, input| Ok(access(&for_access, context, seen::<O>(input)?))),
            handler: Box::new(move |context, input| match taken::<O>(input) {
                Ok(input) => handler.handle(Arc::clone(&service), context, input),
                Err(error) => Box::pin(std::future::ready(Err(error))),
            }),
            encode: |output| Ok(taken::<O::Output>(output)?.into_value()),
        }
    }

    /// The operation's row in the tables.
    pub fn model(&self) -> &'static OperationModel {
        self.model
    }
}

/// What an operation does: an `async fn(Arc<S>, Context, O) -> AwsResult<O::Output>`.
pub trait Handler<S, O: Operation>: Send + Sync + 'static {
    /// Does it; gives an `O::Output`.
    fn handle(&self, service: Arc<S>, context: Context, input: O)
    -> BoxFuture<'static, AwsResult<Box<dyn Any + Send>>>;
}

impl<S, O, F, R> Handler<S, O> for F
where
    O: Operation,
    F: Fn(Arc<S>, Context, O) -> R + Send + Sync + 'static,
    R: Future<Output = AwsResult<O::Output>> + Send + 'static,
{
    fn handle(&self, service: Arc<S>, context: Context, input: O) -> BoxFuture<'static, AwsResult<Erased>> {
        let answer = self(service, context, input);
        Box::pin(async move { Ok(Box::new(answer.await?) as Erased) })
    }
}

fn seen<T: 'static>(value: &dyn Any) -> AwsResult<&T> {
    value.downcast_ref().ok_or_else(mistaken::<T>)
}

/// A value of a type that is known.
pub(super) fn taken<T: 'static>(value: Erased) -> AwsResult<T> {
    value.downcast().map(|value| *value).map_err(|_| mistaken::<T>())
}

/// Entries are found by the type of their input, so this is a fault of the door.
fn mistaken<T>() -> AwsError {
    AwsError::internal(format_args!("the door was given something else than {}", type_name::<T>()))
}
