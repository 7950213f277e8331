//! Renders the template of a project, feature by feature.

use crate::data::Data;
use crate::draft::Draft;
use crate::error::TemplateError;
use crate::features::api_parts::ApiParts;
use crate::features::stages::Parts;
use crate::features::{
    api_logs, buckets, custom, function, http, logs, package, queues, role, sources, stages, tables, tags, tasks,
    topics,
};
use crate::secrets;
use crate::template::Template;
use crate::versions::StageTarget;
use slam_project::{ApiLogs, Project, Stage};

/// What a template depends on beside the project.
#[derive(Clone, Debug, Default)]
pub struct Inputs<'a> {
    /// The stages of this stack, as [`Project::deployments`] groups them. Empty: all.
    pub stages: Vec<&'a str>,
    /// The stack makes the bucket that slam.yaml names. To be set when the bucket does not exist; from then on the
    /// deployed template says so. A bucket without a name is always made.
    pub create_bucket: bool,
    /// The template deployed before, whose versions and stages are carried over.
    pub deployed: Option<&'a Template>,
    /// The stage that this deployment moves to the new code.
    pub deploy_stage: Option<&'a str>,
    /// What the deployed template remembers as left behind and is not there any more.
    pub gone: &'a [Data],
}

/// The template of a project.
///
/// # Errors
/// When the inputs name a stage that is not there, slam.yaml adds a resource under a name that is taken, or the
/// template is larger than CloudFormation takes.
pub fn render(project: &Project, inputs: &Inputs<'_>) -> Result<Template, TemplateError> {
    let mut draft = draft(project, inputs)?;
    package::add(&mut draft);
    logs::add(&mut draft);
    tables::add(&mut draft);
    queues::add(&mut draft);
    topics::add(&mut draft);
    buckets::add(&mut draft);
    role::add(&mut draft)?;
    function::add(&mut draft);
    tasks::add(&mut draft);
    let api = http::is_wanted(project).then(|| http::add(&mut draft));
    let declared = api.as_ref().and_then(ApiParts::declared);
    let functions = project.all_functions().map(|function| function.name.clone());
    add_stages(&mut draft, &Parts { functions: functions.collect(), api, sources: sources::of(project) }, inputs);
    tags::add(&mut draft);
    if let Some(id) = draft.clash {
        return Err(TemplateError::Clash(id));
    }
    custom::add(&mut draft)?;
    let names: Vec<_> = draft.stages.iter().map(|stage| stage.name.as_str()).collect();
    let mut template = assemble(draft);
    template.declare_stages(&names);
    template.declare_api(declared);
    if let Some(deployed) = inputs.deployed {
        template.carry(deployed)?;
        template.remember(deployed, inputs.gone);
    }
    if let Some(stage) = inputs.deploy_stage {
        template.point(stage, &StageTarget::Latest)?;
    }
    role::keep_tables(&mut template, project);
    secrets::keep(&mut template);
    template.check()
}

/// Adds the stages that answer: the development stage, the one that is deployed to, and those that did before. The
/// others wait for their first publication ([`Template::open`]).
fn add_stages(draft: &mut Draft<'_>, parts: &Parts<'_>, inputs: &Inputs<'_>) {
    let before: Vec<_> = inputs.deployed.map(Template::stages).unwrap_or_default();
    let answers = |name: &str| {
        name == draft.project.dev_stage
            || inputs.deploy_stage == Some(name)
            || before.iter().any(|stage| stage.name == name)
    };
    let (open, waiting): (Vec<_>, Vec<_>) = draft.stages.iter().copied().partition(|stage| answers(&stage.name));
    for stage in &open {
        let mut part = draft.beside();
        stages::add(&mut part, stage, parts);
        draft.take(part);
        sources::notify(&mut draft.resources, stage, &parts.sources);
    }
    let by_role = parts.api.as_ref().is_some_and(ApiParts::logs_by_role);
    if by_role && open.iter().any(|stage| stage.api_logs != ApiLogs::None) {
        api_logs::add_account(draft);
    }
    for stage in waiting {
        let mut part = draft.beside();
        stages::add(&mut part, stage, parts);
        draft.reserve(part);
    }
}

/// The first of a new stack's two templates: only the bucket, which must be there before the package is uploaded. It
/// is not needed when the bucket exists ([`Project`]'s `package.bucket`, and not `create_bucket`).
///
/// # Errors
/// As [`render`].
pub fn bootstrap(project: &Project, inputs: &Inputs<'_>) -> Result<Template, TemplateError> {
    let mut draft = draft(project, inputs)?;
    package::add_bucket(&mut draft);
    tags::add(&mut draft);
    assemble(draft).check()
}

fn draft<'a>(project: &'a Project, inputs: &Inputs<'_>) -> Result<Draft<'a>, TemplateError> {
    let unknown = |stage: &&str| TemplateError::UnknownStage {
        stage: (*stage).to_owned(),
        known: project.stages.iter().map(|stage| format!("`{}`", stage.name)).collect::<Vec<_>>().join(", "),
    };
    if let Some(stage) = inputs.stages.iter().find(|stage| project.stage(stage).is_none()) {
        return Err(unknown(stage));
    }
    let ours = |stage: &&Stage| inputs.stages.is_empty() || inputs.stages.contains(&stage.name.as_str());
    let bucket_of_before = inputs.deployed.is_some_and(|deployed| {
        let bucket = deployed.resources().get(crate::ids::PACKAGE_BUCKET);
        bucket.is_some_and(|bucket| bucket["Properties"]["BucketName"].as_str() == project.package.bucket.as_deref())
    });
    let stages = project.stages.iter().filter(ours).collect();
    let own_bucket = project.package.bucket.is_none() || inputs.create_bucket || bucket_of_before;
    Ok(Draft::new(project, stages, own_bucket))
}

fn assemble(draft: Draft<'_>) -> Template {
    let mut template = Template::new(draft.project.description.as_deref());
    let sections = [
        ("Parameters", draft.parameters),
        ("Conditions", draft.conditions),
        ("Resources", draft.resources),
        ("Outputs", draft.outputs),
    ];
    for (name, section) in sections {
        if !section.is_empty() {
            *template.section(name) = section;
        }
    }
    template
}
