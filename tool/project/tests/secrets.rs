//! Variables whose values are kept elsewhere: how they are written, and what becomes of them in the function's environment.

use slam_project::variables::{SLAM_SECRETS, SLAM_STAGES};
use slam_project::{Defaults, Function, Project, Stage};
use std::path::Path;

fn parse(text: &str) -> Result<Project, slam_project::ProjectError> {
    Project::parse(text, Path::new("slam.yaml"), &Defaults::default())
}

/// What becomes of a place: itself, or the message and part of its hint.
fn check(place: &str, expected: Result<(), (&str, &str)>) {
    let text = format!("name: x\napp: m:a\nsecrets: {{KEY: '{place}'}}\n");
    match (parse(&text), expected) {
        (Ok(project), Ok(())) => assert_eq!(project.secrets["KEY"].to_string(), place),
        (Err(error), Err((message, hint))) => {
            let first = &error.diagnostics[0];
            assert_eq!(first.message, message);
            assert!(first.hints.join("\n").contains(hint), "{error}");
            assert_eq!(first.span.clone().map(|span| text[span].to_owned()), Some(format!("'{place}'")), "{error}");
        }
        (found, expected) => panic!("{place}: {found:?}, and not {expected:?}"),
    }
}

#[test]
fn a_secret_is_a_place() {
    for place in ["ssm:/tasks/database", "ssm:database", "ssm:/a/b_c.d-e:12", "ssm:/a:prod", "secretsmanager:tasks/key"]
    {
        check(place, Ok(()));
    }
    check("secretsmanager:a/b_c+d=e.f@g-h#user.name", Ok(()));
    let no_place = "`secrets` says where a value is kept, and never the value";
    for value in ["postgres://user:pass@host/db", "s3cr3t", "", ":", "a_b:c", "a long sentence: with a colon"] {
        check(value, Err((no_place, "`ssm:/path` names a parameter")));
    }
    check("smm:/a", Err(("`smm` is no place that secrets are read from", "did you mean `ssm:`?")));
    check("vault:a", Err(("`vault` is no place that secrets are read from", "`secretsmanager:name` a secret")));
    check("arn:aws:ssm:eu-west-1:1:parameter/a", Err(("a secret is named without its ARN", "`ssm:/path`")));
    let parameter = "is no name of a parameter";
    check("ssm:", Err((&format!("`` {parameter}"), "a slash before each level")));
    check("ssm:/", Err((&format!("`/` {parameter}"), "a slash before each level")));
    check("ssm:a/b", Err((&format!("`a/b` {parameter}"), "`ssm:/a/b`")));
    check("ssm:/a//b", Err((&format!("`/a//b` {parameter}"), "a slash before each level")));
    check("ssm:/a b", Err((&format!("`/a b` {parameter}"), "letters, digits")));
    check("ssm:arn:aws:ssm:eu-west-1:1:parameter/a", Err((&format!("`arn` {parameter}"), "by its path")));
    check(
        "ssm:/aws/reference/secretsmanager/a",
        Err((&format!("`/aws/reference/secretsmanager/a` {parameter}"), "`secretsmanager:name`")),
    );
    check("ssm:/SSM/a", Err((&format!("`/SSM/a` {parameter}"), "AWS's own")));
    let deep = "/a".repeat(16);
    check(&format!("ssm:{deep}"), Err((&format!("`{deep}` {parameter}"), "15 levels")));
    for version in ["", "3a", "a b", "1:2"] {
        let message = format!("`{version}` is neither a version nor a label of a parameter");
        check(&format!("ssm:/a:{version}"), Err((&message, "`ssm:/a:3`")));
    }
    let secret = "is no name of a secret";
    check("secretsmanager:", Err((&format!("`` {secret}"), "letters, digits")));
    check("secretsmanager:a:b", Err((&format!("`a:b` {secret}"), "`secretsmanager:name#key`")));
    check(
        "secretsmanager:arn:aws:secretsmanager:x:1:secret:a-123456",
        Err((&format!("`arn:aws:secretsmanager:x:1:secret:a-123456` {secret}"), "six characters")),
    );
    check("secretsmanager:a#", Err(("there is no key after `#`", "`secretsmanager:a` is the whole secret")));
}

/// The first error's message, the text it points at, and part of its hints.
fn refused(yaml: &str, message: &str, place: &str, hint: &str) {
    let text = if yaml.contains("name:") { yaml.to_owned() } else { format!("name: x\napp: m:a\n{yaml}") };
    let error = parse(&text).expect_err(yaml);
    let first = &error.diagnostics[0];
    assert_eq!(first.message, message, "{error}");
    assert_eq!(first.span.clone().map(|span| text[span].to_owned()).as_deref(), Some(place), "{error}");
    assert!(first.hints.join("\n").contains(hint), "{error}");
}

