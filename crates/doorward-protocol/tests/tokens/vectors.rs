//! Attacks that public test vectors for JWS libraries list, made anew here
//! with our own keys: modified, missing, extra and foreign parts, confused
//! algorithms, keys brought along.

use aws_lc_rs::hmac;
use doorward_protocol::jws::HmacKey;

use crate::forge::{HEADER, SECRET, encode, forge, key};

fn assert_refused(name: &str, token: &str) {
    assert!(key().verify_payload(token).is_err(), "{name}: {token}");
}

/// A token signed with a digest or secret of the attacker's choice.
fn sign_with(algorithm: hmac::Algorithm, secret: &[u8], header: &str) -> String {
    let input = format!("{}.{}", encode(header), encode("foo"));
    let tag = hmac::sign(&hmac::Key::new(algorithm, secret), input.as_bytes());
    format!("{input}.{}", encode(tag))
}

#[test]
fn the_genuine_token_verifies() {
    let token = forge(r#"{"alg":"HS256","kid":"k"}"#, "foo");
    assert_eq!(key().verify_payload(&token).unwrap(), b"foo");
}

#[test]
fn modified_parts() {
    let header = r#"{"alg":"HS256","kid":"k"}"#;
    let token = forge(header, "foo");
    let signature = token.rsplit_once('.').unwrap().1;
    let (header, payload) = (encode(header), encode("foo"));
    let other = encode(r#"{"alg":"HS256","kid":"l"}"#);
    for (name, token) in [
        ("header", format!("{other}.{payload}.{signature}")),
        ("payload", format!("{header}.{}.{signature}", encode("goo"))),
        ("parts swapped", format!("{payload}.{header}.{signature}")),
        (
            "signature of nothing",
            format!("{header}.{payload}.{}", encode([0; 32])),
        ),
        (
            "cut signature",
            format!("{header}.{payload}.{}", encode([7; 16])),
        ),
        (
            "long signature",
            format!("{header}.{payload}.{signature}{}", encode([7; 33])),
        ),
        (
            "signature in hexadecimal",
            format!("{header}.{payload}.{}", "0a".repeat(32)),
        ),
        (
            "moved dot",
            format!("{header}{}.{}.{signature}", &payload[..1], &payload[1..]),
        ),
    ] {
        assert_refused(name, &token);
    }
}

#[test]
fn json_serialisation() {
    let token = forge(HEADER, "foo");
    let parts: Vec<&str> = token.split('.').collect();
    let (header, payload, signature) = (parts[0], parts[1], parts[2]);
    for token in [
        format!(r#"{{"protected":"{header}","payload":"{payload}","signature":"{signature}"}}"#),
        format!(
            r#"{{"payload":"{payload}","signatures":[{{"protected":"{header}","signature":"{signature}"}}]}}"#
        ),
    ] {
        assert_refused("JSON", &token);
    }
}

#[test]
fn no_algorithm() {
    for alg in ["none", "None", "nOnE", "NONE", ""] {
        let header = encode(format!(r#"{{"alg":"{alg}"}}"#));
        let payload = encode("foo");
        assert_refused("no signature", &format!("{header}.{payload}."));
        assert_refused("no third part", &format!("{header}.{payload}"));
        assert_refused("signed", &forge(&format!(r#"{{"alg":"{alg}"}}"#), "foo"));
    }
}

#[test]
fn confused_algorithms() {
    // The signature is right for what the header says, with the right secret.
    for (algorithm, name) in [(hmac::HMAC_SHA384, "HS384"), (hmac::HMAC_SHA512, "HS512")] {
        let header = format!(r#"{{"alg":"{name}"}}"#);
        assert_refused(name, &sign_with(algorithm, SECRET, &header));
        // Cut to the length that is expected here.
        let token = sign_with(algorithm, SECRET, HEADER);
        let (input, signature) = token.rsplit_once('.').unwrap();
        assert_refused(name, &format!("{input}.{}A", &signature[..42]));
    }
    for name in ["RS256", "ES256", "EdDSA", "PS256", "A128KW", "dir"] {
        let header = format!(r#"{{"alg":"{name}"}}"#);
        assert_refused(name, &forge(&header, "foo"));
    }
}

#[test]
fn keys_brought_along() {
    let secret = b"the attacker's own secret, as long as it has to be";
    let jwk = format!(r#"{{"kty":"oct","k":"{}"}}"#, encode(secret));
    let header = format!(r#"{{"alg":"HS256","jwk":{jwk}}}"#);
    let token = sign_with(hmac::HMAC_SHA256, secret, &header);
    assert!(HmacKey::new(secret).verify_payload(&token).is_err(), "jwk");
    assert_refused("jwk", &token);
    assert_refused("jwk, signed with the right key", &forge(&header, "foo"));
}

#[test]
fn weak_secrets_are_not_the_key() {
    for secret in [&b""[..], b"\0", b"secret", &SECRET[..SECRET.len() - 1]] {
        assert_refused("weak", &sign_with(hmac::HMAC_SHA256, secret, HEADER));
    }
}
