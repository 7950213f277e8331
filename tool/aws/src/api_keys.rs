//! What API Gateway has: the API keys of usage plans.

use crate::question::{Question, Service};
use crate::{Clients, ServiceError};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

/// <https://docs.aws.amazon.com/apigateway/latest/api/API_Operations.html>
const API_GATEWAY: Service = Service { id: "API Gateway", name: "apigateway" };
/// The most keys of one answer.
const AT_ONCE: usize = 500;

/// An API key. Its value is known to whoever has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id, which opens nothing.
    pub id: String,
    /// Its name.
    pub name: String,
    /// When it was made, in seconds since 1970.
    pub created: Option<i64>,
    /// Whether it counts.
    pub enabled: bool,
}

impl Clients {
    /// The keys of a usage plan.
    /// <https://docs.aws.amazon.com/apigateway/latest/api/API_GetUsagePlanKeys.html>
    ///
    /// # Errors
    /// What API Gateway answers instead, or why it cannot be asked.
    pub async fn plan_keys(&self, plan: &str) -> Result<Vec<ApiKey>, ServiceError> {
        let mut keys = Vec::new();
        let mut position = String::new();
        loop {
            let path = format!("/usageplans/{}/keys?limit={AT_ONCE}{position}", encoded(plan));
            let page = self.api_gateway("GetUsagePlanKeys", "GET", path, None).await?;
            // A list of one name in the model, and another in what is sent.
            let items = page["item"].as_array().or_else(|| page["items"].as_array());
            for id in items.into_iter().flatten().filter_map(|key| key["id"].as_str()) {
                keys.extend(self.api_key(id).await?);
            }
            match page["position"].as_str() {
                Some(next) => position = format!("&position={}", encoded(next)),
                None => return Ok(keys),
            }
        }
    }

    /// The keys of the account and region that have all of these tags.
    /// <https://docs.aws.amazon.com/apigateway/latest/api/API_GetApiKeys.html>
    ///
    /// # Errors
    /// What API Gateway answers instead, or why it cannot be asked.
    pub async fn tagged_keys(&self, tags: &[(&str, &str)]) -> Result<Vec<ApiKey>, ServiceError> {
        let mut keys = Vec::new();
        let mut position = String::new();
        loop {
            let path = format!("/apikeys?limit={AT_ONCE}{position}");
            let page = self.api_gateway("GetApiKeys", "GET", path, None).await?;
            let items = page["item"].as_array().or_else(|| page["items"].as_array()).into_iter().flatten();
            let ours = items.filter(|key| tags.iter().all(|(name, value)| key["tags"][*name] == *value));
            keys.extend(ours.filter_map(read));
            match page["position"].as_str() {
                Some(next) => position = format!("&position={}", encoded(next)),
                None => return Ok(keys),
            }
        }
    }

    /// A key without its value; `None` when there is none of this id.
    /// <https://docs.aws.amazon.com/apigateway/latest/api/API_GetApiKey.html>
    ///
    /// # Errors
    /// What API Gateway answers instead, or why it cannot be asked.
    pub async fn api_key(&self, id: &str) -> Result<Option<ApiKey>, ServiceError> {
        let key = match self.api_gateway("GetApiKey", "GET", format!("/apikeys/{}", encoded(id)), None).await {
            Ok(key) => key,
            Err(error) if error.code.as_deref() == Some("NotFoundException") => return Ok(None),
            Err(error) => return Err(error),
        };
        Ok(read(&key))
    }

    /// Makes a key and gives its id and value.
    /// <https://docs.aws.amazon.com/apigateway/latest/api/API_CreateApiKey.html>
    ///
    /// # Errors
    /// What API Gateway answers instead, or why it cannot be asked.
    pub async fn create_api_key(&self, name: &str, tags: &Value) -> Result<(String, String), ServiceError> {
        let input = json!({"name": name, "enabled": true, "tags": tags});
        let key = self.api_gateway("CreateApiKey", "POST", "/apikeys".to_owned(), Some(input)).await?;
        let text = |name: &str| key[name].as_str().unwrap_or_default().to_owned();
        Ok((text("id"), text("value")))
    }

    /// Has a usage plan hold for a key.
    /// <https://docs.aws.amazon.com/apigateway/latest/api/API_CreateUsagePlanKey.html>
    ///
    /// # Errors
    /// What API Gateway answers instead, or why it cannot be asked.
    pub async fn join_plan(&self, plan: &str, key: &str) -> Result<(), ServiceError> {
        let path = format!("/usageplans/{}/keys", encoded(plan));
        let input = json!({"keyId": key, "keyType": "API_KEY"});
        self.api_gateway("CreateUsagePlanKey", "POST", path, Some(input)).await.map(drop)
    }

    /// Deletes a key; one that is gone is no error.
    /// <https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteApiKey.html>
    ///
    /// # Errors
    /// What API Gateway answers instead, or why it cannot be asked.
    pub async fn delete_api_key(&self, id: &str) -> Result<(), ServiceError> {
        match self.api_gateway("DeleteApiKey", "DELETE", format!("/apikeys/{}", encoded(id)), None).await {
            Err(error) if error.code.as_deref() != Some("NotFoundException") => Err(error),
            _ => Ok(()),
        }
    }

    async fn api_gateway(
        &self,
        operation: &'static str,
        method: &'static str,
        path: String,
        input: Option<Value>,
    ) -> Result<Value, ServiceError> {
        let mut headers = vec![("accept", "application/json".to_owned())];
        headers.extend(input.as_ref().map(|_| ("content-type", "application/json".to_owned())));
        let body = input.map(|input| input.to_string().into_bytes()).unwrap_or_default();
        Ok(self.asker.send(API_GATEWAY, Question { operation, method, path, headers, body }).await?.json())
    }
}

/// A key as API Gateway shows it.
fn read(key: &Value) -> Option<ApiKey> {
    Some(ApiKey {
        id: key["id"].as_str()?.to_owned(),
        name: key["name"].as_str().unwrap_or_default().to_owned(),
        created: key["createdDate"].as_f64().map(|seconds| seconds as i64),
        enabled: key["enabled"] == true,
    })
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}
