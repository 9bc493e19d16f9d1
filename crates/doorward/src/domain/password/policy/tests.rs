use proptest::prelude::*;

use super::*;

fn check_for(policy: &PasswordPolicy, context: &PasswordContext, text: &str) -> Vec<PasswordFault> {
    match policy.check_password(&Password::new(text.to_owned()), context) {
        Ok(()) => Vec::new(),
        Err(rejected) => rejected.faults().to_vec(),
    }
}

fn check(min_length: usize, text: &str) -> Vec<PasswordFault> {
    let policy = PasswordPolicy {
        min_length,
        ..PasswordPolicy::default()
    };
    check_for(&policy, &PasswordContext::new(), text)
}

#[test]
fn length_is_counted_in_characters() {
    let too_short = [PasswordFault::TooShort { min: 8 }];
    assert_eq!(PasswordPolicy::default().min_length, 8);
    assert_eq!(check(8, "zq7!ümä"), too_short);
    assert_eq!(check(8, "zq7!ümäß"), []);
    assert_eq!(check(8, "🐎🐎🐎🐎🐎🐎🐎"), too_short);
    assert_eq!(check(8, "🐎🦄🐎🐢🐎🐍🐎🐓"), []);
    assert_eq!(check(8, ""), too_short);
    assert_eq!(check(0, ""), []);
}

#[test]
fn white_space_counts_and_is_kept() {
    assert_eq!(check(8, "  zq7m  "), []);
    assert_eq!(check(8, " password "), []);
}

#[test]
fn the_upper_limit_is_in_bytes() {
    let too_long = [PasswordFault::TooLong { max_bytes: 1024 }];
    let text = |length: usize| "zq7!umwk kettle ".repeat(65)[..length].to_owned();
    assert_eq!(check(8, &text(1024)), []);
    assert_eq!(check(8, &text(1025)), too_long);
    let umlauts = |length: usize| {
        "üzöqämëwïk"
            .repeat(200)
            .chars()
            .filter(|c| !c.is_ascii())
            .take(length)
            .collect::<String>()
    };
    assert_eq!(check(8, &umlauts(513)), too_long);
}

#[test]
fn no_composition_is_asked_for() {
    for text in ["zqmvkwyt", "73920461", "!?#%&/()=", "ZQMVKWYT"] {
        assert_eq!(check(8, text), [], "{text}");
    }
}

#[test]
fn composition_is_asked_for_where_it_is_set() {
    use CharacterKind::{Digit, Lower, Symbol, Upper};

    let policy = PasswordPolicy {
        require: vec![Lower, Upper, Digit, Symbol],
        ..PasswordPolicy::default()
    };
    let check = |text| check_for(&policy, &PasswordContext::new(), text);
    let lacks = PasswordFault::Lacks;
    assert_eq!(check("zqMv kwyt7"), []);
    assert_eq!(
        check("zqmvkwyt"),
        [lacks(Upper), lacks(Digit), lacks(Symbol)]
    );
    assert_eq!(check("7392 0461"), [lacks(Lower), lacks(Upper)]);
    assert_eq!(check("ЖУКИживут-7"), []);
    assert_eq!(
        check("zqm"),
        [
            PasswordFault::TooShort { min: 8 },
            lacks(Upper),
            lacks(Digit),
            lacks(Symbol)
        ]
    );
    assert_eq!(
        check("password"),
        [
            lacks(Upper),
            lacks(Digit),
            lacks(Symbol),
            PasswordFault::TooCommon
        ]
    );
}

#[test]
fn common_passwords_are_refused_in_any_case() {
    for text in [
        "password",
        "PASSWORD",
        "PassWord1",
        "Password123",
        "1q2w3e4r5t",
        "12345678",
        "passwordPassword",
    ] {
        assert_eq!(check(8, text), [PasswordFault::TooCommon], "{text}");
    }
    assert_eq!(check(4, "Qwerty"), [PasswordFault::TooCommon]);
}

