//! The layers of a function, as CreateFunction and UpdateFunctionConfiguration name them.

use crate::LambdaService;
use crate::code::Hold;
use crate::error::{invalid_parameter, unsupported};
use crate::model::layer::parse_version;
use crate::model::{AttachedLayer, Code, limits};
use slam_cloud_core::{AwsResult, Context};

impl LambdaService {
    /// The layers with these ARNs, and what keeps their content until a function refers to it. Whether the caller may
    /// read them has been decided at the door.
    ///
    /// AWS does not look at the runtimes and architectures that a layer is said to be compatible with: they are "used
    /// for filtering with ListLayers and ListLayerVersions"
    /// (<https://docs.aws.amazon.com/lambda/latest/api/API_PublishLayerVersion.html>).
    ///
    /// # Errors
    /// When Lambda does not allow them together, or one of them is not here.
    pub(in crate::api) async fn attached(
        &self,
        context: &Context,
        arns: &[String],
    ) -> AwsResult<(Vec<AttachedLayer>, Vec<Hold>)> {
        // Recorded: `test_layer_function_quota_exception`.
        if arns.len() > limits::LAYERS {
            return Err(invalid_parameter(format!("Cannot reference more than {} layers.", limits::LAYERS)));
        }
        // The rest is recorded in `test_layer_function_exceptions`.
        let named = arns.iter().map(|arn| parse_version(context, arn)).collect::<AwsResult<Vec<_>>>()?;
        if named.iter().any(|(name, _)| !name.is_near(context)) {
            let region = &context.region;
            return Err(invalid_parameter(format!(
                "Layers are not in the same region as the function. Layers are expected to be in region {region}."
            )));
        }
        for (index, (name, number)) in named.iter().enumerate() {
            if let Some((_, other)) = named[..index].iter().find(|(other, _)| other == name) {
                return Err(invalid_parameter(format!(
                    "Two different versions of the same layer are not allowed to be referenced in the same function. \
                     {} and {} are versions of the same layer.",
                    name.version_arn(other),
                    name.version_arn(number)
                )));
            }
        }
        let mut holds = Vec::new();
        let mut attached = Vec::new();
        for (name, number) in named {
            let arn = name.version_arn(number);
            let read = || self.layer_version(&name, number).map(|version| version.code);
            if let Some(code) = read() {
                holds.push(self.code.hold(&code.hash));
                // Read once more: between the two it may have been deleted and swept.
                if read().is_some() {
                    if let Some(extension) = self.code.extension(&code.hash).await? {
                        return Err(unsupported(&format!("the extension extensions/{extension} of the layer {arn}")));
                    }
                    attached.push(AttachedLayer { arn, code });
                    continue;
                }
            }
            if name.is_foreign(context) {
                return Err(unsupported(&format!(
                    "the layer {arn}, which belongs to another account and is not here (publish its content as a \
                     layer of your own),"
                )));
            }
            return Err(invalid_parameter(format!("Layer version {arn} does not exist.")));
        }
        Ok((attached, holds))
    }

    /// Makes sure that a package and layers are not too large together.
    ///
    /// # Errors
    /// When they are.
    pub(in crate::api) async fn check_unzipped(&self, package: &Code, layers: &[AttachedLayer]) -> AwsResult<()> {
        if layers.is_empty() {
            return Ok(());
        }
        let hashes: Vec<&str> = layers.iter().map(|layer| layer.code.hash.as_str()).collect();
        let layers = self.code.unzipped(&hashes).await?;
        limits::unzipped(layers, self.code.unzipped(&[&package.hash]).await?)
    }
}
