//! `AWS::Lambda::Function`.

use super::inline;
use crate::resources::{Input, Made, Naming, Physical, Properties, Provider, Retag, Work, changed, until};
use crate::template::functions::UNKNOWN;
use async_trait::async_trait;
use serde_json::{Map, Value, json};
use slam_cloud_core::{AwsError, AwsResult};
use slam_cloud_wire::lambda as wire;

/// The longest inline source ("Lambda Function Code" in the resource's reference).
const MAX_INLINE: usize = 4 * 1024 * 1024;

/// The provider.
pub struct Function;

#[async_trait]
impl Provider for Function {
    fn supported(&self) -> &'static [&'static str] {
        &[
            "Architectures",
            "Code",
            "DeadLetterConfig",
            "Description",
            "Environment",
            "EphemeralStorage",
            "FunctionName",
            "Handler",
            "Layers",
            "LoggingConfig",
            "MemorySize",
            "PackageType",
            "RecursiveLoop",
            "ReservedConcurrentExecutions",
            "Role",
            "Runtime",
            "SnapStart",
            "Tags",
            "Timeout",
            "TracingConfig",
            "VpcConfig",
        ]
    }

    fn refused(&self) -> &'static [&'static str] {
        &["Code/ImageUri", "Code/S3ObjectStorageMode", "Code/SourceKMSKeyArn"]
    }

    fn naming(&self) -> Naming {
        Naming::by("FunctionName", 64)
    }

    fn check(&self, properties: &Map<String, Value>) -> Result<(), String> {
        let properties = Properties(properties);
        if properties.text("PackageType").is_some_and(|kind| kind == "Image") {
            return Err(
                "The value Image of the property {/PackageType} is not supported by the embedded cloud yet".into()
            );
        }
        if properties.object("SnapStart").and_then(|snap| snap.text("ApplyOn")).is_some_and(|on| on != "None") {
            return Err(
                "The property {/SnapStart/ApplyOn} is only supported with the value None by the embedded cloud".into(),
            );
        }
        let network = properties.object("VpcConfig");
        let placed = |name| network.and_then(|network| network.texts(name)).is_some_and(|ids| !ids.is_empty());
        if placed("SubnetIds") || placed("SecurityGroupIds") {
            return Err("The property {/VpcConfig} is not supported by the embedded cloud yet".into());
        }
        for name in ["Handler", "Runtime"] {
            if !properties.has(name) {
                return Err(format!("The property {{/{name}}} is required for functions from deployment packages"));
            }
        }
        let runtime = properties.text("Runtime").unwrap_or_default();
        let runs = |family: &&str| runtime.starts_with(family);
        let runs_here = ["python", "nodejs", "java", "provided"].iter().any(runs) && runtime != "java8.al2";
        if !runs_here && !runtime.contains(UNKNOWN) {
            return Err(format!(
                "The runtime {runtime} is not supported by the embedded cloud: functions run on Python, Node.js, Java 11 \
                 and later and provided.al2023 here"
            ));
        }
        let Some(code) = properties.object("Code") else { return Ok(()) };
        match (code.has("ZipFile"), code.has("S3Bucket"), code.has("S3Key")) {
            (true, false, false) => {
                let source = code.text("ZipFile").unwrap_or_default();
                if source.len() > MAX_INLINE {
                    return Err(format!("The inline source in {{/Code/ZipFile}} exceeds {MAX_INLINE} bytes"));
                }
                if ["provided", "java"].iter().any(runs) {
                    return Err(format!(
                        "The inline source in {{/Code/ZipFile}} is for Python and Node.js only, not for {runtime}"
                    ));
                }
                Ok(())
            }
            (false, true, true) => Ok(()),
            _ => Err("{/Code} must have either ZipFile or both S3Bucket and S3Key".into()),
        }
    }

    fn importable(&self) -> bool {
        true
    }

    async fn read(&self, work: &Work) -> AwsResult<Option<Made>> {
        made(current(work).await?).map(Some)
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        // It was checked that these ask for nothing.
        let input = work.input().without("SnapStart").without("VpcConfig");
        let defaults = logging_defaults(&work.name);
        let input = input.within("LoggingConfig", |logging| logging.or(defaults.clone()));
        let code = code(work)?;
        let created =
            work.call(wire::CreateFunction { code, ..input.with("Code", json!({})).into_operation()? }).await?;
        work.exists(&work.name);
        settled(work).await?;
        if work.properties.contains_key("ReservedConcurrentExecutions") {
            reserve(work).await?;
        }
        if work.properties.contains_key("RecursiveLoop") {
            may_loop(work).await?;
        }
        made(created)
    }

    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        let different = changed(&old.properties, &work.properties);
        let touches = |names: &[&str]| different.iter().any(|name| names.contains(name));
        if touches(&["Code", "Architectures"]) {
            let code = code(work)?;
            let input = work.input().or(json!({"Architectures": ["x86_64"]}));
            work.call(wire::UpdateFunctionCode {
                zip_file: code.zip_file,
                s3_bucket: code.s3_bucket,
                s3_key: code.s3_key,
                s3_object_version: code.s3_object_version,
                ..input.into_operation()?
            })
            .await?;
            work.did(["Code", "Architectures"]);
            settled(work).await?;
        }
        if touches(CONFIGURATION) {
            // The whole configuration: what is not given is what a new function has.
            let defaults = json!({
                "FunctionName": work.name,
                "Description": "",
                "Timeout": 3,
                "MemorySize": 128,
                "Environment": {"Variables": {}},
                "Layers": [],
                "DeadLetterConfig": {"TargetArn": ""},
                "TracingConfig": {"Mode": "PassThrough"},
                "EphemeralStorage": {"Size": 512},
                "LoggingConfig": logging_defaults(&work.name),
            });
            work.send::<wire::UpdateFunctionConfiguration>(work.input().only(CONFIGURATION).or(defaults)).await?;
            work.did(CONFIGURATION.iter().copied());
            settled(work).await?;
        }
        if touches(&["ReservedConcurrentExecutions"]) {
            reserve(work).await?;
        }
        if touches(&["RecursiveLoop"]) {
            may_loop(work).await?;
        }
        made(current(work).await?)
    }

    async fn tags(&self, work: &Work) -> AwsResult<Vec<(String, String)>> {
        let made = made(current(work).await?)?;
        let listed = work.send::<wire::ListTags>(Input::of("Resource", made.attribute("Arn"))).await?;
        Ok(listed.tags.unwrap_or_default().into_iter().collect())
    }

    async fn tag(&self, work: &Work, made: &Made, tags: &Retag) -> AwsResult<()> {
        let function = Input::of("Resource", made.attribute("Arn"));
        tags.apply::<wire::TagResource, wire::UntagResource>(work, function).await
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        work.delete::<wire::DeleteFunction>(old).await
    }
}

