//! Keyed hashes: values that can be found again and cannot be read.

use std::fmt::Write as _;

use aws_lc_rs::hmac;

/// A keyed hash of an address, a name or a network. Equal inputs have equal fingerprints, and a
/// fingerprint is of no use without the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Fingerprint([u8; 32]);

impl Fingerprint {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns the fingerprint as hexadecimal digits.
    pub(crate) fn to_hex(self) -> String {
        let mut text = String::with_capacity(64);
        for byte in self.0 {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        text
    }
}

/// Makes fingerprints with HMAC-SHA-256.
#[derive(Clone, Debug)]
pub(crate) struct FingerprintKey(hmac::Key);

impl FingerprintKey {
    pub(crate) fn new(key: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// Returns the fingerprint of these parts. Each kind has fingerprints of its own.
    pub(crate) fn of(&self, kind: &str, parts: &[&[u8]]) -> Fingerprint {
        let mut context = hmac::Context::with_key(&self.0);
        for part in [kind.as_bytes()].iter().chain(parts) {
            // The length goes first, so that no two lists of parts read the same.
            context.update(&part.len().to_be_bytes());
            context.update(part);
        }
        let mut hash = [0; 32];
        hash.copy_from_slice(context.sign().as_ref());
        Fingerprint(hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprint_depends_on_kind_parts_and_key() {
        let key = FingerprintKey::new(&[1; 32]);
        let one = key.of("name", &[b"ab", b"c"]);
        assert_eq!(one, key.of("name", &[b"ab", b"c"]));
        assert_ne!(one, key.of("name", &[b"a", b"bc"]));
        assert_ne!(one, key.of("network", &[b"ab", b"c"]));
        let other = FingerprintKey::new(&[2; 32]);
        assert_ne!(one, other.of("name", &[b"ab", b"c"]));
        assert_eq!(one.to_hex().len(), 64);
    }
}
