//! Where IAM and STS differ from other services in what they enforce and how they say it.

use slam_cloud_core::dialect::Dialect;

/// Services that speak forms have a code of their own.
pub static DIALECT: Dialect = Dialect { invalid_code: "ValidationError", worded, ..Dialect::DEFAULT };

/// IAM's words for names and paths, as its clients' issues quote them: github.com/aws-amplify/amplify-cli, issue 9120 (names);
/// aws-cloudformation/cfn-lint, issue 722 (paths); ansible-collections/amazon.aws, issue 2065 (prefixes).
fn worded(place: &str, pattern: &str) -> Option<String> {
    let demand = match pattern {
        r"[\w+=,.@-]+" => "contain only alphanumeric characters and/or the following: +=,.@_-",
        r"(\u002F)|(\u002F[\u0021-\u007E]+\u002F)" | r"((/[A-Za-z0-9\.,\+@=_-]+)*)/" => {
            "begin and end with / and contain only alphanumeric characters and/or / characters."
        }
        r"\u002F[\u0021-\u007F]*" => {
            "begin with the / character and contain only alphanumeric characters and/or / characters."
        }
        _ => return None,
    };
    Some(format!("The specified value for {place} is invalid. It must {demand}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use slam_cloud_core::schema::Schema;
    use slam_cloud_wire::iam::SERVICE;

    /// Every path and prefix of every operation has a pattern, which is told in IAM's words.
    #[test]
    fn paths_are_told_in_iams_words() {
        let mut paths = 0;
        for operation in SERVICE.operations {
            let members = operation.input.structure().map(|input| input.members).unwrap_or_default();
            for member in members.iter().filter(|member| member.name.ends_with("Path") || member.name == "PathPrefix") {
                let Schema::String(constraints) = member.schema else { panic!("{}", operation.name) };
                let told = constraints.pattern.and_then(|pattern| worded("path", pattern)).unwrap_or_default();
                assert!(
                    told.starts_with("The specified value for path is invalid. It must begin"),
                    "{}",
                    operation.name
                );
                paths += 1;
            }
        }
        assert!(paths >= 14, "{paths}");
    }
}
