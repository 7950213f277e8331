//! Whether the secrets that slam.yaml names are there: a function whose secrets are missing cannot start.

use super::target::Place;
use crate::terminal::Terminal;
use slam_project::{Project, ProjectError, Secret, Target};
use slam_report::Result;
use slam_stack::Session;

/// The variables of a stage, and where their values are kept, that functions deployed now will read.
pub fn of(project: &Project, stage: &str) -> Vec<(String, Secret)> {
    let mut found: Vec<(String, Secret)> = Vec::new();
    for (variable, secret) in project.all_functions().flat_map(|it| project.secrets_of(it, project.stage(stage))) {
        if !found.iter().any(|(_, known)| *known == secret) {
            found.push((variable, secret));
        }
    }
    found
}

/// Refuses what would not start, with how each secret is made. Where it cannot be told, that is told.
pub async fn check(
    session: &Session<'_>,
    terminal: &Terminal,
    place: &Place,
    stage: &str,
    secrets: &[(String, Secret)],
) -> Result<()> {
    let project = session.project;
    let secrets: Vec<_> = secrets.iter().filter(|(_, secret)| !is_made(project, secret)).cloned().collect();
    if secrets.is_empty() {
        return Ok(());
    }
    let looked = slam_stack::secrets::look(session, &secrets).await;
    for error in looked.unknown {
        terminal.say(&format!("            whether secrets are there cannot be told: {error}"));
    }
    let errors = looked.missing.iter().map(|(variable, secret)| error(project, place, stage, variable, secret));
    match errors.reduce(|mut all, one| {
        all.diagnostics.extend(one.diagnostics);
        all
    }) {
        Some(error) => Err(error.into()),
        None => Ok(()),
    }
}

/// Whether a resource of slam.yaml makes it, or may: then it is there before the functions are.
fn is_made(project: &Project, secret: &Secret) -> bool {
    let (kind, name) = match secret {
        Secret::Parameter { name, .. } => ("AWS::SSM::Parameter", name),
        Secret::SecretsManager { name, .. } => ("AWS::SecretsManager::Secret", name),
    };
    let of_kind = project.resources.values().filter(|resource| resource["Type"] == kind);
    of_kind.map(|resource| resource["Properties"]["Name"].as_str()).any(|named| named.is_none_or(|named| named == name))
}

fn error(project: &Project, place: &Place, stage: &str, variable: &str, secret: &Secret) -> ProjectError {
    let (what, command) = match secret {
        Secret::Parameter { name, .. } => {
            let command = format!("aws ssm put-parameter --name {name} --type SecureString --value …");
            (format!("parameter {name}"), command)
        }
        Secret::SecretsManager { name, .. } => {
            let command = format!("aws secretsmanager create-secret --name {name} --secret-string …");
            (format!("secret {name}"), command)
        }
    };
    let message =
        format!("there is no {what} ({place}), which the stage {stage} reads `{variable}` from when it starts");
    let command = match place.target {
        Target::Local => format!("eval \"$(slam env)\"; {command}"),
        Target::Aws => {
            let profile = project.stage(stage).and_then(|stage| stage.profile.as_ref());
            let profile = profile.map(|profile| format!(" --profile {profile}")).unwrap_or_default();
            format!("{command} --region {}{profile}", place.region)
        }
    };
    let hint = format!("`{command}` makes it; `--no-check` goes on without");
    let functions = project.functions.iter().filter_map(|function| function.name.as_deref());
    let mut paths: Vec<Vec<&str>> = vec![vec!["stages", stage, "secrets", variable]];
    paths.extend(functions.map(|name| vec!["functions", name, "secrets", variable]));
    paths.push(vec!["secrets", variable]);
    let paths: Vec<&[&str]> = paths.iter().map(Vec::as_slice).collect();
    project.error(&paths, message, Some(hint))
}
