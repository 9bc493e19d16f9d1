//! Every operation × everybody who may ask: the status. An operation that is not in the
//! table turns the build red.

use doorward_tests::engine::PASSWORD;
use doorward_tests::http::{Answer, Client};
use serde_json::{Value, json};

use crate::operations::{Body, SAMPLES, Sample};
use crate::world::{World, session_of};

/// Who asks, in the order of the columns.
pub(crate) const ACTORS: [&str; 5] = ["anonymous", "guest", "user", "moderator", "admin"];

/// On whose account or session an operation acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    /// It acts on nobody's.
    Nobodys,
    /// On that of whoever asks.
    Own,
    /// On that of another, a plain user.
    Anothers,
}

use Whose::{Anothers, Nobodys, Own};

/// One row: an operation with a body, on somebody's resource, and who gets what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    /// What is asked for beside the operation itself.
    pub(crate) what: &'static str,
    pub(crate) whose: Whose,
    /// `None` for the body of the sample.
    body: Option<fn() -> Value>,
    /// The statuses, in the order of [`ACTORS`].
    pub(crate) statuses: [u16; 5],
}

const fn row(method: &'static str, path: &'static str, whose: Whose, statuses: [u16; 5]) -> Row {
    Row {
        method,
        path,
        what: "",
        whose,
        body: None,
        statuses,
    }
}

/// The same, with a body of its own.
const fn with(row: Row, what: &'static str, body: fn() -> Value) -> Row {
    Row {
        what,
        body: Some(body),
        ..row
    }
}

const USER: &str = "/api/v1/users/{id}";
const USER_LOCK: &str = "/api/v1/users/{id}/lock";
const USER_ROLES: &str = "/api/v1/users/{id}/roles";
const SESSION: &str = "/api/v1/auth/sessions/{id}";
const ME: &str = "/api/v1/users/me";

/// Open to everybody.
const OPEN: [u16; 5] = [200; 5];
/// For whoever is logged in.
const KNOWN: [u16; 5] = [401, 200, 200, 200, 200];
/// For moderators and admins.
const MODERATORS: [u16; 5] = [401, 403, 403, 200, 200];
/// For admins.
const ADMINS: [u16; 5] = [401, 403, 403, 403, 200];
/// For admins, who make something.
const ADMINS_MAKE: [u16; 5] = [401, 403, 403, 403, 201];
/// For admins, who take something away.
const ADMINS_END: [u16; 5] = [401, 403, 403, 403, 204];

pub(crate) const TABLE: &[Row] = &[
    row("POST", "/api/v1/auth/register", Nobodys, [201; 5]),
    row("GET", "/api/v1/auth/captcha", Nobodys, OPEN),
    row("POST", "/api/v1/auth/login", Nobodys, OPEN),
    row("POST", "/api/v1/auth/login/form", Nobodys, OPEN),
    // The anonymous one has no refresh token to send.
    row("POST", "/api/v1/auth/refresh", Own, KNOWN),
    row("POST", "/api/v1/auth/logout", Own, KNOWN),
    row("GET", "/api/v1/auth/me", Own, KNOWN),
    row("GET", "/api/v1/auth/sessions", Own, KNOWN),
    row(
        "DELETE",
        "/api/v1/auth/sessions",
        Own,
        [401, 204, 204, 204, 204],
    ),
    row("DELETE", SESSION, Own, [401, 204, 204, 204, 204]),
    row("DELETE", SESSION, Anothers, [401, 404, 404, 404, 404]),
    row("POST", "/api/v1/auth/password/change", Own, KNOWN),
    row("POST", "/api/v1/auth/password/check", Nobodys, OPEN),
    row(
        "POST",
        "/api/v1/auth/password/reset/request",
        Anothers,
        OPEN,
    ),
    row(
        "POST",
        "/api/v1/auth/password/reset/confirm",
        Anothers,
        OPEN,
    ),
    row(
        "POST",
        "/api/v1/auth/email/verification/request",
        Own,
        KNOWN,
    ),
    row(
        "POST",
        "/api/v1/auth/email/verification/confirm",
        Anothers,
        OPEN,
    ),
    row("GET", ME, Own, KNOWN),
    with(row("PATCH", ME, Own, KNOWN), "plain fields", plain),
    with(row("PATCH", ME, Own, ADMINS), "activation", activation),
    with(row("PATCH", ME, Own, ADMINS), "verification", verification),
    with(row("PATCH", ME, Own, ADMINS), "password", password),
    with(row("PATCH", ME, Own, ADMINS), "roles", roles),
    row("DELETE", ME, Own, [401, 204, 204, 204, 204]),
    row("GET", "/api/v1/users/me/export", Own, KNOWN),
    row("GET", "/api/v1/users", Nobodys, MODERATORS),
    row("POST", "/api/v1/users", Nobodys, ADMINS_MAKE),
    row("GET", "/api/v1/users/stats/count", Nobodys, ADMINS),
    row("GET", USER, Own, KNOWN),
    row("GET", USER, Anothers, MODERATORS),
    with(row("PATCH", USER, Own, KNOWN), "plain fields", plain),
    with(row("PATCH", USER, Own, ADMINS), "activation", activation),
    with(
        row("PATCH", USER, Own, ADMINS),
        "verification",
        verification,
    ),
    with(row("PATCH", USER, Own, ADMINS), "password", password),
    with(row("PATCH", USER, Own, ADMINS), "roles", roles),
    with(row("PATCH", USER, Anothers, ADMINS), "plain fields", plain),
    with(
        row("PATCH", USER, Anothers, ADMINS),
        "activation",
        activation,
    ),
    with(
        row("PATCH", USER, Anothers, ADMINS),
        "verification",
        verification,
    ),
    with(row("PATCH", USER, Anothers, ADMINS), "password", password),
    with(row("PATCH", USER, Anothers, ADMINS), "roles", roles),
    row("DELETE", USER, Own, ADMINS_END),
    row("DELETE", USER, Anothers, ADMINS_END),
    row("DELETE", USER_LOCK, Own, ADMINS_END),
    row("DELETE", USER_LOCK, Anothers, ADMINS_END),
    row("PUT", USER_ROLES, Own, ADMINS),
    row("PUT", USER_ROLES, Anothers, ADMINS),
    row("GET", "/api/v1/roles", Nobodys, MODERATORS),
    row("POST", "/api/v1/roles", Nobodys, ADMINS_MAKE),
    row("PATCH", "/api/v1/roles/{name}", Nobodys, ADMINS),
    row("DELETE", "/api/v1/roles/{name}", Nobodys, ADMINS_END),
    row("GET", "/api/v1/audit-events", Nobodys, ADMINS),
    row("GET", "/api/v1/health", Nobodys, OPEN),
    row("GET", "/api/v1/health/live", Nobodys, OPEN),
    row("GET", "/api/v1/health/ready", Nobodys, OPEN),
    row("GET", "/api/v1/health/database", Nobodys, OPEN),
    row("GET", "/health", Nobodys, OPEN),
    row("GET", "/health/live", Nobodys, OPEN),
    row("GET", "/health/ready", Nobodys, OPEN),
    row("GET", "/health/database", Nobodys, OPEN),
];

