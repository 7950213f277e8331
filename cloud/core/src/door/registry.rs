//! Where services hang up their operations before the door opens.

use super::entry::{Entry, Handler};
use crate::access::{Access, Authorizer};
use crate::context::Context;
use crate::credential::Keys;
use crate::error::AwsResult;
use crate::observer::Observer;
use crate::plane::Plane;
use crate::ports::{NoPorts, Ports};
use crate::schema::ServiceModel;
use crate::service::Service;
use crate::shape::Operation;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use std::any::TypeId;
use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;

/// Everything that the services bring.
pub struct Registry {
    pub(crate) entries: HashMap<TypeId, Arc<Entry>>,
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

/// How the wire enters a service whose engine reads AWS's JSON itself (DynamoDB).
type JsonHandler = Box<dyn Fn(Context, Bytes) -> BoxFuture<'static, AwsResult<Bytes>> + Send + Sync>;

/// An operation as the wire finds it.
pub enum WireEntry {
    /// Decoded and encoded by the protocol's codec: [`Cloud::call_typed`].
    ///
    /// [`Cloud::call_typed`]: super::Cloud::call_typed
    Typed(Arc<Entry>),
    /// The JSON body goes through as it is.
    Json(Box<dyn JsonEntry>),
}

/// An operation whose service reads JSON itself.
pub trait JsonEntry: Send + Sync {
    /// Calls it. The service authorizes through [`Cloud::authorize`].
    ///
    /// [`Cloud::authorize`]: super::Cloud::authorize
    fn call(&self, context: Context, body: Bytes) -> BoxFuture<'static, AwsResult<Bytes>>;
}

impl JsonEntry for JsonHandler {
    fn call(&self, context: Context, body: Bytes) -> BoxFuture<'static, AwsResult<Bytes>> {
        self(context, body)
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
        let entry = self.enter(access, handler);
        self.registry.wire.insert((O::MODEL.service, O::MODEL.name), WireEntry::Typed(entry));
        self
    }

    /// Adds an operation for calls from inside only: the wire reaches it by another way.
    pub fn inside<O: Operation>(
        &mut self,
        access: fn(&S, &Context, &O) -> Vec<Access>,
        handler: impl Handler<S, O>,
    ) -> &mut Self {
        self.enter(access, handler);
        self
    }

    fn enter<O: Operation>(
        &mut self,
        access: fn(&S, &Context, &O) -> Vec<Access>,
        handler: impl Handler<S, O>,
    ) -> Arc<Entry> {
        let entry = Arc::new(Entry::new(&self.service, access, handler));
        let previous = self.registry.entries.insert(TypeId::of::<O>(), Arc::clone(&entry));
        debug_assert!(previous.is_none(), "{} is registered twice", O::MODEL.name);
        entry
    }

    /// Adds an operation whose service reads AWS's JSON itself and authorizes through [`Cloud::authorize`].
    ///
    /// [`Cloud::authorize`]: super::Cloud::authorize
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
