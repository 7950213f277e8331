//! Whole templates, and the rules they keep.

mod common;

use common::{EVERYTHING, FIZZBUZZ, GUARDED, HTTP, ORIGINAL, SEVERAL, SITE, TASKS, URL, project};
use slam_template::{Inputs, Template, TemplateError, bootstrap, render};

fn rendered(text: &str) -> Template {
    render(&project(text), &Inputs::default()).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn fizzbuzz() {
    insta::assert_snapshot!(rendered(FIZZBUZZ).to_json());
}

#[test]
fn tasks() {
    insta::assert_snapshot!(rendered(TASKS).to_json());
}

#[test]
fn everything() {
    insta::assert_snapshot!(rendered(EVERYTHING).to_json());
}

#[test]
fn several() {
    insta::assert_snapshot!(rendered(SEVERAL).to_json());
}

#[test]
fn site() {
    insta::assert_snapshot!(rendered(SITE).to_json());
}

#[test]
fn http() {
    insta::assert_snapshot!(rendered(HTTP).to_json());
}

#[test]
fn guarded() {
    insta::assert_snapshot!(rendered(GUARDED).to_json());
}

/// What each method or route asks for: authorization, authorizer, whether an API key.
fn asked(template: &Template, kind: &str) -> Vec<String> {
    let resources = template.resources().iter().filter(|(_, resource)| resource["Type"] == kind);
    // What answers by itself, and calls nobody, lets everybody in.
    let calling = resources.filter(|(_, resource)| resource["Properties"]["Integration"]["Type"] != "MOCK");
    let asked = calling.map(|(id, resource)| {
        let properties = &resource["Properties"];
        let text = |value: &serde_json::Value| value.as_str().unwrap_or("-").to_owned();
        let key = if properties["ApiKeyRequired"] == true { " key" } else { "" };
        format!("{id} {} {}{key}", text(&properties["AuthorizationType"]), text(&properties["AuthorizerId"]["Ref"]))
    });
    asked.collect()
}

/// Every way to protect an API that slam.yaml can say is on every path that it is said of.
#[test]
fn what_protects_a_path_is_on_all_of_its_methods() {
    let rest = asked(&rendered(GUARDED), "AWS::ApiGateway::Method");
    let check = "CUSTOM ApiBankAuthCheckAuthorizer key";
    let of = |names: &[&str], what: &str| names.iter().map(|name| format!("{name} {what}")).collect::<Vec<_>>();
    let expected = [
        of(&["ApiRootMethod", "ApiMethod", "ApiImagesMethod", "ApiImagesProxyMethod"], check),
        of(&["ApiHealthMethod", "ApiHealthProxyMethod"], "NONE -"),
        of(&["ApiAdminMethod", "ApiAdminProxyMethod"], "AWS_IAM - key"),
        of(&["ApiStaffMethod", "ApiStaffProxyMethod"], "COGNITO_USER_POOLS ApiCognitoAuthorizer key"),
        of(&["ApiPayMethod", "ApiPayProxyMethod"], check),
        of(
            &[
                "StaticFilesGetMethod",
                "StaticFilesIndexGetMethod",
                "StaticFilesHeadMethod",
                "StaticFilesIndexHeadMethod",
                "StaticFilesIndexOtherMethod",
                "StaticFilesOtherMethod",
            ],
            "NONE -",
        ),
    ];
    assert_eq!(rest, expected.concat());
    let mut template = rendered(HTTP);
    template.open(&project(HTTP), "prod").expect("opened");
    let routes = asked(&template, "AWS::ApiGatewayV2::Route");
    let both =
        |name: &str, what: &str| of(&[&format!("{name}HttpApiRoute"), &format!("{name}ProxyHttpApiRoute")], what);
    // The adapter answers what comes by a preflight's route, as the stage tells it to.
    let beside = |name: &str| {
        of(&[&format!("{name}HttpApiPreflightRoute"), &format!("{name}ProxyHttpApiPreflightRoute")], "- -")
    };
    let expected = [
        of(&["DevHttpApiRoute"], "JWT DevHttpApiJwtAuthorizer"),
        beside("Dev"),
        both("DevImages", "JWT DevHttpApiJwtAuthorizer"),
        beside("DevImages"),
        both("DevHealth", "- -"),
        both("DevAdmin", "AWS_IAM -"),
        beside("DevAdmin"),
        both("DevPartners", "CUSTOM DevHttpApiShopAuthCheckAuthorizer"),
        beside("DevPartners"),
        both("DevStaff", "JWT DevHttpApiCognitoAuthorizer"),
        beside("DevStaff"),
        of(&["ProdHttpApiRoute"], "AWS_IAM -"),
        beside("Prod"),
        both("ProdImages", "AWS_IAM -"),
        beside("ProdImages"),
    ];
    assert_eq!(routes, expected.concat());
    for stage in ["Dev", "Prod"] {
        let variables = &template.resources()[&format!("{stage}HttpApiStage")]["Properties"]["StageVariables"];
        assert_eq!(variables["PREFLIGHTS"], "1");
    }
    let mut url = rendered(URL);
    url.open(&project(URL), "prod").expect("opened");
    let kind = |stage: &str| url.resources()[&format!("{stage}FunctionUrl")]["Properties"]["AuthType"].clone();
    assert_eq!((kind("Dev"), kind("Prod")), ("NONE".into(), "AWS_IAM".into()));
    assert!(url.resources().contains_key("DevFunctionUrlPermission"));
    assert!(!url.resources().contains_key("ProdFunctionUrlPermission"), "nobody is let in without a signature");
}

/// Paths of which something is said apart lead to the functions that have them in any case.
#[test]
fn paths_apart_are_no_routes_of_their_own() {
    for text in [GUARDED, HTTP] {
        let routes: Vec<_> = rendered(text).routes().into_iter().map(|route| route.path).collect();
        assert_eq!(routes, ["", "images"]);
    }
    let mut opened = rendered(GUARDED);
    opened.open(&project(GUARDED), "prod").expect("opened");
    for id in ["ProdApiBankAuthCheckAuthorizerPermission", "ProdGoldUsagePlan", "ProdImagesApiLambdaPermission"] {
        assert!(opened.resources().contains_key(id), "{id}");
    }
    let settings = &opened.resources()["ProdApiStage"]["Properties"]["MethodSettings"];
    assert_eq!(settings[1]["ResourcePath"], "/~1pay");
    assert_eq!((&settings[1]["LoggingLevel"], &settings[1]["ThrottlingRateLimit"]), (&"INFO".into(), &1.into()));
    let plans: Vec<_> = opened.plans().into_iter().map(|plan| format!("{} {}", plan.stage, plan.name)).collect();
    assert_eq!(plans, ["dev partner", "prod gold"]);
}

/// A limit of a path is that of all below it, whatever else is said there, and of preflights.
#[test]
fn what_limits_a_path_is_on_all_of_its_methods() {
    let text = |kind: &str| {
        format!(
            "name: x\napp: m:a\nkind: wsgi\nstatic: {{folder: f, url: /api/files}}\nhttp:\n  api: {kind}\n  cors: {{origins: '*'}}\n  \
             throttle: {{rate: 9, burst: 9, paths: {{/api: {{rate: 1, burst: 1}}, /api/quick: {{rate: 5, burst: 5}}}}}}\n  \
             authorizer: {{iam: true, open: /api/open}}\n\
             functions: {{f: {{app: 'm:f', kind: wsgi, on: {{http: /api/f}}}}, g: {{app: 'm:g', kind: wsgi, on: {{http: /g}}}}}}\n"
        )
    };
    let rest = rendered(&text("rest"));
    let settings =
        rest.resources()["DevApiStage"]["Properties"]["MethodSettings"].as_array().expect("settings").clone();
    let mut found: Vec<String> = settings
        .iter()
        .map(|one| {
            let text = |name: &str| one[name].as_str().expect("a text").replace("~1", "/");
            format!("{} {} {}", text("HttpMethod"), text("ResourcePath"), one["ThrottlingRateLimit"])
        })
        .collect();
    found.sort();
    let expected = [
        "* /* 9",
        "ANY //api 1",
        "ANY //api/f 1",
        "ANY //api/f/{proxy+} 1",
        "ANY //api/open 1",
        "ANY //api/open/{proxy+} 1",
        "ANY //api/quick 5",
        "ANY //api/quick/{proxy+} 5",
        "ANY //api/{proxy+} 1",
        "GET //api/files/{proxy+} 1",
        "HEAD //api/files/{proxy+} 1",
    ];
    assert_eq!(found, expected);
    let http = rendered(&text("http").replace("static:", "#"));
    let settings =
        http.resources()["DevHttpApiStage"]["Properties"]["RouteSettings"].as_object().expect("settings").clone();
    let found: Vec<String> = settings
        .iter()
        .map(|(key, one)| format!("{key} {}", one["ThrottlingRateLimit"]))
        .filter(|key| !key.contains('{'))
        .collect();
    let mut expected = vec![
        "ANY /api 1",
        "ANY /api/f 1",
        "ANY /api/open 1",
        "ANY /api/quick 5",
        "OPTIONS /api 1",
        "OPTIONS /api/f 1",
        "OPTIONS /api/quick 5",
    ];
    expected.sort_unstable();
    let mut found = found;
    found.sort();
    assert_eq!(found, expected);
}

/// What is said of the static files' path holds for every method.
#[test]
fn what_protects_static_files_is_on_all_of_their_methods() {
    let text = "name: x\napp: m:a\nkind: wsgi\nstatic: f\nhttp: {authorizer: {paths: {/static: iam}}}\n";
    let found = asked(&rendered(text), "AWS::ApiGateway::Method");
    let ours: Vec<_> = found.iter().filter(|method| method.starts_with("StaticFiles")).collect();
    assert_eq!(ours.len(), 4, "{found:?}");
    assert!(ours.iter().all(|method| method.ends_with(" AWS_IAM -")), "{found:?}");
    assert_eq!(rendered(text).routes().len(), 1);
}

/// Two things of one name are refused when a stage is opened, too.
#[test]
fn a_stage_is_not_opened_with_two_things_of_one_name() {
    let text = "name: x\napp: m:a\nkind: wsgi\nhttp: {api: http}\nstages: {dev: {}, prod: PROD}\n";
    let mut template = rendered(&text.replace("PROD", "{}"));
    let next = text.replace("PROD", "{http: {authorizer: {iam: true, open: [/a-b, /a.b]}}}");
    let error = template.open(&project(&next), "prod").expect_err("refused");
    assert!(matches!(&error, TemplateError::Clash(id) if id == "ProdABHttpApiRoute"), "{error}");
}

/// Which functions decide is asked of the API that is deployed, and not of the one that slam.yaml has come to say.
#[test]
fn an_api_of_another_kind_is_opened_as_it_is_deployed() {
    let text = "name: x\napp: m:a\nkind: wsgi\nhttp: {api: KIND, authorizer: LAMBDA}\nstages: {dev: {}, prod: {}}\n";
    let of = |kind: &str, decides: &str| text.replace("KIND", kind).replace("LAMBDA", decides);
    let mut template = rendered(&of("http", "iam"));
    let error = template.open(&project(&of("rest", "{lambda: 'm:b'}")), "prod").expect_err("refused");
    assert!(matches!(error, TemplateError::NewAuthorizer { .. }), "{error}");
    let mut template = rendered(&of("rest", "iam"));
    template.open(&project(&of("http", "{lambda: 'm:b'}")), "prod").expect("opened");
}

/// What decides for a stage must be there when the stage is published.
#[test]
fn an_authorizer_that_is_new_is_deployed_first() {
    let deployed = HTTP.replace(
        "paths:\n      /admin: iam\n      /partners: {lambda: 'shop.auth:check', cache: 5m, header: X-Token}",
        "paths:",
    );
    let mut template = rendered(&deployed);
    let next = deployed.replace("authorizer: iam", "authorizer: {lambda: 'shop.auth:check'}");
    let error = template.open(&project(&next), "prod").expect_err("refused");
    assert!(
        matches!(&error, TemplateError::NewAuthorizer { function, .. } if function == "shop-auth-check"),
        "{error}"
    );
}

#[test]
fn url() {
    insta::assert_snapshot!(rendered(URL).to_json());
}

/// A stage that is published later has what those have that were deployed, by what the template notes of its API.
#[test]
fn stages_with_apis_of_their_own_are_opened_later() {
    let http = HTTP.replace(", authorizer: iam, throttle: {rate: 1, burst: 1}", "");
    let url = URL.replace("{http: {authorizer: iam}}", "{}");
    for text in [http, url] {
        let (deployed, project) = (rendered(&text), project(&text));
        let mut opened = Template::parse(&deployed.to_json()).expect("reads back");
        assert_eq!(opened.routes(), deployed.routes());
        opened.open(&project, "prod").expect("opened");
        let of = |stage: &str| -> Vec<String> {
            let own = opened.resources().keys().filter(|id| id.starts_with(stage));
            own.map(|id| id[stage.len()..].to_owned()).filter(|id| !id.contains("LogGroup")).collect()
        };
        assert_eq!(of("Dev"), of("Prod"));
        assert!(opened.as_value()["Outputs"]["ProdEndpoint"].is_object());
        assert!(!opened.resources().contains_key("ApiAccount"), "the logs of an HTTP API take no role");
    }
}

/// A stage that is opened by a publication may be called as one that was deployed.
#[test]
fn what_is_opened_later_is_allowed_the_same() {
    let mut template = rendered(SEVERAL);
    template.open(&project(SEVERAL), "prod").expect("opened");
    let source = |stage: &str, id: &str| {
        let source =
            template.resources()[&format!("{stage}{id}ApiLambdaPermission")]["Properties"]["SourceArn"].clone();
        source.to_string().replace(&stage.to_lowercase(), "STAGE")
    };
    for id in ["", "Images", "Resize"] {
        assert_eq!(source("Dev", id), source("Prod", id));
    }
}

#[test]
fn original() {
    insta::assert_snapshot!(rendered(ORIGINAL).to_json());
}

/// A name of ours in the role is nobody else's.
#[test]
fn a_policy_has_a_name_of_its_own() {
    let text = ORIGINAL.replace("PolicyName: mine", "PolicyName: NAME") + "secrets: {KEY: 'ssm:/key'}\n";
    for name in ["Logs", "Tables", "Secrets", "SecretsOfPublishedVersions", "TablesOfPublishedVersions"] {
        let error = render(&project(&text.replace("NAME", name)), &Inputs::default()).expect_err(name).to_string();
        assert!(error.contains(&format!("the function's role already has a policy named \"{name}\"")), "{error}");
    }
}

#[test]
fn a_new_stack_begins_with_its_bucket() {
    let template = bootstrap(&project(TASKS), &Inputs::default()).expect("rendered");
    assert_eq!(template.resources().keys().collect::<Vec<_>>(), ["PackageBucket"]);
    assert_eq!(template.as_value()["Outputs"]["PackageBucket"]["Value"]["Ref"], "PackageBucket");
    // The second template has the very same bucket, so that the update leaves it alone.
    assert_eq!(template.resources()["PackageBucket"], rendered(TASKS).resources()["PackageBucket"]);
}

#[test]
fn a_named_bucket_is_made_only_when_told_to() {
    let project = project(ORIGINAL);
    let without = rendered(ORIGINAL);
    assert!(!without.has_package_bucket() && without.has_parameter("LambdaS3Bucket"));
    let inputs = Inputs { create_bucket: true, ..Inputs::default() };
    let with = render(&project, &inputs).expect("rendered");
    assert_eq!(with.resources()["PackageBucket"]["Properties"]["BucketName"], "tasks-api-1a2b3c4d");
    assert!(!with.has_parameter("LambdaS3Bucket"));
    // The deployed stack remembers.
    let later = render(&project, &Inputs { deployed: Some(&with), ..Inputs::default() }).expect("rendered");
    assert!(later.has_package_bucket());
}

/// The API is deployed anew once what is gone is gone, for a deployment is a snapshot of what there is.
#[test]
fn paths_go_before_the_api_is_deployed_anew() {
    let (mut deployed, mut next) = (rendered(SITE), rendered(&SITE.replace("static:", "#")));
    deployed.open(&project(SITE), "prod").expect("opened");
    next.open(&project(SITE), "prod").expect("opened");
    assert!(deployed.resources()["ProdApiStage"]["Properties"]["Variables"]["STATIC"].is_object());
    assert!(next.resources()["ProdApiStage"]["Properties"]["Variables"]["STATIC"].is_null());
    let of = |template: &Template, kind: &str| -> Vec<String> {
        let found = template.resources().iter().filter(|(_, resource)| resource["Type"] == kind);
        found.map(|(id, _)| id.clone()).collect()
    };
    let between = next.before_removal(&deployed).expect("something goes");
    let deployment = "AWS::ApiGateway::Deployment";
    assert_eq!(of(&between, deployment), of(&deployed, deployment));
    assert_ne!(of(&between, deployment), of(&next, deployment));
    assert_eq!(of(&between, "AWS::ApiGateway::Method"), of(&next, "AWS::ApiGateway::Method"));
    let snapshot = &of(&between, deployment)[0];
    assert_eq!(between.resources()[snapshot]["DependsOn"], serde_json::json!(["ApiRootMethod", "ApiMethod"]));
    for stage in ["DevApiStage", "ProdApiStage"] {
        assert_eq!(between.resources()[stage]["Properties"]["DeploymentId"]["Ref"], **snapshot);
    }
    // What comes, and what stays, needs no such step.
    assert_eq!(deployed.before_removal(&next), None);
    assert_eq!(next.before_removal(&next), None);
    assert_eq!(rendered(FIZZBUZZ).before_removal(&deployed), None);
    // A function's path goes as well.
    let several = rendered(SEVERAL);
    let fewer = rendered(&SEVERAL.replace("    on: {http: \"/images/{id}/small\"}\n", ""));
    assert!(fewer.before_removal(&several).is_some());
}

#[test]
fn a_stack_has_only_its_own_stages() {
    let inputs = Inputs { stages: vec!["prod"], ..Inputs::default() };
    let template = render(&project(TASKS), &inputs).expect("rendered");
    assert!(template.resources().contains_key("ProdTasksDynamoDBTable"));
    assert!(!template.to_json().contains("dev"));
    assert!(!template.resources().contains_key("ProdFunctionAlias"), "nothing is published to it");
    let inputs = Inputs { stages: vec!["qa"], ..Inputs::default() };
    let error = render(&project(TASKS), &inputs).expect_err("refused").to_string();
    assert_eq!(error, "there is no stage `qa`; there are: `dev`, `prod`");
}

#[test]
fn rendering_is_deterministic_and_reads_back() {
    let template = rendered(EVERYTHING);
    assert_eq!(template.to_json(), rendered(EVERYTHING).to_json());
    assert_eq!(Template::parse(&template.to_json()).expect("reads back"), template);
    let data: Vec<String> = template.data().iter().map(slam_template::Data::logical_id).collect();
    assert_eq!(data.len(), 6);
    let others = |template: &Template| -> Vec<String> {
        let retained = template.retained().into_iter();
        retained.filter(|id| !data.iter().any(|data| data == id)).map(str::to_owned).collect()
    };
    assert_eq!(others(&template), ["Files"]);
    let inputs = Inputs { deploy_stage: Some("beta"), ..Inputs::default() };
    let logged = render(&project(EVERYTHING), &inputs).expect("rendered");
    assert_eq!(others(&logged), ["ApiCloudWatchRole", "ApiAccount", "Files"]);
    assert_eq!(rendered(TASKS).retained(), ["DevTasksDynamoDBTable", "ProdTasksDynamoDBTable"]);
    assert_eq!(template.resource_types()["AWS::DynamoDB::Table"], 6);
}

#[test]
fn templates_of_others_are_not_taken_for_ours() {
    for text in ["{", "[]", "{}", r#"{"Resources": {}}"#, r#"{"Metadata": {"Slam": {"Format": 2}}, "Resources": {}}"#] {
        assert!(matches!(Template::parse(text), Err(TemplateError::NotOurs(_))), "{text}");
    }
}

#[test]
fn names_of_ours_are_taken() {
    let check = |more: &str, message: &str| {
        let error = render(&project(&format!("{TASKS}{more}")), &Inputs::default()).expect_err("refused").to_string();
        assert!(error.contains(message) && error.contains("slam.yaml:13:"), "{error}");
    };
    check("resources: {Function: {Type: AWS::SQS::Queue}}", "slam itself makes a resource named `Function`");
    check("resources: {VersionAB12CD34EF: {Type: AWS::SQS::Queue}}", "slam itself makes a resource named `Version");
    check("outputs: {ApiId: {Value: x}}", "slam itself makes an output named `ApiId`");
    check(
        "aws: {lambda_inline_policies: [{PolicyName: Logs, PolicyDocument: {Statement: []}}]}",
        "the function's role already has a policy named \"Logs\"",
    );
}

#[test]
fn a_template_has_bounds() {
    let queues: String = (0..600).map(|number| format!("  Q{number}: {{Type: AWS::SQS::Queue}}\n")).collect();
    let error = render(&project(&format!("{FIZZBUZZ}resources:\n{queues}")), &Inputs::default()).expect_err("refused");
    assert!(matches!(error, TemplateError::TooLarge { what: "resources", limit: 500, .. }));
}

#[test]
fn answers_stream_when_that_is_asked_for() {
    let template = rendered(&format!("{TASKS}http: {{stream: true}}\n"));
    let resources = template.resources();
    for method in ["ApiRootMethod", "ApiMethod"] {
        let integration = &resources[method]["Properties"]["Integration"];
        assert_eq!(integration["ResponseTransferMode"], "STREAM");
        assert_eq!(integration["TimeoutInMillis"], 900_000);
        assert_eq!(
            integration["Uri"]["Fn::Sub"],
            "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2021-11-15/functions/\
             ${Function.Arn}:${!stageVariables.STAGE}/response-streaming-invocations"
        );
    }
    let variables = &resources["Function"]["Properties"]["Environment"]["Variables"];
    assert_eq!(variables["AWS_LAMBDA_EXEC_WRAPPER"], "/var/task/slam_stream");
    assert!(!rendered(TASKS).to_json().contains("STREAM") && !rendered(TASKS).to_json().contains("WRAPPER"));
}

#[test]
fn only_a_change_of_its_methods_redeploys_the_api() {
    let deployment = |text: &str| {
        let template = rendered(text);
        let ids = template.resources().keys().filter(|id| id.starts_with("ApiDeployment")).cloned();
        ids.collect::<Vec<_>>()
    };
    assert_eq!(deployment(TASKS), deployment(EVERYTHING));
    assert_eq!(deployment(TASKS).len(), 1);
}

#[test]
fn names_that_become_one_are_refused() {
    let text = "name: x\napp: m:a\nkind: wsgi\nfunctions:\n  a: {app: 'm:b', on: {http: '/a/{b}'}}\n  b: {app: 'm:b', on: {http: /a/b}}\n";
    let error = render(&project(text), &Inputs::default()).expect_err("refused");
    assert!(matches!(&error, TemplateError::Clash(id) if id == "ApiABResource"), "{error}");
}
