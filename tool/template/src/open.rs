//! A stage's first publication: what answers in its name is added to a template that is deployed.
//!
//! What is published is what is deployed, so the functions, the paths and the API's snapshot are those of the deployed
//! template; slam.yaml adds only what is the stage's own, such as whether API Gateway keeps logs of it.

use crate::draft::Draft;
use crate::error::TemplateError;
use crate::features::api_parts::{ApiParts, RestParts};
use crate::features::authorizers::Deciding;
use crate::features::routes::Answering;
use crate::features::sources::{self, Placed};
use crate::features::stages::{self, Parts};
use crate::features::{api_logs, tags};
use crate::ids::{API, API_ACCOUNT, STATIC_PARAMETER};
use crate::template::Template;
use serde_json::{Value, json};
use slam_project::{ApiLogs, Authorizer, Project, Stage};

/// A function that decides for a stage, and came after the last deployment.
fn new_authorizer<'s>(stage: &'s Stage, deployed: &[Option<String>]) -> Option<&'s str> {
    stage.settings.access.authorizers().into_iter().find_map(|authorizer| match authorizer {
        Authorizer::Lambda { function, .. } if !deployed.contains(&Some(function.clone())) => Some(function.as_str()),
        _ => None,
    })
}

impl Template {
    /// The stages of the stack, those that wait for their first publication among them.
    #[must_use]
    pub fn declared_stages(&self) -> Vec<String> {
        let open = self.stages().into_iter().map(|stage| stage.name);
        match self.as_value()["Metadata"]["Slam"]["Stages"].as_array() {
            Some(names) => {
                let names: Vec<String> = names.iter().filter_map(Value::as_str).map(str::to_owned).collect();
                let more: Vec<String> = open.filter(|name| !names.contains(name)).collect();
                names.into_iter().chain(more).collect()
            }
            // Stacks of an older slam have no stages that wait.
            None => open.collect(),
        }
    }

    pub(crate) fn declare_stages(&mut self, names: &[&str]) {
        self.section("Metadata").entry("Slam").or_insert_with(|| json!({}))["Stages"] = json!(names);
    }

    /// Notes what a stage that is opened later needs to know of the API.
    pub(crate) fn declare_api(&mut self, api: Option<Value>) {
        if let Some(api) = api {
            self.section("Metadata").entry("Slam").or_insert_with(|| json!({}))["Api"] = api;
        }
    }

    pub(crate) fn declared_api(&self) -> Option<ApiParts> {
        ApiParts::read(&self.metadata()?["Slam"]["Api"])
    }

    /// Whether a stage answers: something was deployed or published to it.
    #[must_use]
    pub fn is_open(&self, stage: &str) -> bool {
        self.stages().iter().any(|open| open.name == stage)
    }

    /// Adds what a stage needs to answer, unless it does. It is at the deployed code until it is pointed elsewhere.
    ///
    /// # Errors
    /// When the stage is not one of the stack's, or something else has the name of one of its resources.
    pub fn open(&mut self, project: &Project, stage: &str) -> Result<(), TemplateError> {
        if self.is_open(stage) {
            return Ok(());
        }
        let declared = self.declared_stages();
        let found = project.stage(stage).filter(|stage| declared.contains(&stage.name));
        let Some(stage) = found else {
            if project.stage(stage).is_some() {
                return Err(TemplateError::NotInStack(stage.to_owned()));
            }
            let known = declared.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            return Err(TemplateError::UnknownStage { stage: stage.to_owned(), known });
        };
        let functions: Vec<_> = self.functions().into_iter().map(|(_, name)| name).collect();
        let api = self.api_parts();
        // What is deployed: slam.yaml may have come to say another kind of API.
        if matches!(api, Some(ApiParts::Http(_)))
            && let Some(name) = new_authorizer(stage, &functions)
        {
            return Err(TemplateError::NewAuthorizer { function: name.to_owned(), stage: stage.name.clone() });
        }
        let parts = Parts { functions, api, sources: self.deployed_sources(project) };
        let mut draft = Draft::new(project, vec![stage], false);
        let by_role = parts.api.as_ref().is_some_and(ApiParts::logs_by_role);
        if by_role && stage.api_logs != ApiLogs::None && !self.resources().contains_key(API_ACCOUNT) {
            api_logs::add_account(&mut draft);
        }
        stages::add(&mut draft, stage, &parts);
        if let Some(id) = draft.clash {
            return Err(TemplateError::Clash(id));
        }
        // What slam.yaml has come to have since the deployment, nothing can be read from.
        draft.resources.retain(|_, resource| {
            let source = resource["Properties"]["EventSourceArn"]["Fn::GetAtt"][0].as_str();
            source.is_none_or(|id| self.resources().contains_key(id))
        });
        tags::add(&mut draft);
        for (section, additions) in [("Resources", draft.resources), ("Outputs", draft.outputs)] {
            let section = self.section(section);
            for (name, value) in additions {
                if section.insert(name.clone(), value).is_some() {
                    return Err(TemplateError::Clash(name));
                }
            }
        }
        sources::notify(self.section("Resources"), stage, &parts.sources);
        Ok(())
    }

    /// The event sources of slam.yaml that are deployed: a stage that answers has them.
    fn deployed_sources<'p>(&self, project: &'p Project) -> Vec<Placed<'p>> {
        let (open, functions) = (self.stages(), self.functions());
        let deployed = |placed: &Placed<'_>| {
            let mut having = open.iter().flat_map(|stage| [placed.id(&stage.name), placed.permission_id(&stage.name)]);
            let there = functions.iter().any(|(_, name)| *name == placed.function.name);
            // One that only this stage shall have is nowhere yet.
            there && (!placed.source.stages.is_empty() || having.any(|id| self.resources().contains_key(&id)))
        };
        let mut sources = sources::of(project);
        sources.retain(deployed);
        sources
    }

    /// The functions that the deployed authorizers of the REST API ask.
    fn deciding(&self) -> Vec<Deciding> {
        let functions = self.functions();
        let of_api = |resource: &Value| {
            resource["Type"] == "AWS::ApiGateway::Authorizer" && resource["Properties"]["RestApiId"]["Ref"] == API
        };
        let deciding = self.resources().iter().filter(|(_, resource)| of_api(resource)).filter_map(|(id, resource)| {
            let uri = resource["Properties"]["AuthorizerUri"]["Fn::Sub"].as_str()?;
            let asked =
                |(function, _): &&(String, Option<String>)| uri.contains(&format!("/functions/${{{function}.Arn}}:"));
            let (_, name) = functions.iter().find(asked)?;
            Some(Deciding { function: name.clone()?, authorizer: id.clone() })
        });
        deciding.collect()
    }

    fn api_parts(&self) -> Option<ApiParts> {
        if let Some(api) = self.declared_api() {
            return Some(api);
        }
        let is_snapshot = |resource: &Value| {
            resource["Type"] == "AWS::ApiGateway::Deployment" && resource["Properties"]["RestApiId"]["Ref"] == API
        };
        let (deployment, _) = self.resources().iter().find(|(_, resource)| is_snapshot(resource))?;
        let path = |path: String| if path.is_empty() { path } else { format!("/{path}") };
        let routes = self.routes().into_iter();
        let routes = routes.map(|route| Answering { function: route.function, path: path(route.path) }).collect();
        let static_files = self.has_parameter(STATIC_PARAMETER);
        Some(ApiParts::Rest(RestParts {
            deployment: deployment.clone(),
            routes,
            deciding: self.deciding(),
            static_files,
        }))
    }
}
