//! The one door.
//!
//! Every operation is registered here once by its service and entered through [`Cloud::call`], whether the wire
//! decoded it from a request or another service calls it in the process. Authorization and the reporting of
//! denials happen here and nowhere else, so that no way in can forget them.

use crate::access::{Access, Authorizer, DenialObserver};
use crate::context::Context;
use crate::error::{AwsError, AwsResult};
use crate::principal::Principal;
use crate::schema::{OperationModel, Protocol, ServiceModel};
use crate::settings::Settings;
use crate::shape::Operation;
use crate::value::Value;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, OnceLock};

/// A handler of one operation, its types erased down to the input.
type Handler<O> = Box<dyn Fn(Context, O) -> BoxFuture<'static, AwsResult<<O as Operation>::Output>> + Send + Sync>;
/// What permissions an input needs.
type AccessOf<O> = Box<dyn Fn(&Context, &O) -> Vec<Access> + Send + Sync>;

/// One registered operation.
struct Entry<O: Operation> {
    handler: Handler<O>,
    access: AccessOf<O>,
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

/// What the whole process asks of a service beside its operations.
pub trait Service: Send + Sync + 'static {
    /// The service's name, as [`ServiceModel::name`].
    fn name(&self) -> &'static str;
    /// Forgets everything, for `slam cloud reset` and the reset endpoint.
    fn reset(&self) -> BoxFuture<'_, AwsResult<()>>;
    /// Ends what runs (processes, listeners) before the process ends.
    fn shutdown(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}

/// Where services hang up their operations before the door opens.
#[derive(Default)]
pub struct Registry {
    entries: HashMap<TypeId, Box<dyn Any + Send + Sync>>,
    wire: HashMap<(&'static str, &'static str), WireEntry>,
    models: Vec<&'static ServiceModel>,
    services: Vec<Arc<dyn Service>>,
    authorizer: Option<Arc<dyn Authorizer>>,
    observers: Vec<Arc<dyn DenialObserver>>,
}

impl Registry {
    /// An empty registry.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes a service and its model known.
    pub fn service(&mut self, model: &'static ServiceModel, service: Arc<dyn Service>) {
        self.models.push(model);
        self.services.push(service);
    }

    /// Makes a service known that answers on its own (S3 through its own HTTP layer).
    pub fn foreign_service(&mut self, service: Arc<dyn Service>) {
        self.services.push(service);
    }

    /// Makes a further model known whose operations belong to a registered service (STS beside IAM).
    pub fn model(&mut self, model: &'static ServiceModel) {
        self.models.push(model);
    }

    /// Registers one operation: what permissions it needs, and what it does.
    pub fn operation<S, O, F, R>(&mut self, service: &Arc<S>, access: fn(&S, &Context, &O) -> Vec<Access>, handler: F)
    where
        S: Send + Sync + 'static,
        O: Operation,
        F: Fn(Arc<S>, Context, O) -> R + Send + Sync + 'static,
        R: Future<Output = AwsResult<O::Output>> + Send + 'static,
    {
        self.internal_operation(service, access, handler);
        let wire: WireHandler = Box::new(|cloud, context, input| {
            Box::pin(async move {
                let input = O::from_value(input)?;
                cloud.call(context, input).await.map(crate::shape::Shape::into_value)
            })
        });
        self.wire.insert((O::MODEL.service, O::MODEL.name), WireEntry::Typed(O::MODEL, Box::new(wire)));
    }

    /// Registers an operation for calls from inside only: the wire reaches it by another way.
    pub fn internal_operation<S, O, F, R>(
        &mut self,
        service: &Arc<S>,
        access: fn(&S, &Context, &O) -> Vec<Access>,
        handler: F,
    ) where
        S: Send + Sync + 'static,
        O: Operation,
        F: Fn(Arc<S>, Context, O) -> R + Send + Sync + 'static,
        R: Future<Output = AwsResult<O::Output>> + Send + 'static,
    {
        let for_access = Arc::clone(service);
        let service = Arc::clone(service);
        let entry = Entry::<O> {
            handler: Box::new(move |context, input| Box::pin(handler(Arc::clone(&service), context, input))),
            access: Box::new(move |context, input| access(&for_access, context, input)),
        };
        let previous = self.entries.insert(TypeId::of::<O>(), Box::new(entry));
        debug_assert!(previous.is_none(), "{} is registered twice", O::MODEL.name);
    }

    /// Registers an operation whose service reads AWS's JSON itself and authorizes through [`Cloud::authorize`].
    pub fn json_operation<F, R>(&mut self, service: &'static str, name: &'static str, handler: F)
    where
        F: Fn(Context, Bytes) -> R + Send + Sync + 'static,
        R: Future<Output = AwsResult<Bytes>> + Send + 'static,
    {
        let handler: JsonHandler = Box::new(move |context, body| Box::pin(handler(context, body)));
        self.wire.insert((service, name), WireEntry::Json(Box::new(handler)));
    }

