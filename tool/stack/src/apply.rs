//! A template is applied to the stack of a project.

use crate::change::{self, Existing, INLINE_TEMPLATE, Request};
use crate::error::StackError;
use crate::identity::Identity;
use crate::packages::prefix;
use crate::{Session, bucket};
use slam_project::Project;
use slam_template::Template;

/// Where and how a template is applied.
pub struct Target<'a> {
    /// The stack does not exist yet.
    pub create: bool,
    /// The changes are told.
    pub announce: bool,
    /// Where a template lies that is too long for its request.
    pub bucket: Option<&'a str>,
}

pub async fn apply(
    session: &Session<'_>,
    project: &Project,
    template: &Template,
    parameters: &[(String, String)],
    target: Target<'_>,
) -> Result<bool, StackError> {
    apply_with(session, project, template, parameters, target, Existing::Fail).await
}

pub async fn apply_with(
    session: &Session<'_>,
    project: &Project,
    template: &Template,
    parameters: &[(String, String)],
    target: Target<'_>,
    existing: Existing,
) -> Result<bool, StackError> {
    let text = template.to_json();
    let own = project.tags.iter().map(|(key, value)| (key.clone(), value.clone()));
    let tags: Vec<_> = own.chain(Identity::of(project).tags()).collect();
    let template_url = match target.bucket {
        Some(bucket) if text.len() > INLINE_TEMPLATE => {
            let key = format!("{}template.json", prefix(project));
            bucket::put_text(session, bucket, &key, &text).await?;
            Some(format!("https://{bucket}.s3.amazonaws.com/{key}"))
        }
        _ => None,
    };
    let request = Request {
        template: &text,
        template_url,
        parameters,
        tags: &tags,
        resources: template.resource_count(),
        create: target.create,
        announce: target.announce,
        existing,
    };
    change::apply(session, &request).await
}
