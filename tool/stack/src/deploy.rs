//! `slam deploy`: a project's package and template become, or change, its stack.

use crate::apply::{Target, apply, apply_with};
use crate::bucket::{self, Keep};
use crate::change::{self, Existing};
use crate::deployed::{self, DeployedStack};
use crate::error::StackError;
use crate::packages::{Keys, bucket_of, deployed_keys, parameters, prefix, release};
use crate::progress::{Event, Parcel, Silent};
use crate::static_files::{self, StaticFiles};
use crate::{Session, delete, retain, verify};
use slam_project::Project;
use slam_template::{CODE_BUCKET_PARAMETER, Data, Fate, Inputs, STATIC_PARAMETER, StageTarget, Template};
use std::path::PathBuf;

/// What to deploy.
#[derive(Clone, Copy, Debug)]
pub struct Deploy<'a> {
    /// The stages that live in this stack.
    pub stages: &'a [&'a str],
    /// The stage that is meant, and what happens to it.
    pub stage: &'a str,
    /// Whether the stage gets a version of the code, instead of the code itself.
    pub publish: bool,
    /// The packages and layers; `None` leaves the code as it is (`--no-lambda`).
    pub packages: Option<&'a [PackageFile]>,
    /// Tables that leave slam.yaml, or left it before, and whose data shall go: `name` or `stage.name`.
    pub delete_data: &'a [String],
    /// The files that the API serves, where it does; they go with the packages.
    pub static_files: Option<&'a StaticFiles>,
    /// Whether another deployment that is under way is waited for.
    pub wait: bool,
}

/// A package or layer on disk.
#[derive(Clone, Debug)]
pub struct PackageFile {
    /// The template's parameter that names it.
    pub parameter: String,
    /// Where it is.
    pub path: PathBuf,
    /// The hash of its bytes, in hexadecimal.
    pub sha256: String,
}

/// What a deployment came to.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Whether anything was changed; else everything was as it should be already.
    pub changed: bool,
    leftovers: Option<Leftovers>,
}

/// Old packages.
#[derive(Debug)]
struct Leftovers {
    bucket: String,
    keep: Keep,
}

impl From<bool> for Outcome {
    /// Of a change that leaves nothing behind.
    fn from(changed: bool) -> Self {
        Self { changed, leftovers: None }
    }
}

impl Outcome {
    /// Removes the packages that the deployment left behind. For afterwards: whoever deployed waits for the URL, not for
    /// this.
    ///
    /// # Errors
    /// When the cloud refuses or fails; what was deployed is not concerned.
    pub async fn remove_leftovers(&self, session: &Session<'_>, project: &Project) -> Result<(), StackError> {
        match &self.leftovers {
            Some(old) => bucket::prune(session, &old.bucket, &prefix(project), &old.keep).await,
            None => Ok(()),
        }
    }
}

/// Deploys.
///
/// # Errors
/// When the template cannot be made, or the cloud refuses or fails; a first deployment that fails leaves nothing.
pub async fn deploy(session: &Session<'_>, project: &Project, what: &Deploy<'_>) -> Result<Outcome, StackError> {
    change::in_turn(session, what.wait, async || attempt(session, project, what).await).await
}

async fn attempt(session: &Session<'_>, project: &Project, what: &Deploy<'_>) -> Result<Outcome, StackError> {
    let stack = usable(session).await?;
    let is_first = stack.is_none();
    let result = match stack {
        Some(stack) => update(session, project, what, stack).await,
        None => create(session, project, what).await,
    };
    match result {
        Err(error) if is_first => Err(clean_up(session, error).await),
        other => other,
    }
}

