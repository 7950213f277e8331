//! The one door.
//!
//! Every operation is registered once by its service ([`registry`], [`entry`]) and entered through [`Cloud::call`], whether
//! the wire decoded it from a request or another service calls it in the process. Authorization and the reporting of
//! calls and denials happen here and nowhere else, so that no way in can forget them.

mod entry;
pub mod registry;

pub use entry::{Entry, Handler};

use crate::access::{Access, Denial};
use crate::clock::Clock;
use crate::context::Context;
use crate::credential::{Credential, Keys};
use crate::error::{AwsError, AwsResult};
use crate::observer::{Call, Delivery};
use crate::plane::{Arrival, Claim, Plane};
use crate::ports::{NoPorts, Ports};
use crate::principal::Principal;
use crate::schema::ServiceModel;
use crate::service::Service;
use crate::settings::Settings;
use crate::shape::Operation;
use crate::value::Value;
use bytes::Bytes;
use entry::Erased;
use registry::{JsonEntry, Registry, WireEntry};
use std::any::TypeId;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

/// The cloud as its services see each other. Cheap to clone.
#[derive(Clone)]
pub struct Cloud {
    inner: Arc<Inner>,
}

struct Inner {
    settings: Settings,
    registry: OnceLock<Registry>,
    /// Who answers requests, in the order in which they are asked.
    planes: OnceLock<Vec<Arc<dyn Plane>>>,
}

impl Cloud {
    /// A cloud whose door is still shut: services take a clone, register, then [`Cloud::open`].
    pub fn new(settings: Settings) -> Self {
        Self { inner: Arc::new(Inner { settings, registry: OnceLock::new(), planes: OnceLock::new() }) }
    }

    /// Opens the door with everything that was registered. A second call changes nothing.
    pub fn open(&self, registry: Registry) {
        let _ = self.inner.registry.set(registry);
    }

    /// Starts every service, in the order of their registration. Call it once the door is open and ports can be opened.
    ///
    /// # Errors
    /// The service that cannot start, and why.
    pub async fn start(&self) -> Result<(), (&'static str, AwsError)> {
        for service in self.services() {
            Arc::clone(service).start().await.map_err(|error| (service.name(), error))?;
        }
        Ok(())
    }

    /// What the process was started with.
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// The cloud's clock, by which everything that waits for AWS's time does.
    pub fn clock(&self) -> Clock {
        self.inner.settings.clock
    }

    /// All services, in the order of their registration.
    pub fn services(&self) -> &[Arc<dyn Service>] {
        self.registry().map_or(&[], |registry| &registry.services)
    }