#[test]
fn lower_case_folds_beyond_ascii() {
    // The Kelvin sign is a capital k.
    assert_eq!(check(6, "mon\u{212a}ey"), [PasswordFault::TooCommon]);
}

#[test]
fn sequences_are_refused() {
    for text in [
        "xxxxxxxxxxxx",
        "zqzqzqzq",
        "HGFEDCBA-hgfedcba",
        "4567-tzui-qay",
    ] {
        let faults = check(8, text);
        let is_one = !text.ends_with("qay");
        assert_eq!(faults == [PasswordFault::Sequence], is_one, "{text}");
    }
    assert_eq!(check(8, &"x".repeat(1024)), [PasswordFault::Sequence]);
}

#[test]
fn names_are_refused_in_any_case() {
    let policy = PasswordPolicy {
        service_name: "Widget Shop".to_owned(),
        ..PasswordPolicy::default()
    };
    let anna = PasswordContext::new()
        .email("anna.kowalska@example.com")
        .username("akowalska")
        .full_name("Anna Kowalska");
    for (text, fault) in [
        ("Anna.Kowalska@Example.com", PasswordFault::OwnName),
        ("KOWALSKA", PasswordFault::OwnName),
        ("!akowalska!", PasswordFault::OwnName),
        ("example.com", PasswordFault::OwnName),
        ("Anna@WidgetShop", PasswordFault::OwnName),
        ("widget shop 2026", PasswordFault::ServiceName),
        ("Doorward", PasswordFault::ServiceName),
        ("doorward-123", PasswordFault::ServiceName),
    ] {
        assert_eq!(check_for(&policy, &anna, text), [fault], "{text}");
    }
    let nobody = PasswordContext::new();
    assert_eq!(check_for(&policy, &nobody, "Anna.Kowalska@Example.com"), []);
    assert_eq!(check(8, "widget shop 2026"), []);
    assert_eq!(check_for(&policy, &anna, "anna buys widgets"), []);
}

#[test]
fn ordinary_passwords_are_taken() {
    for text in [
        "correct horse battery staple",
        "SecurePass123",
        "NewSecurePass123",
        "ResetPass123",
        "a better password",
        "purple kettle sings at noon",
    ] {
        assert_eq!(check(8, text), [], "{text}");
    }
}

proptest! {
    #[test]
    fn a_name_with_digits_and_punctuation_around_is_refused(
        name in "[a-zA-Z]{3,20}",
        before in "[0-9 !._-]{0,6}",
        between in "[0-9 !._-]{0,3}",
        after in "[0-9 !._-]{5,9}",
        times in 1..4_usize,
    ) {
        let text = format!("{before}{}{after}", vec![name.as_str(); times].join(&between));
        let faults = check_for(
            &PasswordPolicy::default(),
            &PasswordContext::new().username(&name),
            &text,
        );
        let refused = [PasswordFault::OwnName, PasswordFault::TooCommon, PasswordFault::ServiceName];
        prop_assert!(faults.iter().any(|fault| refused.contains(fault)), "{text}: {faults:?}");
    }

    #[test]
    fn a_refusal_holds_in_upper_case_too(
        text in "[a-z0-9 !]{8,24}",
        name in "[a-z]{1,8}",
    ) {
        let policy = PasswordPolicy::default();
        let context = PasswordContext::new().full_name(&name);
        prop_assert_eq!(
            check_for(&policy, &context, &text),
            check_for(&policy, &context, &text.to_uppercase())
        );
    }

    #[test]
    fn any_text_has_an_answer(text in "\\PC{0,400}", name in "\\PC{0,60}", email in "\\PC{0,60}") {
        let context = PasswordContext::new().email(&email).username(&name).full_name(&name);
        let faults = check_for(&PasswordPolicy::default(), &context, &text);
        let is_short = text.chars().count() < 8;
        prop_assert_eq!(faults.contains(&PasswordFault::TooShort { min: 8 }), is_short);
    }
}
