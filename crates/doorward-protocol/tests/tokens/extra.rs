//! Claims that an application adds: never in the place of ours, and never a token that
//! nobody reads.

use doorward_protocol::claims::{
    AccessClaims, ClaimName, ExtraClaims, RESERVED_CLAIMS, ReservedClaim,
};
use doorward_protocol::jws::{MAX_TOKEN_LEN, SignError};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::forge::{access_claims, access_json, expectations, key, refresh_json};

fn one(name: &str, value: Value) -> ExtraClaims {
    let mut extra = ExtraClaims::new();
    extra.insert(name, value).unwrap();
    extra
}

/// Arrays in arrays, this many levels of them.
fn nested(levels: usize) -> Value {
    (0..levels).fold(json!(1), |inner, _| json!([inner]))
}

#[test]
fn added_claims_stand_behind_ours_and_change_none_of_them() {
    let extra = one("tenant", json!(7)).with(ClaimName::new("plan"), "gold");
    let token = access_claims().sign(&key(), &extra).unwrap();
    let read = AccessClaims::verify(&key(), &token, &expectations());
    assert_eq!(read, Ok(access_claims()));
    let payload = key().verify_payload(&token).unwrap();
    let ours = access_json().to_string().len() - 1;
    let text = String::from_utf8(payload).unwrap();
    assert_eq!(&text[ours..], r#","plan":"gold","tenant":7}"#);
}

#[test]
fn a_token_without_added_claims_is_the_documented_one() {
    assert_eq!(
        access_claims().sign(&key(), &ExtraClaims::new()).unwrap(),
        key().sign(&access_claims()).unwrap()
    );
}

#[test]
fn every_claim_of_ours_is_reserved() {
    let mut access = access_json();
    access["aud"] = json!("reports");
    for claims in [access, refresh_json()] {
        for name in claims.as_object().unwrap().keys() {
            assert!(RESERVED_CLAIMS.contains(&name.as_str()), "{name}");
        }
    }
}

#[test]
fn a_reserved_name_is_refused_in_every_case() {
    for name in RESERVED_CLAIMS {
        for spelling in [(*name).to_owned(), name.to_uppercase()] {
            assert_eq!(
                ExtraClaims::new().insert(&spelling, 1).err(),
                Some(ReservedClaim),
                "{spelling}"
            );
        }
    }
    for name in ["Sub", "rOLES", "Type"] {
        assert_eq!(name.parse::<ClaimName>(), Err(ReservedClaim), "{name}");
    }
}

#[test]
fn a_name_that_some_readers_would_take_for_another_is_refused() {
    for name in [
        "",
        " ",
        "sub ",
        "sub\0",
        "\u{17f}ub",
        "to\u{212a}en_type",
        "\u{fb}",
        "a\tb",
        "\u{200b}sub",
        // In JavaScript, what is copied under this name is read as if it were claims.
        "__proto__",
        "__PROTO__",
    ] {
        assert_eq!(name.parse::<ClaimName>(), Err(ReservedClaim), "{name:?}");
    }
}

#[test]
fn what_describes_a_person_is_not_reserved() {
    for name in [
        "email",
        "name",
        "tenant",
        "groups",
        "org_id",
        "https://example.com/plan",
        "subject",
        "e",
    ] {
        assert!(name.parse::<ClaimName>().is_ok(), "{name}");
    }
}

#[test]
fn a_token_that_would_be_too_long_is_not_made() {
    let room = (MAX_TOKEN_LEN - key().sign(&access_claims()).unwrap().len()) * 3 / 4;
    let fits = one("a", json!("x".repeat(room - 10)));
    let token = access_claims().sign(&key(), &fits).unwrap();
    assert!(AccessClaims::verify(&key(), &token, &expectations()).is_ok());
    let over = one("a", json!("x".repeat(room + 10)));
    assert!(matches!(
        access_claims().sign(&key(), &over),
        Err(SignError::TooLong)
    ));
}

#[test]
fn a_token_that_would_be_nested_too_deep_is_not_made() {
    let fits = one("a", nested(100));
    let token = access_claims().sign(&key(), &fits).unwrap();
    assert!(AccessClaims::verify(&key(), &token, &expectations()).is_ok());
    for levels in [128, 500] {
        assert!(
            matches!(
                access_claims().sign(&key(), &one("a", nested(levels))),
                Err(SignError::TooDeep)
            ),
            "{levels}"
        );
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_is_added_the_token_says_what_we_say(
        added in prop::collection::vec(("[ -~]{0,12}|[a-z_]{1,4}|.{0,4}", any_value()), 0..6),
    ) {
        let mut extra = ExtraClaims::new();
        for (name, value) in added {
            let _ = extra.insert(&name, value);
        }
        if let Ok(token) = access_claims().sign(&key(), &extra) {
            let read = AccessClaims::verify(&key(), &token, &expectations());
            prop_assert_eq!(read, Ok(access_claims()));
        }
    }
}
