//! User pools.

use super::kept;
use super::policy::Policy;
use super::schema;
use super::user::User;
use serde::{Deserialize, Serialize};
use slam_cloud_core::arn::partition_of;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{Arn, Timestamp};
use slam_cloud_wire::cognito as wire;

/// A user pool.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pool {
    /// `us-east-1_abc123def`
    pub id: String,
    /// What it was asked to be.
    #[serde(with = "kept")]
    pub settings: wire::CreateUserPool,
    /// What its refresh tokens and sessions are sealed with, in hexadecimal digits.
    pub secret: String,
    /// When it was created.
    pub created: Timestamp,
    /// When it was changed last.
    pub changed: Timestamp,
}

impl Pool {
    /// Its ARN.
    pub fn arn(&self, scope: &Scope) -> String {
        arn(scope, &self.id)
    }

    /// What its tokens bear as `iss`.
    pub fn issuer(&self, scope: &Scope) -> String {
        let suffix = if partition_of(&scope.region) == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
        format!("https://cognito-idp.{}.{suffix}/{}", scope.region, self.id)
    }

    /// The part of its id after the region, which passwords are hashed with.
    pub fn short_id(&self) -> &str {
        self.id.split_once('_').map_or(&*self.id, |(_, short)| short)
    }

    /// Whether users may sign in by this attribute's value: in place of a username, or beside it.
    pub fn takes(&self, attribute: &str) -> bool {
        let has = |list: &Option<Vec<String>>| list.iter().flatten().any(|one| one == attribute);
        has(&self.settings.username_attributes) || has(&self.settings.alias_attributes)
    }

    /// Whether this attribute of a user stands for them now: an alias once it is verified, what stands in place of a name at once.
    /// <https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html>
    pub fn counts(&self, user: &User, attribute: &str) -> bool {
        let is_so = self.names_users() || attribute == "preferred_username" || user.is_verified(attribute);
        self.takes(attribute) && is_so
    }

    /// Whether the usernames that clients give are addresses or numbers, and the pool names its users itself.
    pub fn names_users(&self) -> bool {
        self.settings.username_attributes.as_ref().is_some_and(|list| !list.is_empty())
    }

    /// "CaseSensitive … This is the default value."
    pub fn is_case_sensitive(&self) -> bool {
        self.settings.username_configuration.as_ref().is_none_or(|it| it.case_sensitive)
    }

    /// A username as users are known by it.
    pub fn folded(&self, username: &str) -> String {
        if self.is_case_sensitive() { username.to_owned() } else { username.to_lowercase() }
    }

    /// Whether a verified value of this attribute is looked for when users sign up.
    pub fn verifies(&self, attribute: &str) -> bool {
        self.settings.auto_verified_attributes.iter().flatten().any(|one| one == attribute)
    }

    /// Whether users may not sign up by themselves.
    pub fn is_admins_alone(&self) -> bool {
        let config = self.settings.admin_create_user_config.as_ref();
        config.and_then(|config| config.allow_admin_create_user_only).unwrap_or(false)
    }

    /// Which passwords it allows.
    pub fn policy(&self) -> Policy {
        Policy::of(&self.settings)
    }

    /// How many days a password that an administrator set may be used: seven, unless something else is said.
    pub fn temporary_days(&self) -> i64 {
        let config = self.settings.admin_create_user_config.as_ref();
        let older = config.and_then(|config| config.unused_account_validity_days);
        self.policy().temporary_days.or(older).filter(|days| *days > 0).unwrap_or(7)
    }

    /// Whether it is protected from being deleted.
    pub fn is_protected(&self) -> bool {
        self.settings.deletion_protection.as_deref() == Some("ACTIVE")
    }

    /// As DescribeUserPool tells it.
    pub fn shape(&self, scope: &Scope, users: usize) -> wire::UserPoolType {
        let settings = self.settings.clone();
        let mut template = settings.verification_message_template.unwrap_or_default();
        template.default_email_option.get_or_insert_with(|| "CONFIRM_WITH_CODE".to_owned());
        let mut admin = settings.admin_create_user_config.unwrap_or_default();
        admin.allow_admin_create_user_only.get_or_insert(false);
        admin.unused_account_validity_days.get_or_insert(7);
        wire::UserPoolType {
            id: Some(self.id.clone()),
            name: Some(settings.pool_name),
            policies: Some(self.policy().shape()),
            deletion_protection: settings.deletion_protection.or_else(|| Some("INACTIVE".to_owned())),
            lambda_config: Some(wire::LambdaConfigType::default()),
            last_modified_date: Some(self.changed),
            creation_date: Some(self.created),
            schema_attributes: Some(schema::all(&self.settings)),
            auto_verified_attributes: settings.auto_verified_attributes,
            alias_attributes: settings.alias_attributes,
            username_attributes: settings.username_attributes,
            sms_verification_message: settings.sms_verification_message,
            email_verification_message: settings.email_verification_message,
            email_verification_subject: settings.email_verification_subject,
            verification_message_template: Some(template),
            mfa_configuration: Some("OFF".to_owned()),
            estimated_number_of_users: i64::try_from(users).ok(),
            email_configuration: Some(wire::EmailConfigurationType {
                email_sending_account: Some("COGNITO_DEFAULT".to_owned()),
                ..Default::default()
            }),
            user_pool_tags: settings.user_pool_tags,
            admin_create_user_config: Some(admin),
            username_configuration: settings.username_configuration,
            arn: Some(self.arn(scope)),
            account_recovery_setting: settings.account_recovery_setting,
            user_pool_tier: settings.user_pool_tier.or_else(|| Some("ESSENTIALS".to_owned())),
            ..Default::default()
        }
    }
}

/// The ARN of a pool of this id.
pub fn arn(scope: &Scope, id: &str) -> String {
    Arn {
        partition: partition_of(&scope.region).to_owned(),
        service: "cognito-idp".to_owned(),
        region: scope.region.to_string(),
        account: scope.account.to_string(),
        resource: format!("userpool/{id}"),
    }
    .to_string()
}
