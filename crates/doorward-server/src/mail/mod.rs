//! How mail is sent, as the settings say.

mod templates;

use std::sync::Arc;

use doorward::{
    InvalidLink, InvalidSmtpConfig, KeptMails, Links, MailConfig, Mailer, Notices, SmtpConfig,
    SmtpCredentials, SmtpMailer, SystemClock,
};

use crate::failure::CommandFailure;
use crate::settings::{MailDelivery, Settings, SmtpSecurity};

/// What an engine is told of mail, and where it is kept instead of sent.
pub(crate) struct Mail {
    /// What the engine is told; `None` where there is no mail.
    pub(crate) config: Option<MailConfig>,
    /// The mails, where they are kept.
    pub(crate) kept: Option<KeptMails>,
}

/// Reads the templates, and makes what sends or keeps mails. Links begin with `PUBLIC_URL`, or
/// else with `found_at`.
pub(crate) fn configure(settings: &Settings, found_at: &str) -> Result<Mail, CommandFailure> {
    let kept = (settings.mail_delivery() == MailDelivery::Kept)
        .then(|| KeptMails::new(Arc::new(SystemClock)));
    let mailer: Arc<dyn Mailer> = match (&kept, settings.mail_delivery()) {
        (Some(kept), _) => Arc::new(kept.clone()),
        (None, MailDelivery::Smtp) => Arc::new(smtp(settings)?),
        (None, _) => return Ok(Mail { config: None, kept }),
    };
    let templates = templates::read(settings)?;
    let mut config = MailConfig::new(mailer, templates, links(settings, found_at)?);
    config.notices = notices(settings);
    Ok(Mail {
        config: Some(config),
        kept,
    })
}

fn smtp(settings: &Settings) -> Result<SmtpMailer, CommandFailure> {
    let missing = |name: &str| CommandFailure::settings(format!("{name}: is missing"));
    let host = settings.smtp_host.as_ref();
    let host = host.ok_or_else(|| missing("SMTP_HOST"))?;
    let from = settings.emails_from_email.clone();
    let from = from.ok_or_else(|| missing("EMAILS_FROM_EMAIL"))?;
    let security = match settings.smtp_security {
        SmtpSecurity::StartTls => doorward::SmtpSecurity::StartTls,
        SmtpSecurity::Tls => doorward::SmtpSecurity::ImplicitTls,
        SmtpSecurity::None => doorward::SmtpSecurity::None,
    };
    let mut config = SmtpConfig::new(host, security, from);
    config.port = settings.smtp_port;
    let name = settings.emails_from_name.as_ref();
    config.from_name = Some(name.unwrap_or(&settings.project_name).clone());
    if let (Some(user), Some(password)) = (&settings.smtp_user, &settings.smtp_password) {
        config.credentials = Some(SmtpCredentials::new(user, password.expose()));
    }
    if let Some(certificates) = &settings.smtp_ca {
        config.root_certificates = vec![certificates.clone().into_bytes()];
    }
    SmtpMailer::new(config, Arc::new(SystemClock)).map_err(|error| refused_smtp(&error))
}

fn refused_smtp(error: &InvalidSmtpConfig) -> CommandFailure {
    let setting = match error {
        InvalidSmtpConfig::Certificate => "SMTP_CA",
        InvalidSmtpConfig::CredentialsInClear => "SMTP_SECURITY",
        InvalidSmtpConfig::From => "EMAILS_FROM_EMAIL",
        _ => "SMTP_HOST",
    };
    CommandFailure::settings(format!("{setting}: {error}"))
}

fn links(settings: &Settings, found_at: &str) -> Result<Links, CommandFailure> {
    let refused =
        |name: &str, error: InvalidLink| CommandFailure::settings(format!("{name}: {error}"));
    let base = settings.public_url.as_deref().unwrap_or(found_at);
    let mut links = Links::new(base).map_err(|error| refused("PUBLIC_URL", error))?;
    if let Some(template) = &settings.password_reset_url {
        links = links
            .password_reset(template)
            .map_err(|error| refused("PASSWORD_RESET_URL", error))?;
    }
    if let Some(template) = &settings.email_verification_url {
        links = links
            .email_verification(template)
            .map_err(|error| refused("EMAIL_VERIFICATION_URL", error))?;
    }
    Ok(links)
}

fn notices(settings: &Settings) -> Notices {
    Notices {
        password_changed: settings.notify_password_changed,
        email_changed: settings.notify_email_changed,
        new_login: settings.notify_new_login,
        account_locked: settings.notify_account_locked,
        token_reused: settings.notify_token_reused,
    }
}
