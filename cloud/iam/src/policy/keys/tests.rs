//! AWS's keys against the lists.

use super::*;

/// A key's name as the lists have it: `aws:PrincipalTag/${TagKey}` is `aws:PrincipalTag/`.
fn plain(key: &str) -> &str {
    key.split(['$', '<']).next().unwrap_or(key)
}

/// The lines of `kinds.tsv`: `filled` or `absent`, the key, and what is not here.
fn of_kind(kind: &str) -> Vec<&'static str> {
    let lines = include_str!("kinds.tsv").lines().map(|line| line.split('\t').collect::<Vec<_>>());
    lines.filter(|fields| fields[0] == kind).map(|fields| fields[1]).collect()
}

#[test]
fn every_key_that_aws_has_is_filled_or_absent_or_refused() {
    let (filled, absent) = (of_kind("filled"), of_kind("absent"));
    for line in include_str!("of_services.tsv").lines() {
        let mut fields = line.split('\t');
        let (service, key) = (fields.next().unwrap_or_default(), fields.next().unwrap_or_default());
        // Who comes from an identity provider; there is no federation here.
        if service == "sts" && !key.starts_with("sts:") && !key.starts_with("iam:") {
            continue;
        }
        let key = plain(key).to_ascii_lowercase();
        let is_in = |list: &[&str]| list.iter().any(|entry| entry.eq_ignore_ascii_case(&key));
        let refused = REFUSED.iter().any(|(entry, _)| names(entry, &key));
        assert!(is_in(&filled) || is_in(&absent) || refused, "{key} is in no list");
        assert!(!(is_in(&filled) && is_in(&absent)), "{key} is in two lists");
    }
}

#[test]
fn a_policy_is_refused_for_a_key_where_it_could_matter() {
    let check = |statement: &str, expected: Option<&str>| {
        let policy = format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#);
        assert_eq!(refused(&policy).as_deref(), expected, "{statement}");
    };
    let on = |action: &str, key: &str| {
        format!(
            r#"[{{"Effect":"Deny","Action":"{action}","Resource":"*","Condition":{{"StringEquals":{{"{key}":"x"}}}}}}]"#
        )
    };
    check(&on("dynamodb:*", "dynamodb:attributes"), Some("dynamodb:attributes"));
    check(&on("dynamodb:GetItem", "dynamodb:LeadingKeys"), None);
    check(&on("lambda:InvokeFunction", "aws:ResourceTag/team"), Some("aws:ResourceTag/team"));
    check(&on("iam:GetRole", "aws:ResourceTag/team"), None);
    check(&on("s3:GetObject", "aws:RequestTag/team"), None);
    check(&on("s3:Create*", "aws:RequestTag/team"), Some("aws:RequestTag/team"));
    check(&on("*", "aws:TagKeys"), Some("aws:TagKeys"));
    check(&on("ec2:RunInstances", "aws:RequestTag/team"), None);
    check(&on("*", "ec2:Region"), None);
    check(&on("*", "aws:NoSuchKey"), None);
    check(&on("lambda:AddPermission", "lambda:Principal"), None);
    check(&on("lambda:*Permission", "lambda:Principal"), Some("lambda:Principal"));
    check(
        r#"{"Effect":"Allow","NotAction":"s3:*","Resource":"*","Condition":{"Null":{"aws:ResourceTag/a":"true"}}}"#,
        Some("aws:ResourceTag/a"),
    );
    check(
        r#"{"Effect":"Allow","Action":"lambda:*","Resource":"arn:aws:lambda:*:*:function:${aws:ResourceTag/team, 'x'}-*"}"#,
        Some("aws:ResourceTag/team"),
    );
    check(r#"{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/${aws:username}/*"}"#, None);
}

#[test]
fn what_functions_are_given_most_is_not_refused() {
    let names = [
        "AdministratorAccess",
        "AmazonDynamoDBFullAccess",
        "AmazonEventBridgeFullAccess",
        "AmazonKinesisFullAccess",
        "AmazonS3FullAccess",
        "AmazonSQSFullAccess",
        "AWSLambdaBasicExecutionRole",
        "AWSLambdaDynamoDBExecutionRole",
        "AWSLambdaKinesisExecutionRole",
        "AWSLambdaRole",
        "AWSLambdaSQSQueueExecutionRole",
        "AWSLambdaVPCAccessExecutionRole",
        "AWSLambda_FullAccess",
        "AWSStepFunctionsFullAccess",
        "AWSXRayDaemonWriteAccess",
        "CloudWatchFullAccess",
        "CloudWatchLambdaInsightsExecutionRolePolicy",
        "PowerUserAccess",
        "ReadOnlyAccess",
        "SecretsManagerReadWrite",
    ];
    let all = crate::managed::all();
    let found = all.iter().filter(|policy| names.contains(&policy.name)).collect::<Vec<_>>();
    assert_eq!(found.len(), names.len());
    for policy in found {
        assert_eq!(refused(policy.document()), None, "{}", policy.name);
    }
}
