//! Whose failures are counted together.

use crate::domain::failure::Failure;
use crate::domain::id::{KeyId, UserId};
use crate::domain::origin::{ClientNetwork, Origin};
use crate::keys::{Fingerprint, FingerprintKey, KeySet};

/// Where an attempt comes from, as it is remembered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OriginFingerprints {
    /// The key of both fingerprints.
    pub(crate) key: KeyId,
    /// The network, if it is known.
    pub(crate) network: Option<Fingerprint>,
    /// The device, by what the client says it is.
    pub(crate) device: Fingerprint,
}

impl OriginFingerprints {
    pub(crate) fn of(keys: &KeySet, origin: &Origin) -> Result<Self, Failure> {
        let (id, key) = keys.named_fingerprints()?;
        let network = origin.ip().map(|ip| {
            let network = ClientNetwork::of(ip).to_string();
            key.of("network", &[network.as_bytes()])
        });
        let device = device(origin.user_agent().unwrap_or_default());
        Ok(Self {
            key: *id,
            network,
            device: key.of("device", &[device.as_bytes()]),
        })
    }
}

/// A browser that was updated is the same device.
fn device(user_agent: &str) -> String {
    user_agent
        .chars()
        .filter(|character| !character.is_ascii_digit() && *character != '.')
        .collect()
}

/// All attempts on an account from networks that it has never been used from.
pub(crate) fn account(key: &FingerprintKey, user: UserId) -> Fingerprint {
    key.of("login of account", &[user.as_uuid().as_bytes()])
}

/// The attempts on an account from one network that it has been used from.
pub(crate) fn account_from(
    key: &FingerprintKey,
    user: UserId,
    network: Fingerprint,
) -> Fingerprint {
    let user = user.as_uuid();
    key.of(
        "login of account from network",
        &[user.as_bytes(), network.as_bytes()],
    )
}

/// The attempts on a name that no account has.
pub(crate) fn name(key: &FingerprintKey, (kind, name): (&str, &[u8])) -> Fingerprint {
    key.of("login of name", &[kind.as_bytes(), name])
}

/// The attempts to show an account's password by somebody who is logged in: nobody else's
/// failures keep the owner from changing it.
pub(crate) fn own_password(key: &FingerprintKey, user: UserId) -> Fingerprint {
    key.of("password of account", &[user.as_uuid().as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_updated_browser_is_the_same_device() {
        assert_eq!(
            device("Firefox/128.0 (X11; rv:128.0)"),
            device("Firefox/129.1 (X11; rv:129.1)")
        );
        assert_ne!(device("Firefox/128.0"), device("Chrome/128.0"));
    }
}
