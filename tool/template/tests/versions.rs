//! Publishing, going back and carrying over.

mod common;

use common::{EVERYTHING, FIZZBUZZ, SEVERAL, SITE, TASKS, project};
use slam_template::{Inputs, Release, StageTarget, Template, TemplateError, render};
use std::collections::BTreeMap;

fn release(key: &str) -> Release {
    of_packages(&[("LambdaS3Key", key)])
}

fn of_packages(keys: &[(&str, &str)]) -> Release {
    let keys: BTreeMap<_, _> = keys.iter().map(|(name, key)| ((*name).to_owned(), (*key).to_owned())).collect();
    let code_sha256 = keys.keys().map(|name| (name.clone(), "c2hh".to_owned())).collect();
    Release { keys, code_sha256, description: None }
}

fn deploy(text: &str, deployed: Option<&Template>, stage: Option<&str>) -> Template {
    let inputs = Inputs { deployed, deploy_stage: stage, ..Inputs::default() };
    render(&project(text), &inputs).expect("rendered")
}

/// Deployed, with `prod` answering as well: as it is once something was published to it.
fn open(text: &str) -> Template {
    let mut template = deploy(text, None, Some("dev"));
    template.open(&project(text), "prod").expect("opened");
    template
}

fn target(template: &Template, stage: &str) -> StageTarget {
    template.stage(stage).expect(stage).target
}

#[test]
fn a_stage_is_published_and_stays_there() {
    let mut template = open(TASKS);
    let ids = template.publish("prod", &release("one.zip")).expect("published");
    let [id] = &ids[..] else { panic!("{ids:?}") };
    assert_eq!(template.resources()[id]["Properties"]["CodeSha256"], "c2hh");
    let output = &template.as_value()["Outputs"]["ProdVersion"]["Value"];
    assert_eq!(output["Fn::GetAtt"], serde_json::json!([id, "Version"]));

    let next = deploy(TASKS, Some(&template), Some("dev"));
    assert_eq!(target(&next, "dev"), StageTarget::Latest);
    assert_eq!(target(&next, "prod"), StageTarget::Published(ids.clone()));
    assert_eq!(next.resources()[id], template.resources()[id]);
}

#[test]
fn a_stage_waits_for_its_first_publication() {
    let deployed = deploy(EVERYTHING, None, Some("dev"));
    assert_eq!(deployed.declared_stages(), ["dev", "beta", "prod-eu"]);
    let error = deployed.stage("prod-eu").expect_err("waits").to_string();
    assert_eq!(error, "nothing is published to prod-eu yet");
    let own = |template: &Template| -> Vec<String> {
        let value = template.as_value();
        let sections = ["Resources", "Outputs"].map(|name| value[name].as_object().cloned().unwrap_or_default());
        let names = sections.into_iter().flatten().map(|(name, _)| name);
        names.filter(|name| name.starts_with("ProdEu") || name.starts_with("Api")).collect()
    };
    let before = own(&deployed);
    assert!(before.iter().filter(|name| name.starts_with("ProdEu")).all(|name| name.ends_with("DynamoDBTable")));
    assert!(!before.contains(&"ApiAccount".to_owned()), "nobody asks for logs yet");

    // What it gets is what a deployment to it would have made, of the functions and paths that are deployed.
    let mut opened = deployed.clone();
    opened.open(&project(&EVERYTHING.replace("app: every.thing:app", "app: other:app")), "prod-eu").expect("opened");
    let asked = deploy(EVERYTHING, None, Some("prod-eu"));
    let (mut one, mut other) = (own(&opened), own(&asked));
    one.sort();
    other.sort();
    assert_eq!(one, other);
    for name in one.iter().filter(|name| asked.resources().contains_key(*name)) {
        assert_eq!(opened.resources()[name], asked.resources()[name], "{name}");
    }
    assert_eq!(opened.resources()["Function"], deployed.resources()["Function"]);
    // From then on it stays, and a stage that answered under an older slam does, too.
    let next = deploy(EVERYTHING, Some(&opened), Some("dev"));
    assert_eq!(target(&next, "prod-eu"), StageTarget::Latest);
    assert!(next.stage("beta").is_err());
    assert!(matches!(opened.open(&project(TASKS), "qa"), Err(TemplateError::UnknownStage { .. })));
}

