//! JSON Web Tokens that an issuer has signed, as authorizers take them.
//!
//! - [`verify`]: everything that is asked of a token. [`trust`]: whose tokens are taken, and what they must say.
//! - [`token`]: a token's parts, and whether a key signed it. [`claims`]: what it must say.
//! - [`keys`]: an issuer's public keys, and what they verify. [`issuers`]: where they are fetched, and for how long they are kept.
//! - [`pools`]: issuers that are user pools of this cloud.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html>,
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-jwt-authorizer.html>. The sentences that tell a client
//! what is wrong with its token are AWS's where somebody has shown one ("the token does not have a valid audience", "the token has
//! expired", "token contains an invalid number of segments"); the others are like them.

pub mod claims;
pub mod issuers;
pub mod keys;
mod pools;
pub mod token;
pub mod trust;
pub mod verify;

pub use claims::Claims;
pub use issuers::Issuers;
pub use keys::Algorithm;
pub use trust::{Audience, Invalid, Required, Trusted};
pub use verify::Verified;
