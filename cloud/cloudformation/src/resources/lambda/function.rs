//! `AWS::Lambda::Function`.

use super::super::input::Input;
use super::super::properties::Properties;
use super::super::wait::until;
use super::super::{Made, Naming, Provider, Retag, Work, changed, tags};
use crate::model::Physical;
use crate::template::functions::UNKNOWN;
use async_trait::async_trait;
use bytes::Bytes;
use serde_json::{Map, Value};
use slam_cloud_core::{AwsError, AwsResult};
use slam_cloud_wire::lambda as wire;
use std::io::Write;
use zip::write::SimpleFileOptions;

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
        &["Code/ImageUri", "Code/S3ObjectStorageMode", "Code/SourceKMSKeyArn", "DeadLetterConfig/TargetArn"]
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
        let request = wire::GetFunctionConfiguration { function_name: work.name.clone(), qualifier: None };
        work.kind.unless_gone(work.call(request).await)?.map(made).transpose()
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let properties = Properties(&work.properties);
        let settings = configuration(&work.name, properties);
        let given = |name: &str| properties.has(name);
        let request = wire::CreateFunction {
            function_name: work.name.clone(),
            role: properties.need("Role")?,
            code: code(properties)?,
            runtime: settings.runtime,
            handler: settings.handler,
            description: properties.text("Description"),
            timeout: settings.timeout,
            memory_size: settings.memory_size,
            package_type: properties.text("PackageType"),
            environment: settings.environment.filter(|_| given("Environment")),
            tracing_config: settings.tracing_config.filter(|_| given("TracingConfig")),
            tags: Some(tags::texts(work)),
            architectures: properties.texts("Architectures"),
            layers: properties.texts("Layers"),
            ephemeral_storage: settings.ephemeral_storage.filter(|_| given("EphemeralStorage")),
            logging_config: settings.logging_config.filter(|_| given("LoggingConfig")),
            ..wire::CreateFunction::default()
        };
        let created = work.call(request).await?;
        work.exists(&work.name);
        settled(work).await?;
        if let Some(reserved) = properties.integer("ReservedConcurrentExecutions") {
            let function_name = work.name.clone();
            work.call(wire::PutFunctionConcurrency { function_name, reserved_concurrent_executions: reserved }).await?;
        }
        made(created)
    }

    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        let properties = Properties(&work.properties);
        let different = changed(&old.properties, &work.properties);
        let touches = |names: &[&str]| different.iter().any(|name| names.contains(name));
        if touches(&["Code", "Architectures"]) {
            let code = code(properties)?;
            work.call(wire::UpdateFunctionCode {
                function_name: old.id.clone(),
                zip_file: code.zip_file,
                s3_bucket: code.s3_bucket,
                s3_key: code.s3_key,
                s3_object_version: code.s3_object_version,
                architectures: Some(properties.texts("Architectures").unwrap_or_else(|| vec!["x86_64".to_owned()])),
                ..wire::UpdateFunctionCode::default()
            })
            .await?;
            settled(work).await?;
        }
        if touches(CONFIGURATION) {
            work.call(configuration(&old.id, properties)).await?;
            settled(work).await?;
        }
        if touches(&["ReservedConcurrentExecutions"]) {
            let function_name = old.id.clone();
            match properties.integer("ReservedConcurrentExecutions") {
                Some(reserved_concurrent_executions) => {
                    work.call(wire::PutFunctionConcurrency { function_name, reserved_concurrent_executions }).await?;
                }
                None => {
                    work.call(wire::DeleteFunctionConcurrency { function_name }).await?;
                }
            }
        }
        made(current(work).await?)
    }

    async fn tag(&self, work: &Work, made: &Made, tags: &Retag) -> AwsResult<()> {
        let function = Input::of("Resource", made.attribute("Arn"));
        tags.apply::<wire::TagResource, wire::UntagResource>(work, function).await
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        let request = wire::DeleteFunction { function_name: old.id.clone(), qualifier: None };
        work.call(request).await.map(drop)
    }
}

