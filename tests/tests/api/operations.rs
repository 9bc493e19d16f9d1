//! One valid request of every operation.

use doorward_tests::engine::PASSWORD;
use doorward_tests::http::{Call, Client, Contract};
use serde_json::{Value, json};

use crate::world::{World, credentials, session_of, tokens};

/// A valid request of one operation, by an admin where it takes one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    pub(crate) method: &'static str,
    /// The path as the document has it.
    pub(crate) path: &'static str,
    pub(crate) body: Body,
    pub(crate) success: u16,
}

/// What a request carries.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Body {
    /// Nothing.
    None,
    /// JSON, made for the client who sends it.
    Json(fn(&Client) -> Value),
    /// A form.
    Form(&'static str),
}

const FORM: &str = "grant_type=password&username=target%40example.com&password=correct+horse+battery+staple&scope=a";

macro_rules! samples {
    ($($method:ident $path:literal $success:literal $body:expr;)+) => {
        &[$(Sample {
            method: stringify!($method),
            path: $path,
            success: $success,
            body: $body,
        },)+]
    };
}

/// At least one sample of each operation.
pub(crate) const SAMPLES: &[Sample] = samples! {
    POST "/api/v1/auth/register" 201 Body::Json(registration);
    GET "/api/v1/auth/captcha" 200 Body::None;
    POST "/api/v1/auth/login" 200 Body::Json(login);
    POST "/api/v1/auth/login" 200 Body::Json(login_by_email);
    POST "/api/v1/auth/login" 200 Body::Form(FORM);
    POST "/api/v1/auth/login/form" 200 Body::Form(FORM);
    POST "/api/v1/auth/refresh" 200 Body::Json(refresh);
    POST "/api/v1/auth/logout" 200 Body::Json(logout);
    GET "/api/v1/auth/me" 200 Body::None;
    GET "/api/v1/auth/sessions" 200 Body::None;
    DELETE "/api/v1/auth/sessions" 204 Body::None;
    DELETE "/api/v1/auth/sessions/{id}" 204 Body::None;
    POST "/api/v1/auth/password/change" 200 Body::Json(password_change);
    POST "/api/v1/auth/password/check" 200 Body::Json(password_check);
    POST "/api/v1/auth/password/reset/request" 200 Body::Json(|_| json!({"email": "target@example.com"}));
    POST "/api/v1/auth/password/reset/confirm" 200 Body::Json(password_reset);
    POST "/api/v1/auth/email/verification/request" 200 Body::None;
    POST "/api/v1/auth/email/verification/confirm" 200 Body::Json(|_| json!({"token": tokens().verification}));
    GET "/api/v1/users/me" 200 Body::None;
    PATCH "/api/v1/users/me" 200 Body::Json(update_of_admin);
    DELETE "/api/v1/users/me" 204 Body::Json(deletion);
    GET "/api/v1/users/me/export" 200 Body::None;
    POST "/api/v1/users" 201 Body::Json(new_user);
    GET "/api/v1/users" 200 Body::None;
    GET "/api/v1/users/stats/count" 200 Body::None;
    GET "/api/v1/users/{id}" 200 Body::None;
    PATCH "/api/v1/users/{id}" 200 Body::Json(update);
    DELETE "/api/v1/users/{id}" 204 Body::None;
    DELETE "/api/v1/users/{id}/lock" 204 Body::None;
    PUT "/api/v1/users/{id}/roles" 200 Body::Json(|_| json!({"roles": ["moderator"]}));
    GET "/api/v1/roles" 200 Body::None;
    POST "/api/v1/roles" 201 Body::Json(new_role);
    PATCH "/api/v1/roles/{name}" 200 Body::Json(role_change);
    DELETE "/api/v1/roles/{name}" 204 Body::None;
    GET "/api/v1/audit-events" 200 Body::None;
    GET "/api/v1/health" 200 Body::None;
    GET "/api/v1/health/live" 200 Body::None;
    GET "/api/v1/health/ready" 200 Body::None;
    GET "/api/v1/health/database" 200 Body::None;
    GET "/health" 200 Body::None;
    GET "/health/live" 200 Body::None;
    GET "/health/ready" 200 Body::None;
    GET "/health/database" 200 Body::None;
};

