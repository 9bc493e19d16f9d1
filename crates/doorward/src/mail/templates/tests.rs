use proptest::prelude::*;

use super::context::{full_sample, least_sample};
use super::*;

const SERVICE: &str = "Example";

fn overridden(file: &str, source: &str) -> Result<Templates, InvalidTemplate> {
    Templates::new(SERVICE).with_override(file, source)
}

/// What is wrong with this override.
fn fault(file: &str, source: &str) -> String {
    overridden(file, source).unwrap_err().to_string()
}

fn render(templates: &Templates, kind: MailKind, language: Option<&str>) -> RenderedMail {
    templates.render(kind, language, &full_sample()).unwrap()
}

#[test]
fn each_built_in_mail_says_what_it_should() {
    let templates = Templates::new(SERVICE);
    for kind in MailKind::ALL {
        let mail = render(&templates, kind, None);
        let shown = format!("Subject: {}\n\n{}", mail.subject, mail.text);
        insta::assert_snapshot!(format!("{}_text", kind.as_str()), shown);
        insta::assert_snapshot!(format!("{}_html", kind.as_str()), mail.html.unwrap());
    }
}

#[test]
fn each_built_in_mail_passes_what_overrides_must_pass() {
    for (file, source) in BUILT_IN {
        overridden(file, source).unwrap();
    }
}

#[test]
fn a_mail_with_few_facts_has_no_gaps() {
    for kind in MailKind::ALL {
        let templates = Templates::new(SERVICE);
        let mail = templates.render(kind, None, &least_sample(kind)).unwrap();
        for text in [&mail.subject, &mail.text] {
            assert!(
                !text.contains("none") && !text.contains("undefined"),
                "{text}"
            );
        }
        let html = mail.html.unwrap();
        assert!(
            !html.contains("<br>none") && !html.contains("<p></p>"),
            "{html}"
        );
        assert!(mail.text.starts_with("Hello,\n\n"), "{}", mail.text);
        assert!(!mail.text.contains("\n\n\n"), "{}", mail.text);
    }
}

#[test]
fn html_is_escaped_and_text_is_not() {
    let templates = Templates::new("Tom & <b>Jerry</b>");
    let mail = render(&templates, MailKind::PasswordChanged, None);
    assert!(mail.subject.contains("Tom & <b>Jerry</b>"));
    assert!(mail.text.contains("Tom & <b>Jerry</b>"));
    assert!(
        mail.html
            .unwrap()
            .contains("Tom &amp; &lt;b&gt;Jerry&lt;&#x2f;b&gt;")
    );
}

#[test]
fn strangers_are_told_nothing_that_the_sender_chose() {
    let facts = MailFacts {
        name: Some("Chosen".to_owned()),
        user_agent: Some("Chosen http://evil.example".to_owned()),
        ip: Some("Chosen".to_owned()),
        new_address: Some("Chosen".to_owned()),
        ..full_sample()
    };
    let templates = Templates::new(SERVICE);
    for kind in MailKind::ALL {
        let mail = templates.render(kind, None, &facts).unwrap();
        let all = format!("{}{}{}", mail.subject, mail.text, mail.html.unwrap());
        assert_eq!(
            all.contains("Chosen"),
            !kind.goes_to_stranger(),
            "{}",
            kind.as_str()
        );
        assert!(!all.contains("evil"));
    }
}

#[test]
fn the_nearest_language_is_taken() {
    let text = |subject: &str| format!("Subject: {subject}\n\n{{{{ link }}}}");
    let templates = Templates::new(SERVICE)
        .with_override("password_reset.txt", &text("base"))
        .and_then(|templates| templates.with_override("de/password_reset.txt", &text("de")))
        .and_then(|templates| templates.with_override("pt_BR/password_reset.txt", &text("pt-br")))
        .unwrap();
    for (language, subject) in [
        (None, "base"),
        (Some("de"), "de"),
        (Some("DE"), "de"),
        (Some("de-AT"), "de"),
        (Some("pt-BR"), "pt-br"),
        (Some("pt"), "base"),
        (Some("fr"), "base"),
        (Some("../de"), "base"),
        (Some(""), "base"),
    ] {
        let mail = render(&templates, MailKind::PasswordReset, language);
        assert_eq!(mail.subject, subject, "{language:?}");
    }
}

#[test]
fn html_never_stands_beside_a_text_of_another_language_or_wording() {
    let text = "Subject: Neu\n\n{{ link }}";
    let html = "{% extends 'layout.html' %}{% block body %}<p>Neu {{ link }}</p>{% endblock %}";
    let kind = MailKind::PasswordReset;
    let html_of = |templates: &Templates, language| render(templates, kind, language).html;

    let base = overridden("password_reset.txt", text).unwrap();
    assert_eq!(html_of(&base, None), None);
    let both = base.with_override("password_reset.html", html).unwrap();
    assert!(html_of(&both, None).unwrap().contains("<p>Neu "));

    let german = overridden("de/password_reset.txt", text).unwrap();
    assert_eq!(html_of(&german, Some("de")), None);
    assert!(html_of(&german, None).is_some());
    let both = german
        .with_override("de/password_reset.html", html)
        .unwrap();
    assert!(html_of(&both, Some("de")).unwrap().contains("lang=\"de\""));

    let lone = overridden("de/password_reset.html", html).unwrap();
    assert!(!html_of(&lone, Some("de")).unwrap().contains("Neu"));
    assert_eq!(lone.list_html_without_text(), ["de/password_reset.html"]);
    assert!(both.list_html_without_text().is_empty());
}

