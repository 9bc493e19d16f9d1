//! Captchas, and the keys that a provider needs.

use doorward::CaptchaService;

use super::{Case, refused};
use crate::settings::CaptchaProvider;

#[test]
fn captchas_are_off_and_would_be_proofs_of_work() {
    let settings = Case::new().load();
    assert!(!settings.captcha_enabled);
    assert_eq!(settings.captcha_provider, CaptchaProvider::ProofOfWork);
    assert_eq!(settings.captcha_after_failures, 3);
    assert_eq!(settings.captcha_difficulty, 17);
}

#[test]
fn a_proof_of_work_needs_no_keys() {
    let settings = Case::new().variable("CAPTCHA_ENABLED", "true").load();
    let config = crate::captcha::configure(&settings).unwrap().unwrap();
    assert!(matches!(
        config.provider,
        doorward::CaptchaProvider::ProofOfWork { difficulty: 17 }
    ));
}

#[test]
fn a_service_without_its_keys_is_one_error() {
    let case = |name: &str| {
        Case::new()
            .variable("CAPTCHA_ENABLED", "true")
            .variable("CAPTCHA_PROVIDER", name)
    };
    assert_eq!(
        case("turnstile").refusal(),
        "CAPTCHA_PROVIDER (environment): turnstile needs CAPTCHA_SITE_KEY and CAPTCHA_SECRET, \
         which turnstile gives you for your site"
    );
    assert_eq!(
        case("hcaptcha")
            .variable("CAPTCHA_SITE_KEY", "site")
            .refusal(),
        "CAPTCHA_PROVIDER (environment): hcaptcha needs CAPTCHA_SECRET, which hcaptcha gives \
         you for your site"
    );
    let settings = case("recaptcha")
        .variable("CAPTCHA_SITE_KEY", "site")
        .variable("CAPTCHA_SECRET", "hush")
        .load();
    let recaptcha = CaptchaProvider::Service(CaptchaService::Recaptcha);
    assert_eq!(settings.captcha_provider, recaptcha);
    assert!(!format!("{settings:?}").contains("hush"));
}

#[test]
fn a_service_that_is_turned_off_needs_no_keys() {
    let settings = Case::new().variable("CAPTCHA_PROVIDER", "hcaptcha").load();
    assert!(crate::captcha::configure(&settings).unwrap().is_none());
}

#[test]
fn captchas_are_verified_over_tls_or_on_this_machine() {
    let made = |url: &str| {
        let settings = Case::new()
            .variable("CAPTCHA_ENABLED", "true")
            .variable("CAPTCHA_PROVIDER", "hcaptcha")
            .variable("CAPTCHA_SITE_KEY", "site")
            .variable("CAPTCHA_SECRET", "hush")
            .variable("CAPTCHA_VERIFY_URL", url)
            .load();
        crate::captcha::configure(&settings)
    };
    assert!(made("http://127.0.0.1:9/siteverify").is_ok());
    let refusal = made("http://captcha.example/siteverify").unwrap_err();
    assert_eq!(
        refusal.message,
        "CAPTCHA_VERIFY_URL: expected an https URL; http is for this machine alone"
    );
}

#[test]
fn numbers_are_held_to_their_ranges() {
    for (name, value) in [
        ("CAPTCHA_DIFFICULTY", "0"),
        ("CAPTCHA_DIFFICULTY", "29"),
        ("CAPTCHA_AFTER_FAILURES", "-1"),
        ("CAPTCHA_PROVIDER", "geetest"),
    ] {
        assert!(refused(name, value).starts_with(name), "{name}={value}");
    }
}
