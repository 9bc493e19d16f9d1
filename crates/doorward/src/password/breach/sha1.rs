//! The hash by which lists of breached passwords know them.

use std::fmt;

use aws_lc_rs::digest::{self, SHA1_FOR_LEGACY_USE_ONLY};
use zeroize::Zeroizing;

use crate::domain::password::Password;

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// The SHA-1 of a password as 40 upper-case hexadecimal digits: what published lists of
/// breached passwords hold. It is soon guessed, and as secret as the password.
///
/// ```
/// use doorward::{Password, PasswordSha1};
///
/// let hash = PasswordSha1::of(&Password::new("password".to_owned()));
/// assert_eq!(hash.as_str(), "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8");
/// ```
pub struct PasswordSha1(Zeroizing<String>);

impl PasswordSha1 {
    /// Hashes the bytes of the password as they are.
    pub fn of(password: &Password) -> Self {
        let hash = digest::digest(&SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes());
        let mut text = Zeroizing::new(String::with_capacity(2 * hash.as_ref().len()));
        for byte in hash.as_ref() {
            text.push(char::from(HEX[usize::from(byte >> 4)]));
            text.push(char::from(HEX[usize::from(byte & 15)]));
        }
        Self(text)
    }

    /// The 40 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordSha1 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordSha1(..)")
    }
}
