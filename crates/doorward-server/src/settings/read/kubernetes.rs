//! Variables that Kubernetes and Docker links put into every container when a service is called
//! `doorward`. They look like settings with our prefix, and are none.

use super::names::PREFIX;

/// Whether a variable describes a service of that name and not a setting.
pub(super) fn is_service_link(name: &str, value: Option<&str>) -> bool {
    let Some(rest) = name.strip_prefix(PREFIX) else {
        return false;
    };
    let is_url = value.is_some_and(|value| {
        ["tcp://", "udp://", "sctp://"]
            .iter()
            .any(|p| value.starts_with(p))
    });
    let numbered = rest
        .strip_prefix("PORT_")
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    (rest == "PORT" && is_url) || numbered || rest.starts_with("SERVICE_")
}
