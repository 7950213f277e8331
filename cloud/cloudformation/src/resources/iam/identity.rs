//! What policies are in: roles, users and groups.

use crate::resources::{Input, Properties, Work};
use serde_json::{Map, Value};
use slam_cloud_core::AwsResult;
use slam_cloud_wire::iam as wire;
use std::collections::BTreeMap;

/// A kind of identity.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Role,
    User,
    Group,
}

/// A role, a user or a group.
#[derive(Clone, PartialEq)]
pub(super) struct Identity {
    kind: Kind,
    name: String,
}

impl Identity {
    pub fn new(kind: Kind, name: impl Into<String>) -> Self {
        Self { kind, name: name.into() }
    }

    /// Those that a policy's properties name.
    pub fn of(properties: &Map<String, Value>) -> Vec<Self> {
        let kinds = [("Roles", Kind::Role), ("Users", Kind::User), ("Groups", Kind::Group)];
        let named = |(property, kind)| {
            let names = Properties(properties).texts(property).unwrap_or_default().into_iter();
            names.map(move |name| Self::new(kind, name))
        };
        kinds.into_iter().flat_map(named).collect()
    }

    fn input(&self) -> Input {
        let member = match self.kind {
            Kind::Role => "RoleName",
            Kind::User => "UserName",
            Kind::Group => "GroupName",
        };
        Input::of(member, &*self.name)
    }

    /// Attaches a managed policy.
    pub async fn attach(&self, work: &Work, arn: &str) -> AwsResult<()> {
        let input = self.input().with("PolicyArn", arn);
        match self.kind {
            Kind::Role => work.send::<wire::AttachRolePolicy>(input).await.map(drop),
            Kind::User => work.send::<wire::AttachUserPolicy>(input).await.map(drop),
            Kind::Group => work.send::<wire::AttachGroupPolicy>(input).await.map(drop),
        }
    }

    /// Detaches a managed policy.
    pub async fn detach(&self, work: &Work, arn: &str) -> AwsResult<()> {
        let input = self.input().with("PolicyArn", arn);
        let done = match self.kind {
            Kind::Role => work.send::<wire::DetachRolePolicy>(input).await.map(drop),
            Kind::User => work.send::<wire::DetachUserPolicy>(input).await.map(drop),
            Kind::Group => work.send::<wire::DetachGroupPolicy>(input).await.map(drop),
        };
        work.kind.unless_gone(done).map(drop)
    }

    /// Puts an inline policy.
    pub async fn put(&self, work: &Work, name: &str, document: &str) -> AwsResult<()> {
        let input = self.input().with("PolicyName", name).with("PolicyDocument", document);
        match self.kind {
            Kind::Role => work.send::<wire::PutRolePolicy>(input).await.map(drop),
            Kind::User => work.send::<wire::PutUserPolicy>(input).await.map(drop),
            Kind::Group => work.send::<wire::PutGroupPolicy>(input).await.map(drop),
        }
    }

    /// Removes an inline policy.
    pub async fn remove(&self, work: &Work, name: &str) -> AwsResult<()> {
        let input = self.input().with("PolicyName", name);
        let done = match self.kind {
            Kind::Role => work.send::<wire::DeleteRolePolicy>(input).await.map(drop),
            Kind::User => work.send::<wire::DeleteUserPolicy>(input).await.map(drop),
            Kind::Group => work.send::<wire::DeleteGroupPolicy>(input).await.map(drop),
        };
        work.kind.unless_gone(done).map(drop)
    }

    /// The managed policies that are attached, and the names of the inline ones.
    async fn policies(&self, work: &Work) -> AwsResult<(Vec<String>, Vec<String>)> {
        let (attached, inline) = match self.kind {
            Kind::Role => (
                work.send::<wire::ListAttachedRolePolicies>(self.input()).await?.attached_policies,
                work.send::<wire::ListRolePolicies>(self.input()).await?.policy_names,
            ),
            Kind::User => (
                work.send::<wire::ListAttachedUserPolicies>(self.input()).await?.attached_policies,
                work.send::<wire::ListUserPolicies>(self.input()).await?.policy_names,
            ),
            Kind::Group => (
                work.send::<wire::ListAttachedGroupPolicies>(self.input()).await?.attached_policies,
                work.send::<wire::ListGroupPolicies>(self.input()).await?.policy_names,
            ),
        };
        Ok((attached.into_iter().flatten().filter_map(|policy| policy.policy_arn).collect(), inline))
    }

    /// Makes its policies those of its properties: `ManagedPolicyArns`, and inline ones in `Policies`.
    pub async fn settle(&self, work: &Work, before: &Map<String, Value>, after: &Map<String, Value>) -> AwsResult<()> {
        let arns = |properties| Properties(properties).texts("ManagedPolicyArns").unwrap_or_default();
        for arn in without(&arns(after), &arns(before)) {
            self.attach(work, &arn).await?;
        }
        for arn in without(&arns(before), &arns(after)) {
            self.detach(work, &arn).await?;
        }
        let (had, has) = (inline(before), inline(after));
        for name in had.keys().filter(|name| !has.contains_key(*name)) {
            self.remove(work, name).await?;
        }
        for (name, document) in has.iter().filter(|(name, document)| had.get(*name) != Some(*document)) {
            self.put(work, name, document).await?;
        }
        Ok(())
    }

    /// Takes all its policies away, so that it can be deleted.
    pub async fn clear(&self, work: &Work) -> AwsResult<()> {
        let (attached, inline) = self.policies(work).await?;
        for arn in attached {
            self.detach(work, &arn).await?;
        }
        for name in inline {
            self.remove(work, &name).await?;
        }
        Ok(())
    }
}

/// The inline policies of a role or user by name.
fn inline(properties: &Map<String, Value>) -> BTreeMap<String, String> {
    let policies = Properties(properties).objects("Policies").into_iter();
    policies.filter_map(|policy| Some((policy.text("PolicyName")?, policy.document("PolicyDocument")?))).collect()
}

/// What is in one list and not in the other.
pub(super) fn without<T: Clone + PartialEq>(these: &[T], those: &[T]) -> Vec<T> {
    these.iter().filter(|one| !those.contains(one)).cloned().collect()
}
