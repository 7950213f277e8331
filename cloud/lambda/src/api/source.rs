//! UpdateFunctionCode, and where packages come from.

use crate::LambdaService;
use crate::code::Hold;
use crate::error::{function_not_found, invalid_parameter, revision_mismatch};
use crate::model::configuration::{Progress, shown};
use crate::model::function::LATEST;
use crate::model::{Code, FunctionName, limits};
use bytes::Bytes;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_wire::lambda as wire;
use slam_cloud_wire::s3::GetObject;
use std::sync::Arc;

/// Where a package comes from.
pub(super) enum Source {
    Inline(Bytes),
    Object { bucket: String, key: String, version: Option<String> },
}

impl Source {
    /// The source of a new function's package.
    pub(super) fn of_new(code: wire::FunctionCode) -> AwsResult<Self> {
        let wire::FunctionCode { zip_file, s3_bucket, s3_key, s3_object_version, .. } = code;
        Self::new(zip_file, s3_bucket, s3_key, s3_object_version)
    }

    /// The source of a layer's content.
    pub(super) fn of_layer(content: wire::LayerVersionContentInput) -> AwsResult<Self> {
        let wire::LayerVersionContentInput { zip_file, s3_bucket, s3_key, s3_object_version, .. } = content;
        if zip_file.is_some() && (s3_bucket.is_some() || s3_key.is_some()) {
            return Err(invalid_parameter("Please do not provide other Content parameters when providing a ZipFile."));
        }
        if zip_file.is_none() && (s3_bucket.is_none() || s3_key.is_none()) {
            return Err(invalid_parameter("Please provide a source for the layer's content."));
        }
        Self::new(zip_file, s3_bucket, s3_key, s3_object_version)
    }

    fn new(
        inline: Option<Bytes>,
        bucket: Option<String>,
        key: Option<String>,
        version: Option<String>,
    ) -> AwsResult<Self> {
        match (inline, bucket, key) {
            (Some(package), None, None) => {
                limits::zipped(package.len())?;
                Ok(Self::Inline(package))
            }
            (None, Some(bucket), Some(key)) => Ok(Self::Object { bucket, key, version }),
            (Some(_), _, _) => {
                Err(invalid_parameter("Please do not provide other FunctionCode parameters when providing a ZipFile."))
            }
            _ => Err(invalid_parameter("Please provide a source for function code.")),
        }
    }
}

impl LambdaService {
    /// Fetches a package, from S3 as the caller, and stores it.
    pub(super) async fn fetch(&self, context: &Context, source: Source) -> AwsResult<(Code, Hold)> {
        let package = match source {
            Source::Inline(package) => package,
            Source::Object { bucket, key, version } => {
                let input = GetObject { bucket, key, version_id: version, ..GetObject::default() };
                let object = self.cloud.call(context.via("lambda.amazonaws.com"), input).await.map_err(of_s3)?;
                object.body.unwrap_or_default()
            }
        };
        self.code.put(package).await
    }
}

/// S3's error, as Lambda tells it.
fn of_s3(error: AwsError) -> AwsError {
    match &*error.code {
        "AccessDenied" | "AccessDeniedException" => {
            let message = "Your access has been denied by S3, please make sure your request credentials have \
                           permission to GetObject for the bucket and key given";
            AwsError::new("AccessDeniedException", 403, format!("{message}. {}", error.message)).with("Type", "User")
        }
        _ if error.is_client_fault() => {
            let (code, message) = (&error.code, &error.message);
            invalid_parameter(format!(
                "Error occurred while GetObject. S3 Error Code: {code}. S3 Error Message: {message}"
            ))
        }
        _ => error,
    }
}

/// UpdateFunctionCode.
pub(super) async fn update(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::UpdateFunctionCode,
) -> AwsResult<wire::FunctionConfiguration> {
    let name = FunctionName::parse(&context, &input.function_name, None)?;
    let scope = Scope::regional(&context);
    let function = service.function(&context, &name)?;
    if input.image_uri.is_some() {
        return Err(invalid_parameter("Please don't provide ImageUri when updating a function with packageType Zip."));
    }
    let source = Source::new(input.zip_file, input.s3_bucket, input.s3_key, input.s3_object_version)?;
    let (package, hold) = service.fetch(&context, source).await?;
    service.check_unzipped(&package, &function.latest.layers).await?;
    let (publish, dry_run) = (input.publish.unwrap_or(false), input.dry_run.unwrap_or(false));
    let mut answer = None;
    let change = |present: Option<&crate::model::Function>| {
        let mut function = present.cloned().ok_or_else(|| function_not_found(&name.arn(&context)))?;
        if input.revision_id.as_ref().is_some_and(|revision| *revision != function.latest.revision) {
            return Err(revision_mismatch("GetFunction/GetAlias"));
        }
        let before = function.latest.clone();
        function.latest.code = package.clone();
        if let Some(architectures) = &input.architectures {
            function.latest.architectures.clone_from(architectures);
        }
        if function.latest == before {
            // Nothing else to run, but the update is one all the same.
            function.latest.revision = slam_cloud_core::id::request_id();
        } else {
            function.latest.touch();
        }
        let arn = name.arn(&context);
        let published = publish.then(|| function.publish(None)).and_then(|number| function.versions.get(&number));
        answer = Some(match published {
            Some(version) => {
                let arn = format!("{arn}:{}", version.label);
                shown(&context, &name.name, arn, version, Progress::Creating)
            }
            None => shown(&context, &name.name, arn, &function.latest, Progress::Updating),
        });
        Ok(Some(if dry_run { present.cloned().unwrap_or(function) } else { function }))
    };
    service.store.functions.update(&scope, &name.name, change).await?;
    drop(hold);
    service.pool.retire(&scope, &name.name);
    service.code.sweep_soon();
    answer.ok_or_else(|| AwsError::internal(format_args!("{LATEST} was not updated")))
}
