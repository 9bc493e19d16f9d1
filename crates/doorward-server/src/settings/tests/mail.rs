//! Mail: where it goes, and what it needs.

use super::{Case, GOOD_KEY, refused, shown, with};
use crate::settings::{MailDelivery, SmtpSecurity};

/// A production server whose mail needs nothing more.
fn production() -> Case {
    Case::new()
        .variable("SECRET_KEY", GOOD_KEY)
        .variable("SMTP_HOST", "smtp.example.com")
        .variable("SMTP_USER", "someone")
        .variable("SMTP_PASSWORD", "hush")
        .variable("EMAILS_FROM_EMAIL", "noreply@example.com")
        .variable("PUBLIC_URL", "https://auth.example.com")
}

fn delivery(case: &Case) -> MailDelivery {
    case.load().mail_delivery()
}

#[test]
fn development_keeps_mails_and_production_has_none_without_a_server() {
    assert_eq!(delivery(&Case::new()), MailDelivery::Kept);
    let production = Case::new().variable("SECRET_KEY", GOOD_KEY);
    assert_eq!(delivery(&production), MailDelivery::None);
    assert_eq!(
        production.load().warnings,
        [
            "SMTP_HOST is not set: there is no mail, so nobody can reset a password or verify an address"
        ]
    );
}

#[test]
fn verified_addresses_without_mail_are_the_administrators_work() {
    let case = Case::new()
        .variable("SECRET_KEY", GOOD_KEY)
        .variable("REQUIRE_VERIFIED_EMAIL", "true");
    assert!(case.load().warnings[1].starts_with("REQUIRE_VERIFIED_EMAIL lets nobody in"));
}

#[test]
fn the_port_follows_from_the_encryption_and_the_encryption_from_the_port() {
    for (security, port, expected_security, expected_port) in [
        ("", "", "starttls", 587),
        ("tls", "", "tls", 465),
        ("none", "", "none", 25),
        ("StartTLS", "", "starttls", 587),
        ("", "465", "tls", 465),
        ("", "587", "starttls", 587),
        ("", "2525", "starttls", 2525),
        ("starttls", "465", "starttls", 465),
        ("tls", "2525", "tls", 2525),
    ] {
        let settings = Case::new()
            .variable("SMTP_HOST", "smtp.example.com")
            .variable("EMAILS_FROM_EMAIL", "noreply@example.com")
            .variable("SMTP_SECURITY", security)
            .variable("SMTP_PORT", port)
            .load();
        assert_eq!(settings.smtp_security.to_string(), expected_security);
        assert_eq!(settings.smtp_port, expected_port, "{security} {port}");
    }
}

#[test]
fn what_catches_mails_on_this_machine_needs_its_address_alone() {
    for host in ["127.0.0.1", "localhost", "::1"] {
        let case = Case::new()
            .variable("SMTP_HOST", host)
            .variable("SMTP_PORT", "1025");
        let settings = case.load();
        assert_eq!(settings.mail_delivery(), MailDelivery::Smtp, "{host}");
        assert_eq!(settings.smtp_security, SmtpSecurity::None, "{host}");
        assert_eq!(
            shown(&settings, "EMAILS_FROM_EMAIL"),
            "noreply@example.com from default"
        );
        assert!(settings.warnings.is_empty(), "{:?}", settings.warnings);
    }
    for (port, security) in [("587", SmtpSecurity::StartTls), ("465", SmtpSecurity::Tls)] {
        let case = Case::new()
            .variable("SMTP_HOST", "localhost")
            .variable("SMTP_PORT", port);
        assert_eq!(case.load().smtp_security, security, "{port}");
    }
}

#[test]
fn a_server_that_is_not_filled_in_yet_keeps_mails_in_development() {
    for port in ["587", "465"] {
        let case = Case::new()
            .variable("SMTP_HOST", "smtp.example.com")
            .variable("SMTP_PORT", port)
            .variable("SMTP_USER", "");
        let settings = case.load();
        assert_eq!(settings.mail_delivery(), MailDelivery::Kept, "{port}");
        assert!(settings.warnings[0].contains("set SMTP_USER and SMTP_PASSWORD to send them"));
    }
    let relay = Case::new()
        .variable("SMTP_HOST", "relay.internal")
        .variable("SMTP_PORT", "2525")
        .variable("EMAILS_FROM_EMAIL", "noreply@example.com");
    assert_eq!(delivery(&relay), MailDelivery::Smtp);
}

