//! ASVS 9: self-contained tokens.

use std::time::Duration;

use aws_lc_rs::digest::{Context, SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use doorward::testing::SECRET;
use doorward::{AuthenticateError, RefreshError, TokenError};
use doorward_tests::engine::{START, TestEngine, Visitor, anonymous};
use serde_json::{Value, json};

/// HMAC with SHA-256, written down from RFC 2104 §2 alone.
fn hmac_sha256(key: &[u8], message: &str) -> Vec<u8> {
    let mut block = [0u8; 64];
    if key.len() > block.len() {
        block[..32].copy_from_slice(digest(&SHA256, key).as_ref());
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let pass = |pad: u8, message: &[u8]| {
        let mut hash = Context::new(&SHA256);
        hash.update(&block.map(|byte| byte ^ pad));
        hash.update(message);
        hash.finish()
    };
    let inner = pass(0x36, message.as_bytes());
    pass(0x5c, inner.as_ref()).as_ref().to_vec()
}

fn signature_is_of(key: &[u8], token: &str) -> bool {
    let (signed, signature) = token.rsplit_once('.').unwrap();
    BASE64.decode(signature).unwrap() == hmac_sha256(key, signed)
}

fn claims_of(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64.decode(payload).unwrap()).unwrap()
}

/// A token of our own making, signed with the real secret.
fn forge(header: &Value, claims: &Value) -> String {
    let encode = |value: &Value| BASE64.encode(value.to_string());
    let signed = format!("{}.{}", encode(header), encode(claims));
    let signature = BASE64.encode(hmac_sha256(SECRET.as_bytes(), &signed));
    format!("{signed}.{signature}")
}

fn hs256() -> Value {
    json!({"alg": "HS256", "typ": "JWT"})
}

async fn start() -> (TestEngine, Visitor) {
    let engine = TestEngine::in_memory().await;
    engine.sign_up("anna@example.com").await;
    let visitor = engine.log_in("anna@example.com").await;
    (engine, visitor)
}

async fn refused(engine: &TestEngine, token: &str) -> TokenError {
    match engine.authenticate(token).await {
        Err(AuthenticateError::Token(why)) => why,
        other => panic!("{token}: {other:?}"),
    }
}

#[tokio::test]
async fn an_access_token_is_hs256_with_the_secret_as_it_stands() {
    let (engine, visitor) = start().await;
    let token = &*visitor.tokens.access_token;
    assert!(signature_is_of(SECRET.as_bytes(), token));
    let header = BASE64.decode(token.split('.').next().unwrap()).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    assert_eq!(header, hs256());
    // And what our own hands made of the same claims is taken for the same token.
    let again = forge(&hs256(), &claims_of(token));
    assert!(engine.authenticate(&again).await.is_ok());
}

#[tokio::test]
async fn a_refresh_token_is_not_signed_with_the_secret() {
    let (engine, visitor) = start().await;
    let token = &*visitor.tokens.refresh_token;
    assert!(!signature_is_of(SECRET.as_bytes(), token));
    // Who has the secret of the access tokens can't make one.
    let forged = forge(&hs256(), &claims_of(token));
    let refused = engine.refresh(&forged, &anonymous()).await;
    assert!(matches!(
        refused,
        Err(RefreshError::Token(TokenError::BadSignature))
    ));
    assert!(engine.lets_in(&visitor).await);
}

#[tokio::test]
async fn v9_1_1_a_changed_token_is_refused() {
    let (engine, visitor) = start().await;
    let token = &*visitor.tokens.access_token;
    let mut claims = claims_of(token);
    claims["roles"] = json!(["admin"]);
    let [header, _, signature]: [&str; 3] =
        token.split('.').collect::<Vec<_>>().try_into().unwrap();
    let changed = format!("{header}.{}.{signature}", BASE64.encode(claims.to_string()));
    assert_eq!(refused(&engine, &changed).await, TokenError::BadSignature);
    // Also where the true one was seen, and so is remembered.
    assert!(engine.lets_in(&visitor).await);
    assert_eq!(refused(&engine, &changed).await, TokenError::BadSignature);
    for at in (0..token.len()).step_by(7) {
        let mut bytes = token.as_bytes().to_vec();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let other = String::from_utf8(bytes).unwrap();
        refused(&engine, &other).await;
    }
}

#[tokio::test]
async fn v9_1_2_only_the_one_algorithm_is_taken() {
    let (engine, visitor) = start().await;
    let claims = claims_of(&visitor.tokens.access_token);
    for algorithm in [
        json!("none"),
        json!("None"),
        json!("NONE"),
        json!(""),
        json!("HS384"),
        json!("HS512"),
        json!("hs256"),
        json!("RS256"),
        json!("ES256"),
        json!("EdDSA"),
        json!(null),
        json!(1),
        json!(["HS256"]),
    ] {
        let token = forge(&json!({"alg": algorithm, "typ": "JWT"}), &claims);
        refused(&engine, &token).await;
        let (signed, _) = token.rsplit_once('.').unwrap();
        refused(&engine, &format!("{signed}.")).await;
    }
    refused(&engine, &forge(&json!({"typ": "JWT"}), &claims)).await;
    assert!(engine.authenticate(&forge(&hs256(), &claims)).await.is_ok());
}

#[tokio::test]
async fn v9_1_3_a_token_does_not_bring_its_key() {
    let (engine, visitor) = start().await;
    let claims = claims_of(&visitor.tokens.access_token);
    for (member, value) in [
        ("jku", json!("https://attacker.example/keys")),
        ("x5u", json!("https://attacker.example/cert")),
        ("jwk", json!({"kty": "oct", "k": "c2VjcmV0"})),
        ("x5c", json!(["MIIB"])),
        ("crit", json!(["exp"])),
        ("b64", json!(false)),
    ] {
        let mut header = hs256();
        header[member] = value;
        assert_eq!(
            refused(&engine, &forge(&header, &claims)).await,
            TokenError::Malformed,
            "{member}"
        );
    }
}

#[tokio::test]
async fn v9_2_1_a_token_counts_in_its_time_alone() {
    let (engine, visitor) = start().await;
    let token = &*visitor.tokens.access_token;
    let claims = claims_of(token);
    engine.advance(Duration::from_secs(30 * 60));
    assert_eq!(refused(&engine, token).await, TokenError::Expired);
    engine.set_clock(START - Duration::from_secs(1));
    assert_eq!(refused(&engine, token).await, TokenError::NotYetValid);
    engine.set_clock(START + Duration::from_secs(1));
    for name in ["exp", "nbf", "iat", "sub", "sid", "jti", "iss", "type"] {
        for value in [
            Value::Null,
            json!("1"),
            json!(1.5),
            json!([1]),
            json!(-1e300),
            json!(u64::MAX),
        ] {
            let mut odd = claims.clone();
            odd[name] = value;
            refused(&engine, &forge(&hs256(), &odd)).await;
        }
        let mut without = claims.clone();
        without.as_object_mut().unwrap().remove(name);
        refused(&engine, &forge(&hs256(), &without)).await;
    }
}

#[tokio::test]
async fn v9_2_2_one_kind_of_token_is_not_taken_for_another() {
    let (engine, visitor) = start().await;
    refused(&engine, &visitor.tokens.refresh_token).await;
    let swapped = engine
        .refresh(&visitor.tokens.access_token, &anonymous())
        .await;
    assert!(matches!(swapped, Err(RefreshError::Token(_))));
    let mut claims = claims_of(&visitor.tokens.access_token);
    for other in ["refresh", "reset", "Access", ""] {
        claims["type"] = json!(other);
        assert_eq!(
            refused(&engine, &forge(&hs256(), &claims)).await,
            TokenError::WrongType
        );
    }
}

#[tokio::test]
async fn v9_2_3_a_token_for_somebody_else_is_refused() {
    let (engine, visitor) = start().await;
    let mut claims = claims_of(&visitor.tokens.access_token);
    claims["aud"] = json!("another-service");
    assert_eq!(
        refused(&engine, &forge(&hs256(), &claims)).await,
        TokenError::WrongAudience
    );
    let engine = TestEngine::in_memory_with(|builder| builder.audience("this-service")).await;
    engine.sign_up("anna@example.com").await;
    let visitor = engine.log_in("anna@example.com").await;
    let mut claims = claims_of(&visitor.tokens.access_token);
    assert_eq!(claims["aud"], "this-service");
    claims.as_object_mut().unwrap().remove("aud");
    assert_eq!(
        refused(&engine, &forge(&hs256(), &claims)).await,
        TokenError::WrongAudience
    );
}

#[tokio::test]
async fn a_claim_that_is_named_twice_is_refused() {
    let (engine, visitor) = start().await;
    let text = claims_of(&visitor.tokens.access_token).to_string();
    let twice = text.replacen('{', "{\"sub\":\"00000000-0000-7000-8000-000000000000\",", 1);
    let signed = format!(
        "{}.{}",
        BASE64.encode(hs256().to_string()),
        BASE64.encode(twice)
    );
    let signature = BASE64.encode(hmac_sha256(SECRET.as_bytes(), &signed));
    assert_eq!(
        refused(&engine, &format!("{signed}.{signature}")).await,
        TokenError::Malformed
    );
}

/// Who can sign (another service with the secret) still can't name a session that is not
/// there, nor somebody else's.
#[tokio::test]
async fn a_well_signed_token_needs_a_session_of_its_own() {
    let (engine, anna) = start().await;
    engine.sign_up("bert@example.com").await;
    let bert = engine.log_in("bert@example.com").await;
    let mut claims = claims_of(&anna.tokens.access_token);
    claims["sid"] = json!("00000000-0000-7000-8000-000000000000");
    let unknown = engine.authenticate(&forge(&hs256(), &claims)).await;
    assert!(matches!(unknown, Err(AuthenticateError::Revoked)));
    claims["sid"] = json!(bert.who.session.id.to_string());
    let swapped = engine.authenticate(&forge(&hs256(), &claims)).await;
    assert!(matches!(swapped, Err(AuthenticateError::Revoked)));
}
