//! Which function answers which path: read back from a template.

use crate::features::api_parts::ApiParts;
use crate::features::routes::Answering;
use crate::ids::API;
use crate::template::Template;
use serde_json::Value;

/// More resources above each other than API Gateway allows in a path.
const DEEPEST: usize = 64;

/// A path of the API; the function answers all below it, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeployedRoute {
    /// `None` is the project's own function.
    pub function: Option<String>,
    /// `images/{id}`; empty for the root.
    pub path: String,
}

impl DeployedRoute {
    fn is_above(&self, other: &Self) -> bool {
        self.path != other.path && (self.path.is_empty() || other.path.starts_with(&format!("{}/", self.path)))
    }
}

impl From<Answering> for DeployedRoute {
    fn from(route: Answering) -> Self {
        Self { function: route.function, path: route.path.trim_start_matches('/').to_owned() }
    }
}

impl Template {
    /// The paths that the functions answer, in the template's order.
    #[must_use]
    pub fn routes(&self) -> Vec<DeployedRoute> {
        match self.declared_api() {
            Some(ApiParts::Http(routes)) => routes.into_iter().map(DeployedRoute::from).collect(),
            Some(_) => vec![DeployedRoute { function: None, path: String::new() }],
            None => self.methods(),
        }
    }

    /// Those of a REST API, which its methods tell.
    fn methods(&self) -> Vec<DeployedRoute> {
        let functions = self.functions();
        let methods = self.resources().values().filter(|resource| resource["Type"] == "AWS::ApiGateway::Method");
        let ours = methods.filter(|method| method["Properties"]["RestApiId"]["Ref"] == API);
        let routes = ours
            .filter_map(|method| {
                let uri = method["Properties"]["Integration"]["Uri"]["Fn::Sub"].as_str()?;
                let called = |id: &str| uri.contains(&format!("/functions/${{{id}.Arn}}:${{!stageVariables.STAGE}}/"));
                let (_, function) = functions.iter().find(|(id, _)| called(id))?;
                let path = self.path(&method["Properties"]["ResourceId"])?;
                // What lies below a path is a method of its own, made together with it.
                let below = path.rsplit('/').next() == Some("{proxy+}");
                (!below).then(|| DeployedRoute { function: function.clone(), path })
            })
            .collect::<Vec<_>>();
        // Paths of which something is said apart are below the one that leads to the function.
        let leads = |route: &DeployedRoute| {
            !routes.iter().any(|other| other.function == route.function && other.is_above(route))
        };
        routes.iter().filter(|route| leads(route)).cloned().collect()
    }

    /// The path of one of the API's resources.
    fn path(&self, resource: &Value) -> Option<String> {
        let mut parts = Vec::new();
        let mut at = resource;
        while let Some(id) = at["Ref"].as_str() {
            let properties = &self.resources().get(id)?["Properties"];
            parts.push(properties["PathPart"].as_str()?);
            at = &properties["ParentId"];
            if parts.len() > DEEPEST {
                return None;
            }
        }
        parts.reverse();
        Some(parts.join("/"))
    }
}
