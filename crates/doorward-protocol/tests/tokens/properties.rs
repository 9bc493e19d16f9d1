//! What holds of every token and of every string.

use doorward_protocol::claims::{AccessClaims, Expectations, RefreshClaims};
use doorward_protocol::oauth::bearer::parse_authorization;
use proptest::prelude::*;
use serde_json::Value;
use uuid::Uuid;

use crate::forge::{
    HEADER, access_claims, encode, expectations, forge, key, refresh_claims, sign_parts,
};

fn any_access_claims() -> impl Strategy<Value = AccessClaims> {
    let times = (any::<i64>(), any::<i64>(), any::<i64>());
    let ids = (any::<u128>(), any::<u128>());
    let texts = (any::<String>(), any::<String>(), any::<Option<String>>());
    let roles = (
        any::<String>(),
        prop::collection::vec(any::<String>(), 0..4),
    );
    (times, ids, texts, roles).prop_map(
        |((exp, iat, nbf), (jti, sid), (iss, sub, aud), (role, roles))| AccessClaims {
            iss,
            sub,
            aud,
            exp,
            iat,
            nbf,
            jti: Uuid::from_u128(jti),
            sid: Uuid::from_u128(sid),
            role,
            roles,
        },
    )
}

/// Replaces the character at `index` (counted around) of an ASCII text.
fn replace(text: &str, index: usize, character: char) -> String {
    let index = index % text.len();
    format!("{}{character}{}", &text[..index], &text[index + 1..])
}

fn nobody_accepts(token: &str) -> bool {
    key().verify_payload(token).is_err()
        && key().verify::<Value>(token).is_err()
        && AccessClaims::verify(&key(), token, &expectations()).is_err()
        && RefreshClaims::verify(&key(), token, &expectations()).is_err()
}

proptest! {
    #[test]
    fn a_token_is_accepted_exactly_while_it_lives(
        claims in any_access_claims(),
        now in any::<i64>(),
    ) {
        let token = key().sign(&claims).unwrap();
        let expected = Expectations {
            issuer: &claims.iss,
            audience: claims.aud.as_deref(),
            now,
            leeway: 0,
        };
        let verified = AccessClaims::verify(&key(), &token, &expected);
        if claims.nbf <= now && now < claims.exp {
            prop_assert_eq!(verified, Ok(claims));
        } else {
            prop_assert!(verified.is_err());
        }
    }

    #[test]
    fn a_token_with_any_character_changed_is_refused(
        index in any::<usize>(),
        character in prop_oneof![prop::char::range(' ', '~'), any::<char>()],
    ) {
        let genuine = key().sign(&access_claims()).unwrap();
        let changed = replace(&genuine, index, character);
        prop_assume!(changed != genuine);
        prop_assert!(nobody_accepts(&changed), "{}", changed);
    }

    #[test]
    fn a_token_with_anything_added_or_cut_is_refused(
        cut in 0_usize..100,
        added in "[A-Za-z0-9_.=-]{0,8}",
    ) {
        let genuine = key().sign(&refresh_claims()).unwrap();
        let changed = format!("{}{added}", &genuine[..genuine.len() - cut]);
        prop_assume!(changed != genuine);
        prop_assert!(nobody_accepts(&changed), "{}", changed);
    }

    #[test]
    fn no_string_verifies(token in any::<String>()) {
        prop_assert!(nobody_accepts(&token));
    }

    #[test]
    fn nothing_that_looks_like_a_token_verifies(
        token in "[A-Za-z0-9_=-]{0,60}(\\.[A-Za-z0-9_=-]{0,60}){0,5}",
    ) {
        prop_assert!(nobody_accepts(&token));
    }

    #[test]
    fn no_header_makes_the_parsers_panic(header in any::<Vec<u8>>()) {
        let token = sign_parts(&encode(&header), &encode("{}"));
        let accepted = key().verify::<Value>(&token).is_ok();
        prop_assert!(!accepted, "random bytes are no header");
    }

    #[test]
    fn no_payload_makes_the_parsers_panic(payload in any::<Vec<u8>>()) {
        let token = forge(HEADER, &payload);
        prop_assert!(AccessClaims::verify(&key(), &token, &expectations()).is_err());
        prop_assert!(RefreshClaims::verify(&key(), &token, &expectations()).is_err());
    }

    #[test]
    fn changed_claims_never_panic(index in any::<usize>(), character in prop::char::range(' ', '~')) {
        let claims = serde_json::to_string(&access_claims()).unwrap();
        let token = forge(HEADER, replace(&claims, index, character));
        // Signed by us, so it may be good or bad; it only has to be answered,
        // and never as the other kind.
        let _ = AccessClaims::verify(&key(), &token, &expectations());
        prop_assert!(RefreshClaims::verify(&key(), &token, &expectations()).is_err());
    }

    #[test]
    fn an_authorization_header_yields_only_its_own_token(header in "(?i:bearer)? {0,2}[ -~]{0,40}") {
        if let Some(token) = parse_authorization(&header) {
            let (scheme, rest) = header.split_once(' ').unwrap();
            prop_assert!(scheme.eq_ignore_ascii_case("bearer"));
            prop_assert_eq!(rest.trim_start_matches(' '), token);
            prop_assert!(!token.contains([' ', ',', '"']));
        }
    }
}
