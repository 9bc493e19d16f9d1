//! The secret that everything else is derived from.

use std::fmt;

use zeroize::Zeroizing;

/// The server's `SECRET_KEY`: signs HS256 tokens as it stands, and every other key
/// is derived from it.
///
/// Its memory is zeroed when it is dropped, and `Debug` shows the name alone.
///
/// ```
/// use doorward::SecretKey;
///
/// let secret = SecretKey::new("0123456789abcdef0123456789abcdef");
/// assert_eq!(format!("{secret:?}"), "SecretKey(..)");
/// ```
#[derive(Clone)]
pub struct SecretKey(Zeroizing<Vec<u8>>);

impl SecretKey {
    /// Takes the key's bytes as they are: no decoding, no trimming.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(Zeroizing::new(bytes.into()))
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<&str> for SecretKey {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for SecretKey {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<Vec<u8>> for SecretKey {
    fn from(bytes: Vec<u8>) -> Self {
        Self::new(bytes)
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SecretKey(..)")
    }
}
