//! E-mail addresses, as they are mailed to and as they are compared.

use std::fmt;
use std::str::FromStr;

/// The longest address that SMTP carries, in bytes (RFC 5321 §4.5.3.1.3, less the brackets).
const LONGEST_ADDRESS: usize = 254;
/// The longest part before the `@`, in bytes (RFC 5321 §4.5.3.1.1).
const LONGEST_LOCAL_PART: usize = 64;

/// An e-mail address that mail can be sent to.
///
/// The part before the `@` is kept as it was written, the domain in its one normal form.
/// [`canonical`] is the form in which addresses are compared: case and the spelling of an
/// international domain make no second identity.
///
/// [`canonical`]: EmailAddress::canonical
///
/// ```
/// use doorward::EmailAddress;
///
/// let address: EmailAddress = " Anna@Example.com ".parse()?;
/// assert_eq!(address.as_str(), "Anna@example.com");
/// assert_eq!(address.canonical(), "anna@example.com");
/// # Ok::<(), doorward::InvalidEmailAddress>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailAddress {
    address: String,
    canonical: String,
}

/// A text that is not an e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a valid email address")]
pub struct InvalidEmailAddress;

impl EmailAddress {
    /// The address as it is shown: an international domain in its own letters.
    pub fn as_str(&self) -> &str {
        &self.address
    }

    /// The form in which mail is addressed: the part before the `@` as it was written, the
    /// domain in ASCII, as every mail server understands it.
    pub(crate) fn mailbox(&self) -> String {
        let local = self.address.rsplit_once('@').map_or("", |(local, _)| local);
        let domain = self
            .canonical
            .rsplit_once('@')
            .map_or("", |(_, domain)| domain);
        format!("{local}@{domain}")
    }

    /// The form in which addresses are compared: lower case, the domain in ASCII.
    pub fn canonical(&self) -> &str {
        &self.canonical
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.address)
    }
}

impl FromStr for EmailAddress {
    type Err = InvalidEmailAddress;

    fn from_str(text: &str) -> Result<Self, InvalidEmailAddress> {
        let address = text.trim();
        if address.len() > LONGEST_ADDRESS {
            return Err(InvalidEmailAddress);
        }
        let (local, domain) = address.rsplit_once('@').ok_or(InvalidEmailAddress)?;
        check_local_part(local)?;
        let domain = canonical_domain(domain)?;
        let canonical = format!("{}@{domain}", local.to_ascii_lowercase());
        // What the mail library can't send to is no address, whatever else it is.
        canonical
            .parse::<lettre::Address>()
            .map_err(|_| InvalidEmailAddress)?;
        if canonical.len() > LONGEST_ADDRESS {
            return Err(InvalidEmailAddress);
        }
        Ok(Self {
            address: format!("{local}@{}", idna::domain_to_unicode(&domain).0),
            canonical,
        })
    }
}

/// The characters of HTML's rule for addresses, and the dots where RFC 5321 has them.
fn check_local_part(local: &str) -> Result<(), InvalidEmailAddress> {
    let allowed =
        |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-.".contains(&byte);
    let dots = local.starts_with('.') || local.ends_with('.') || local.contains("..");
    if local.is_empty() || local.len() > LONGEST_LOCAL_PART || dots || !local.bytes().all(allowed) {
        return Err(InvalidEmailAddress);
    }
    Ok(())
}

/// The domain in lower-case ASCII (UTS #46), of two labels or more, and not a number.
fn canonical_domain(domain: &str) -> Result<String, InvalidEmailAddress> {
    let ascii = idna::domain_to_ascii_strict(domain).map_err(|_| InvalidEmailAddress)?;
    let labels: Vec<_> = ascii.split('.').collect();
    let label = |label: &&str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let numeric = labels
        .last()
        .is_none_or(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
    if labels.len() < 2 || numeric || !labels.iter().all(label) {
        return Err(InvalidEmailAddress);
    }
    Ok(ascii)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_identity_has_one_canonical_form() {
        for (one, other) in [
            ("anna@example.com", "ANNA@EXAMPLE.COM"),
            ("anna@bücher.example", "Anna@BÜCHER.example"),
            ("anna@bücher.example", "anna@xn--bcher-kva.example"),
            ("anna@bu\u{308}cher.example", "anna@bücher.example"),
            ("\tanna@example.com\n", "anna@example.com"),
        ] {
            let (one, other): (EmailAddress, EmailAddress) =
                (one.parse().unwrap(), other.parse().unwrap());
            assert_eq!(one.canonical(), other.canonical());
        }
    }

    #[test]
    fn mail_goes_to_the_part_as_written_and_the_domain_in_ascii() {
        let address: EmailAddress = "Anna@bücher.example".parse().unwrap();
        assert_eq!(address.mailbox(), "Anna@xn--bcher-kva.example");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long_local = format!("{}@example.com", "a".repeat(65));
        let long_domain = format!("a@{}.com", "b".repeat(64));
        let long = format!("a@{}example.com", "bbbbbbbbb.".repeat(25));
        for text in [
            "",
            "@",
            "anna",
            "anna@",
            "@example.com",
            "anna@example",
            "anna@@example.com",
            "an na@example.com",
            ".anna@example.com",
            "anna.@example.com",
            "an..na@example.com",
            "anna@-example.com",
            "anna@example..com",
            "anna@example.com.",
            "anna@[127.0.0.1]",
            "anna@127.0.0.1",
            "\"anna\"@example.com",
            "anna\0@example.com",
            "anna@exa mple.com",
            "änna@example.com",
            "anna@example.com\0",
            "Anna <anna@example.com>",
            "anna@ex_ample.com",
            &long_local,
            &long_domain,
            &long,
        ] {
            assert_eq!(
                text.parse::<EmailAddress>(),
                Err(InvalidEmailAddress),
                "{text:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_text_panics_and_the_canonical_form_is_a_fixed_point(text in ".{0,80}") {
            if let Ok(address) = text.parse::<EmailAddress>() {
                let again: EmailAddress = address.canonical().parse().unwrap();
                prop_assert_eq!(again.canonical(), address.canonical());
            }
        }
    }
}
