//! What a header may say, each with a genuine signature.

use doorward_protocol::jws::JwsError;
use serde_json::Value;

use crate::forge::{forge, key};

fn verify(header: &str) -> Result<Value, JwsError> {
    key().verify(&forge(header, r#"{"sub":"alice"}"#))
}

#[test]
fn harmless_headers_are_accepted() {
    for header in [
        r#"{"alg":"HS256"}"#,
        r#"{"typ":"JWT","alg":"HS256"}"#,
        r#"{"alg":"HS256","typ":"jwt"}"#,
        r#"{"alg":"HS256","typ":"at+jwt"}"#,
        r#"{"alg":"HS256","typ":"AT+JWT"}"#,
        r#"{"alg":"HS256","kid":"1"}"#,
        r#"{"alg":"HS256","unknown":{"a":[1]}}"#,
        " {\r\n \"alg\" : \"HS256\" } ",
    ] {
        assert!(verify(header).is_ok(), "{header}");
    }
}

#[test]
fn the_algorithm_is_the_keys_to_the_letter() {
    for header in [
        "{}",
        r#"{"typ":"JWT"}"#,
        r#"{"alg":"none"}"#,
        r#"{"alg":"None"}"#,
        r#"{"alg":"NONE"}"#,
        r#"{"alg":""}"#,
        r#"{"alg":"hs256"}"#,
        r#"{"alg":"HS256 "}"#,
        r#"{"alg":"HS384"}"#,
        r#"{"alg":"HS512"}"#,
        r#"{"alg":"RS256"}"#,
        r#"{"alg":"ES256"}"#,
        r#"{"alg":"EdDSA"}"#,
        r#"{"alg":null}"#,
        r#"{"alg":256}"#,
        r#"{"alg":["HS256"]}"#,
        r#"{"alg":{"HS256":null}}"#,
        r#"{"Alg":"HS256"}"#,
    ] {
        assert_eq!(verify(header), Err(JwsError::WrongAlgorithm), "{header}");
    }
}

#[test]
fn members_that_bring_keys_or_change_rules_are_refused() {
    for member in ["crit", "b64", "jku", "jwk", "x5u", "x5c"] {
        for value in ["null", "true", "\"a\"", "[]", r#"["exp"]"#, "{}"] {
            let header = format!(r#"{{"alg":"HS256","{member}":{value}}}"#);
            assert_eq!(verify(&header), Err(JwsError::BadHeader), "{header}");
        }
    }
    assert_eq!(
        verify(r#"{"alg":"HS256","\u0063rit":["exp"],"exp":1}"#),
        Err(JwsError::BadHeader)
    );
}

#[test]
fn the_type_is_a_jwts() {
    for typ in [
        r#""""#,
        r#""JWE""#,
        r#""JOSE""#,
        r#""JWT ""#,
        r#""dpop+jwt""#,
        r#""application/json""#,
        "null",
        "1",
        r#"["JWT"]"#,
    ] {
        let header = format!(r#"{{"alg":"HS256","typ":{typ}}}"#);
        assert_eq!(verify(&header), Err(JwsError::BadHeader), "{header}");
    }
}

#[test]
fn the_header_is_one_object_with_distinct_members() {
    for header in [
        "null",
        "[]",
        r#"["HS256"]"#,
        r#""HS256""#,
        "HS256",
        "{",
        r#"{"alg":"HS256"}x"#,
        r#"{"alg":"HS256"}{"alg":"HS256"}"#,
        r#"{"alg":"HS256","alg":"HS256"}"#,
        r#"{"alg":"none","alg":"HS256"}"#,
        r#"{"alg":"HS256","\u0061lg":"none"}"#,
        r#"{"alg":"HS256","kid":"1","kid":"2"}"#,
        r#"{"alg":"HS256","a":{"b":1,"b":2}}"#,
        r#"{"alg":"HS256",}"#,
        r#"{'alg':'HS256'}"#,
    ] {
        assert_eq!(verify(header), Err(JwsError::BadHeader), "{header}");
    }
}