#[test]
fn a_secret_is_a_variable_that_nothing_else_sets() {
    refused("secrets: {STAGE: 'ssm:/a'}", "`STAGE` is set by slam itself", "STAGE", "");
    refused("secrets: {AWS_REGION: 'ssm:/a'}", "`AWS_REGION` is set by Lambda itself", "AWS_REGION", "");
    refused(
        "secrets: {A-B: 'ssm:/a'}",
        "`A-B` cannot be the name of an environment variable of Lambda",
        "A-B",
        "letter",
    );
    for name in ["SCRIPT_NAME", "AWS_LAMBDA_EXEC_WRAPPER"] {
        let message = format!("`{name}` is needed before a secret can be read");
        refused(&format!("secrets: {{{name}: 'ssm:/a'}}"), &message, name, "`environment`");
    }
    for section in ["X", "stages: {dev: X}", "functions: {f: {app: 'm:b', X}}"] {
        let both = "environment: {KEY: a}, secrets: {KEY: 'ssm:/a'}";
        let yaml = match section {
            "X" => "environment: {KEY: a}\nsecrets: {KEY: 'ssm:/a'}".to_owned(),
            "stages: {dev: X}" => format!("stages: {{dev: {{{both}}}}}"),
            other => other.replace('X', both),
        };
        refused(&yaml, "`KEY` stands in `environment`, too", "KEY", "keep one of the two");
        let table = "tables: {t: {attributes: {id: S}, key: id}}\n";
        let yaml = format!("{table}{}", yaml.replace("environment: {KEY: a}", "tags: {}"));
        let yaml = yaml.replace("tags: {}, ", "").replace("KEY", "TABLE_T");
        refused(&yaml, "`TABLE_T` is set by slam: it names the table `t`", "TABLE_T", "");
    }
    refused("secrets: [a]", "`secrets` must be a mapping", "[a]", "");
    refused(
        "stage_environments: {dev: {secrets: {A: b}}}",
        "`stage_environments.dev.secrets` must be a single value",
        "{A: b}",
        "",
    );
}

#[test]
fn a_handler_of_its_own_reads_its_secrets_itself() {
    let message = "`secrets` are read by slam's adapter, which calls `app`; what `handler` names is Lambda's own";
    let node = "name: x\nruntime: nodejs22.x\nhandler: index.handler\npackage: {path: js}\n";
    refused(&format!("{node}secrets: {{KEY: 'ssm:/a'}}"), message, "secrets", "read `KEY` in the code");
    refused(&format!("{node}stages: {{dev: {{secrets: {{KEY: 'ssm:/a'}}}}}}"), message, "secrets", "ssm:GetParameter");
    let mixed = "functions:\n  js: {runtime: nodejs22.x, handler: index.handler, package: {path: js}";
    refused(&format!("{mixed}, secrets: {{KEY: 'ssm:/a'}}}}"), message, "secrets", "AWS SDK");
    // The others have them.
    let project = parse(&format!("name: x\napp: m:a\nsecrets: {{KEY: 'ssm:/a'}}\n{mixed}}}")).expect("a project");
    let of =
        |function: &Function| project.lambda_environment(function, &[&project.stages[0]]).get(SLAM_SECRETS).cloned();
    assert_eq!(of(&project.function).as_deref(), Some(r#"{"KEY":"ssm:/a"}"#));
    assert_eq!(of(&project.functions[0]), None);
}

/// The nearer to the stage a thing is said, the more it counts, be it a secret or a plain variable.
#[test]
fn stages_and_functions_say_what_differs() {
    let project = parse(
        "name: x\napp: m:a\nenvironment: {ONE: plain, TWO: plain}\nsecrets: {KEY: 'ssm:/key', MORE: 'ssm:/more'}\n\
         stages:\n  dev: {environment: {KEY: plain}}\n  test: \n  prod: {secrets: {TWO: 'secretsmanager:two#a'}}\n\
         functions:\n  f: {app: 'm:f', environment: {MORE: plain}, secrets: {ONE: 'ssm:/one'}}\n",
    )
    .expect("a project");
    let stages: Vec<&Stage> = project.stages.iter().collect();
    let of = |function: &Function| {
        let environment = project.lambda_environment(function, &stages);
        let of_stages: serde_json::Value = serde_json::from_str(&environment[SLAM_STAGES]).expect("JSON");
        let of_stage = |name: &str| of_stages[name][SLAM_SECRETS].as_str().map(str::to_owned);
        let plain = ["ONE", "TWO", "KEY", "MORE"].map(|name| environment.get(name).cloned());
        let plain: Vec<_> = plain.iter().map(|value| value.as_deref().unwrap_or_default().to_owned()).collect();
        (environment[SLAM_SECRETS].clone(), [of_stage("dev"), of_stage("test"), of_stage("prod")], plain.join(","))
    };
    let (common, [dev, test, prod], plain) = of(&project.function);
    assert_eq!(common, r#"{"KEY":"ssm:/key","MORE":"ssm:/more"}"#);
    assert_eq!(dev.as_deref(), Some(r#"{"MORE":"ssm:/more"}"#));
    assert_eq!(test, None);
    assert_eq!(prod.as_deref(), Some(r#"{"KEY":"ssm:/key","MORE":"ssm:/more","TWO":"secretsmanager:two#a"}"#));
    assert_eq!(plain, "plain,plain,,");
    let (common, [dev, test, prod], plain) = of(&project.functions[0]);
    assert_eq!(common, r#"{"KEY":"ssm:/key","ONE":"ssm:/one"}"#);
    assert_eq!(dev.as_deref(), Some(r#"{"ONE":"ssm:/one"}"#));
    assert_eq!(test, None);
    assert_eq!(prod.as_deref(), Some(r#"{"KEY":"ssm:/key","ONE":"ssm:/one","TWO":"secretsmanager:two#a"}"#));
    assert_eq!(plain, ",plain,,plain");
}

/// A package without them is what it was before there were secrets.
#[test]
fn without_secrets_nothing_is_set() {
    let project = parse("name: x\napp: m:a\nsecrets: {}\nstages: {dev: {secrets: {}}}\n").expect("a project");
    let environment = project.lambda_environment(&project.function, &[&project.stages[0]]);
    assert_eq!(environment.keys().collect::<Vec<_>>(), [SLAM_STAGES]);
    assert_eq!(environment[SLAM_STAGES], r#"{"dev":{"STAGE":"dev"}}"#);
}
