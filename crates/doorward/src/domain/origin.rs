//! Where a request came from: the client's address and network, and what the client says it is.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// The longest text of a client's that is kept, in characters.
const LONGEST_TEXT: usize = 256;

/// Where a request came from, as the audit trail and the list of sessions show it.
///
/// ```
/// use doorward::Origin;
///
/// let origin = Origin::default().with_user_agent("curl/8.5\u{7}");
/// assert_eq!(origin.user_agent(), Some("curl/8.5"));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Origin {
    ip: Option<IpAddr>,
    user_agent: Option<String>,
    request_id: Option<String>,
    languages: Option<String>,
}

impl Origin {
    /// The same, with the client's address.
    #[must_use]
    pub fn with_ip(mut self, ip: IpAddr) -> Self {
        self.ip = Some(ip.to_canonical());
        self
    }

    /// The same, with what the client says it is: cut to 256 characters, without control characters.
    #[must_use]
    pub fn with_user_agent(mut self, user_agent: &str) -> Self {
        self.user_agent = Some(printable(user_agent));
        self
    }

    /// The same, with the request's id: cut to 256 characters, without control characters.
    #[must_use]
    pub fn with_request_id(mut self, request_id: &str) -> Self {
        self.request_id = Some(printable(request_id));
        self
    }

    /// The same, with the languages that the client prefers, as `Accept-Language` tells them
    /// (RFC 9110 §12.5.4): cut to 256 characters, without control characters.
    #[must_use]
    pub fn with_languages(mut self, accepted: &str) -> Self {
        self.languages = Some(printable(accepted));
        self
    }

    /// The client's address; one of IPv4 is never dressed as IPv6.
    pub fn ip(&self) -> Option<IpAddr> {
        self.ip
    }

    /// What the client says it is.
    pub fn user_agent(&self) -> Option<&str> {
        self.user_agent.as_deref()
    }

    /// The languages that the client prefers.
    pub fn languages(&self) -> Option<&str> {
        self.languages.as_deref()
    }

    /// The request's id.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }
}

fn printable(text: &str) -> String {
    let printable = text.chars().filter(|character| !character.is_control());
    printable.take(LONGEST_TEXT).collect()
}

/// How many of the first bits of an IPv6 address name a network: the rest is the
/// subscriber's own to choose (RFC 4291 §2.5.1, RFC 8981), so that one machine has as many
/// addresses as it likes within it.
const IPV6_BITS: u32 = 64;

/// Where a client is, as far as it can't choose: an IPv4 address, or the /64 of an IPv6 one.
///
/// Its text, `192.0.2.1` or `2001:db8:1:2::/64`, is the same for the whole network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ClientNetwork(IpAddr);

impl ClientNetwork {
    /// The network of this address; IPv4 in the clothes of IPv6 is IPv4.
    pub(crate) fn of(ip: IpAddr) -> Self {
        Self(match ip.to_canonical() {
            IpAddr::V4(address) => IpAddr::V4(address),
            IpAddr::V6(address) => {
                let network = address.to_bits() & (u128::MAX << (u128::BITS - IPV6_BITS));
                IpAddr::V6(Ipv6Addr::from_bits(network))
            }
        })
    }
}

impl fmt::Display for ClientNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpAddr::V4(address) => address.fmt(f),
            IpAddr::V6(address) => write!(f, "{address}/{IPV6_BITS}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(ip: &str) -> String {
        ClientNetwork::of(ip.parse().unwrap()).to_string()
    }

    #[test]
    fn an_ipv4_address_stands_alone() {
        assert_eq!(network("192.0.2.1"), "192.0.2.1");
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
    }

    #[test]
    fn an_ipv6_address_stands_for_its_64() {
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(
            network("2001:db8:1:2::1"),
            network("2001:db8:1:2:ffff:ffff:ffff:ffff")
        );
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
    }

    #[test]
    fn ipv4_dressed_as_ipv6_is_ipv4() {
        assert_eq!(network("::ffff:192.0.2.1"), "192.0.2.1");
    }
}
