//! What a role lacks, in the words of slam.yaml, from the text of AWS's error alone.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>

use slam_project::Project;
use std::collections::HashSet;

/// More of them in one request are not told.
const MOST: usize = 20;

/// Finds denials in the lines of one request; each is told once.
pub(super) struct Denials<'a> {
    project: &'a Project,
    told: HashSet<String>,
}

impl<'a> Denials<'a> {
    pub(super) fn new(project: &'a Project) -> Self {
        Self { project, told: HashSet::new() }
    }

    /// What to say about a line.
    pub(super) fn of(&mut self, text: &str) -> Option<String> {
        let denial = Denial::parse(text)?;
        let says = if denial.explicit {
            format!("a policy denies {} explicitly: no permission in slam.yaml can allow it", denial.action)
        } else {
            let resource = self.resource(denial.resource);
            format!("the role lacks  {{allow: [{}], on: {resource}}}  under `permissions`", denial.action)
        };
        (self.told.len() < MOST && self.told.insert(says.clone())).then_some(says)
    }

    /// `table tasks` for `arn:aws:dynamodb:…:table/dev.tasks`, which is a table of the project; else the ARN.
    fn resource(&self, arn: &str) -> String {
        let table = arn.split_once(":table/").map(|(_, rest)| rest.split('/').next().unwrap_or(rest));
        let own = table.and_then(|name| {
            let mut tables = self.project.tables.iter();
            tables.find(|table| self.project.stages.iter().any(|stage| table.name_in(&stage.name) == name))
        });
        own.map_or_else(|| format!("\"{arn}\""), |table| format!("table {}", table.name))
    }
}

struct Denial<'t> {
    action: &'t str,
    resource: &'t str,
    explicit: bool,
}

impl<'t> Denial<'t> {
    /// `User: arn:aws:sts::…:assumed-role/… is not authorized to perform: <action> on resource: <arn> because …`. S3
    /// writes the ARN in quotation marks.
    fn parse(text: &'t str) -> Option<Self> {
        let (user, rest) = text.split_once(" is not authorized to perform: ")?;
        let (action, rest) = rest.split_once(" on resource: ")?;
        let mut words = rest.split_whitespace();
        let resource = words.next()?.trim_matches(['"', '.', ',', '\'']);
        let explicit = rest.contains("explicit deny");
        let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"'{}[]\\".contains(&byte));
        let fits = user.contains(":assumed-role/")
            && action.split_once(':').is_some_and(|(service, name)| !service.is_empty() && !name.is_empty())
            && resource.starts_with("arn:")
            && plain(action)
            && plain(resource);
        // Others than the role's own policies may forbid it as well: a boundary, a resource's policy.
        let by_role = explicit || !rest.contains("because") || rest.contains("no identity-based policy");
        (fits && by_role).then_some(Self { action, resource, explicit })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn check(text: &str, expected: Option<&str>) {
        let yaml = "name: x\napp: m:a\nruntime: python3.13\nstages: {dev: {}, prod: {}}\n\
                    tables: {tasks: {attributes: {id: S}, key: id}}\n";
        let project = Project::parse(yaml, Path::new("slam.yaml"), &slam_project::Defaults::default()).unwrap();
        let mut denials = Denials::new(&project);
        assert_eq!(denials.of(text).as_deref(), expected, "{text}");
        assert_eq!(denials.of(text), None, "told once");
    }

    const USER: &str = "User: arn:aws:sts::000000000000:assumed-role/x-Role/x is not authorized to perform:";

    #[test]
    fn what_is_lacking_is_told_in_slam_yamls_words() {
        let because = "because no identity-based policy allows the action";
        check(
            &format!(
                "botocore.exceptions.ClientError: An error occurred (AccessDeniedException) when calling the Scan \
                 operation: {USER} dynamodb:Scan on resource: arn:aws:dynamodb:us-east-1:0:table/dev.tasks {because}"
            ),
            Some("the role lacks  {allow: [dynamodb:Scan], on: table tasks}  under `permissions`"),
        );
        check(
            &format!("{USER} s3:GetObject on resource: \"arn:aws:s3:::photos/a.png\" {because}"),
            Some("the role lacks  {allow: [s3:GetObject], on: \"arn:aws:s3:::photos/a.png\"}  under `permissions`"),
        );
        check(
            &format!(
                "{USER} s3:GetObject on resource: arn:aws:s3:::p/a with an explicit deny in a resource-based policy"
            ),
            Some("a policy denies s3:GetObject explicitly: no permission in slam.yaml can allow it"),
        );
    }

    #[test]
    fn other_denials_are_not_guessed() {
        for text in [
            "User: arn:aws:iam::0:user/u is not authorized to perform: a:B on resource: arn:x because",
            &format!("{USER} a:B"),
            &format!("{USER} a on resource: arn:x"),
            &format!("{USER} a:B on resource: arn:x because no permissions boundary allows the a:B action"),
            &format!("{USER} a:B on resource: {{evil: yaml}}"),
        ] {
            check(text, None);
        }
    }
}