impl Sample {
    /// What the test says when it fails.
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The request without its body, with `value` for the path's parameter.
    pub(crate) fn bare(&self, client: &Client, value: &str) -> Call {
        let target = match self.path.split_once('{') {
            Some((before, rest)) => {
                let (_, after) = rest.split_once('}').unwrap();
                format!("{before}{value}{after}")
            }
            None => self.path.to_owned(),
        };
        client.request(self.method, &target)
    }

    /// The whole request, on the world's target.
    pub(crate) fn call(&self, world: &World, client: &Client) -> Call {
        let bare = self.bare(client, &self.parameter(world, client));
        match self.body {
            Body::None => bare,
            Body::Json(body) => bare.json(&body(client)),
            Body::Form(form) => bare.form(form),
        }
    }

    /// The value of the path's parameter; nothing where it has none.
    pub(crate) fn parameter(&self, world: &World, client: &Client) -> String {
        if self.path.contains("/sessions/{id}") {
            return session_of(client);
        }
        if self.path.contains("{name}") {
            return "pilot".to_owned();
        }
        world.target.id.clone()
    }

    /// Whether the document asks for a token.
    pub(crate) fn needs_token(&self, contract: &Contract) -> bool {
        let operation = contract.operation(self.method, self.path).unwrap();
        operation.get("security").is_some()
    }
}

fn registration(_: &Client) -> Value {
    json!({
        "email": "new@example.com", "username": "new", "password": PASSWORD,
        "full_name": "New", "role": "user",
    })
}

fn login(_: &Client) -> Value {
    credentials("target@example.com")
}

fn login_by_email(_: &Client) -> Value {
    json!({"username": null, "email": "target@example.com", "password": PASSWORD})
}

fn refresh(client: &Client) -> Value {
    json!({"refresh_token": client.refresh_token})
}

fn logout(client: &Client) -> Value {
    json!({"refresh_token": client.refresh_token, "all": false})
}

fn password_change(_: &Client) -> Value {
    json!({"current_password": PASSWORD, "new_password": "purple kettle sings at noon"})
}

fn password_check(_: &Client) -> Value {
    json!({
        "password": PASSWORD, "email": "new@example.com", "username": "new", "full_name": "New",
    })
}

fn password_reset(_: &Client) -> Value {
    json!({"token": tokens().reset, "new_password": "purple kettle sings at noon"})
}

fn update(_: &Client) -> Value {
    json!({
        "email": "changed@example.com", "username": "changed", "full_name": "Changed",
        "roles": ["moderator"], "is_active": true, "is_verified": true,
        "password": "purple kettle sings at noon", "current_password": PASSWORD,
    })
}

fn update_of_admin(client: &Client) -> Value {
    let mut body = update(client);
    body["roles"] = json!(["admin"]);
    body
}

fn deletion(_: &Client) -> Value {
    json!({"current_password": PASSWORD})
}

fn new_user(_: &Client) -> Value {
    json!({
        "email": "new@example.com", "username": "new", "password": PASSWORD, "full_name": "New",
        "roles": ["user", "pilot"], "is_active": true, "is_verified": true,
    })
}

fn new_role(_: &Client) -> Value {
    json!({
        "name": "captain", "rank": 250, "description": "Flies too",
        "permissions": ["flights:fly", "users:read"],
    })
}

fn role_change(_: &Client) -> Value {
    json!({"rank": 251, "description": "Flies high", "permissions": ["flights:fly"]})
}

#[test]
fn every_operation_of_the_document_has_a_sample() {
    let mut sampled: Vec<_> = SAMPLES.iter().map(Sample::name).collect();
    sampled.sort_unstable();
    sampled.dedup();
    assert_eq!(sampled, crate::openapi::operation_names());
}

#[tokio::test]
async fn every_sample_is_valid() {
    for sample in SAMPLES {
        let world = World::new().await;
        let admin = world.actor("admin").await;
        let answer = sample.call(&world, &admin).await;
        assert_eq!(answer.status, sample.success, "{}: {answer}", sample.name());
    }
}