    /// The models of all services, each with its service, for routing.
    pub fn models(&self) -> &[(Arc<dyn Service>, &'static ServiceModel)] {
        self.registry().map_or(&[], |registry| &registry.models)
    }

    /// What the services answer beside their operations.
    pub fn planes(&self) -> &[Arc<dyn Plane>] {
        self.registry().map_or(&[], |registry| &registry.planes)
    }

    /// Says who answers requests, in the order in which they are asked. A second call changes nothing.
    pub fn serve(&self, planes: Vec<Arc<dyn Plane>>) {
        let _ = self.inner.planes.set(planes);
    }

    /// Whose a request is: the first plane's that claims it, or else that of the one which takes the rest. Until it is said who
    /// answers, these are the services' own planes.
    pub fn plane_of(&self, arrival: &Arrival) -> Option<Arc<dyn Plane>> {
        let mut rest = None;
        for plane in self.inner.planes.get().map_or(self.planes(), Vec::as_slice) {
            match plane.claim(arrival) {
                Claim::Mine => return Some(Arc::clone(plane)),
                Claim::Rest => rest = rest.or(Some(plane)),
                Claim::No => {}
            }
        }
        rest.cloned()
    }

    /// Who opens ports.
    pub fn ports(&self) -> &dyn Ports {
        self.registry().map_or(&NoPorts, |registry| &*registry.ports)
    }

    /// What is known of an access key; `None` for one that does not exist or was made inactive.
    pub fn credential(&self, access_key_id: &str) -> Option<Credential> {
        self.keys()?.credential(access_key_id)
    }

    /// Notes that a request signed with a key was let in.
    pub fn note_use(&self, access_key_id: &str, service: &str, region: &str) {
        if let Some(keys) = self.keys() {
            keys.note_use(access_key_id, service, region);
        }
    }

    /// An operation as the wire finds it, by the service's and its own name.
    pub fn wire_entry(&self, service: &'static str, operation: &'static str) -> Option<&WireEntry> {
        self.registry()?.wire.get(&(service, operation))
    }

    /// Calls an operation: the only way into any service.
    ///
    /// # Errors
    /// The denial, or whatever the operation answers.
    pub async fn call<O: Operation>(&self, context: Context, input: O) -> AwsResult<O::Output> {
        let entry = self.registry().and_then(|registry| registry.entries.get(&TypeId::of::<O>())).ok_or_else(|| {
            AwsError::unsupported(format_args!("the operation {} of {}", O::MODEL.name, O::MODEL.service))
        })?;
        entry::taken(self.enter(entry, context, Box::new(input)).await?)
    }

    /// Calls an operation with what the wire has read, and gives what it is to write.
    ///
    /// # Errors
    /// As of [`Self::call`].
    pub async fn call_typed(&self, entry: &Entry, context: Context, input: Value) -> AwsResult<Value> {
        let input = (entry.decode)(input)?;
        (entry.encode)(self.enter(entry, context, input).await?)
    }

    async fn enter(&self, entry: &Entry, context: Context, input: Erased) -> AwsResult<Erased> {
        let answer = async {
            for access in (entry.access)(&context, &*input)? {
                self.authorize(&context, &access)?;
            }
            (entry.supported)(&*input)?;
            (entry.handler)(context.clone(), input).await
        };
        self.observed(&context, (entry.model.service, entry.model.name), answer).await
    }

    /// Calls an operation whose service reads JSON itself.
    ///
    /// # Errors
    /// Whatever the operation answers, a denial among it.
    pub async fn call_json(
        &self,
        context: Context,
        operation: (&'static str, &'static str),
        entry: &dyn JsonEntry,
        body: Bytes,
    ) -> AwsResult<Bytes> {
        self.observed(&context, operation, entry.call(context.clone(), body)).await
    }

    /// Has the observers told of a call once it is answered. For the operations whose wire is not ours (S3); those that
    /// go through [`Self::call`] are observed there.
    ///
    /// # Errors
    /// Those of the call.
    pub async fn observed<T>(
        &self,
        context: &Context,
        (service, operation): (&'static str, &'static str),
        call: impl Future<Output = AwsResult<T>>,
    ) -> AwsResult<T> {
        let begun = Instant::now();
        let answer = call.await;
        let told = Call { service, operation, error: answer.as_ref().err(), took: begun.elapsed() };
        for observer in self.registry().iter().flat_map(|registry| &registry.observers) {
            observer.called(context, &told);
        }
        answer
    }

    /// Decides about one permission and tells the observers of a denial. Called by [`Cloud::call`], and by the
    /// services whose wire is not ours (S3, DynamoDB's engine) before they act.
    ///
    /// # Errors
    /// The denial.
    pub fn authorize(&self, context: &Context, access: &Access) -> AwsResult<()> {
        self.decide(context, access)?.map_err(|denial| {
            for observer in self.registry().iter().flat_map(|registry| &registry.observers) {
                observer.denied(context, &denial);
            }
            AwsError::access_denied(denial.message)
        })
    }

    /// Decides about one permission and tells nobody: for services that weigh several policies themselves, as API Gateway does
    /// with what an authorizer answered.
    ///
    /// # Errors
    /// When nobody decides here.
    pub fn decide(&self, context: &Context, access: &Access) -> AwsResult<Result<(), Denial>> {
        // The account's root user may do everything in its account, unless a resource policy denies it.
        let root_at_home = matches!(&*context.principal, Principal::Root { account } if **account == *context.account);
        if root_at_home && access.resource_policy.is_none() {
            return Ok(Ok(()));
        }
        match self.registry().and_then(|registry| registry.authorizer.as_ref()) {
            Some(authorizer) => Ok(authorizer.authorize(context, access)),
            None => Err(AwsError::internal("no authorizer is installed")),
        }
    }

    /// Has the observers told of an attempt to deliver events, by whoever makes it.
    pub fn delivered(&self, context: &Context, delivery: &Delivery<'_>) {
        for observer in self.registry().iter().flat_map(|registry| &registry.observers) {
            observer.delivered(context, delivery);
        }
    }

    /// Looks through a resource's policy before its service stores it; see [`crate::Authorizer::check_policy`].
    ///
    /// # Errors
    /// `NotImplemented` for a condition that could never be decided as on AWS.
    pub fn check_policy(&self, document: &str) -> AwsResult<()> {
        let authorizer = self.registry().and_then(|registry| registry.authorizer.as_ref());
        authorizer.map_or(Ok(()), |authorizer| authorizer.check_policy(document))
    }

    fn registry(&self) -> Option<&Registry> {
        self.inner.registry.get()
    }

    fn keys(&self) -> Option<&dyn Keys> {
        self.registry()?.keys.as_deref()
    }
}
