//! What mail and text messages would tell users: codes and temporary passwords. None is sent: the newest are kept in memory, for
//! whoever has the installation's token (`GET /_slam/cognito/messages`), and told in the cloud's log.

use crate::model::Pool;
use serde::Serialize;
use slam_cloud_core::Timestamp;
use slam_cloud_wire::cognito as wire;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// How many are kept.
const KEPT: usize = 200;

/// A message.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Message {
    /// When it was made.
    pub at: Timestamp,
    /// The pool.
    pub user_pool_id: String,
    /// Whom it is for.
    pub username: String,
    /// `EMAIL` or `SMS`.
    pub delivery_medium: &'static str,
    /// The address or number.
    pub destination: String,
    /// What stands in the subject of a mail.
    pub subject: Option<String>,
    /// Its text.
    pub text: String,
    /// The code or the password in it.
    pub code: String,
}

/// The newest messages.
#[derive(Default)]
pub struct Messages(Mutex<VecDeque<Message>>);

impl Messages {
    /// Keeps one.
    pub fn tell(&self, message: Message) {
        tracing::info!(
            pool = message.user_pool_id,
            username = message.username,
            destination = message.destination,
            code = message.code,
            "a user would be told a code"
        );
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.pop_front();
        }
        kept.push_back(message);
    }

    /// All that are kept, the oldest first.
    pub fn list(&self) -> Vec<Message> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Forgets all.
    pub fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// The text of a code's message, and the subject of a mail: those of the pool, or AWS's own.
pub fn of_code(pool: &Pool, by_mail: bool, code: &str) -> (Option<String>, String) {
    let settings = &pool.settings;
    let template = settings.verification_message_template.clone().unwrap_or_default();
    let (subject, text, own) = if by_mail {
        let subject = template.email_subject.or_else(|| settings.email_verification_subject.clone());
        let text = template.email_message.or_else(|| settings.email_verification_message.clone());
        (Some(subject.unwrap_or_else(|| "Your verification code".to_owned())), text, "Your confirmation code is {####}")
    } else {
        let text = template.sms_message.or_else(|| settings.sms_verification_message.clone());
        (None, text, "Your confirmation code is {####}")
    };
    (subject, text.unwrap_or_else(|| own.to_owned()).replace("{####}", code))
}

/// The same of an invitation.
pub fn of_invitation(pool: &Pool, by_mail: bool, username: &str, password: &str) -> (Option<String>, String) {
    let config = pool.settings.admin_create_user_config.clone().unwrap_or_default();
    let template: wire::MessageTemplateType = config.invite_message_template.unwrap_or_default();
    let own = "Your username is {username} and temporary password is {####}.".to_owned();
    let (subject, text) = if by_mail {
        let subject = template.email_subject.unwrap_or_else(|| "Your temporary password".to_owned());
        (Some(subject), template.email_message)
    } else {
        (None, template.sms_message)
    };
    (subject, text.unwrap_or(own).replace("{username}", username).replace("{####}", password))
}
