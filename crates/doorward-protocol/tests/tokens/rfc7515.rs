//! The example of RFC 7515, appendix A.1.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_protocol::jws::{HmacKey, JwsError};
use serde_json::{Value, json};

const KEY: &str =
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
const HEADER: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9";
const PAYLOAD: &str = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
const SIGNATURE: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

fn key() -> HmacKey {
    HmacKey::new(&URL_SAFE_NO_PAD.decode(KEY).unwrap())
}

#[test]
fn the_example_verifies() {
    let token = format!("{HEADER}.{PAYLOAD}.{SIGNATURE}");
    assert_eq!(
        key().verify::<Value>(&token),
        Ok(json!({"iss": "joe", "exp": 1_300_819_380, "http://example.com/is_root": true}))
    );
    assert_eq!(
        key().verify_payload(&token).unwrap(),
        b"{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}"
    );
}

#[test]
fn the_example_with_another_signature_does_not() {
    let token = format!("{HEADER}.{PAYLOAD}.e{}", &SIGNATURE[1..]);
    assert_eq!(key().verify::<Value>(&token), Err(JwsError::BadSignature));
}

#[test]
fn the_unsecured_example_of_a_5_does_not() {
    let token = format!("eyJhbGciOiJub25lIn0.{PAYLOAD}.");
    assert_eq!(key().verify::<Value>(&token), Err(JwsError::NotCompact));
}
