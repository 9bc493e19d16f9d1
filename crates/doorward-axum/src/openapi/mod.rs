//! The OpenAPI document: written by the endpoints, completed here.

mod cookies;
mod names;
mod problems;
mod security;
mod words;

use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{InfoBuilder, OpenApi, OpenApiBuilder};

const DESCRIPTION: &str = "\
Accounts, login, JSON Web Tokens with rotating refresh tokens, sessions, roles and an audit trail.

Log in at `POST /auth/login`, send the access token as `Authorization: Bearer …`, and exchange \
the refresh token at `POST /auth/refresh` when the access token has expired. Every error is a \
problem of RFC 9457 with a stable `code`.";

const TAGS: [(&str, &str); 5] = [
    (
        "Authentication",
        "Registration, login, tokens and the own sessions.",
    ),
    ("Users", "Accounts: the own one, and those of others."),
    (
        "Roles",
        "What roles there are, what they permit, and who has them.",
    ),
    ("Audit", "Who did what, on whom, when, from where."),
    ("Service", "Whether it is there and healthy."),
];

pub(crate) use cookies::add as add_cookies;

/// What the document says of the service as a whole.
pub(crate) fn frame(title: &str, version: &str) -> OpenApi {
    let info = InfoBuilder::new()
        .title(title)
        .version(version)
        .description(Some(DESCRIPTION))
        .build();
    let tags = TAGS.map(|(name, description)| {
        TagBuilder::new()
            .name(name)
            .description(Some(description))
            .build()
    });
    OpenApiBuilder::new().info(info).tags(Some(tags)).build()
}

/// Adds what holds for every endpoint: how to authenticate, and the problems that any
/// request can meet.
pub(crate) fn complete(document: &mut OpenApi, prefix: &str) {
    names::distinguish(document, prefix);
    security::add(document, prefix);
    problems::add(document);
    words::add(document);
}

fn operations(path: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [
        &mut path.get,
        &mut path.put,
        &mut path.post,
        &mut path.delete,
        &mut path.patch,
    ]
    .into_iter()
    .flatten()
}