/// The properties that UpdateFunctionConfiguration changes.
const CONFIGURATION: &[&str] = &[
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

/// The whole configuration: what is not given is what a new function has.
fn configuration(name: &str, properties: Properties<'_>) -> wire::UpdateFunctionConfiguration {
    let environment = properties.object("Environment").and_then(|environment| environment.text_map("Variables"));
    let logging = properties.object("LoggingConfig");
    let tracing = properties.object("TracingConfig").and_then(|tracing| tracing.text("Mode"));
    let storage = properties.object("EphemeralStorage").and_then(|storage| storage.integer("Size"));
    wire::UpdateFunctionConfiguration {
        function_name: name.to_owned(),
        role: properties.text("Role"),
        handler: properties.text("Handler"),
        description: Some(properties.text("Description").unwrap_or_default()),
        timeout: Some(properties.integer("Timeout").unwrap_or(3)),
        memory_size: Some(properties.integer("MemorySize").unwrap_or(128)),
        environment: Some(wire::Environment { variables: Some(environment.unwrap_or_default()) }),
        runtime: properties.text("Runtime"),
        layers: Some(properties.texts("Layers").unwrap_or_default()),
        tracing_config: Some(wire::TracingConfig { mode: Some(tracing.unwrap_or_else(|| "PassThrough".to_owned())) }),
        ephemeral_storage: Some(wire::EphemeralStorage { size: storage.unwrap_or(512) }),
        logging_config: Some(wire::LoggingConfig {
            log_format: Some(
                logging.and_then(|logging| logging.text("LogFormat")).unwrap_or_else(|| "Text".to_owned()),
            ),
            application_log_level: logging.and_then(|logging| logging.text("ApplicationLogLevel")),
            system_log_level: logging.and_then(|logging| logging.text("SystemLogLevel")),
            log_group: Some(
                logging.and_then(|logging| logging.text("LogGroup")).unwrap_or_else(|| format!("/aws/lambda/{name}")),
            ),
        }),
        ..wire::UpdateFunctionConfiguration::default()
    }
}

fn code(properties: Properties<'_>) -> AwsResult<wire::FunctionCode> {
    let code = properties.object("Code").ok_or_else(|| AwsError::validation("The property {/Code} is required"))?;
    if let Some(source) = code.text("ZipFile") {
        let name = if properties.text("Runtime").is_some_and(|runtime| runtime.starts_with("nodejs")) {
            "index.js"
        } else {
            "index.py"
        };
        let zip_file = Some(inline(name, &source)?);
        return Ok(wire::FunctionCode { zip_file, ..wire::FunctionCode::default() });
    }
    Ok(wire::FunctionCode {
        s3_bucket: code.text("S3Bucket"),
        s3_key: code.text("S3Key"),
        s3_object_version: code.text("S3ObjectVersion"),
        ..wire::FunctionCode::default()
    })
}

/// Inline source becomes a package with one file, the same bytes for the same source.
fn inline(name: &str, source: &str) -> AwsResult<Bytes> {
    let pack = || -> zip::result::ZipResult<Vec<u8>> {
        let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated)
            .last_modified_time(zip::DateTime::default())
            .unix_permissions(0o644);
        archive.start_file(name, options)?;
        archive.write_all(source.as_bytes())?;
        Ok(archive.finish()?.into_inner())
    };
    pack().map(Bytes::from).map_err(AwsError::internal)
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn inline_source_is_one_file_and_always_the_same_bytes() {
        let package = inline("index.py", "def handler(event, context): pass").unwrap();
        assert_eq!(package, inline("index.py", "def handler(event, context): pass").unwrap());
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(package)).unwrap();
        let mut text = String::new();
        archive.by_name("index.py").unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "def handler(event, context): pass");
    }
}
