//! What passwords must be like.

use doorward::CharacterKind;

use super::{Case, refused, with};
use crate::settings::BreachCheck;

#[test]
fn nothing_but_a_length_is_asked_for_by_default() {
    let settings = Case::new().load();
    assert_eq!(settings.password_min_length, 8);
    assert_eq!(settings.password_require, []);
    assert_eq!(settings.password_min_score, 0);
    assert_eq!(settings.password_breach_check, BreachCheck::Off);
    assert_eq!(
        settings.password_breach_url,
        "https://api.pwnedpasswords.com/range"
    );
    assert_eq!(settings.password_breach_file, None);
}

#[test]
fn kinds_of_characters_are_a_list() {
    use CharacterKind::{Digit, Lower, Symbol, Upper};

    for (text, kinds) in [
        (
            "lower,Upper, DIGIT ,symbol",
            &[Lower, Upper, Digit, Symbol][..],
        ),
        ("[\"digit\"]", &[Digit]),
        ("digit,digit", &[Digit]),
        ("", &[]),
    ] {
        let settings = with("PASSWORD_REQUIRE", text);
        assert_eq!(settings.password_require, kinds, "{text}");
    }
    let refusal = refused("PASSWORD_REQUIRE", "digit,letter");
    assert!(
        refusal.contains("expected lower or upper or digit or symbol"),
        "{refusal}"
    );
}

#[test]
fn a_score_is_0_to_4() {
    assert_eq!(with("PASSWORD_MIN_SCORE", "4").password_min_score, 4);
    for wrong in ["5", "-1", "strong"] {
        let refusal = refused("PASSWORD_MIN_SCORE", wrong);
        assert!(refusal.contains("PASSWORD_MIN_SCORE"), "{refusal}");
    }
}

#[test]
fn a_file_of_breaches_is_needed_where_it_is_to_be_searched() {
    let refusal = refused("PASSWORD_BREACH_CHECK", "file");
    assert!(
        refusal.contains("file needs PASSWORD_BREACH_FILE"),
        "{refusal}"
    );
    let case = Case::new()
        .variable("PASSWORD_BREACH_CHECK", "File")
        .variable("PASSWORD_BREACH_FILE", "lists/breached.txt");
    let settings = case.load();
    assert_eq!(settings.password_breach_check, BreachCheck::File);
    assert_eq!(
        settings.password_breach_file,
        Some(case.folder.path().join("lists/breached.txt"))
    );
    assert_eq!(
        with("PASSWORD_BREACH_CHECK", "online").password_breach_check,
        BreachCheck::Online
    );
}
