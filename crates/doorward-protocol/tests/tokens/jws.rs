//! The form of a token, below its claims.

use doorward_protocol::jws::{HmacKey, JwsError, MAX_TOKEN_LEN, SignError};
use serde_json::{Value, json};

use crate::forge::{HEADER, encode, forge, key, sign_parts};

fn verify(token: &str) -> Result<Value, JwsError> {
    key().verify(token)
}

fn genuine() -> String {
    key().sign(&json!({"sub": "alice", "n": 1})).unwrap()
}

#[test]
fn claims_come_back_as_they_went() {
    assert_eq!(verify(&genuine()), Ok(json!({"sub": "alice", "n": 1})));
}

#[test]
fn another_key_refuses() {
    let other = HmacKey::new(b"another secret for tests alone, as long as it is");
    assert_eq!(
        other.verify::<Value>(&genuine()),
        Err(JwsError::BadSignature)
    );
}

#[test]
fn only_three_parts_are_a_token() {
    let token = genuine();
    let (input, signature) = token.rsplit_once('.').unwrap();
    let (header, payload) = input.split_once('.').unwrap();
    for wrong in [
        String::new(),
        ".".into(),
        "..".into(),
        "...".into(),
        header.into(),
        input.into(),
        format!("{input}."),
        format!(".{payload}.{signature}"),
        format!("{header}..{signature}"),
        format!("{token}."),
        format!(".{token}"),
        format!("{token}.{signature}"),
        // The five parts of an encrypted token (RFC 7516 §7.1).
        format!("{header}.{payload}.{payload}.{payload}.{signature}"),
    ] {
        assert_eq!(verify(&wrong), Err(JwsError::NotCompact), "{wrong}");
    }
}

#[test]
fn an_empty_payload_is_refused_even_when_signed() {
    let token = sign_parts(&encode(HEADER), "");
    assert_eq!(verify(&token), Err(JwsError::NotCompact));
}

#[test]
fn the_signature_has_one_length_and_one_spelling() {
    let token = genuine();
    let (input, signature) = token.rsplit_once('.').unwrap();
    for (wrong, error) in [
        (format!("{signature}="), JwsError::BadSignature),
        (format!("{signature}A"), JwsError::BadSignature),
        (format!("{signature}{signature}"), JwsError::BadSignature),
        (signature[..42].into(), JwsError::BadSignature),
        (signature[..22].into(), JwsError::BadSignature),
        ("A".into(), JwsError::BadSignature),
        ("A".repeat(43), JwsError::BadSignature),
        (format!("{}=", &signature[..42]), JwsError::Encoding),
        (format!("{}+", &signature[..42]), JwsError::Encoding),
        (format!("{} ", &signature[..42]), JwsError::Encoding),
        (format!("\n{}", &signature[..42]), JwsError::Encoding),
    ] {
        assert_eq!(verify(&format!("{input}.{wrong}")), Err(error), "{wrong:?}");
    }
}

#[test]
fn trailing_bits_of_the_signature_are_zero() {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let token = genuine();
    let (start, last) = token.split_at(token.len() - 1);
    let last = alphabet.find(last).unwrap();
    assert_eq!(
        last % 4,
        0,
        "two bits of the last character stand for nothing"
    );
    for bits in 1..4 {
        let wrong = format!("{start}{}", &alphabet[last + bits..=last + bits]);
        assert_eq!(verify(&wrong), Err(JwsError::Encoding), "{wrong}");
    }
}

