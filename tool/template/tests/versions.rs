//! Publishing, going back and carrying over.

mod common;

use std::collections::BTreeMap;

use common::{SITE, TASKS, project};
use slam_template::{Inputs, Release, StageTarget, Template, TemplateError, render};

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

fn target(template: &Template, stage: &str) -> StageTarget {
    template.stage(stage).expect(stage).target
}

#[test]
fn a_stage_is_published_and_stays_there() {
    let mut template = deploy(TASKS, None, Some("dev"));
    assert_eq!(target(&template, "prod"), StageTarget::Latest);
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
fn the_same_code_and_configuration_is_one_version() {
    let mut template = deploy(TASKS, None, None);
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
    let mut template = deploy(TASKS, None, None);
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
    let mut template = deploy(TASKS, None, None);
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
    let mut template = deploy(TASKS, None, None);
    let nowhere = StageTarget::Published(vec!["Function".to_owned()]);
    assert!(matches!(template.point("prod", &nowhere), Err(TemplateError::UnknownVersion(_))));
    assert!(matches!(template.publish("qa", &release("one")), Err(TemplateError::UnknownStage { .. })));
}

#[test]
fn a_removed_stage_goes_and_a_new_one_begins_at_the_latest() {
    let mut template = deploy(TASKS, None, None);
    template.publish("prod", &release("one")).expect("published");
    let next = deploy(&TASKS.replace("prod:", "live:"), Some(&template), Some("dev"));
    assert_eq!(target(&next, "live"), StageTarget::Latest);
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
    let mut template = deploy(WITH_LAYER, None, Some("dev"));
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
    let mut template = deploy(WITH_LAYER, None, None);
    let ids = template.publish("prod", &several("a", "l", "o")).expect("published");
    let without = WITH_LAYER.replace("shared:", "other:");
    let mut next = deploy(&without, Some(&template), Some("dev"));
    // What is left of the release stays; the new function has nothing published yet.
    assert_eq!(target(&next, "prod"), StageTarget::Published(vec![ids[0].clone(), ids[2].clone()]));
    assert!(!next.resources().contains_key(&ids[1]));
    assert_eq!(next.resources()["ProdOtherFunctionAlias"]["Properties"]["FunctionVersion"], "$LATEST");
    assert_eq!(next.publish("prod", &several("a", "l", "o")).expect("published").len(), 3);
}