#[test]
fn the_names_of_a_stage_that_waits_are_kept_for_it() {
    let text = format!("{TASKS}resources: {{ProdFunctionAlias: {{Type: 'AWS::SQS::Queue'}}}}\n");
    let error = render(&project(&text), &Inputs::default()).expect_err("refused").to_string();
    assert!(error.contains("slam itself makes a resource named `ProdFunctionAlias`"), "{error}");
}

#[test]
fn a_template_tells_who_answers_which_path() {
    let routes = |template: &Template| -> Vec<(Option<String>, String)> {
        template.routes().into_iter().map(|route| (route.function, route.path)).collect()
    };
    let several = deploy(SEVERAL, None, None);
    let images = |path: &str| (Some("images".to_owned()), path.to_owned());
    let resize = (Some("resize".to_owned()), "images/{id}/small".to_owned());
    assert_eq!(routes(&several), [(None, String::new()), images("images"), resize]);
    assert_eq!(routes(&deploy(FIZZBUZZ, None, None)), []);
}

#[test]
fn a_version_knows_its_package_and_its_layer() {
    let mut template = open(WITH_LAYER);
    let ids = template.publish("prod", &several("a", "l", "o")).expect("published");
    let versions = template.versions();
    let keys = |id: &String| {
        let version = versions.iter().find(|version| version.logical_id == *id).expect("a version");
        version.keys.iter().map(|(name, key)| format!("{name}={key}")).collect::<Vec<_>>()
    };
    assert_eq!(keys(&ids[0]), ["LambdaS3Key=a", "LayerS3Key=l"]);
    assert_eq!(keys(&ids[2]), ["OwnFunctionLayerS3Key=l", "OwnFunctionS3Key=o"]);
}

#[test]
fn the_same_code_and_configuration_is_one_version() {
    let mut template = open(TASKS);
    let one = template.publish("prod", &release("one.zip")).expect("published");
    let before = template.clone();
    assert_eq!(template.publish("prod", &release("one.zip")).expect("published"), one);
    assert_eq!(template, before);
    let other_code = template.publish("prod", &release("two.zip")).expect("published");
    let mut configured = deploy(&TASKS.replace("LEVEL: info", "LEVEL: debug"), Some(&template), None);
    let other_configuration = configured.publish("prod", &release("one.zip")).expect("published");
    let mut tagged = deploy(&format!("{TASKS}tags: {{a: b}}\n"), Some(&template), None);
    assert_eq!(tagged.publish("prod", &release("one.zip")).expect("published"), one);
    assert!(one != other_code && one != other_configuration && other_code != other_configuration);
}

#[test]
fn a_stage_goes_back_version_by_version() {
    let mut template = open(TASKS);
    let ids: Vec<_> =
        ["one", "two", "three"].map(|key| template.publish("prod", &release(key)).expect("published")).into();
    assert_eq!(template.stage("prod").expect("prod").previous, ids[..2]);
    let mut template = deploy(TASKS, Some(&template), Some("dev"));
    assert_eq!(template.rollback("prod").expect("back"), ids[1]);
    assert_eq!(template.rollback("prod").expect("back"), ids[0]);
    assert!(matches!(template.rollback("prod"), Err(TemplateError::NothingBefore(_))));
    assert!(matches!(template.rollback("dev"), Err(TemplateError::NothingBefore(_))));
}

#[test]
fn old_versions_are_pruned() {
    let mut template = open(TASKS);
    let ids: Vec<_> =
        ["one", "two", "three", "four"].map(|key| template.publish("prod", &release(key)).expect("published")).into();
    template.point("dev", &StageTarget::Published(ids[0].clone())).expect("pointed");
    let removed: Vec<_> = template.prune(1).into_iter().map(|version| version.code_key).collect();
    assert_eq!(removed, ["two"]);
    let kept: Vec<_> = template.versions().into_iter().map(|version| version.code_key).collect();
    assert_eq!(kept, ["one", "three", "four"]);
    assert_eq!(template.stage("prod").expect("prod").previous, [ids[2].clone()]);
}

#[test]
fn what_is_not_there_cannot_be_pointed_to() {
    let mut template = open(TASKS);
    let nowhere = StageTarget::Published(vec!["Function".to_owned()]);
    assert!(matches!(template.point("prod", &nowhere), Err(TemplateError::UnknownVersion(_))));
    assert!(matches!(template.publish("qa", &release("one")), Err(TemplateError::UnknownStage { .. })));
}