#[test]
fn the_layout_can_be_overridden() {
    let templates = overridden("layout.html", "<b>{% block body %}{% endblock %}</b>").unwrap();
    let html = render(&templates, MailKind::NewLogin, None).html.unwrap();
    assert!(html.starts_with("<b>"), "{html}");
    for empty in ["<b>empty</b>", "<b>{{ link }}</b>"] {
        let reason = fault("layout.html", empty);
        assert_eq!(reason, "layout.html: it holds no `{% block body %}`");
    }
}

#[test]
fn an_override_that_is_wrong_says_where() {
    for (file, source, reason) in [
        ("password_reset.txt", "Subject: a\n\n{{ link", "(line 3)"),
        (
            "password_reset.txt",
            "Subject: a\n\n{{ lnik }}{{ link }}",
            "`lnik` is not known",
        ),
        (
            "password_reset.txt",
            "Subject: a\n\n{% if name == 'x' %}{{ nmae }}{% endif %}{{ link }}",
            "`nmae` is not known",
        ),
        (
            "password_reset.txt",
            "Subject: a\n\n{{ link | shuot }}",
            "shuot",
        ),
        (
            "password_reset.txt",
            "Subject: a\n\n{{ link.host }}",
            "undefined",
        ),
        ("password_reset.txt", "Hello {{ link }}", "`Subject: …`"),
        (
            "password_reset.txt",
            "Subject:\n\n{{ link }}",
            "the subject is empty",
        ),
        (
            "password_reset.txt",
            "Subject: a\n\nHello",
            "neither `link` nor `token`",
        ),
        (
            "de/email_change.html",
            "<p>Hello</p>",
            "neither `link` nor `token`",
        ),
        (
            "password_reset.html",
            "{% extends 'lay.html' %}",
            "lay.html",
        ),
    ] {
        let fault = fault(file, source);
        assert!(fault.starts_with(&format!("{file}: ")), "{fault}");
        assert!(fault.contains(reason), "{fault}");
    }
}

#[test]
fn an_override_that_no_mail_has_is_refused() {
    for file in [
        "",
        "password_rest.txt",
        "password_reset",
        "password_reset.md",
        "password_reset.txt.bak",
        "de/layout.html",
        "/password_reset.txt",
        "d/password_reset.txt",
        "../password_reset.txt",
        "de/de/password_reset.txt",
        "templates/password_reset.txt",
        "PASSWORD_RESET.txt",
    ] {
        let fault = fault(file, "Subject: a\n\n{{ link }}");
        assert!(fault.contains("no mail has this template"), "{fault}");
    }
}

#[test]
fn errors_and_debug_show_nothing_of_the_facts() {
    let source = "Subject: a\n\n{{ link }}{% if name == 'Secret' %}{{ name / 2 }}{% endif %}";
    let templates = overridden("account_locked.txt", source).unwrap();
    let facts = MailFacts {
        name: Some("Secret".to_owned()),
        ..MailFacts::default()
    };
    let error = templates
        .render(MailKind::AccountLocked, None, &facts)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the mail template account_locked.txt failed in line 3"
    );
    let mail = render(&templates, MailKind::NewLogin, None);
    let shown = format!("{error:?} {facts:?} {templates:?} {mail:?}");
    assert!(
        !shown.contains("Secret") && !shown.contains("Anna"),
        "{shown}"
    );
}

fn any_text() -> impl Strategy<Value = Option<String>> {
    proptest::option::of("(\\PC|[\r\n\t\u{0}\u{202e}<>&\"'{}%]){0,60}")
}

proptest! {
    #[test]
    fn no_facts_panic_or_write_headers(
        texts in proptest::collection::vec(any_text(), 6),
        seconds in any::<Option<u64>>(),
        millis in any::<Option<i64>>(),
        language in any_text(),
    ) {
        let mut texts = texts.into_iter();
        let mut next = || texts.next().unwrap();
        let facts = MailFacts {
            name: next(),
            link: next(),
            token: next(),
            valid_for_seconds: seconds,
            ip: next(),
            user_agent: next(),
            occurred_at: millis,
            new_address: next(),
        };
        let templates = overridden("new_login.txt", "Subject: a {{ name }} {{ link }} {{ token }} {{ device }}\n\n{{ name }}").unwrap();
        for kind in MailKind::ALL {
            let mail = templates.render(kind, language.as_deref(), &facts).unwrap();
            prop_assert!(!mail.subject.is_empty() && mail.subject.chars().count() <= 150);
            prop_assert!(!mail.subject.chars().any(char::is_control));
            prop_assert!(!mail.text.chars().any(|character| character.is_control() && character != '\n'));
        }
    }
}
