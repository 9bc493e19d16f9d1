//! Identifiers: one type each, so that one can't stand where another belongs.

use std::fmt;
use std::str::FromStr;

use uuid::{Builder, Uuid};

use super::clock::Timestamp;
use super::entropy::Entropy;

/// Makes a UUID of version 7 (RFC 9562 §5.7) from the engine's clock and randomness.
///
/// It sorts by time of creation, and is a name, never a secret.
pub(crate) fn uuid_v7(now: Timestamp, entropy: &dyn Entropy) -> Uuid {
    let mut random = [0; 10];
    entropy.fill(&mut random);
    let millis = u64::try_from(now.as_millis()).unwrap_or(0);
    Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

/// A text that is not an identifier of the wanted kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a UUID")]
pub struct InvalidId;

macro_rules! id {
    ($(#[$doc:meta])* $vis:vis $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis struct $name(Uuid);

        impl $name {
            /// The identifier that `uuid` names.
            $vis const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The identifier as a UUID.
            $vis const fn as_uuid(self) -> Uuid {
                self.0
            }

            /// Makes a new identifier, a UUID of version 7.
            pub(crate) fn generate(now: Timestamp, entropy: &dyn Entropy) -> Self {
                Self(uuid_v7(now, entropy))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Uuid::try_parse(text).map(Self).map_err(|_| InvalidId)
            }
        }
    };
}

id! {
    /// Names a user account for as long as it exists; the `sub` of its tokens, unless the
    /// builder decides otherwise.
    pub UserId
}
id! {
    /// Names a session, which is what one login opens; the `sid` of its tokens.
    pub SessionId
}
id! {
    /// Names one token; its `jti` (RFC 7519 §4.1.7).
    pub TokenId
}
id! {
    /// Names one audit event.
    pub EventId
}
impl EventId {
    /// The least id of this moment: those of all earlier ones are less.
    pub(crate) fn first_of(moment: Timestamp) -> Self {
        let millis = u64::try_from(moment.as_millis()).unwrap_or(0);
        Self(Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid())
    }
}

id! {
    /// Names one mail on its way.
    pub MailId
}

id! {
    /// Names one stored key.
    pub(crate) KeyId
}

/// Names one durable job. A mail has the id of its job.
pub(crate) type JobId = MailId;
