//! The two ways in which the document lets a client authenticate; they end in the same
//! bearer token.

use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{
    Flow, Http, HttpAuthScheme, OAuth2, Password, Scopes, SecurityScheme,
};

pub(super) fn add(document: &mut OpenApi, prefix: &str) {
    let components = document.components.get_or_insert_default();
    let password = Password::with_refresh_url(
        format!("{prefix}/auth/login"),
        Scopes::new(),
        format!("{prefix}/auth/refresh"),
    );
    components.add_security_scheme(
        "OAuth2PasswordBearer",
        SecurityScheme::OAuth2(OAuth2::new([Flow::Password(password)])),
    );
    let mut bearer = Http::new(HttpAuthScheme::Bearer);
    bearer.bearer_format = Some("JWT".to_owned());
    bearer.description = Some("An access token from login or refresh.".to_owned());
    components.add_security_scheme("BearerAuth", SecurityScheme::Http(bearer));
}
