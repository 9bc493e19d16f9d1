//! `/dev/mail`: the mails that were kept instead of sent, for whoever develops on this machine.

mod local;
mod page;

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use doorward::{KeptMail, KeptMails};
use doorward_axum::problem::Problem;
use doorward_axum::rfc3339;
use serde_json::{Value, json};

use local::Local;

const STYLE: &str = include_str!("../../../assets/dev-mail/style.css");

/// No scripts at all; the HTML of a mail stands in a frame of its own.
const PAGE_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; frame-src 'self'; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'",
);
/// Mails style themselves inline, and load nothing. Their links open windows of their own.
const MAIL_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; \
     frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox",
);
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const CSS: HeaderValue = HeaderValue::from_static("text/css; charset=utf-8");

/// Where mails are shown.
pub(super) const PATH: &str = "/dev/mail";

/// The pages, with `/dev/mail.json` for scripts. Everybody but clients on this machine gets a 404.
pub(super) fn router(mails: KeptMails, service: &str) -> Router {
    let desk = Arc::new(Desk {
        mails,
        service: service.to_owned(),
    });
    Router::new()
        .route("/dev/mail", get(list))
        .route("/dev/mail.json", get(list_json))
        .route("/dev/mail/style.css", get(style))
        .route("/dev/mail/{id}", get(show))
        .route("/dev/mail/{id}/html", get(show_html))
        .with_state(desk)
}

struct Desk {
    mails: KeptMails,
    service: String,
}

impl Desk {
    fn find(&self, id: &str) -> Result<KeptMail, Problem> {
        let found = id.parse().ok().and_then(|id| self.mails.find(id));
        found.ok_or_else(Problem::not_found)
    }
}

async fn list(_: Local, State(desk): State<Arc<Desk>>) -> Response {
    answer(
        HTML,
        PAGE_POLICY,
        page::list(&desk.service, &desk.mails.list()),
    )
}

async fn show(
    _: Local,
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let mail = desk.find(&id)?;
    Ok(answer(HTML, PAGE_POLICY, page::show(&desk.service, &mail)))
}

async fn show_html(
    _: Local,
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let html = desk.find(&id)?.html.ok_or_else(Problem::not_found)?;
    Ok(answer(HTML, MAIL_POLICY, page::with_links_outside(&html)))
}

async fn style(_: Local) -> Response {
    answer(CSS, PAGE_POLICY, STYLE.to_owned())
}

async fn list_json(_: Local, State(desk): State<Arc<Desk>>) -> Response {
    let mails: Vec<Value> = desk.mails.list().iter().map(as_value).collect();
    ([(CACHE_CONTROL, NO_STORE)], Json(mails)).into_response()
}

fn as_value(mail: &KeptMail) -> Value {
    json!({
        "id": mail.id.to_string(),
        "kept_at": rfc3339(mail.kept_at),
        "to": mail.to,
        "subject": mail.subject,
        "text": mail.text,
        "html": mail.html,
    })
}

fn answer(content_type: HeaderValue, policy: HeaderValue, body: String) -> Response {
    let headers: [(HeaderName, HeaderValue); 3] = [
        (CONTENT_TYPE, content_type),
        (CONTENT_SECURITY_POLICY, policy),
        (CACHE_CONTROL, NO_STORE),
    ];
    (headers, body).into_response()
}
