//! Access control lists: who is granted what on a bucket or an object ("Access control list (ACL) overview" in the S3 User
//! Guide). An owner is granted things by its account's policies, too; the groups by ACLs alone.

use serde::{Deserialize, Serialize};
use slam_cloud_core::Principal;

/// Whom a grant speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Grantee {
    /// The account that owns the bucket, and with it all its objects.
    Owner,
    /// Everybody, signed or not.
    AllUsers,
    /// Everybody who signs, of whichever account.
    AuthenticatedUsers,
    /// What delivers access logs on AWS, and is never met here.
    LogDelivery,
}

/// What is granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Permission {
    /// All of the others.
    FullControl,
    /// A bucket's list, or an object's bytes.
    Read,
    /// New objects in a bucket.
    Write,
    /// The ACL itself.
    ReadAcp,
    /// And its change.
    WriteAcp,
}

/// A line of an ACL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Whom it speaks of.
    pub grantee: Grantee,
    /// What it grants.
    pub permission: Permission,
}

/// An ACL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acl(pub Vec<Grant>);

impl Default for Acl {
    /// What everything has that was made without one.
    fn default() -> Self {
        Self(vec![Grant { grantee: Grantee::Owner, permission: Permission::FullControl }])
    }
}

impl Grantee {
    const GROUPS: [(Self, &'static str); 3] = [
        (Self::AllUsers, "http://acs.amazonaws.com/groups/global/AllUsers"),
        (Self::AuthenticatedUsers, "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"),
        (Self::LogDelivery, "http://acs.amazonaws.com/groups/s3/LogDelivery"),
    ];

    /// The group of a URI.
    pub fn of_uri(uri: &str) -> Option<Self> {
        Self::GROUPS.iter().find(|(_, known)| *known == uri).map(|(group, _)| *group)
    }

    /// The URI of a group.
    pub fn uri(self) -> Option<&'static str> {
        Self::GROUPS.iter().find(|(group, _)| *group == self).map(|(_, uri)| *uri)
    }

    /// "The meaning of 'public'": who is not known beforehand.
    fn is_public(self) -> bool {
        matches!(self, Self::AllUsers | Self::AuthenticatedUsers)
    }

    fn includes(self, caller: &Principal) -> bool {
        match self {
            Self::AllUsers => true,
            Self::AuthenticatedUsers => !matches!(caller, Principal::Anonymous | Principal::Service { .. }),
            // The owner's account speaks by its own policies.
            Self::Owner | Self::LogDelivery => false,
        }
    }
}

impl Permission {
    const NAMES: [(Self, &'static str); 5] = [
        (Self::FullControl, "FULL_CONTROL"),
        (Self::Read, "READ"),
        (Self::Write, "WRITE"),
        (Self::ReadAcp, "READ_ACP"),
        (Self::WriteAcp, "WRITE_ACP"),
    ];

    /// The permission of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, known)| *known == name).map(|(permission, _)| *permission)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(permission, _)| *permission == self).map_or("", |(_, name)| name)
    }
}

impl Acl {
    /// A canned ACL; `None` for what is none. Those about a bucket's owner say what a private one says where an object
    /// always is its bucket's owner's, and are ignored for buckets ("Canned ACL").
    pub fn canned(name: &str) -> Option<Self> {
        use Grantee::{AllUsers, AuthenticatedUsers, LogDelivery};
        use Permission::{Read, ReadAcp, Write};
        let more: &[(Grantee, Permission)] = match name {
            "private" | "bucket-owner-read" | "bucket-owner-full-control" => &[],
            "public-read" => &[(AllUsers, Read)],
            "public-read-write" => &[(AllUsers, Read), (AllUsers, Write)],
            "authenticated-read" => &[(AuthenticatedUsers, Read)],
            "log-delivery-write" => &[(LogDelivery, Write), (LogDelivery, ReadAcp)],
            _ => return None,
        };
        let mut acl = Self::default();
        acl.0.extend(more.iter().map(|&(grantee, permission)| Grant { grantee, permission }));
        Some(acl)
    }

    /// Whether it says what is so without any.
    pub fn is_private(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it grants something to people who are not known beforehand.
    pub fn is_public(&self) -> bool {
        self.0.iter().any(|grant| grant.grantee.is_public())
    }

    /// Whether a caller is granted something as a member of a group.
    pub fn grants(&self, caller: &Principal, wanted: Permission) -> bool {
        self.0.iter().any(|grant| {
            (grant.permission == wanted || grant.permission == Permission::FullControl)
                && grant.grantee.includes(caller)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_granted_what_an_acl_says() {
        let anonymous = Principal::Anonymous;
        let signed = Principal::Root { account: "111111111111".into() };
        let check = |canned: &str, caller: &Principal, wanted: Permission, expected: bool| {
            let acl = Acl::canned(canned).expect(canned);
            assert_eq!(acl.grants(caller, wanted), expected, "{canned} {caller:?} {wanted:?}");
        };
        check("private", &anonymous, Permission::Read, false);
        check("public-read", &anonymous, Permission::Read, true);
        check("public-read", &anonymous, Permission::Write, false);
        check("public-read", &anonymous, Permission::ReadAcp, false);
        check("public-read-write", &anonymous, Permission::Write, true);
        check("authenticated-read", &anonymous, Permission::Read, false);
        check("authenticated-read", &signed, Permission::Read, true);
        check("log-delivery-write", &signed, Permission::Write, false);
        check("bucket-owner-read", &signed, Permission::Read, false);
        let everything = Acl(vec![Grant { grantee: Grantee::AllUsers, permission: Permission::FullControl }]);
        assert!(everything.grants(&anonymous, Permission::WriteAcp));
    }
}