#[test]
fn production_says_all_that_mail_lacks() {
    assert_eq!(delivery(&production()), MailDelivery::Smtp);
    assert!(production().load().warnings.is_empty());
    let without = |name: &str| {
        let mut case = production();
        case.environment.retain(|(other, _)| other != name);
        case.refusal()
    };
    for (name, beginning) in [
        (
            "SMTP_USER",
            "SMTP_USER: is missing, and mail servers take mail on port 587",
        ),
        (
            "SMTP_PASSWORD",
            "SMTP_USER (environment): goes with SMTP_PASSWORD",
        ),
        (
            "EMAILS_FROM_EMAIL",
            "EMAILS_FROM_EMAIL: is missing, and SMTP_HOST is set",
        ),
        ("PUBLIC_URL", "PUBLIC_URL: is missing, and SMTP_HOST is set"),
    ] {
        let refusal = without(name);
        assert!(refusal.starts_with(beginning), "{refusal}");
        assert_eq!(refusal.lines().count(), 1, "{refusal}");
    }
    let all = Case::new()
        .variable("SECRET_KEY", GOOD_KEY)
        .variable("SMTP_HOST", "smtp.example.com")
        .refusal();
    assert_eq!(all.lines().count(), 3, "{all}");
}

#[test]
fn a_password_never_crosses_the_network_in_clear() {
    let refusal = production().variable("SMTP_SECURITY", "none").refusal();
    assert!(refusal.starts_with("SMTP_SECURITY (environment): none would send SMTP_PASSWORD"));
    let relay = Case::new()
        .variable("SECRET_KEY", GOOD_KEY)
        .variable("SMTP_HOST", "relay.internal")
        .variable("SMTP_SECURITY", "none")
        .variable("EMAILS_FROM_EMAIL", "noreply@example.com")
        .variable("PUBLIC_URL", "http://auth.example.com/");
    let settings = relay.load();
    assert!(settings.warnings[0].starts_with("SMTP_SECURITY is none"));
    assert!(settings.warnings[1].starts_with("PUBLIC_URL is not https"));
    assert_eq!(
        settings.public_url.as_deref(),
        Some("http://auth.example.com")
    );
}

#[test]
fn a_registration_that_reveals_nothing_needs_mail() {
    let silent = |case: Case| case.variable("REGISTRATION_REVEALS", "false");
    assert_eq!(
        silent(Case::new().variable("SECRET_KEY", GOOD_KEY)).refusal(),
        "REGISTRATION_REVEALS (environment): false needs mail, which tells what the answer does \
         not: set SMTP_HOST"
    );
    assert!(!silent(production()).load().registration_reveals);
    assert!(!silent(Case::new()).load().registration_reveals);
}

#[test]
fn the_public_url_of_development_is_where_it_listens() {
    for (host, port, url) in [
        ("127.0.0.1", "8000", "http://127.0.0.1:8000 from default"),
        ("::1", "81", "http://[::1]:81 from default"),
        ("localhost", "8000", "http://localhost:8000 from default"),
        ("127.0.0.1", "0", "nothing from default"),
    ] {
        let case = Case::new().variable("HOST", host).variable("PORT", port);
        assert_eq!(shown(&case.load(), "PUBLIC_URL"), url);
    }
    assert_eq!(with("SECRET_KEY", GOOD_KEY).public_url, None);
}

#[test]
fn urls_of_links_are_checked() {
    for (name, value) in [
        ("PUBLIC_URL", "auth.example.com"),
        ("PUBLIC_URL", "https://auth.example.com/?a=b"),
        ("PUBLIC_URL", "https://me:hush@auth.example.com"),
        ("PASSWORD_RESET_URL", "https://app.example.com/reset"),
        ("PASSWORD_RESET_URL", "javascript:alert('{token}')"),
        ("EMAIL_VERIFICATION_URL", "https://{token}.example.com"),
    ] {
        let refusal = refused(name, value);
        let beginning = format!("{name} (environment): expected a URL like https://");
        assert!(refusal.starts_with(&beginning), "{refusal}");
    }
    let url = "https://app.example.com/reset?t={token}";
    let settings = with("PASSWORD_RESET_URL", url);
    assert_eq!(settings.password_reset_url.as_deref(), Some(url));
}

