//! The ways in which the document lets a client authenticate; they end in the same bearer
//! token.

use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{
    Flow, Http, HttpAuthScheme, OAuth2, Password, Scopes, SecurityRequirement, SecurityScheme,
};

use super::{BEARER_AUTH, OAUTH2_PASSWORD_BEARER, Served};

/// Adds the schemes; the one that says where to log in only where that is.
pub(super) fn add(document: &mut OpenApi, served: &Served<'_>) {
    let components = document.components.get_or_insert_default();
    components.add_security_scheme(BEARER_AUTH, bearer());
    if served.has_login {
        components.add_security_scheme(OAUTH2_PASSWORD_BEARER, password(served.prefix));
        return;
    }
    for item in document.paths.paths.values_mut() {
        for operation in super::operations(item) {
            if let Some(alternatives) = &mut operation.security {
                *alternatives = vec![SecurityRequirement::new::<_, [&str; 0], _>(BEARER_AUTH, [])];
            }
        }
    }
}

/// Adds the schemes; who is logged in by the second has no refresh token to exchange.
pub(super) fn add_schemes_of_app(document: &mut OpenApi, token_url: &str) {
    let components = document.components.get_or_insert_default();
    components.add_security_scheme(BEARER_AUTH, bearer());
    let password = Flow::Password(Password::new(token_url, Scopes::new()));
    let password = SecurityScheme::OAuth2(OAuth2::new([password]));
    components.add_security_scheme(OAUTH2_PASSWORD_BEARER, password);
}

fn password(prefix: &str) -> SecurityScheme {
    let password = Password::with_refresh_url(
        format!("{prefix}/auth/login"),
        Scopes::new(),
        format!("{prefix}/auth/refresh"),
    );
    SecurityScheme::OAuth2(OAuth2::new([Flow::Password(password)]))
}

fn bearer() -> SecurityScheme {
    let mut bearer = Http::new(HttpAuthScheme::Bearer);
    bearer.bearer_format = Some("JWT".to_owned());
    bearer.description = Some("An access token from login or refresh.".to_owned());
    SecurityScheme::Http(bearer)
}
