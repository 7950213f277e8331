//! Where services hang up their operations before the door opens.

use super::{Cloud, Entry};
use crate::access::{Access, Authorizer};
use crate::context::Context;
use crate::credential::Keys;
use crate::error::AwsResult;
use crate::observer::Observer;
use crate::plane::Plane;
use crate::ports::{NoPorts, Ports};
use crate::schema::{OperationModel, ServiceModel};
use crate::service::Service;
use crate::shape::{Operation, Shape};
use crate::value::Value;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;

/// Everything that the services bring.
pub struct Registry {
    pub(crate) entries: HashMap<TypeId, Box<dyn Any + Send + Sync>>,
    pub(crate) wire: HashMap<(&'static str, &'static str), WireEntry>,
    pub(crate) services: Vec<Arc<dyn Service>>,
    pub(crate) models: Vec<(Arc<dyn Service>, &'static ServiceModel)>,
    pub(crate) planes: Vec<Arc<dyn Plane>>,
    pub(crate) authorizer: Option<Arc<dyn Authorizer>>,
    pub(crate) keys: Option<Arc<dyn Keys>>,
    pub(crate) observers: Vec<Arc<dyn Observer>>,
    pub(crate) ports: Arc<dyn Ports>,
}

impl Default for Registry {
    fn default() -> Self {
        Self {
            entries: HashMap::new(),
            wire: HashMap::new(),
            services: Vec::new(),
            models: Vec::new(),
            planes: Vec::new(),
            authorizer: None,
            keys: None,
            observers: Vec::new(),
            ports: Arc::new(NoPorts),
        }
    }
}

/// How the wire enters: with a decoded [`Value`], without knowing the operation's type.
type WireHandler = Box<dyn Fn(Cloud, Context, Value) -> BoxFuture<'static, AwsResult<Value>> + Send + Sync>;
/// How the wire enters a service whose engine reads AWS's JSON itself (DynamoDB).
type JsonHandler = Box<dyn Fn(Context, Bytes) -> BoxFuture<'static, AwsResult<Bytes>> + Send + Sync>;

/// An operation as the wire finds it.
pub enum WireEntry {
    /// Decoded and encoded by the protocol's codec.
    Typed(&'static OperationModel, Box<dyn TypedEntry>),
    /// The JSON body goes through as it is.
    Json(Box<dyn JsonEntry>),
}

/// A typed operation, entered with a [`Value`].
pub trait TypedEntry: Send + Sync {
    /// Converts, calls through the door, converts back.
    fn call(&self, cloud: Cloud, context: Context, input: Value) -> BoxFuture<'static, AwsResult<Value>>;
}

/// An operation whose service reads JSON itself.
pub trait JsonEntry: Send + Sync {
    /// Calls it. The service authorizes through [`Cloud::authorize`].
    fn call(&self, context: Context, body: Bytes) -> BoxFuture<'static, AwsResult<Bytes>>;
}

impl TypedEntry for WireHandler {
    fn call(&self, cloud: Cloud, context: Context, input: Value) -> BoxFuture<'static, AwsResult<Value>> {
        self(cloud, context, input)
    }
}

impl JsonEntry for JsonHandler {
    fn call(&self, context: Context, body: Bytes) -> BoxFuture<'static, AwsResult<Bytes>> {
        self(context, body)
    }
}

/// What an operation does: an `async fn(Arc<S>, Context, O) -> AwsResult<O::Output>`.
pub trait Handler<S, O: Operation>: Send + Sync + 'static {
    /// Does it.
    fn handle(&self, service: Arc<S>, context: Context, input: O) -> BoxFuture<'static, AwsResult<O::Output>>;
}

impl<S, O, F, R> Handler<S, O> for F
where
    O: Operation,
    F: Fn(Arc<S>, Context, O) -> R + Send + Sync + 'static,
    R: Future<Output = AwsResult<O::Output>> + Send + 'static,
{
    fn handle(&self, service: Arc<S>, context: Context, input: O) -> BoxFuture<'static, AwsResult<O::Output>> {
        Box::pin(self(service, context, input))
    }
}

impl Registry {
    /// An empty registry.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes a service known; its operations are added to what this returns.
    pub fn service<S: Service>(&mut self, service: &Arc<S>) -> Operations<'_, S> {
        self.planes.extend(Arc::clone(service).planes());
        let known = Arc::clone(service) as Arc<dyn Service>;
        self.models.extend(service.models().into_iter().map(|model| (Arc::clone(&known), model)));
        self.services.push(known);
        Operations { registry: self, service: Arc::clone(service) }
    }

    /// Sets who decides what may be done.
    pub fn authorizer(&mut self, authorizer: Arc<dyn Authorizer>) {
        self.authorizer = Some(authorizer);
    }

    /// Sets who knows the access keys.
    pub fn keys(&mut self, keys: Arc<dyn Keys>) {
        self.keys = Some(keys);
    }

    /// Sets who opens ports.
    pub fn ports(&mut self, ports: Arc<dyn Ports>) {
        self.ports = ports;
    }

    /// Adds someone who is told of calls and denials.
    pub fn observer(&mut self, observer: Arc<dyn Observer>) {
        self.observers.push(observer);
    }
}

/// The operations of one service, on their way to the door. A service lists them in its `api/mod.rs`, a line each.
pub struct Operations<'a, S> {
    registry: &'a mut Registry,
    service: Arc<S>,
}

impl<S: Send + Sync + 'static> Operations<'_, S> {
    /// Adds an operation: what permissions it needs, and what it does.
    pub fn add<O: Operation>(
        &mut self,
        access: fn(&S, &Context, &O) -> Vec<Access>,
        handler: impl Handler<S, O>,
    ) -> &mut Self {
        let wire: WireHandler = Box::new(|cloud, context, input| {
            Box::pin(async move {
                let input = O::from_value(input)?;
                cloud.call(context, input).await.map(Shape::into_value)
            })
        });
        self.registry.wire.insert((O::MODEL.service, O::MODEL.name), WireEntry::Typed(O::MODEL, Box::new(wire)));
        self.inside(access, handler)
    }

    /// Adds an operation for calls from inside only: the wire reaches it by another way.
    pub fn inside<O: Operation>(
        &mut self,
        access: fn(&S, &Context, &O) -> Vec<Access>,
        handler: impl Handler<S, O>,
    ) -> &mut Self {
        let (for_access, service) = (Arc::clone(&self.service), Arc::clone(&self.service));
        let entry = Entry::<O> {
            access: Box::new(move |context, input| access(&for_access, context, input)),
            handler: Box::new(move |context, input| handler.handle(Arc::clone(&service), context, input)),
        };
        let previous = self.registry.entries.insert(TypeId::of::<O>(), Box::new(entry));
        debug_assert!(previous.is_none(), "{} is registered twice", O::MODEL.name);
        self
    }

    /// Adds an operation whose service reads AWS's JSON itself and authorizes through [`Cloud::authorize`].
    pub fn json<R>(
        &mut self,
        service: &'static str,
        name: &'static str,
        handler: fn(Arc<S>, Context, &'static str, Bytes) -> R,
    ) -> &mut Self
    where
        R: Future<Output = AwsResult<Bytes>> + Send + 'static,
    {
        let this = Arc::clone(&self.service);
        let entry: JsonHandler =
            Box::new(move |context, body| Box::pin(handler(Arc::clone(&this), context, name, body)));
        self.registry.wire.insert((service, name), WireEntry::Json(Box::new(entry)));
        self
    }
}
