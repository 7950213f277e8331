//! Renders the template of a project, feature by feature.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use slam_project::{ApiLogs, Project, Stage};

use crate::data::Data;
use crate::error::TemplateError;
use crate::features::stages::Parts;
use crate::features::{
    api_logs, custom, function, http, logs, package, role, stages, static_files, tables, tags, tasks,
};
use crate::template::Template;
use crate::versions::StageTarget;

/// What a template depends on beside the project.
#[derive(Debug, Clone, Default)]
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

/// A template in the making.
pub(crate) struct Draft<'a> {
    pub project: &'a Project,
    pub stages: Vec<&'a Stage>,
    /// The bucket is one of the stack's resources.
    pub own_bucket: bool,
    pub parameters: Map<String, Value>,
    pub conditions: Map<String, Value>,
    pub resources: Map<String, Value>,
    pub outputs: Map<String, Value>,
    /// Resources and outputs that stages will have once they are published.
    reserved: BTreeSet<String>,
    /// A logical id that two different things would have.
    clash: Option<String>,
}

impl<'a> Draft<'a> {
    pub(crate) fn new(project: &'a Project, stages: Vec<&'a Stage>, own_bucket: bool) -> Self {
        Self {
            project,
            stages,
            own_bucket,
            parameters: Map::new(),
            conditions: Map::new(),
            resources: Map::new(),
            outputs: Map::new(),
            reserved: BTreeSet::new(),
            clash: None,
        }
    }

    /// A draft beside this one, with nothing in it yet.
    fn beside(&self) -> Self {
        Self::new(self.project, self.stages.clone(), self.own_bucket)
    }

    /// Takes over what another draft has.
    fn take(&mut self, other: Self) {
        for (id, resource) in other.resources {
            self.insert(id, resource);
        }
        self.outputs.extend(other.outputs);
        self.clash = self.clash.take().or(other.clash);
    }

    /// Keeps the names of what another draft has, for the day when it is added.
    fn reserve(&mut self, other: Self) {
        let clash = other.resources.keys().find(|id| self.is_taken(id)).cloned();
        self.clash = self.clash.take().or(other.clash).or(clash);
        self.reserved.extend(other.resources.into_iter().chain(other.outputs).map(|(name, _)| name));
    }

    pub(crate) fn is_taken(&self, id: &str) -> bool {
        self.resources.contains_key(id) || self.reserved.contains(id)
    }

    pub(crate) fn is_output_taken(&self, name: &str) -> bool {
        self.outputs.contains_key(name) || self.reserved.contains(name)
    }

    pub(crate) fn resource(&mut self, id: impl Into<String>, kind: &str, properties: Value) {
        self.insert(id, json!({"Type": kind, "Properties": properties}));
    }

    /// A resource with more than a type and properties.
    pub(crate) fn insert(&mut self, id: impl Into<String>, resource: Value) {
        let id = id.into();
        if self.reserved.contains(&id) || self.resources.insert(id.clone(), resource).is_some() {
            self.clash.get_or_insert(id);
        }
    }

    pub(crate) fn output(&mut self, name: impl Into<String>, value: Value) {
        self.outputs.insert(name.into(), json!({"Value": value}));
    }
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
    role::add(&mut draft)?;
    function::add(&mut draft);
    tasks::add(&mut draft);
    let api = http::is_wanted(project).then(|| {
        static_files::add(&mut draft);
        http::add(&mut draft)
    });
    let functions = project.all_functions().map(|function| function.name.clone());
    add_stages(&mut draft, &Parts { functions: functions.collect(), api }, inputs);
    tags::add(&mut draft);
    if let Some(id) = draft.clash {
        return Err(TemplateError::Clash(id));
    }
    custom::add(&mut draft)?;
    let names: Vec<_> = draft.stages.iter().map(|stage| stage.name.as_str()).collect();
    let mut template = assemble(draft);
    template.declare_stages(&names);
    if let Some(deployed) = inputs.deployed {
        template.carry(deployed)?;
        template.remember(deployed, inputs.gone);
    }
    if let Some(stage) = inputs.deploy_stage {
        template.point(stage, &StageTarget::Latest)?;
    }
    role::keep_tables(&mut template, project);
    template.check()
}

/// Adds the stages that answer: the development stage, the one that is deployed to, and those that did before. The
/// others wait for their first publication ([`Template::open`]).
fn add_stages(draft: &mut Draft<'_>, parts: &Parts, inputs: &Inputs<'_>) {
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
    }
    if parts.api.is_some() && open.iter().any(|stage| stage.api_logs != ApiLogs::None) {
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
