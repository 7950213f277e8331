//! Data that comes and goes: what a deployment does with tables that leave slam.yaml or come back to it.
//!
//! All of it happens through CloudFormation, before the deployment itself, in steps that can be repeated: what was left
//! behind is imported again, as it is; then the policies of what leaves are set as they shall be ([`Fate`]). The
//! deployment that follows leaves the tables out, and CloudFormation does with them what those policies say.

use crate::apply::{Target, apply_with};
use crate::change::Existing;
use crate::data::{self, Count, Holding};
use crate::deployed::DeployedStack;
use crate::error::StackError;
use crate::identity::{Identity, OtherProject};
use crate::packages::{bucket_of, deployed_keys, parameters};
use crate::progress::{Event, Silent};
use crate::{Session, losses};
use serde_json::Value;
use slam_project::Project;
use slam_template::{Data, Fate, Inputs, Template, key_changes};

/// What happens to data in a deployment.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// Tables that exist and come into the stack, as they are.
    adopted: Vec<(Holding, Value)>,
    /// Tables that leave the stack and stay, with those left behind before.
    kept: Vec<Data>,
    /// Tables that somebody decided to delete.
    doomed: Vec<Holding>,
    /// Those of them that must be taken into the stack first, as they are.
    doomed_outside: Vec<(Data, Value)>,
    /// What the deployed template remembers and is not there any more.
    pub gone: Vec<Data>,
}

/// The tables that `words` mean, of those that leave with the next deployment or were left behind.
///
/// # Errors
/// When the stack cannot be read or a word means a table that is in slam.yaml.
pub async fn doomed(
    session: &Session<'_>,
    project: &Project,
    stages: &[&str],
    words: &[String],
) -> Result<Vec<Holding>, StackError> {
    let Some(before) = deployed_template(session).await? else { return Ok(Vec::new()) };
    let inputs = Inputs { stages: stages.to_vec(), deployed: Some(&before), ..Inputs::default() };
    let after = slam_template::render(project, &inputs)?;
    Ok(plan(session, project, Some(&before), &after, words).await?.doomed)
}

/// What the stack left behind and is still there.
pub(crate) async fn left_behind(session: &Session<'_>, template: &Template) -> Result<Vec<Holding>, StackError> {
    let mut found = Vec::new();
    for data in template.left_behind() {
        if let Some(items) = data::items(session, &data.physical()).await? {
            found.push(Holding { data, items });
        }
    }
    Ok(found)
}

async fn deployed_template(session: &Session<'_>) -> Result<Option<Template>, StackError> {
    match crate::deployed::describe(session).await? {
        Some(stack) if stack.status != "REVIEW_IN_PROGRESS" => {
            Ok(Some(Template::parse(&crate::deployed::template(session).await?)?))
        }
        _ => Ok(None),
    }
}

/// Finds out what happens to data, and refuses what would lose some.
pub(crate) async fn plan(
    session: &Session<'_>,
    project: &Project,
    before: Option<&Template>,
    after: &Template,
    words: &[String],
) -> Result<Plan, StackError> {
    let mut plan = Plan::default();
    let had = before.map(Template::data).unwrap_or_default();
    let left = before.map(Template::left_behind).unwrap_or_default();
    let has = after.data();
    if let Some(word) = words.iter().find(|word| has.iter().any(|data| data.is_called(word))) {
        return Err(StackError::StillWanted(word.clone()));
    }
    if let Some(before) = before {
        refuse_replacements(session, project, before, after).await?;
        losses::refuse(session, project, before, after).await?;
    }
    for data in has.iter().filter(|data| !had.contains(data)) {
        let Some(table) = data::describe(session, &data.physical()).await? else { continue };
        if !left.contains(data) {
            refuse_others(session, data, &table).await?;
        }
        let items = data::count(session, &table).await?;
        let properties = data::properties(session, &table).await?;
        let changes = key_changes(&properties, after.properties_of(data).unwrap_or(&Value::Null));
        if !changes.is_empty() {
            return Err(replacement(project, data, &changes, items));
        }
        plan.adopted.push((Holding { data: data.clone(), items }, properties));
    }
    for data in had.iter().chain(&left).filter(|data| !has.contains(data)) {
        let Some(table) = data::describe(session, &data.physical()).await? else {
            plan.gone.push(data.clone());
            continue;
        };
        if !words.iter().any(|word| data.is_called(word)) {
            plan.kept.push(data.clone());
            continue;
        }
        let items = data::count(session, &table).await?;
        plan.doomed.push(Holding { data: data.clone(), items });
        if !had.contains(data) {
            plan.doomed_outside.push((data.clone(), data::properties(session, &table).await?));
        }
    }
    Ok(plan)
}

/// A table whose key changes would have to be made anew, without its items.
async fn refuse_replacements(
    session: &Session<'_>,
    project: &Project,
    before: &Template,
    after: &Template,
) -> Result<(), StackError> {
    for found in after.replacements(before) {
        // A table that somebody deleted has nothing to lose; CloudFormation says what it makes of it.
        if let Some(items) = data::items(session, &found.data.physical()).await? {
            return Err(replacement(project, &found.data, &found.changes, items));
        }
    }
    Ok(())
}

