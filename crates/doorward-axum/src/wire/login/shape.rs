//! The shapes for the document.
#![expect(dead_code, reason = "documented only; `Credentials` is what is read")]

use utoipa::ToSchema;

/// Who logs in: a username or an e-mail address, in either field, and the password.
#[derive(ToSchema)]
pub(super) struct Login {
    /// The username or the e-mail address.
    #[schema(example = "anna@example.com")]
    username: Option<String>,
    /// The e-mail address or the username, where `username` is not sent.
    email: Option<String>,
    /// The password.
    #[schema(format = Password, min_length = 1, max_length = 1024, example = "correct horse battery staple")]
    password: String,
    /// What a solved captcha is worth, where one is asked for: see `GET /auth/captcha`.
    #[schema(max_length = 4096)]
    captcha_token: Option<String>,
}

/// The resource owner password credentials of OAuth 2.0 (RFC 6749 §4.3.2).
#[derive(ToSchema)]
pub(super) struct LoginForm {
    /// `password`, or nothing.
    #[schema(nullable = false, pattern = "^(password)?$", example = "password")]
    grant_type: Option<String>,
    /// The username or the e-mail address.
    #[schema(example = "anna@example.com")]
    username: String,
    /// The password.
    #[schema(format = Password, min_length = 1, max_length = 1024, example = "correct horse battery staple")]
    password: String,
    /// Taken and not used: what a token permits follows from the account's roles.
    #[schema(nullable = false)]
    scope: Option<String>,
    /// What a solved captcha is worth, where one is asked for: see `GET /auth/captcha`.
    #[schema(nullable = false, max_length = 4096)]
    captcha_token: Option<String>,
}
