//! Access tokens: each rule by name.

use doorward_protocol::claims::{AccessClaims, Expectations, TokenError};
use serde_json::{Value, json};

use crate::forge::{
    HEADER, ISSUER, NOW, access_claims, access_json, expectations, forge, key, not_ids,
    not_integers, not_strings, refresh_json,
};

fn verify_at(claims: &Value, expectations: &Expectations<'_>) -> Result<AccessClaims, TokenError> {
    let token = forge(HEADER, claims.to_string());
    AccessClaims::verify(&key(), &token, expectations)
}

fn verify(claims: &Value) -> Result<AccessClaims, TokenError> {
    verify_at(claims, &expectations())
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = access_json();
    claims[name] = value;
    claims
}

#[test]
fn a_token_comes_back_as_it_was_issued() {
    let token = key().sign(&access_claims()).unwrap();
    assert_eq!(
        AccessClaims::verify(&key(), &token, &expectations()),
        Ok(access_claims())
    );
}

#[test]
fn the_wire_form_is_the_documented_one() {
    assert_eq!(
        serde_json::to_string(&access_claims()).unwrap(),
        r#"{"type":"access","iss":"https://auth.example.com","sub":"00000000-0000-0000-0000-000000000001","exp":1700001800,"iat":1700000000,"nbf":1700000000,"jti":"00000000-0000-0000-0000-000000000002","sid":"00000000-0000-0000-0000-000000000003","role":"moderator","roles":["moderator","user"]}"#
    );
    let mut claims = access_claims();
    claims.aud = Some("reports".into());
    assert_eq!(serde_json::to_value(claims).unwrap()["aud"], "reports");
}

#[test]
fn every_claim_is_required() {
    for name in [
        "iss", "sub", "exp", "iat", "nbf", "jti", "sid", "role", "roles", "type",
    ] {
        let mut claims = access_json();
        claims.as_object_mut().unwrap().remove(name).unwrap();
        assert_eq!(verify(&claims), Err(TokenError::Malformed), "{name}");
    }
}

#[test]
fn claims_of_another_type_are_not_read() {
    for name in ["exp", "iat", "nbf"] {
        for value in not_integers() {
            let claims = with(name, value.clone());
            assert_eq!(
                verify(&claims),
                Err(TokenError::Malformed),
                "{name} {value}"
            );
        }
    }
    for name in ["iss", "sub", "role", "type"] {
        for value in not_strings() {
            let claims = with(name, value.clone());
            assert_eq!(
                verify(&claims),
                Err(TokenError::Malformed),
                "{name} {value}"
            );
        }
    }
    for name in ["jti", "sid"] {
        for value in not_ids() {
            let claims = with(name, value.clone());
            assert_eq!(
                verify(&claims),
                Err(TokenError::Malformed),
                "{name} {value}"
            );
        }
    }
    for value in [json!(null), json!("user"), json!([1]), json!({"user": 1})] {
        let claims = with("roles", value.clone());
        assert_eq!(verify(&claims), Err(TokenError::Malformed), "{value}");
    }
}