/// Takes away what a failed first deployment has made. The failure is what the person must hear of, with what became of
/// the stack.
async fn clean_up(session: &Session<'_>, error: StackError) -> StackError {
    match error {
        // What somebody else deploys at the same time is theirs.
        StackError::Busy { .. } | StackError::Overtaken(_) | StackError::Timeout(_) => return error,
        // It is said to be made: the person shall look at it.
        StackError::Unverified { .. } => return error,
        _ => {}
    }
    let silent = Session { progress: &Silent, ..*session };
    let gone = match deployed::describe(session).await {
        Ok(Some(stack)) if !stack.is_busy() => delete::delete(&silent, Fate::Kept).await.is_ok(),
        Ok(None) => true,
        _ => false,
    };
    match error {
        StackError::Failed { failures, .. } => {
            let summary = if gone {
                "the first deployment failed: what it had made is taken away again, and nothing is deployed"
            } else {
                "the first deployment failed, and some of what it had made is still there: `slam delete` takes it away"
            };
            StackError::Failed { summary: summary.to_owned(), failures }
        }
        other => other,
    }
}

/// The stack if it can be changed. One that never came into being is removed, for it cannot.
async fn usable(session: &Session<'_>) -> Result<Option<DeployedStack>, StackError> {
    let Some(stack) = deployed::describe(session).await? else { return Ok(None) };
    match stack.status.as_str() {
        // An empty shell around change sets that were never executed, or somebody's who is about to: it can be created.
        "REVIEW_IN_PROGRESS" => Ok(None),
        "ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" | "CREATE_FAILED" | "DELETE_FAILED" => {
            delete::delete(&Session { progress: &Silent, ..*session }, Fate::Kept).await?;
            Ok(None)
        }
        _ if stack.is_busy() => Err(change::busy(session, &stack).await),
        "UPDATE_ROLLBACK_FAILED" => {
            Err(StackError::Stuck { stack: session.stack.to_owned(), status: stack.status.clone() })
        }
        _ => Ok(Some(stack)),
    }
}

async fn create(session: &Session<'_>, project: &Project, what: &Deploy<'_>) -> Result<Outcome, StackError> {
    if what.packages.is_none() {
        return Err(StackError::NotDeployed(session.stack.to_owned()));
    }
    let create_bucket = match &project.package.bucket {
        Some(bucket) => !bucket::exists(session, bucket).await?,
        None => true,
    };
    let inputs = inputs(what, create_bucket, None, &[]);
    let data =
        retain::plan(session, project, None, &slam_template::render(project, &inputs)?, what.delete_data).await?;
    if create_bucket || data.adopts() {
        // What was kept of an earlier deployment is the first thing in the new one: a failure later leaves it as it is.
        let mut bootstrap = slam_template::bootstrap(project, &inputs)?;
        data.adopt_into(&mut bootstrap);
        let target = Target { create: true, announce: false, bucket: None };
        apply_with(session, project, &bootstrap, &[], target, Existing::Import).await?;
        let stack = verify::stack(session, &bootstrap).await?;
        data.tell(session).await?;
        return update(session, project, what, stack).await;
    }
    let bucket = project.package.bucket.clone().unwrap_or_default();
    let keys = upload(session, project, &bucket, what, None).await?;
    let template = template(project, what, &inputs, &keys)?;
    let parameters = parameters(&template, &bucket, &keys);
    let target = Target { create: true, announce: true, bucket: Some(&bucket) };
    let changed = apply(session, project, &template, &parameters, target).await?;
    verify::stage(session, &template, what.stage).await?;
    Ok(changed.into())
}

/// The template to deploy, with the stage as it shall be.
fn template(project: &Project, what: &Deploy<'_>, inputs: &Inputs<'_>, keys: &Keys) -> Result<Template, StackError> {
    let mut template = slam_template::render(project, inputs)?;
    if what.publish {
        template.open(project, what.stage)?;
        template.publish(what.stage, &release(keys))?;
    }
    Ok(template)
}

