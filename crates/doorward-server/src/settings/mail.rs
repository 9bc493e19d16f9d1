//! What happens to mails, and the rules across the settings of mail.

use super::error::Problem;
use super::report::problem;
use super::table::Settings;
use super::values::choice::{Environment, SmtpSecurity};
use super::values::network::is_loopback;

/// The ports on which mail servers take mail only from their accounts (RFC 6409, RFC 8314).
const SUBMISSION_PORTS: [u16; 2] = [587, 465];

/// What happens to mails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MailDelivery {
    /// They are sent to the mail server.
    Smtp,
    /// They are kept and shown at `/dev/mail`, in development.
    Kept,
    /// No mails are sent.
    None,
}

impl Settings {
    /// Returns what happens to mails.
    pub(crate) fn mail_delivery(&self) -> MailDelivery {
        match (&self.smtp_host, self.environment) {
            (Some(_), Environment::Development) if self.lacks_smtp_account() => MailDelivery::Kept,
            (Some(_), _) => MailDelivery::Smtp,
            (None, Environment::Development) => MailDelivery::Kept,
            (None, Environment::Production) => MailDelivery::None,
        }
    }

    /// Returns whether the mail server takes mail only from accounts, and no account is set.
    fn lacks_smtp_account(&self) -> bool {
        self.smtp_user.is_none()
            && SUBMISSION_PORTS.contains(&self.smtp_port)
            && self
                .smtp_host
                .as_deref()
                .is_some_and(|host| !is_loopback(host))
    }

    /// Returns whether the connection to the mail server is encrypted, or stays on this machine.
    fn sends_in_private(&self) -> bool {
        self.smtp_security != SmtpSecurity::None
            || self.smtp_host.as_deref().is_none_or(is_loopback)
    }
}

/// Adds the problems that make the settings of mail unusable.
pub(super) fn check(settings: &Settings, problems: &mut Vec<Problem>) {
    let mut refuse = |name: &str, message: &str| {
        problems.push(problem(&settings.lines, name, message));
    };
    let delivery = settings.mail_delivery();
    if delivery == MailDelivery::None && !settings.registration_reveals {
        refuse(
            "REGISTRATION_REVEALS",
            "false needs mail, which tells what the answer does not: set SMTP_HOST",
        );
    }
    if delivery != MailDelivery::Smtp {
        return;
    }
    if settings.lacks_smtp_account() {
        let message = format!(
            "is missing, and mail servers take mail on port {} from accounts alone: set it and \
             SMTP_PASSWORD; a relay that needs no account listens on another port, say \
             SMTP_PORT=25",
            settings.smtp_port
        );
        refuse("SMTP_USER", &message);
    } else if settings.smtp_user.is_some() != settings.smtp_password.is_some() {
        refuse("SMTP_USER", "goes with SMTP_PASSWORD: set both, or neither");
    }
    if settings.smtp_user.is_some() && !settings.sends_in_private() {
        refuse(
            "SMTP_SECURITY",
            "none would send SMTP_PASSWORD across the network for everybody to read: use \
             starttls or tls",
        );
    }
    if settings.emails_from_email.is_none() {
        refuse(
            "EMAILS_FROM_EMAIL",
            "is missing, and SMTP_HOST is set: mails need a sender, like noreply@example.com, in \
             whose name the mail server may send",
        );
    }
    if settings.environment == Environment::Production && settings.public_url.is_none() {
        refuse(
            "PUBLIC_URL",
            "is missing, and SMTP_HOST is set: links in mails begin with it, set it to the \
             address under which browsers reach the server, like https://auth.example.com",
        );
    }
}

/// Returns the warnings about settings of mail that are allowed but risky.
pub(super) fn warnings(settings: &Settings) -> Vec<String> {
    let mut warnings = Vec::new();
    match settings.mail_delivery() {
        MailDelivery::None => warnings.extend(warnings_without_mail(settings)),
        MailDelivery::Kept => warnings.extend(warnings_of_kept_mail(settings)),
        MailDelivery::Smtp => warnings.extend(warnings_of_smtp(settings)),
    }
    warnings
}

fn warnings_without_mail(settings: &Settings) -> Vec<String> {
    let mut warnings = vec![
        "SMTP_HOST is not set: there is no mail, so nobody can reset a password or verify an \
         address"
            .to_owned(),
    ];
    if settings.require_verified_email {
        warnings.push(
            "REQUIRE_VERIFIED_EMAIL lets nobody in whom no administrator has verified: there is \
             no mail"
                .to_owned(),
        );
    }
    warnings
}

fn warnings_of_kept_mail(settings: &Settings) -> Vec<String> {
    let mut warnings = Vec::new();
    if let Some(host) = &settings.smtp_host {
        warnings.push(format!(
            "SMTP_USER is empty, so that nothing is sent through SMTP_HOST {host} yet: mails are \
             kept and shown at /dev/mail; set SMTP_USER and SMTP_PASSWORD to send them"
        ));
    }
    if !is_loopback(&settings.host) {
        warnings.push(format!(
            "HOST {} lets others reach a server whose answers hold the tokens of password resets: \
             keep it among friends, or set ENVIRONMENT=production",
            settings.host
        ));
    }
    warnings
}

fn warnings_of_smtp(settings: &Settings) -> Vec<String> {
    let mut warnings = Vec::new();
    if !settings.sends_in_private() {
        warnings.push(
            "SMTP_SECURITY is none: whoever is on the way to the mail server can read the links \
             in mails"
                .to_owned(),
        );
    }
    let plain = settings
        .public_url
        .as_deref()
        .and_then(|url| url.strip_prefix("http://"));
    if let Some(url) = plain.filter(|_| settings.environment == Environment::Production) {
        let authority = url.split('/').next().unwrap_or_default();
        let host = authority
            .rsplit_once(':')
            .map_or(authority, |(host, _)| host);
        if !is_loopback(host.trim_matches(['[', ']'])) {
            warnings.push(
                "PUBLIC_URL is not https: whoever is on the way can read what is typed on the \
                 pages that mails lead to"
                    .to_owned(),
            );
        }
    }
    warnings
}
