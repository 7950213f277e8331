//! What the Java engine answers: `data/answers.jsonl`, of which `data/README.md` tells how it was made.

use super::*;
use crate::model::Texts;
use serde_json::{Value as Json, json};

/// What came of a template: a text, or that it was refused when it was read (`syntax`) or rendered (`run`).
fn answer(template: &str, body: &str) -> Json {
    let pair = |name: &str, value: &str| [(name.to_owned(), value.to_owned())];
    let (path, query, header) = (pair("id", "7"), pair("q", "one two"), pair("X-Name", "Ada"));
    let parameters = Parameters { path: &path, querystring: &query, header: &header };
    let variables = Texts::from([("colour".to_owned(), "red".to_owned())]);
    let context = json!({
        "stage": "dev", "httpMethod": "POST", "resourcePath": "/things/{id}",
        "identity": {"sourceIp": "127.0.0.1"},
        "authorizer": {"principalId": "ada", "claims": {"sub": "42"}},
        "requestOverride": {"header": {}, "querystring": {}, "path": {}},
        "responseOverride": {"header": {}},
    });
    let scope = Scope { input: Input::new(body, parameters), context, stage_variables: &variables };
    match Template::parse(template).map(|template| template.render(scope)) {
        Err(_) => json!({"refused": "syntax"}),
        Ok(Err(_)) => json!({"refused": "run"}),
        Ok(Ok(rendered)) => json!({"text": rendered.text}),
    }
}

#[test]
fn answers_are_those_of_velocity_and_json_path() {
    let mut lines = include_str!("data/answers.jsonl")
        .lines()
        .map(|line| serde_json::from_str::<Json>(line).expect("a line of JSON"));
    let document = lines.next().expect("the document");
    let document = document["document"].as_str().expect("a text");
    let (mut count, mut otherwise, mut wrong) = (0, 0, Vec::new());
    for case in lines {
        let body = if case["document"] == true { document } else { case["body"].as_str().unwrap_or_default() };
        let javas = case.get("both").or_else(|| case.get("1.7")).expect("an answer");
        let expected = case.get("ours").unwrap_or(javas);
        let found = answer(case["template"].as_str().expect("a template"), body);
        if &found != expected {
            wrong.push(format!("{}\n  {body:.60}\n  is {expected}\n  not {found}", case["template"]));
        }
        if let Some(ours) = case.get("ours") {
            assert!(ours != javas && case["why"].is_string(), "{} has no reason", case["template"]);
            otherwise += 1;
        }
        count += 1;
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count > 1000 && otherwise < 60, "{count} templates, {otherwise} otherwise");
}
