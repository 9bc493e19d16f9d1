//! Addresses as every server takes them.

use crate::account::EmailAddress;

/// The address with its domain in ASCII; the part before the `@` as it was written, as it is
/// the recipient's server that reads it (RFC 5321 §2.4).
pub(super) fn ascii(address: &EmailAddress) -> Option<lettre::Address> {
    let (local, _) = address.as_str().rsplit_once('@')?;
    let (_, domain) = address.canonical().rsplit_once('@')?;
    lettre::Address::new(local, domain).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_domain_is_in_ascii_and_the_rest_as_written() {
        let address: EmailAddress = "Anna.K@Bücher.example".parse().unwrap();
        let ascii = ascii(&address).unwrap().to_string();
        assert_eq!(ascii, "Anna.K@xn--bcher-kva.example");
    }
}