#[test]
fn a_removed_stage_goes_and_a_new_one_waits() {
    let mut template = open(TASKS);
    template.publish("prod", &release("one")).expect("published");
    let next = deploy(&TASKS.replace("prod:", "live:"), Some(&template), Some("dev"));
    assert!(matches!(next.stage("live"), Err(TemplateError::Unpublished(stage)) if stage == "live"));
    assert!(next.stage("prod").is_err());
    assert!(!next.resources().contains_key("ProdFunctionAlias"));
    // The removed stage's output goes too; the version stays until it is pruned.
    assert!(next.as_value()["Outputs"].get("ProdVersion").is_none());
    assert_eq!(next.versions().len(), 1);
}

/// A stage serves the files that its version was made with.
#[test]
fn static_files_go_with_the_version() {
    let released = |files: &str| of_packages(&[("LambdaS3Key", "one.zip"), ("StaticFilesVersion", files)]);
    let served =
        |template: &Template, stage: &str| template.resources()[stage]["Properties"]["Variables"]["STATIC"].to_string();
    let latest = r#"{"Ref":"StaticFilesVersion"}"#;
    let mut template = deploy(SITE, None, None);
    template.open(&project(SITE), "prod").expect("opened");
    assert_eq!(served(&template, "ProdApiStage"), latest);
    // The code is the same; the files make another version of it.
    let one = template.publish("prod", &released("a1")).expect("published");
    let two = template.publish("prod", &released("b2")).expect("published");
    assert!(one != two);
    assert_eq!(
        (served(&template, "ProdApiStage").as_str(), served(&template, "DevApiStage").as_str()),
        ("\"b2\"", latest)
    );
    // Another deployment leaves it where it is.
    let mut next = deploy(SITE, Some(&template), Some("dev"));
    assert_eq!((served(&next, "ProdApiStage").as_str(), served(&next, "DevApiStage").as_str()), ("\"b2\"", latest));
    assert_eq!(next.static_files().collect::<Vec<_>>(), ["a1", "b2"]);
    next.rollback("prod").expect("back");
    assert_eq!(served(&next, "ProdApiStage"), "\"a1\"");
    next.prune(0);
    assert_eq!(next.static_files().collect::<Vec<_>>(), ["a1"]);
    next.point("prod", &StageTarget::Latest).expect("pointed");
    assert_eq!(served(&next, "ProdApiStage"), latest);
    // Where there are no files any more, nothing is said of them.
    let without = deploy(&SITE.replace("static:", "#"), Some(&template), None);
    assert!(!without.to_json().contains("STATIC\"") && !without.has_parameter("StaticFilesVersion"));
}

const WITH_LAYER: &str = "name: x\napp: m:a\npackage: {layer: true}\nstages: {dev: {}, prod: {}}\nfunctions:\n  \
                       shared: {app: 'm:b'}\n  own: {app: 'm:c', architecture: arm64, package: {exclude: [docs]}}\n";

/// Keys of [`WITH_LAYER`]: the shared package, its layer, the other package.
fn several(shared: &str, layer: &str, own: &str) -> Release {
    of_packages(&[
        ("LambdaS3Key", shared),
        ("LayerS3Key", layer),
        ("OwnFunctionS3Key", own),
        ("OwnFunctionLayerS3Key", layer),
    ])
}

#[test]
fn a_stage_is_published_as_a_whole() {
    let mut template = open(WITH_LAYER);
    let first = template.publish("prod", &several("a", "l", "o")).expect("published");
    assert_eq!(first.len(), 3);
    for (id, alias) in first.iter().zip(["ProdFunctionAlias", "ProdSharedFunctionAlias", "ProdOwnFunctionAlias"]) {
        let version = &template.resources()[alias]["Properties"]["FunctionVersion"];
        assert_eq!(version["Fn::GetAtt"], serde_json::json!([id, "Version"]), "{alias}");
        assert_eq!(template.resources()[&alias.replace("Prod", "Dev")]["Properties"]["FunctionVersion"], "$LATEST");
    }
    // One package changed: only what runs from it gets a new version, and the stage is at both.
    let second = template.publish("prod", &several("a", "l", "p")).expect("published");
    assert_eq!((&second[..2], second[2] == first[2]), (&first[..2], false));
    // So does what uses a layer whose content changed.
    let third = template.publish("prod", &several("a", "m", "p")).expect("published");
    assert!(third.iter().zip(&second).all(|(new, old)| new != old));
    assert_eq!(template.published_with(&first[2]), first);
    assert_eq!(template.published_with(&first[0]), second, "the last time");
    assert_eq!(template.rollback("prod").expect("back"), second);
    assert_eq!(template.rollback("prod").expect("back"), first);
    let again = deploy(WITH_LAYER, Some(&template), Some("dev"));
    assert_eq!(target(&again, "prod"), StageTarget::Published(first));
}

