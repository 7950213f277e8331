//! Which events are a project's.

use crate::error::StackError;
use crate::{Session, deployed};

/// What the stack has, by the names that ARNs end in.
#[derive(Clone, Debug, Default)]
pub struct Names {
    names: Vec<String>,
}

impl Names {
    /// Of the resources that are deployed.
    ///
    /// # Errors
    /// When the stack is missing.
    pub async fn of(session: &Session<'_>) -> Result<Self, StackError> {
        let stack = deployed::require(session).await?;
        let resources = deployed::resources(session, &stack.id).await?;
        let ids = resources.iter().map(|resource| resource.physical_id.as_str());
        Ok(Self { names: ids.map(last).filter(|name| !name.is_empty()).map(str::to_owned).collect() })
    }

    /// Whether an ARN is of one of them, or of a part of one: a function's alias, a table's stream.
    pub fn have(&self, arn: &str) -> bool {
        let resource = arn.splitn(6, ':').nth(5).unwrap_or(arn);
        resource.split([':', '/']).any(|part| self.names.iter().any(|name| name == part))
    }
}

/// `mail` of a queue's URL, a topic's ARN, `default/nightly`.
fn last(physical_id: &str) -> &str {
    physical_id.rsplit([':', '/', '|']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_are_known_by_their_resources() {
        let ids = [
            "http://localhost:4566/000000000000/dev-mail",
            "tasks-mailer",
            "dev.tasks",
            "arn:aws:sns:us-east-1:000000000000:dev-changes",
        ];
        let names = Names { names: ids.map(last).map(str::to_owned).to_vec() };
        for (arn, known) in [
            ("arn:aws:sqs:us-east-1:000000000000:dev-mail", true),
            ("arn:aws:lambda:us-east-1:000000000000:function:tasks-mailer:dev", true),
            ("arn:aws:dynamodb:us-east-1:000000000000:table/dev.tasks/stream/2026-01-01T00:00:00.000", true),
            ("arn:aws:sns:us-east-1:000000000000:dev-changes:9f1c2d3e", true),
            ("arn:aws:sqs:us-east-1:000000000000:dev-mail-others", false),
            ("arn:aws:lambda:us-east-1:000000000000:function:dev", false),
        ] {
            assert_eq!(names.have(arn), known, "{arn}");
        }
    }
}
