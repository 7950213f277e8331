//! What the operations work on: buckets, versions, bodies, and the door's decision.

use crate::bodies::Bodies;
use crate::error::{Answer, Fault};
use crate::model::bucket::Bucket;
use crate::model::lifecycle;
use crate::model::object::Version;
use crate::model::policy;
use crate::notify::Notifier;
use crate::store::ObjectStore;
use slam_cloud_core::collection::{Collection, Scope};
use slam_cloud_core::{Access, AwsError, Cloud, Context, Principal, Store, StoreError};
use std::sync::Arc;

/// The state of the service.
pub struct Backend {
    cloud: Cloud,
    buckets: Collection<Bucket>,
    /// Tells of what happens.
    pub notifier: Arc<Notifier>,
    /// Versions and uploads.
    pub objects: ObjectStore,
    /// Their bytes.
    pub bodies: Arc<Bodies>,
}

impl Backend {
    /// Opens the state.
    ///
    /// # Errors
    /// When the store or the folder of bodies cannot be opened.
    pub fn open(cloud: &Cloud, store: &Arc<Store>) -> Result<Self, StoreError> {
        let bodies = Bodies::open(&cloud.settings().data, store.durability());
        Ok(Self {
            cloud: cloud.clone(),
            buckets: Collection::open(store, "s3.buckets")?,
            notifier: Notifier::open(cloud, store)?,
            objects: ObjectStore::open(store)?,
            bodies: bodies.map_err(|error| StoreError::Database(format!("the folder of S3's bodies: {error}")))?,
        })
    }

    /// The URL of this cloud.
    pub fn endpoint(&self) -> String {
        self.cloud.settings().endpoint()
    }

    /// A bucket, if there is one of that name.
    pub fn find_bucket(&self, name: &str) -> Option<Arc<Bucket>> {
        self.buckets.get(&Scope::everywhere(), name)
    }

    /// A bucket.
    ///
    /// # Errors
    /// `NoSuchBucket`.
    pub fn bucket(&self, name: &str) -> Answer<Arc<Bucket>> {
        self.find_bucket(name).ok_or_else(|| Fault::no_such_bucket(name))
    }

    /// All buckets by name.
    pub fn buckets(&self) -> Vec<Arc<Bucket>> {
        self.buckets.list(&Scope::everywhere()).into_iter().map(|(_, bucket)| bucket).collect()
    }

    /// Reads, decides and writes a bucket as one step; see [`Collection::update`].
    ///
    /// # Errors
    /// What `change` answers, or the store's error.
    pub async fn update_bucket(
        &self,
        name: &str,
        change: impl FnOnce(Option<&Bucket>) -> Answer<Option<Bucket>>,
    ) -> Answer<Option<Arc<Bucket>>> {
        self.buckets.update(&Scope::everywhere(), name, change).await
    }

    /// Changes a bucket that is there.
    ///
    /// # Errors
    /// `NoSuchBucket`, or the store's error.
    pub async fn configure(&self, name: &str, change: impl FnOnce(&mut Bucket)) -> Answer<()> {
        self.update_bucket(name, |bucket| {
            let mut bucket = bucket.ok_or_else(|| Fault::no_such_bucket(name))?.clone();
            change(&mut bucket);
            Ok(Some(bucket))
        })
        .await?;
        Ok(())
    }

    /// Removes a bucket.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn remove_bucket(&self, name: &str) -> Answer<()> {
        self.buckets.remove(&Scope::everywhere(), name).await?;
        Ok(())
    }

    /// Asks the door for one permission. A bucket brings its owner's account, which the caller's is held against, and
    /// its policy.
    ///
    /// # Errors
    /// `AccessDenied`.
    pub fn authorize(&self, context: &Context, access: Access, bucket: Option<&Bucket>) -> Answer<()> {
        self.authorize_granted(context, access, bucket, false)
    }

    /// The same, where an ACL may grant it.
    ///
    /// # Errors
    /// `AccessDenied`.
    pub fn authorize_granted(
        &self,
        context: &Context,
        mut access: Access,
        bucket: Option<&Bucket>,
        granted: bool,
    ) -> Answer<()> {
        let mut context = context.clone();
        if let Some(bucket) = bucket {
            let restricted = bucket.public_access_block.is_some_and(|block| block.restrict_public_buckets);
            let strange = !is_at_home(&context.principal, &bucket.owner);
            if restricted && strange && bucket.policy.as_deref().is_some_and(policy::is_public) {
                return Err(access_denied());
            }
            context.account = bucket.owner.as_str().into();
            access.resource_policy.clone_from(&bucket.policy);
            if granted {
                // What an ACL grants counts as much as what a bucket policy allows, and a Deny of any policy counts more.
                access.resource_policy = Some(policy::allowing(bucket.policy.as_deref(), &access.action));
            }
            access = access.condition("s3:ResourceAccount", &bucket.owner);
        }
        self.cloud.authorize(&context, &access).map_err(|error| match &*context.principal {
            // A stranger is told nothing.
            Principal::Anonymous if error.is_access_denied() => access_denied(),
            _ => error.into(),
        })
    }

    /// Looks through a bucket's policy before it is stored.
    ///
    /// # Errors
    /// `NotImplemented` for a condition that nobody here could decide.
    pub fn check_policy(&self, document: &str) -> Answer<()> {
        Ok(self.cloud.check_policy(document)?)
    }

    /// The `x-amz-expiration` header of a version, which only the latest has.
    pub fn expiration(&self, bucket: &Bucket, version: &Version) -> Option<String> {
        let Version { key, size, details, modified, .. } = version;
        let rules = bucket.lifecycle.as_ref().filter(|_| version.latest);
        lifecycle::expiration_header(rules, key, *size, &details.tags, *modified)
    }

    /// Removes everything.
    ///
    /// # Errors
    /// When the store or the file system fails.
    pub async fn clear(&self) -> Result<(), AwsError> {
        self.buckets.clear().await?;
        self.objects.clear().await?;
        self.notifier.clear().await?;
        self.bodies.clear().await.map_err(AwsError::internal)
    }
}

/// `AccessDenied` without a reason.
pub fn access_denied() -> Fault {
    Fault::new("AccessDenied", 403, "Access Denied")
}

/// Whether a caller belongs to an account, or is an AWS service.
pub fn is_at_home(principal: &Principal, account: &str) -> bool {
    let in_account = |arn: &str| arn.split(':').nth(4) == Some(account);
    match principal {
        Principal::Root { account: own } => own == account,
        Principal::User { arn, .. } => in_account(arn),
        Principal::AssumedRole { role_arn, .. } => in_account(role_arn),
        Principal::Service { .. } => true,
        Principal::Anonymous => false,
    }
}

/// Milliseconds since 1970.
pub fn now() -> i64 {
    slam_cloud_core::Timestamp::now().as_millisecond()
}