#[test]
fn an_authority_of_ones_own_is_read_from_a_file() {
    let pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----";
    let case = Case::new()
        .file("ca.pem", pem)
        .variable("SMTP_CA_FILE", "ca.pem");
    let settings = case.load();
    assert_eq!(settings.smtp_ca.as_deref(), Some(pem));
    let refusal = Case::new()
        .file("ca.pem", "nothing of the kind")
        .variable("SMTP_CA_FILE", "ca.pem")
        .refusal();
    assert_eq!(
        refusal,
        "SMTP_CA_FILE (environment): expected certificates in PEM, which begin with \
         -----BEGIN CERTIFICATE-----"
    );
}

#[test]
fn a_certificate_that_can_not_be_read_names_its_setting() {
    let pem = "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----";
    let settings = production().variable("SMTP_CA", pem).load();
    let refusal = crate::mail::configure(&settings, "http://127.0.0.1")
        .err()
        .unwrap();
    assert!(
        refusal.message.starts_with("SMTP_CA: "),
        "{}",
        refusal.message
    );
}

#[test]
fn numbers_are_held_to_their_ranges() {
    for (name, value) in [
        ("LOCKOUT_THRESHOLD", "1"),
        ("LOCKOUT_THRESHOLD", "101"),
        ("LOCKOUT_MINUTES", "0"),
        ("LOCKOUT_MINUTES", "1441"),
        ("SMTP_PORT", "0"),
        ("SMTP_SECURITY", "ssl"),
        ("EMAILS_FROM_EMAIL", "somebody"),
        ("PASSWORD_RESET_TOKEN_EXPIRE_HOURS", "0"),
        ("EMAIL_VERIFICATION_TOKEN_EXPIRE_HOURS", "721"),
    ] {
        assert!(refused(name, value).starts_with(name), "{name}={value}");
    }
}

#[test]
fn templates_are_read_from_a_folder_with_folders_of_languages() {
    let case = Case::new();
    let folder = case.folder.path().join("mails/de");
    std::fs::create_dir_all(&folder).unwrap();
    let case = case
        .file(
            "mails/layout.html",
            "<p>{% block title %}{% endblock %}{% block body %}{% endblock %}</p>",
        )
        .file(
            "mails/password_changed.txt",
            "Subject: Changed\n\nIt was you?\n",
        )
        .file("mails/README.md", "not a template")
        .file(
            "mails/de/password_changed.txt",
            "Subject: Geändert\n\nWaren Sie das?\n",
        )
        .variable("MAIL_TEMPLATES_DIR", "mails");
    let mail = crate::mail::configure(&case.load(), "http://127.0.0.1")
        .ok()
        .unwrap();
    let templates = mail.config.unwrap().templates;
    let facts = doorward::MailFacts::default();
    let kind = doorward::MailKind::PasswordChanged;
    for (language, subject) in [(None, "Changed"), (Some("de-at"), "Geändert")] {
        assert_eq!(
            templates.render(kind, language, &facts).unwrap().subject,
            subject
        );
    }
}

#[test]
fn a_template_that_is_wrong_is_named() {
    for (file, content, reason) in [
        (
            "password_reset.txt",
            "Subject: A\n\n{{ lnik }}",
            "`lnik` is not known",
        ),
        (
            "pasword_reset.txt",
            "Subject: A\n\n{{ link }}",
            "no mail has this template",
        ),
        ("password_reset.html", "{% if %}", ""),
    ] {
        let case = Case::new();
        std::fs::create_dir(case.folder.path().join("mails")).unwrap();
        let case = case
            .file(&format!("mails/{file}"), content)
            .variable("MAIL_TEMPLATES_DIR", "mails");
        let refusal = crate::mail::configure(&case.load(), "http://127.0.0.1")
            .err()
            .unwrap();
        assert!(
            refusal.message.starts_with("MAIL_TEMPLATES_DIR: "),
            "{}",
            refusal.message
        );
        assert!(
            refusal.message.contains(&format!("mails/{file}: {reason}")),
            "{}",
            refusal.message
        );
    }
    let settings = with("MAIL_TEMPLATES_DIR", "nowhere");
    let refusal = crate::mail::configure(&settings, "http://127.0.0.1")
        .err()
        .unwrap();
    assert!(
        refusal.message.contains("nowhere: cannot be read"),
        "{}",
        refusal.message
    );
}