#[test]
fn a_claim_named_twice_is_refused() {
    let claims = access_json().to_string();
    for name in ["exp", "sub", "type", "unknown"] {
        let value = access_json().get(name).cloned().unwrap_or(json!(1));
        let start = claims.strip_suffix('}').unwrap();
        let twice = match name {
            "unknown" => format!(r#"{start},"unknown":1,"unknown":1}}"#),
            _ => format!(r#"{start},"{name}":{value}}}"#),
        };
        let token = forge(HEADER, twice);
        assert_eq!(
            AccessClaims::verify(&key(), &token, &expectations()),
            Err(TokenError::Malformed),
            "{name}"
        );
    }
}

#[test]
fn unknown_claims_are_passed_over() {
    assert!(verify(&with("email", json!({"a": [null]}))).is_ok());
}

#[test]
fn a_refresh_token_is_no_access_token() {
    assert_eq!(verify(&refresh_json()), Err(TokenError::WrongType));
}

#[test]
fn the_type_alone_makes_the_difference() {
    for value in ["refresh", "Access", "access ", ""] {
        assert_eq!(
            verify(&with("type", json!(value))),
            Err(TokenError::WrongType),
            "{value}"
        );
    }
}

#[test]
fn the_issuer_is_compared_byte_for_byte() {
    for issuer in [
        "",
        "https://auth.example.com/",
        "https://AUTH.example.com",
        "https://evil.example.com",
        "https://auth.example.co",
    ] {
        assert_eq!(
            verify(&with("iss", json!(issuer))),
            Err(TokenError::WrongIssuer),
            "{issuer}"
        );
    }
}

#[test]
fn an_expected_audience_must_be_named() {
    let expected = Expectations {
        audience: Some("reports"),
        ..expectations()
    };
    for audience in [
        json!("reports"),
        json!(["reports"]),
        json!(["a", "reports"]),
    ] {
        let claims = verify_at(&with("aud", audience.clone()), &expected).unwrap();
        assert_eq!(claims.aud.as_deref(), Some("reports"), "{audience}");
    }
    for audience in [
        json!("Reports"),
        json!("reports "),
        json!(""),
        json!("a,reports"),
        json!([]),
        json!(["a", "b"]),
    ] {
        assert_eq!(
            verify_at(&with("aud", audience.clone()), &expected),
            Err(TokenError::WrongAudience),
            "{audience}"
        );
    }
    assert_eq!(
        verify_at(&access_json(), &expected),
        Err(TokenError::WrongAudience)
    );
}

#[test]
fn without_an_expected_audience_none_may_be_named() {
    for audience in [json!("reports"), json!(""), json!([]), json!(["reports"])] {
        assert_eq!(
            verify(&with("aud", audience.clone())),
            Err(TokenError::WrongAudience),
            "{audience}"
        );
    }
}

#[test]
fn an_audience_is_a_string_or_strings() {
    for audience in [
        json!(null),
        json!(1),
        json!({"a": 1}),
        json!(["a", 1]),
        json!([null]),
    ] {
        assert_eq!(
            verify(&with("aud", audience.clone())),
            Err(TokenError::Malformed),
            "{audience}"
        );
    }
}

#[test]
fn a_token_lives_from_nbf_until_just_before_exp() {
    let claims = access_json();
    for (now, leeway, outcome) in [
        (NOW - 1, 0, Some(TokenError::NotYetValid)),
        (NOW, 0, None),
        (NOW + 1799, 0, None),
        (NOW + 1800, 0, Some(TokenError::Expired)),
        (NOW - 6, 5, Some(TokenError::NotYetValid)),
        (NOW - 5, 5, None),
        (NOW + 1804, 5, None),
        (NOW + 1805, 5, Some(TokenError::Expired)),
        (i64::MIN, 5, Some(TokenError::NotYetValid)),
        (i64::MAX, 5, Some(TokenError::Expired)),
        (i64::MAX, i64::MAX, Some(TokenError::Expired)),
    ] {
        let expected = Expectations {
            now,
            leeway,
            ..expectations()
        };
        assert_eq!(
            verify_at(&claims, &expected).err(),
            outcome,
            "{now} {leeway}"
        );
    }
}

#[test]
fn times_at_the_ends_of_their_range_are_compared_without_overflow() {
    assert!(verify(&with("exp", json!(i64::MAX))).is_ok());
    assert_eq!(
        verify(&with("exp", json!(i64::MIN))),
        Err(TokenError::Expired)
    );
    assert_eq!(
        verify(&with("nbf", json!(i64::MAX))),
        Err(TokenError::NotYetValid)
    );
    let lenient = Expectations {
        leeway: 60,
        ..expectations()
    };
    assert!(verify_at(&with("exp", json!(i64::MAX)), &lenient).is_ok());
}

#[test]
fn expired_is_said_only_of_what_was_good_once() {
    let mut claims = with("exp", json!(NOW - 1));
    assert_eq!(verify(&claims), Err(TokenError::Expired));
    claims["iss"] = json!("https://evil.example.com");
    assert_eq!(verify(&claims), Err(TokenError::WrongIssuer));
    claims["iss"] = json!(ISSUER);
    claims["type"] = json!("refresh");
    assert_eq!(verify(&claims), Err(TokenError::WrongType));
}

#[test]
fn another_algorithm_reads_as_a_bad_signature() {
    let token = forge(r#"{"alg":"none"}"#, access_json().to_string());
    assert_eq!(
        AccessClaims::verify(&key(), &token, &expectations()),
        Err(TokenError::BadSignature)
    );
}
