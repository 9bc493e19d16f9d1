//! Refresh tokens: each rule by name.

use doorward_protocol::claims::{AccessClaims, Expectations, RefreshClaims, TokenError};
use serde_json::{Value, json};

use crate::forge::{
    HEADER, NOW, access_claims, access_json, expectations, forge, key, not_ids, not_integers,
    not_strings, refresh_claims, refresh_json,
};

fn verify(claims: &Value) -> Result<RefreshClaims, TokenError> {
    let token = forge(HEADER, claims.to_string());
    RefreshClaims::verify(&key(), &token, &expectations())
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = refresh_json();
    claims[name] = value;
    claims
}

#[test]
fn a_token_comes_back_as_it_was_issued() {
    let token = key().sign(&refresh_claims()).unwrap();
    assert_eq!(
        RefreshClaims::verify(&key(), &token, &expectations()),
        Ok(refresh_claims())
    );
}

#[test]
fn the_wire_form_is_the_documented_one() {
    assert_eq!(
        serde_json::to_string(&refresh_claims()).unwrap(),
        r#"{"type":"refresh","iss":"https://auth.example.com","sub":"00000000-0000-0000-0000-000000000001","exp":1700604800,"iat":1700000000,"nbf":1700000000,"jti":"00000000-0000-0000-0000-000000000002","sid":"00000000-0000-0000-0000-000000000003"}"#
    );
}

#[test]
fn every_claim_is_required() {
    for name in ["iss", "sub", "exp", "iat", "nbf", "jti", "sid", "type"] {
        let mut claims = refresh_json();
        claims.as_object_mut().unwrap().remove(name).unwrap();
        assert_eq!(verify(&claims), Err(TokenError::Malformed), "{name}");
    }
}

#[test]
fn claims_of_another_type_are_not_read() {
    let wrong = [
        (vec!["exp", "iat", "nbf"], not_integers()),
        (vec!["iss", "sub", "type"], not_strings()),
        (vec!["jti", "sid"], not_ids()),
    ];
    for (names, values) in wrong {
        for name in names {
            for value in &values {
                let claims = with(name, value.clone());
                assert_eq!(
                    verify(&claims),
                    Err(TokenError::Malformed),
                    "{name} {value}"
                );
            }
        }
    }
}

#[test]
fn an_access_token_is_no_refresh_token() {
    let token = key().sign(&access_claims()).unwrap();
    assert!(AccessClaims::verify(&key(), &token, &expectations()).is_ok());
    assert_eq!(
        RefreshClaims::verify(&key(), &token, &expectations()),
        Err(TokenError::WrongType)
    );
    assert_eq!(verify(&access_json()), Err(TokenError::WrongType));
}

#[test]
fn a_foreign_issuer_is_refused() {
    assert_eq!(
        verify(&with("iss", json!("https://evil.example.com"))),
        Err(TokenError::WrongIssuer)
    );
}

#[test]
fn a_refresh_token_has_no_audience_whatever_is_expected() {
    for audience in [json!("reports"), json!([]), json!(1)] {
        assert_eq!(
            verify(&with("aud", audience.clone())),
            Err(TokenError::WrongAudience),
            "{audience}"
        );
    }
    let expected = Expectations {
        audience: Some("reports"),
        ..expectations()
    };
    let token = key().sign(&refresh_claims()).unwrap();
    assert!(RefreshClaims::verify(&key(), &token, &expected).is_ok());
}

#[test]
fn a_token_lives_from_nbf_until_just_before_exp() {
    assert_eq!(
        verify(&with("nbf", json!(NOW + 1))),
        Err(TokenError::NotYetValid)
    );
    assert!(verify(&with("exp", json!(NOW + 1))).is_ok());
    assert_eq!(verify(&with("exp", json!(NOW))), Err(TokenError::Expired));
}
