//! The names of claims that no application adds.

/// The names of claims that an application can't add, whatever their case: ours, and those
/// that standards give a meaning for whom a token is, for whom it speaks and what it permits.
/// A verifier that knows such a claim would take the application's word for ours.
///
/// What merely describes a person (`email`, `name`, `groups` and the like) is not reserved.
pub const RESERVED_CLAIMS: &[&str] = &[
    // Ours (RFC 7519 §4.1).
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "sid",
    "role",
    "roles",
    "type",
    // Kinds of token (RFC 8725 §3.11 and what others made of it).
    "typ",
    "token_type",
    "token_use",
    // What is permitted, and to whom (RFC 8693 §4.2, RFC 9068 §2.2, RFC 9396).
    "scope",
    "scp",
    "permissions",
    "authorization_details",
    "client_id",
    "azp",
    // Who acts for whom, and as whom (RFC 8693 §4.1 and §4.4, RFC 9493).
    "act",
    "may_act",
    "sub_id",
    "sub_jwk",
    // By which key the bearer shows that the token is theirs (RFC 7800).
    "cnf",
    // How and when somebody logged in (OpenID Connect Core §2, RFC 8485).
    "acr",
    "amr",
    "auth_time",
    "nonce",
    "at_hash",
    "c_hash",
    "s_hash",
    "vot",
    "vtm",
    // What makes a token a statement of another kind (RFC 8417, RFC 9701, RFC 9901).
    "events",
    "token_introspection",
    "vct",
    "_sd",
    "_sd_alg",
    // In JavaScript: a copy of the claims has what is below it as if it were claims.
    "__proto__",
];

/// Whether no application may add a claim of this name.
///
/// Names in other letters than those of ASCII are among them: some readers of JSON fold case,
/// by which `ſub` is `sub`.
pub(super) const fn is_reserved(name: &str) -> bool {
    if name.is_empty() || !is_printable_ascii(name.as_bytes()) {
        return true;
    }
    let mut index = 0;
    while index < RESERVED_CLAIMS.len() {
        if name.eq_ignore_ascii_case(RESERVED_CLAIMS[index]) {
            return true;
        }
        index += 1;
    }
    false
}

const fn is_printable_ascii(name: &[u8]) -> bool {
    let mut index = 0;
    while index < name.len() {
        if !name[index].is_ascii_graphic() {
            return false;
        }
        index += 1;
    }
    true
}