async fn update(
    session: &Session<'_>,
    project: &Project,
    what: &Deploy<'_>,
    stack: DeployedStack,
) -> Result<Outcome, StackError> {
    let before = Template::parse(&deployed::template(session).await?)?;
    let after = slam_template::render(project, &inputs(what, false, Some(&before), &[]))?;
    let data = retain::plan(session, project, Some(&before), &after, what.delete_data).await?;
    for stage in before.stages().into_iter().filter(|stage| !what.stages.contains(&&*stage.name)) {
        let published = matches!(stage.target, StageTarget::Published(_));
        session.progress.event(&Event::StageLeaves { name: stage.name, published });
    }
    let prepared = data.prepare(session, project, &stack, before.clone()).await?;
    let bucket = bucket_of(project, &stack, session)?;
    let mut keys = deployed_keys(&stack);
    let previous: Vec<String> = keys.values().cloned().collect();
    let files_before = keys.get(STATIC_PARAMETER).cloned();
    keys.extend(upload(session, project, &bucket, what, files_before.as_deref()).await?);
    let template = template(project, what, &inputs(what, false, Some(&prepared), &data.gone), &keys)?;
    if let Some(missing) =
        template.parameters().find(|name| *name != CODE_BUCKET_PARAMETER && !keys.contains_key(*name))
    {
        return Err(StackError::NoPackage { parameter: missing.to_owned() });
    }
    let parameters = parameters(&template, &bucket, &keys);
    let target = |announce| Target { create: false, announce, bucket: Some(&bucket) };
    let between = template.before_removal(&prepared);
    if let Some(between) = &between {
        apply(session, project, between, &parameters, target(true)).await?;
    }
    let changed = apply(session, project, &template, &parameters, target(between.is_none())).await?
        | (prepared != before)
        | between.is_some();
    verify::stage(session, &template, what.stage).await?;
    data.tell(session).await?;
    if !changed {
        return Ok(Outcome::default());
    }
    // The packages before stay: going back to them must work even from outside, by CloudFormation's own rollback.
    let versions = template.versions().into_iter().flat_map(|version| version.keys.into_values());
    let files = template.static_files().chain(files_before.as_deref());
    let files: Vec<String> = files.chain(keys.get(STATIC_PARAMETER).map(String::as_str)).map(str::to_owned).collect();
    let files = files.iter().flat_map(|version| static_files::kept(project, version));
    let keys = versions.chain(keys.into_values()).chain(previous).chain(files).collect();
    let leftovers = Some(Leftovers { bucket, keep: Keep { keys, since: stack.changed } });
    Ok(Outcome { changed, leftovers })
}

fn inputs<'a>(
    what: &'a Deploy<'_>,
    create_bucket: bool,
    deployed: Option<&'a Template>,
    gone: &'a [Data],
) -> Inputs<'a> {
    let deploy_stage = (!what.publish).then_some(what.stage);
    Inputs { stages: what.stages.to_vec(), create_bucket, deployed, deploy_stage, gone }
}

/// How the parameters of layers' keys end.
const LAYER_KEY: &str = "LayerS3Key";

/// Sends each package unless it is there already; its key carries its hash. Nothing when there are no new packages.
/// Static files go along; `files_before` is the version of them that is deployed.
async fn upload(
    session: &Session<'_>,
    project: &Project,
    bucket: &str,
    what: &Deploy<'_>,
    files_before: Option<&str>,
) -> Result<Keys, StackError> {
    let mut keys = Keys::new();
    if let Some(files) = what.static_files.filter(|_| what.packages.is_some()) {
        static_files::upload(session, project, bucket, files, files_before).await?;
        keys.insert(STATIC_PARAMETER.to_owned(), files.version.clone());
    }
    for package in what.packages.unwrap_or_default() {
        let key = format!("{}{}.zip", prefix(project), package.sha256);
        if bucket::has(session, bucket, &key).await? {
            session.progress.event(&Event::PackageUnchanged);
        } else {
            let is_layer = package.parameter.ends_with(LAYER_KEY);
            let what = if is_layer { Parcel::Layer } else { Parcel::Package };
            bucket::upload(session, bucket, &key, &package.path, what).await?;
        }
        keys.insert(package.parameter.clone(), key);
    }
    Ok(keys)
}