    /// Sets who decides.
    pub fn authorizer(&mut self, authorizer: Arc<dyn Authorizer>) {
        self.authorizer = Some(authorizer);
    }

    /// Adds someone who is told of denials.
    pub fn denial_observer(&mut self, observer: Arc<dyn DenialObserver>) {
        self.observers.push(observer);
    }
}

/// The cloud as its services see each other. Cheap to clone.
#[derive(Clone)]
pub struct Cloud {
    inner: Arc<Inner>,
}

struct Inner {
    settings: Settings,
    registry: OnceLock<Registry>,
}

impl Cloud {
    /// A cloud whose door is still shut: services take a clone, register, then [`Cloud::open`].
    pub fn new(settings: Settings) -> Self {
        Self { inner: Arc::new(Inner { settings, registry: OnceLock::new() }) }
    }

    /// Opens the door with everything that was registered. A second call changes nothing.
    pub fn open(&self, registry: Registry) {
        let _ = self.inner.registry.set(registry);
    }

    /// What the process was started with.
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// The models of all services, for routing.
    pub fn models(&self) -> &[&'static ServiceModel] {
        self.inner.registry.get().map_or(&[], |registry| &registry.models)
    }

    /// All services, in the order of their registration.
    pub fn services(&self) -> &[Arc<dyn Service>] {
        self.inner.registry.get().map_or(&[], |registry| &registry.services)
    }

    /// An operation as the wire finds it, by the service's and its own name.
    pub fn wire_entry(&self, service: &'static str, operation: &'static str) -> Option<&WireEntry> {
        self.inner.registry.get()?.wire.get(&(service, operation))
    }

    /// Calls an operation: the only way into any service.
    ///
    /// # Errors
    /// The denial, or whatever the operation answers.
    pub async fn call<O: Operation>(&self, context: Context, input: O) -> AwsResult<O::Output> {
        let entry = self
            .inner
            .registry
            .get()
            .and_then(|registry| registry.entries.get(&TypeId::of::<O>()))
            .and_then(|entry| entry.downcast_ref::<Entry<O>>())
            .ok_or_else(|| {
                AwsError::unsupported(format_args!("the operation {} of {}", O::MODEL.name, O::MODEL.service))
            })?;
        let protocol = self.protocol_of(O::MODEL.service);
        for access in (entry.access)(&context, &input) {
            self.authorize(protocol, &context, &access)?;
        }
        (entry.handler)(context, input).await
    }

    /// Decides about one permission and tells the observers of a denial. Called by [`Cloud::call`], and by the
    /// services whose wire is not ours (S3, DynamoDB's engine) before they act.
    ///
    /// # Errors
    /// AWS's error for the denial, in the form of the given protocol.
    pub fn authorize(&self, protocol: Protocol, context: &Context, access: &Access) -> AwsResult<()> {
        let registry = self.inner.registry.get();
        // The account's root user may do everything in its account, unless a resource policy denies it.
        let root_at_home = matches!(&*context.principal, Principal::Root { account } if **account == *context.account);
        if root_at_home && access.resource_policy.is_none() {
            return Ok(());
        }
        let Some(authorizer) = registry.and_then(|registry| registry.authorizer.as_ref()) else {
            return Err(AwsError::internal("no authorizer is installed"));
        };
        authorizer.authorize(context, access).map_err(|denial| {
            for observer in registry.iter().flat_map(|registry| &registry.observers) {
                observer.denied(context, &denial);
            }
            access_denied(protocol, denial.message)
        })
    }

    /// Looks through a resource's policy before its service stores it; see [`Authorizer::check_policy`].
    ///
    /// # Errors
    /// `NotImplemented` for a condition that could never be decided as on AWS.
    pub fn check_policy(&self, document: &str) -> AwsResult<()> {
        let authorizer = self.inner.registry.get().and_then(|registry| registry.authorizer.as_ref());
        authorizer.map_or(Ok(()), |authorizer| authorizer.check_policy(document))
    }

    fn protocol_of(&self, service: &str) -> Protocol {
        self.models().iter().find(|model| model.name == service).map_or(Protocol::Query, |model| model.protocol)
    }
}

/// AWS's code and status for a denial: they differ by protocol, not by service.
fn access_denied(protocol: Protocol, message: String) -> AwsError {
    match protocol {
        Protocol::Json(_) => AwsError::new("AccessDeniedException", 400, message),
        Protocol::RestJson => AwsError::new("AccessDeniedException", 403, message),
        Protocol::Query | Protocol::RestXml => AwsError::new("AccessDenied", 403, message),
    }
}