#[test]
fn header_and_payload_have_one_spelling_even_when_signed() {
    let header = encode(HEADER);
    // One byte over: the last of its two characters has four idle bits.
    let payload = encode(r#"{"a":1}"#);
    assert!(verify(&sign_parts(&header, &payload)).is_ok());
    let (start, last) = payload.split_at(payload.len() - 1);
    assert_eq!(last, "Q");
    for wrong in [
        format!("{start}R"),
        format!("{payload}="),
        format!("{payload}=="),
        format!("{payload} "),
        format!(" {payload}"),
        format!("{payload}\n"),
        format!("{payload}+"),
        format!("{payload}%3D"),
        format!("{payload}é"),
        format!("{payload}\0"),
        "A".into(),
    ] {
        let token = sign_parts(&header, &wrong);
        assert_eq!(verify(&token), Err(JwsError::Encoding), "{wrong:?}");
    }
    for wrong in [format!("{header}="), format!("{header} "), "A".into()] {
        let token = sign_parts(&wrong, &payload);
        assert_eq!(verify(&token), Err(JwsError::Encoding), "{wrong:?}");
    }
}

#[test]
fn the_other_base64_alphabet_is_refused() {
    // The JSON of these two holds the values 62 and 63, `-_` here and `+/` there.
    let payload = encode(r#"{"a":"~~~???"}"#);
    assert!(payload.contains(['-', '_']), "{payload}");
    let other = payload.replace('-', "+").replace('_', "/");
    let header = encode(HEADER);
    assert!(verify(&sign_parts(&header, &payload)).is_ok());
    assert_eq!(
        verify(&sign_parts(&header, &other)),
        Err(JwsError::Encoding)
    );
}

#[test]
fn white_space_around_a_token_is_not_part_of_it() {
    let token = genuine();
    for wrong in [
        format!(" {token}"),
        format!("{token} "),
        format!("{token}\n"),
    ] {
        assert!(verify(&wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn a_token_has_a_greatest_length() {
    let payload = |len: usize| format!(r#"{{"a":"{}"}}"#, "x".repeat(len));
    // Header, two dots and signature are 81 characters; 6083 bytes are 8111.
    let longest = forge(HEADER, payload(6083 - 8));
    assert_eq!(longest.len(), MAX_TOKEN_LEN);
    assert!(verify(&longest).is_ok());
    let longer = forge(HEADER, payload(6084 - 8));
    assert_eq!(verify(&longer), Err(JwsError::TooLong));
    assert_eq!(verify(&"A".repeat(1 << 20)), Err(JwsError::TooLong));
}

#[test]
fn what_would_be_refused_for_its_length_is_not_signed() {
    let claims = |len: usize| json!({"a": "x".repeat(len)});
    assert_eq!(key().sign(&claims(6083 - 8)).unwrap().len(), MAX_TOKEN_LEN);
    assert!(matches!(
        key().sign(&claims(6084 - 8)),
        Err(SignError::TooLong)
    ));
}

#[test]
fn what_has_no_json_form_is_not_signed() {
    let claims = std::collections::BTreeMap::from([((1, 2), 3)]);
    assert!(matches!(key().sign(&claims), Err(SignError::Serialise(_))));
}

#[test]
fn claims_are_one_object_with_distinct_members() {
    for payload in [
        "null",
        "[]",
        r#"["alice"]"#,
        r#""alice""#,
        "1",
        "{",
        "{}{}",
        "{},",
        r#"{"sub":"a","sub":"a"}"#,
        r#"{"unknown":1,"unknown":2}"#,
        r#"{"sub":"a","s\u0075b":"b"}"#,
        r#"{"deep":{"a":[{"b":1,"b":1}]}}"#,
        r#"{"sub":"\ud800"}"#,
        "\u{feff}{}",
        "foo",
    ] {
        assert_eq!(
            verify(&forge(HEADER, payload)),
            Err(JwsError::BadClaims),
            "{payload}"
        );
    }
    assert_eq!(
        verify(&forge(HEADER, b"{\"sub\":\"\xff\"}")),
        Err(JwsError::BadClaims)
    );
    let deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(2000), "]".repeat(2000));
    assert_eq!(verify(&forge(HEADER, deep)), Err(JwsError::BadClaims));
}

#[test]
fn a_struct_is_never_read_from_an_array() {
    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Claims {
        sub: String,
    }
    let read = |payload: &str| key().verify::<Claims>(&forge(HEADER, payload));
    assert_eq!(
        read(r#"{"sub":"alice"}"#),
        Ok(Claims {
            sub: "alice".into()
        })
    );
    assert_eq!(read(r#"["alice"]"#), Err(JwsError::BadClaims));
}

#[test]
fn a_payload_need_not_be_json_below_the_claims() {
    let token = forge(HEADER, "foo");
    assert_eq!(key().verify_payload(&token), Ok(b"foo".to_vec()));
}

#[test]
fn a_wrong_signature_is_noticed_before_anything_is_read() {
    // Each of these, signed, is refused for what it says; unsigned, for the
    // signature alone.
    for (header, payload) in [
        (r#"{"alg":"none"}"#, "{}"),
        ("{", "{}"),
        (HEADER, "{"),
        (HEADER, r#"{"a":1,"a":1}"#),
    ] {
        let token = format!("{}.{}.{}", encode(header), encode(payload), "A".repeat(43));
        assert_eq!(verify(&token), Err(JwsError::BadSignature), "{header}");
        let token = format!("{}=.{}=.{}", header, payload, "A".repeat(43));
        assert_eq!(verify(&token), Err(JwsError::BadSignature), "{header}");
    }
}

#[test]
fn errors_repeat_nothing_of_the_token() {
    let token = forge(HEADER, r#"{"sub":"alice-the-secret"#);
    let error = verify(&token).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("alice"));
}