#[test]
fn functions_come_and_go() {
    let mut template = open(WITH_LAYER);
    let ids = template.publish("prod", &several("a", "l", "o")).expect("published");
    let without = WITH_LAYER.replace("shared:", "other:");
    let mut next = deploy(&without, Some(&template), Some("dev"));
    // What is left of the release stays; the new function has nothing published yet.
    assert_eq!(target(&next, "prod"), StageTarget::Published(vec![ids[0].clone(), ids[2].clone()]));
    assert!(!next.resources().contains_key(&ids[1]));
    assert_eq!(next.resources()["ProdOtherFunctionAlias"]["Properties"]["FunctionVersion"], "$LATEST");
    assert_eq!(next.publish("prod", &several("a", "l", "o")).expect("published").len(), 3);
}

/// What a published version reads whenever it starts stays readable, until the version goes.
#[test]
fn published_versions_keep_their_secrets() {
    let policies = |template: &Template, role: &str| -> serde_json::Map<String, serde_json::Value> {
        let policies = template.resources()[role]["Properties"]["Policies"].as_array().cloned().unwrap_or_default();
        let named = policies
            .into_iter()
            .filter(|policy| policy["PolicyName"].as_str().is_some_and(|it| it.starts_with("Secrets")));
        named
            .map(|policy| {
                (
                    policy["PolicyName"].as_str().unwrap_or_default().to_owned(),
                    policy["PolicyDocument"]["Statement"].clone(),
                )
            })
            .collect()
    };
    let parameters = |names: &[&str]| {
        let arn = |name: &&str| serde_json::json!({"Fn::Sub": format!("arn:${{AWS::Partition}}:ssm:${{AWS::Region}}:${{AWS::AccountId}}:parameter/{name}")});
        let arns: Vec<_> = names.iter().map(arn).collect();
        serde_json::json!([{"Effect": "Allow", "Action": "ssm:GetParameters", "Resource": arns}])
    };
    let role = "FunctionExecutionRole";
    let with = |secrets: &str| format!("{TASKS}secrets: {{{secrets}}}\n");
    let before = with("ONE: 'ssm:/one', TWO: 'ssm:/two'");
    let mut template = deploy(&before, None, Some("dev"));
    template.open(&project(&before), "prod").expect("opened");
    assert_eq!(policies(&template, role)["Secrets"], parameters(&["one", "two"]));
    let first = template.publish("prod", &release("one.zip")).expect("published");

    let after = with("ONE: 'ssm:/one:3', NEW: 'ssm:/new'");
    let next = deploy(&after, Some(&template), Some("dev"));
    let found = policies(&next, role);
    assert_eq!(found["Secrets"], parameters(&["new", "one"]));
    assert_eq!(found["SecretsOfPublishedVersions"], parameters(&["two"]));
    // Whoever deploys the same again, or something else without them, still leaves the version what it reads.
    assert_eq!(policies(&deploy(&after, Some(&next), Some("dev")), role), found);
    let without = deploy(TASKS, Some(&next), Some("dev"));
    assert_eq!(policies(&without, role).keys().collect::<Vec<_>>(), ["SecretsOfPublishedVersions"]);
    assert_eq!(policies(&without, role)["SecretsOfPublishedVersions"], parameters(&["one", "two"]));

    // The stage moves on; going back is possible as long as the version is there.
    let mut moved = without;
    let second = moved.publish("prod", &release("two.zip")).expect("published");
    assert_ne!(first, second);
    let still = deploy(TASKS, Some(&moved), Some("dev"));
    assert_eq!(policies(&still, role)["SecretsOfPublishedVersions"], parameters(&["one", "two"]));
    let mut pruned = still;
    assert_eq!(pruned.prune(0).len(), 1);
    assert!(policies(&deploy(TASKS, Some(&pruned), Some("dev")), role).is_empty());
}
