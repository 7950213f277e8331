//! The data plane of function URLs.
//!
//! A URL has a port of its own on this machine and is found by its host, too ([`plane`]); [`directory`] knows whose it is. The way
//! of a request: [`exchange`] → [`cors`], where it is a preflight → [`caller`] → [`event`] → the function → [`reply`], or
//! [`streamed`] where the answer is handed on as it comes. [`failure`] is what the URL answers itself, [`request`] what it is asked.
//! <https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html>

mod caller;
mod cors;
mod directory;
mod event;
mod exchange;
mod failure;
mod plane;
mod reply;
mod request;
mod streamed;

pub use directory::Directory;
pub use plane::UrlPlane;

use crate::LambdaService;
use crate::model::{Function, FunctionName, FunctionUrl};
use directory::Place;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::service::Deployed;
use slam_cloud_core::{AwsResult, Context, StoreError};
use std::sync::Arc;

/// A URL that was found.
struct Found {
    scope: Scope,
    function: Arc<Function>,
    name: FunctionName,
    url: FunctionUrl,
}

impl LambdaService {
    /// Opens the URLs of an earlier process, each at its port if that is free.
    pub(crate) async fn open_urls(self: &Arc<Self>) -> AwsResult<()> {
        for (scope, name, function) in self.store.functions.all() {
            for (qualifier, url) in &function.urls {
                let place = Place { scope: scope.clone(), function: name.clone(), qualifier: qualifier.clone() };
                let port = self.open(place, url).await;
                if port == url.port {
                    continue;
                }
                let moved = |function: Option<&Function>| {
                    let mut function = function.cloned();
                    if let Some(url) = function.as_mut().and_then(|function| function.urls.get_mut(qualifier)) {
                        url.port = port;
                    }
                    Ok(function)
                };
                self.store.functions.update::<StoreError>(&scope, &name, moved).await?;
            }
        }
        Ok(())
    }

    /// Opens the URL of a function or alias; answers the port that it has got.
    pub(crate) async fn open_url(
        self: &Arc<Self>,
        context: &Context,
        name: &FunctionName,
        url: &FunctionUrl,
    ) -> Option<u16> {
        let qualifier = name.qualifier.clone().unwrap_or_default();
        let place = Place { scope: Scope::regional(context), function: name.name.clone(), qualifier };
        self.open(place, url).await
    }

    /// Without a port of its own the URL is still reached by its host at the cloud's.
    async fn open(self: &Arc<Self>, place: Place, url: &FunctionUrl) -> Option<u16> {
        self.urls.enter(&url.id, place);
        let opened = self.cloud.ports().open(&url.id, url.port, Arc::new(UrlPlane::new(Arc::clone(self)))).await;
        if let Err(error) = &opened {
            tracing::warn!(url = url.id, %error, "the function URL gets no port of its own");
        }
        opened.ok()
    }

    /// Closes a URL that is not there any more.
    pub(crate) async fn close_url(&self, id: &str) {
        self.urls.leave(id);
        self.cloud.ports().close(id).await;
    }

    /// Closes all URLs.
    pub(crate) async fn close_urls(&self) {
        for id in self.urls.ids() {
            self.close_url(&id).await;
        }
    }

    /// Where a URL answers: `https://ID.lambda-url.REGION.on.aws/` on AWS; here its own port, or its host at the cloud's.
    pub(crate) fn address(&self, region: &str, url: &FunctionUrl) -> String {
        match self.cloud.ports().of(&url.id) {
            Some(port) => format!("http://localhost:{port}/"),
            None => format!("http://{}/", host(&url.id, region, self.cloud.settings().port)),
        }
    }

    /// Where all URLs answer, for people.
    pub(crate) fn deployed_urls(&self) -> Vec<Deployed> {
        let functions = self.store.functions.all();
        let urls = functions.iter().flat_map(|(scope, name, function)| {
            function.urls.iter().map(|(qualifier, url)| Deployed {
                name: name.clone(),
                id: url.id.clone(),
                stage: if qualifier.is_empty() { crate::model::function::LATEST.into() } else { qualifier.clone() },
                region: scope.region.to_string(),
                url: self.address(&scope.region, url),
            })
        });
        urls.collect()
    }

    fn found(&self, id: &str) -> Option<Found> {
        let Place { scope, function: name, qualifier } = self.urls.place(id)?;
        let function = self.store.functions.get(&scope, &name)?;
        let url = function.urls.get(&qualifier).filter(|url| url.id == id)?.clone();
        let name = FunctionName { name, qualifier: Some(qualifier).filter(|qualifier| !qualifier.is_empty()) };
        Some(Found { scope, function, name, url })
    }
}

/// The host of a URL on this machine.
fn host(id: &str, region: &str, port: u16) -> String {
    format!("{id}.lambda-url.{region}.localhost:{port}")
}
