//! What the document says where browsers have their sessions in cookies.

use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{OpenApi, RefOr, Required, Response, Schema};

use super::COOKIE_AUTH;
use crate::cookie_sessions::ACCESS_COOKIE;

const DESCRIPTION: &str = "\
The access token in the cookie that login and refresh set, in requests from pages of this origin \
or an allowed one; those with a body, and every POST, have to be `application/json`.";

/// Where a session begins or goes on: with cookies, not for every page.
const SET_AT: [&str; 3] = ["/auth/login", "/auth/login/form", "/auth/refresh"];

/// Adds the cookie as a way to authenticate, the refusal of foreign pages, and that a
/// refresh needs no body.
pub(super) fn add(document: &mut OpenApi, prefix: &str) {
    let components = document.components.get_or_insert_default();
    let cookie = ApiKeyValue::with_description(ACCESS_COOKIE, DESCRIPTION);
    components.add_security_scheme(COOKIE_AUTH, SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    if let Some(RefOr::T(Schema::Object(body))) = components.schemas.get_mut("Refresh") {
        body.required.retain(|name| name != "refresh_token");
    }
    for (path, item) in &mut document.paths.paths {
        let path = path.strip_prefix(prefix).unwrap_or(path);
        for operation in super::operations(item) {
            complete(operation, SET_AT.contains(&path));
            if path == "/auth/refresh"
                && let Some(RefOr::T(body)) = &mut operation.request_body
            {
                body.required = Some(Required::False);
            }
        }
    }
}

fn complete(operation: &mut Operation, sets_cookies: bool) {
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