fn replacement(project: &Project, data: &Data, changes: &[(&'static str, String)], items: Count) -> StackError {
    let (key, _) = changes[0];
    let what = changes.iter().map(|(_, what)| what.as_str()).collect::<Vec<_>>().join("; ");
    let name = data.name.as_str();
    let message = format!(
        "the table {} with {} would have to be made anew: {what}. Nothing was changed",
        data.physical(),
        items.of("item")
    );
    let hint = if items == Count::Exactly(0) {
        format!(
            "nothing is in it: take `{name}` out of slam.yaml, run `slam deploy --delete-data {name}`, then put it in \
             again and deploy; or leave it as it was, or give the new table another name"
        )
    } else {
        format!(
            "leave it as it was; or give the new table another name and copy what is needed; or, if the items may go, \
             take `{name}` out, run `slam deploy --delete-data {name}`, and put it in again"
        )
    };
    let paths: [&[&str]; 4] =
        [&["tables", name, key], &["dynamodb_tables", name, key], &["tables", name], &["dynamodb_tables", name]];
    StackError::Template(project.error(&paths, message, Some(hint)).into())
}

/// A table that exists and is not known to this stack is taken in only when its tags say that it is this project's.
async fn refuse_others(session: &Session<'_>, data: &Data, table: &Value) -> Result<(), StackError> {
    let (ours, theirs) = (Identity::of(session.project), data::owner(session, table).await?);
    let same = match (&theirs.id, &ours.id) {
        (None, None) => theirs.app.is_some() && theirs == ours,
        _ => theirs.id == ours.id,
    };
    if same {
        return Ok(());
    }
    let name = data.physical();
    if theirs == Identity::default() {
        return Err(StackError::ForeignTable { table: name });
    }
    let hint = match &theirs.id {
        Some(id) if ours.name == theirs.name => format!("if it is the same project, its id must be `id: {id}`"),
        _ => "give the table or its stage another name in slam.yaml".to_owned(),
    };
    Err(StackError::OtherProject(Box::new(OtherProject { what: format!("the table {name}"), theirs, ours, hint })))
}

impl Plan {
    /// Whether a stack that is created begins with tables that exist.
    pub fn adopts(&self) -> bool {
        !self.adopted.is_empty()
    }

    /// Puts the tables that come into the stack into a template.
    pub fn adopt_into(&self, template: &mut Template) {
        for (holding, properties) in &self.adopted {
            template.adopt(&holding.data, properties.clone());
        }
    }

    /// Brings the stack to where the deployment itself can begin, and gives the template that is deployed then.
    pub async fn prepare(
        &self,
        session: &Session<'_>,
        project: &Project,
        stack: &DeployedStack,
        before: Template,
    ) -> Result<Template, StackError> {
        let mut template = before.clone();
        self.adopt_into(&mut template);
        for (data, properties) in &self.doomed_outside {
            template.adopt(data, properties.clone());
        }
        for data in &self.kept {
            template.decide(data, Fate::Kept);
        }
        if template != before {
            change_quietly(session, project, stack, &template).await?;
        }
        let mut decided = template.clone();
        for holding in &self.doomed {
            decided.decide(&holding.data, Fate::Deleted);
        }
        if decided != template {
            change_quietly(session, project, stack, &decided).await?;
        }
        Ok(decided)
    }

    /// Tells what became of data; what was left behind is listed with the result.
    pub async fn tell(&self, session: &Session<'_>) -> Result<(), StackError> {
        for (holding, _) in &self.adopted {
            session.progress.event(&Event::Adopted(holding.clone()));
        }
        for holding in &self.doomed {
            // A deletion that fails while CloudFormation cleans up fails nothing else.
            session.progress.event(&match data::items(session, &holding.data.physical()).await? {
                None => Event::DataDeleted(holding.clone()),
                Some(items) => Event::StillThere(Holding { data: holding.data.clone(), items }),
            });
        }
        Ok(())
    }
}

/// Applies a template that differs in nothing but its data and their policies. What is there already is imported.
pub(crate) async fn change_quietly(
    session: &Session<'_>,
    project: &Project,
    stack: &DeployedStack,
    template: &Template,
) -> Result<(), StackError> {
    let keys = deployed_keys(stack);
    let bucket = bucket_of(project, stack, session)?;
    let parameters = parameters(template, &bucket, &keys);
    let target = Target { create: false, announce: false, bucket: Some(&bucket) };
    let session = &Session { progress: &Silent, ..*session };
    apply_with(session, project, template, &parameters, target, Existing::Import).await.map(|_| ())
}

/// Prepares the deletion of a stack: what shall become of its data, also of what it left behind.
pub(crate) async fn before_deletion(
    session: &Session<'_>,
    stack: &DeployedStack,
    template: &Template,
    fate: Fate,
) -> Result<(), StackError> {
    let mut plan = Plan::default();
    for data in template.data() {
        match fate {
            Fate::Kept => plan.kept.push(data),
            Fate::Deleted => plan.doomed.push(Holding { data, items: Count::Exactly(0) }),
        }
    }
    for data in template.left_behind().into_iter().filter(|_| fate == Fate::Deleted) {
        if let Some(table) = data::describe(session, &data.physical()).await? {
            plan.doomed_outside.push((data.clone(), data::properties(session, &table).await?));
            plan.doomed.push(Holding { data, items: Count::Exactly(0) });
        }
    }
    plan.prepare(session, session.project, stack, template.clone()).await.map(|_| ())
}