fn plain() -> Value {
    json!({"full_name": "Changed", "username": "changed", "email": "changed@example.com"})
}

fn activation() -> Value {
    json!({"is_active": true})
}

fn verification() -> Value {
    json!({"is_verified": true})
}

fn password() -> Value {
    json!({"password": "purple kettle sings at noon", "current_password": PASSWORD})
}

fn roles() -> Value {
    json!({"roles": ["moderator"]})
}

impl Row {
    fn sample(&self) -> Sample {
        let of_this = |sample: &&Sample| sample.method == self.method && sample.path == self.path;
        *SAMPLES.iter().find(of_this).unwrap()
    }

    pub(crate) fn name(&self) -> String {
        let whose = match self.whose {
            Nobodys => "",
            Own => " own",
            Anothers => " another's",
        };
        let what = if self.what.is_empty() {
            String::new()
        } else {
            format!(" ({})", self.what)
        };
        format!("{} {}{whose}{what}", self.method, self.path)
    }

    fn resource(&self, world: &World, client: &Client) -> String {
        if self.path.contains("{name}") {
            return "pilot".to_owned();
        }
        let owner = match self.whose {
            Own if client.access_token.is_some() => client,
            _ => &world.target,
        };
        if self.path.contains("/sessions/") {
            session_of(owner)
        } else {
            owner.id.clone()
        }
    }

    /// What somebody gets, in a world of their own.
    async fn answer_to(&self, actor: &str) -> Answer {
        let world = World::new().await;
        let client = world.actor(actor).await;
        let sample = self.sample();
        let call = sample.bare(&client, &self.resource(&world, &client));
        let body = match (self.body, sample.body) {
            (Some(own), _) => Some(own()),
            (None, Body::Json(body)) => Some(body(&client)),
            (None, Body::Form(form)) => return call.form(form).await,
            (None, Body::None) => None,
        };
        match body {
            Some(body) => call.json(&body).await,
            None => call.await,
        }
    }
}

#[tokio::test]
async fn everybody_gets_what_the_table_says() {
    let mut offenders = Vec::new();
    for row in TABLE {
        for (actor, expected) in ACTORS.into_iter().zip(row.statuses) {
            let answer = row.answer_to(actor).await;
            if answer.status != expected {
                offenders.push(format!(
                    "{} by {actor}: {expected}, got {answer}",
                    row.name()
                ));
            }
        }
    }
    assert!(offenders.is_empty(), "{offenders:#?}");
}

#[test]
fn every_operation_is_in_the_table() {
    let mut listed: Vec<_> = TABLE
        .iter()
        .map(|row| format!("{} {}", row.method, row.path))
        .collect();
    listed.sort_unstable();
    listed.dedup();
    assert_eq!(listed, crate::openapi::operation_names());
}

#[test]
fn whatever_acts_on_somebody_is_tried_on_oneself_and_on_another() {
    for row in TABLE.iter().filter(|row| row.path.contains("{id}")) {
        for whose in [Own, Anothers] {
            let tried = TABLE.iter().any(|other| {
                (other.method, other.path, other.whose) == (row.method, row.path, whose)
            });
            assert!(tried, "{} {whose:?}", row.name());
        }
    }
}

#[test]
fn the_document_asks_for_a_token_where_the_table_does() {
    let document = crate::openapi::document();
    for row in TABLE {
        let operation = &document["paths"][row.path][row.method.to_lowercase()];
        let asks = operation["security"].is_array();
        // A refresh token is a credential too, but one of the body.
        let is_refused = row.statuses[0] == 401 && !row.path.ends_with("/refresh");
        assert_eq!(asks, is_refused, "{}", row.name());
        if row.statuses.contains(&403) {
            assert!(operation["responses"]["403"].is_object(), "{}", row.name());
        }
    }
}
