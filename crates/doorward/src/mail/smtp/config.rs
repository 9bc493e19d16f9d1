//! Which server sends mails, and how it is spoken to.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::domain::account::EmailAddress;

/// A server that takes mails, and who they are from. `Debug` shows host, port and security.
///
/// ```
/// use doorward::{SmtpConfig, SmtpSecurity};
///
/// let from = "hello@example.com".parse()?;
/// let config = SmtpConfig::new("smtp.example.com", SmtpSecurity::StartTls, from);
/// assert_eq!(config.port, 587);
/// # Ok::<(), doorward::InvalidEmailAddress>(())
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct SmtpConfig {
    /// The server's name, which its certificate must bear, or its IP address.
    pub host: String,
    /// Its port. Default: [`SmtpSecurity::default_port`].
    pub port: u16,
    /// How the connection is encrypted.
    pub security: SmtpSecurity,
    /// Who logs in to the server. Default: nobody.
    pub credentials: Option<SmtpCredentials>,
    /// The address that mails are from. Its domain is in each Message-ID, and is the name
    /// that the server is greeted with.
    pub from_email: EmailAddress,
    /// The name that mails are from. Default: none.
    pub from_name: Option<String>,
    /// How long it may take to send one mail, from connecting on. Default: 30 seconds.
    pub deadline: Duration,
    /// Certificates in PEM that are trusted beside the system's. Default: none.
    pub root_certificates: Vec<Vec<u8>>,
}

/// How the connection to a mail server is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SmtpSecurity {
    /// TLS once connected (RFC 3207). A server that does not offer it gets no mail.
    StartTls,
    /// TLS from the first byte (RFC 8314).
    ImplicitTls,
    /// None: for a server on this machine or in a network of one's own.
    None,
}

impl SmtpSecurity {
    /// The usual port: 587, 465 or 25.
    #[must_use]
    pub const fn default_port(self) -> u16 {
        match self {
            Self::StartTls => 587,
            Self::ImplicitTls => 465,
            Self::None => 25,
        }
    }
}

/// A username and a password for the mail server. `Debug` shows the name alone.
#[derive(Clone)]
pub struct SmtpCredentials {
    pub(super) user: String,
    pub(super) password: Zeroizing<String>,
}

impl SmtpCredentials {
    /// This username with this password.
    #[must_use]
    pub fn new(user: impl Into<String>, password: impl Into<String>) -> Self {
        Self {
            user: user.into(),
            password: Zeroizing::new(password.into()),
        }
    }
}

/// Why there can be no mailer of an [`SmtpConfig`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidSmtpConfig {
    /// The host is empty, or no name and no IP address.
    #[error("the SMTP host is neither a name nor an IP address")]
    Host,
    /// Credentials without encryption, and not to this machine.
    #[error("credentials go to another machine by STARTTLS or implicit TLS alone")]
    CredentialsInClear,
    /// A root certificate that can't be read.
    #[error("a root certificate is not in PEM")]
    Certificate,
    /// An address to send from that no mail server takes.
    #[error("mail can't be sent from this address")]
    From,
}

impl SmtpConfig {
    /// This server, on the usual port, without credentials.
    pub fn new(host: impl Into<String>, security: SmtpSecurity, from_email: EmailAddress) -> Self {
        Self {
            host: host.into(),
            port: security.default_port(),
            security,
            credentials: None,
            from_email,
            from_name: None,
            deadline: Duration::from_secs(30),
            root_certificates: Vec::new(),
        }
    }

    pub(super) fn check(&self) -> Result<(), InvalidSmtpConfig> {
        let in_name = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
        let is_name = !self.host.is_empty() && self.host.bytes().all(in_name);
        let ip = self.host.parse::<IpAddr>().ok();
        if !is_name && ip.is_none() {
            return Err(InvalidSmtpConfig::Host);
        }
        let is_here = self.host.eq_ignore_ascii_case("localhost")
            || ip.is_some_and(|ip| ip.to_canonical().is_loopback());
        if self.credentials.is_some() && self.security == SmtpSecurity::None && !is_here {
            return Err(InvalidSmtpConfig::CredentialsInClear);
        }
        Ok(())
    }
}

impl fmt::Debug for SmtpConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SmtpConfig")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("security", &self.security)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for SmtpCredentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SmtpCredentials(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(host: &str, security: SmtpSecurity) -> SmtpConfig {
        let from = "hello@example.com".parse().unwrap();
        let mut config = SmtpConfig::new(host, security, from);
        config.credentials = Some(SmtpCredentials::new("anna", "hunter2"));
        config
    }

    #[test]
    fn credentials_go_in_clear_to_this_machine_alone() {
        for (host, security, outcome) in [
            ("localhost", SmtpSecurity::None, Ok(())),
            ("127.0.0.1", SmtpSecurity::None, Ok(())),
            ("::1", SmtpSecurity::None, Ok(())),
            ("mail.example.com", SmtpSecurity::StartTls, Ok(())),
            ("mail.example.com", SmtpSecurity::ImplicitTls, Ok(())),
            (
                "mail.example.com",
                SmtpSecurity::None,
                Err(InvalidSmtpConfig::CredentialsInClear),
            ),
            (
                "localhost.example.com",
                SmtpSecurity::None,
                Err(InvalidSmtpConfig::CredentialsInClear),
            ),
            (
                "10.0.0.1",
                SmtpSecurity::None,
                Err(InvalidSmtpConfig::CredentialsInClear),
            ),
            ("", SmtpSecurity::StartTls, Err(InvalidSmtpConfig::Host)),
            (
                "mail.example.com:587",
                SmtpSecurity::StartTls,
                Err(InvalidSmtpConfig::Host),
            ),
            (
                "mail example",
                SmtpSecurity::StartTls,
                Err(InvalidSmtpConfig::Host),
            ),
        ] {
            assert_eq!(config(host, security).check(), outcome, "{host}");
        }
    }

    #[test]
    fn debug_shows_no_credentials() {
        let config = config("localhost", SmtpSecurity::None);
        let shown = format!("{config:?} {:?}", config.credentials);
        assert!(
            !shown.contains("anna") && !shown.contains("hunter2"),
            "{shown}"
        );
    }
}
