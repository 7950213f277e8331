//! How an account sends SMS: the settings that no topic has.

use crate::error::invalid_text;
use serde::{Deserialize, Serialize};
use slam_cloud_core::{AwsError, AwsResult};
use std::collections::BTreeMap;

/// What a new account may spend in a month, in US dollars
/// (<https://docs.aws.amazon.com/sns/latest/dg/channels-sms-awssupport-spend-threshold.html>).
const MOST_SPENT: u32 = 1;
/// The longest `DefaultSenderID` (API reference, SetSMSAttributes).
const SENDER: usize = 11;

/// The attributes that are set in an account's region.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SmsAttributes(BTreeMap<String, String>);

impl SmsAttributes {
    /// Their names (API reference, SetSMSAttributes).
    pub const NAMES: [&'static str; 6] = [
        "MonthlySpendLimit",
        "DeliveryStatusIAMRole",
        "DeliveryStatusSuccessSamplingRate",
        "DefaultSenderID",
        "DefaultSMSType",
        "UsageReportS3Bucket",
    ];

    /// Sets one. Nothing follows from those that can be, as no SMS leaves the sandbox: none is sent, charged or delivered.
    ///
    /// # Errors
    /// AWS's for names and values that cannot be (recorded: `test_set_invalid_sms_attributes`), and a refusal of what asks for records of
    /// SMS.
    pub fn set(&mut self, name: &str, value: &str) -> AwsResult<()> {
        let is_fine = match name {
            "MonthlySpendLimit" => value.parse().is_ok_and(|limit: u32| limit <= MOST_SPENT),
            "DeliveryStatusSuccessSamplingRate" => value.parse().is_ok_and(|rate: u8| rate <= 100),
            "DefaultSenderID" => {
                value.len() <= SENDER
                    && value.bytes().all(|byte| byte.is_ascii_alphanumeric())
                    && value.bytes().any(|byte| byte.is_ascii_alphabetic())
            }
            "DefaultSMSType" => matches!(value, "Promotional" | "Transactional"),
            "DeliveryStatusIAMRole" | "UsageReportS3Bucket" => {
                return Err(AwsError::unsupported(format_args!("the attribute {name} of SMS")));
            }
            _ => return Err(invalid_text(format_args!("{name} is not a valid attribute"))),
        };
        if !is_fine {
            return Err(invalid_text(format_args!("{name} is invalid")));
        }
        self.0.insert(name.to_owned(), value.to_owned());
        Ok(())
    }

    /// All, as they are told (recorded: `test_get_sms_attributes_from_unmodified_region`, `test_set_get_sms_attributes`).
    pub fn told(&self) -> BTreeMap<String, String> {
        let mut told = BTreeMap::from([("MonthlySpendLimit".to_owned(), MOST_SPENT.to_string())]);
        told.extend(self.0.clone());
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_those_of_the_api_reference() {
        let expect = |name: &str, value: &str, expected: Option<&str>| {
            let message = SmsAttributes::default().set(name, value).err().map(|error| error.message);
            assert_eq!(message.as_deref(), expected, "{name} {value}");
        };
        expect("DefaultSenderID", "0123456789a", None);
        expect("DefaultSMSType", "Transactional", None);
        expect("MonthlySpendLimit", "0", None);
        expect("DeliveryStatusSuccessSamplingRate", "100", None);
        for sender in ["", "0123456789", "0123456789ab", "a b"] {
            expect("DefaultSenderID", sender, Some("DefaultSenderID is invalid"));
        }
        for limit in ["", "-1", "2", "1.5"] {
            expect("MonthlySpendLimit", limit, Some("MonthlySpendLimit is invalid"));
        }
        expect("DeliveryStatusSuccessSamplingRate", "101", Some("DeliveryStatusSuccessSamplingRate is invalid"));
    }
}
