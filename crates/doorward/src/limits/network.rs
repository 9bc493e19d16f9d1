//! The network that a client's address belongs to.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

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
