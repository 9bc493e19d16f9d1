//! The alphabets and numbers that stored hashes are written in.

use aws_lc_rs::constant_time;
use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use zeroize::Zeroizing;

use crate::password::UnusableHash;

/// A shorter digest would match too many passwords.
const MIN_DIGEST_LEN: usize = 16;
/// The longest that any of the supported systems writes; each further 32 bytes
/// would cost PBKDF2 its full time again.
const MAX_DIGEST_LEN: usize = 64;

/// Some writers pad and some do not; some older ones left the unused bits of
/// the last character set, which their own decoders ignore.
const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const BCRYPT: GeneralPurpose = GeneralPurpose::new(&alphabet::BCRYPT, LENIENT);

/// Decodes base64 in the standard alphabet.
pub(super) fn decode_base64(text: &str) -> Result<Vec<u8>, UnusableHash> {
    STANDARD.decode(text).map_err(|_| UnusableHash::Malformed)
}

/// Decodes a digest in standard base64 and checks its length.
pub(super) fn decode_digest(text: &str) -> Result<Vec<u8>, UnusableHash> {
    let digest = decode_base64(text)?;
    match digest.len() {
        ..MIN_DIGEST_LEN => Err(UnusableHash::DigestTooShort),
        MIN_DIGEST_LEN..=MAX_DIGEST_LEN => Ok(digest),
        _ => Err(UnusableHash::Malformed),
    }
}

/// Turns passlib's `ab64` (a dot where base64 has a plus) into base64.
pub(super) fn ab64_to_base64(text: &str) -> String {
    text.replace('.', "+")
}

/// Decodes exactly `N` bytes in bcrypt's alphabet.
pub(super) fn decode_bcrypt<const N: usize>(text: &str) -> Result<[u8; N], UnusableHash> {
    BCRYPT
        .decode(text)
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or(UnusableHash::Malformed)
}

/// Writes `bytes` in standard base64 with padding.
pub(super) fn encode_base64(bytes: &[u8]) -> Zeroizing<String> {
    Zeroizing::new(STANDARD.encode(bytes))
}

/// Writes `bytes` in lower-case hexadecimal.
pub(super) fn encode_hex(bytes: &[u8]) -> Zeroizing<String> {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    let mut text = Zeroizing::new(String::with_capacity(2 * bytes.len()));
    for byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 0x0f));
    }
    text
}

/// Reads a decimal number as these formats write it: digits alone, no leading
/// zero. What does not fit into 32 bits is beyond every limit.
pub(super) fn parse_number(text: &str) -> Result<u32, UnusableHash> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let leading_zero = text.len() > 1 && text.starts_with('0');
    if text.is_empty() || !digits || leading_zero {
        return Err(UnusableHash::Malformed);
    }
    text.parse().map_err(|_| UnusableHash::TooCostly)
}

/// Reads `name=number`.
pub(super) fn parse_param(name: &str, text: &str) -> Result<u32, UnusableHash> {
    let value = text
        .strip_prefix(name)
        .and_then(|rest| rest.strip_prefix('='))
        .ok_or(UnusableHash::Malformed)?;
    parse_number(value)
}

/// Splits `text` at every `separator` into exactly `N` fields.
pub(super) fn split_exactly<const N: usize>(
    text: &str,
    separator: char,
) -> Result<[&str; N], UnusableHash> {
    let mut fields = [""; N];
    let mut parts = text.split(separator);
    for field in &mut fields {
        *field = parts.next().ok_or(UnusableHash::Malformed)?;
    }
    match parts.next() {
        None => Ok(fields),
        Some(_) => Err(UnusableHash::Malformed),
    }
}

/// Compares two digests in a time that depends on their length alone.
pub(super) fn digests_equal(left: &[u8], right: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(left, right).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_one_spelling() {
        assert_eq!(parse_number("0"), Ok(0));
        assert_eq!(parse_number("4294967295"), Ok(u32::MAX));
        assert_eq!(parse_number("4294967296"), Err(UnusableHash::TooCostly));
        for text in ["", "+1", "-1", "01", "1 ", "1_0", "٣", "0x1"] {
            assert_eq!(parse_number(text), Err(UnusableHash::Malformed), "{text}");
        }
    }

    #[test]
    fn fields_are_counted() {
        assert_eq!(split_exactly::<2>("a$b", '$'), Ok(["a", "b"]));
        assert!(split_exactly::<2>("a", '$').is_err());
        assert!(split_exactly::<2>("a$b$", '$').is_err());
    }

    #[test]
    fn digests_have_16_to_64_bytes() {
        let of = |len| decode_digest(&STANDARD.encode(vec![7; len])).map(|digest| digest.len());
        assert_eq!(of(15), Err(UnusableHash::DigestTooShort));
        assert_eq!(of(16), Ok(16));
        assert_eq!(of(64), Ok(64));
        assert_eq!(of(65), Err(UnusableHash::Malformed));
    }

    #[test]
    fn hexadecimal_is_lower_case() {
        assert_eq!(encode_hex(&[0x00, 0x9a, 0xff]).as_str(), "009aff");
    }

    #[test]
    fn digests_of_different_length_differ() {
        assert!(digests_equal(b"abc", b"abc"));
        assert!(!digests_equal(b"abc", b"abd"));
        assert!(!digests_equal(b"abc", b"ab"));
    }
}