/// The properties that UpdateFunctionConfiguration changes.
const CONFIGURATION: &[&str] = &[
    "DeadLetterConfig",
    "Description",
    "Environment",
    "EphemeralStorage",
    "Handler",
    "Layers",
    "LoggingConfig",
    "MemorySize",
    "Role",
    "Runtime",
    "Timeout",
    "TracingConfig",
];

fn logging_defaults(name: &str) -> Value {
    json!({"LogFormat": "Text", "LogGroup": format!("/aws/lambda/{name}")})
}

/// Where the code is, or, of inline source, the code.
fn code(work: &Work) -> AwsResult<wire::FunctionCode> {
    let properties = Properties(&work.properties);
    let code = properties.object("Code").ok_or_else(|| AwsError::validation("The property {/Code} is required"))?;
    let source = code.text("ZipFile");
    let node = properties.text("Runtime").is_some_and(|runtime| runtime.starts_with("nodejs"));
    let pack = |source: String| inline::package(if node { "index.js" } else { "index.py" }, &source);
    Ok(wire::FunctionCode {
        zip_file: source.map(pack).transpose()?,
        s3_bucket: code.text("S3Bucket"),
        s3_key: code.text("S3Key"),
        s3_object_version: code.text("S3ObjectVersion"),
        ..wire::FunctionCode::default()
    })
}

async fn reserve(work: &Work) -> AwsResult<()> {
    if work.properties.contains_key("ReservedConcurrentExecutions") {
        work.send::<wire::PutFunctionConcurrency>(work.input()).await.map(drop)
    } else {
        work.send::<wire::DeleteFunctionConcurrency>(work.input()).await.map(drop)
    }
}

async fn may_loop(work: &Work) -> AwsResult<()> {
    let input = work.input().or(json!({"RecursiveLoop": "Terminate"}));
    work.send::<wire::PutFunctionRecursionConfig>(input).await.map(drop)
}

async fn current(work: &Work) -> AwsResult<wire::FunctionConfiguration> {
    work.call(wire::GetFunctionConfiguration { function_name: work.name.clone(), qualifier: None }).await
}

/// Waits until a function is active and its last update is through.
async fn settled(work: &Work) -> AwsResult<()> {
    until("The function", || async {
        let now = current(work).await?;
        let failed = |reason: Option<String>| {
            AwsError::bad_request("InvalidRequest", reason.unwrap_or_else(|| "The function failed".to_owned()))
        };
        match (now.state.as_deref(), now.last_update_status.as_deref()) {
            (Some("Failed"), _) => Err(failed(now.state_reason)),
            (_, Some("Failed")) => Err(failed(now.last_update_status_reason)),
            (Some("Pending"), _) | (_, Some("InProgress")) => Ok(None),
            _ => Ok(Some(())),
        }
    })
    .await
}

fn made(function: wire::FunctionConfiguration) -> AwsResult<Made> {
    let name = function.function_name.ok_or_else(|| AwsError::internal("a function has no name"))?;
    Ok(Made::new(name).with("Arn", function.function_arn.unwrap_or_default()))
}
