//! How clients authenticate: bearer tokens, OAuth's password grant and session cookies.

use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, Flow, Http, HttpAuthScheme, OAuth2, Password, Scopes, SecurityRequirement,
    SecurityScheme,
};
use utoipa::openapi::{OpenApi, RefOr, Required, Response, Schema};

use super::{BEARER_AUTH, COOKIE_AUTH, OAUTH2_PASSWORD_BEARER, Served};
use crate::cookie_sessions::ACCESS_COOKIE;

const COOKIE_DESCRIPTION: &str = "\
The access token in the cookie that login and refresh set, in requests from pages of this origin \
or an allowed one; those with a body, and every POST, have to be `application/json`.";

/// The endpoints that set session cookies and therefore reject requests from foreign pages.
const SETS_COOKIES: [&str; 3] = ["/auth/login", "/auth/login/form", "/auth/refresh"];

/// Adds the security schemes of what is served.
pub(super) fn add(document: &mut OpenApi, served: &Served<'_>) {
    let components = document.components.get_or_insert_default();
    components.add_security_scheme(BEARER_AUTH, bearer());
    if served.has_login {
        components.add_security_scheme(OAUTH2_PASSWORD_BEARER, password(served.prefix));
    } else {
        require_bearer_alone(document);
    }
    if served.has_cookies {
        add_cookies(document, served.prefix);
    }
}

/// Removes the scheme that says where to log in from what operations require.
fn require_bearer_alone(document: &mut OpenApi) {
    for item in document.paths.paths.values_mut() {
        for operation in super::operations(item) {
            if let Some(alternatives) = &mut operation.security {
                *alternatives = vec![SecurityRequirement::new::<_, [&str; 0], _>(BEARER_AUTH, [])];
            }
        }
    }
}

/// Adds the security schemes of an application whose login returns no refresh token.
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

/// Adds the cookie as a way to authenticate, the 403 for requests from foreign pages, and that
/// refresh needs no body.
fn add_cookies(document: &mut OpenApi, prefix: &str) {
    let components = document.components.get_or_insert_default();
    let cookie = ApiKeyValue::with_description(ACCESS_COOKIE, COOKIE_DESCRIPTION);
    components.add_security_scheme(COOKIE_AUTH, SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    if let Some(RefOr::T(Schema::Object(body))) = components.schemas.get_mut("Refresh") {
        body.required.retain(|name| name != "refresh_token");
    }
    for (path, item) in &mut document.paths.paths {
        let path = path.strip_prefix(prefix).unwrap_or(path);
        for operation in super::operations(item) {
            add_cookie_requirement(operation, SETS_COOKIES.contains(&path));
            if path == "/auth/refresh"
                && let Some(RefOr::T(body)) = &mut operation.request_body
            {
                body.required = Some(Required::False);
            }
        }
    }
}

fn add_cookie_requirement(operation: &mut Operation, sets_cookies: bool) {
    if let Some(alternatives) = &mut operation.security {
        alternatives.push(SecurityRequirement::new::<_, [&str; 0], _>(COOKIE_AUTH, []));
    } else if !sets_cookies {
        return;
    }
    let refusal = Response::new("The request may have been made by a foreign page.");
    let responses = &mut operation.responses.responses;
    responses
        .entry("403".to_owned())
        .or_insert(RefOr::T(refusal));
}
