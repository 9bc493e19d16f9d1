//! `GET /audit-events`

use axum::extract::{FromRef, OriginalUri, State};
use axum::response::Response;
use doorward::{Action, AuditEvent, AuditFilter, AuditRead, Doorward, Outcome, Timestamp, UserId};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::extract::RequirePermission;
use crate::fields::{FieldFault, FieldValue, Fields, FromField, FromFields, Query};
use crate::part::Part;
use crate::problem::Problem;
use crate::wire::{PageQuery, page_answer, rfc3339};

/// The endpoints of this part.
pub(super) fn endpoints<S>(part: Part) -> Vec<UtoipaMethodRouter<S>>
where
    S: Clone + Send + Sync + 'static,
    Doorward: FromRef<S>,
{
    match part {
        Part::Audit => vec![routes!(list_audit_events)],
        _ => vec![],
    }
}

/// One act: who did what, on whom, when, from where, and how it ended.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEvent)]
pub(crate) struct AuditEventBody {
    /// The id; ids grow with time.
    id: Uuid,
    /// When it happened.
    #[schema(format = DateTime)]
    occurred_at: String,
    /// What was done.
    #[schema(example = "login")]
    action: String,
    /// `success` or `failure`.
    #[schema(example = "failure")]
    outcome: String,
    /// Why it was refused, where it was.
    #[schema(required, example = "invalid_credentials")]
    reason: Option<String>,
    /// Who did it: `anonymous`, `user` or `operator`.
    #[schema(example = "anonymous")]
    actor: String,
    /// The account that did it.
    #[schema(required)]
    actor_id: Option<Uuid>,
    /// The account that it was done to.
    #[schema(required)]
    target_id: Option<Uuid>,
    /// The role that it was done to.
    #[schema(required)]
    role: Option<String>,
    /// The session in which it was done, or that it was done to.
    #[schema(required)]
    session_id: Option<Uuid>,
    /// The request's id.
    #[schema(required)]
    request_id: Option<String>,
    /// The client's address.
    #[schema(required, example = "203.0.113.7")]
    ip: Option<String>,
    /// What the client said it was.
    #[schema(required, example = "curl/8.5.0")]
    user_agent: Option<String>,
}

impl From<&AuditEvent> for AuditEventBody {
    fn from(event: &AuditEvent) -> Self {
        Self {
            id: event.id.as_uuid(),
            occurred_at: rfc3339(event.occurred_at),
            action: event.action.clone(),
            outcome: event.outcome.clone(),
            reason: event.reason.clone(),
            actor: event.actor.clone(),
            actor_id: event.actor_id.map(|id| id.as_uuid()),
            target_id: event.target_id.map(|id| id.as_uuid()),
            role: event.role.clone(),
            session_id: event.session_id.map(|id| id.as_uuid()),
            request_id: event.request_id.clone(),
            ip: event.ip.clone(),
            user_agent: event.user_agent.clone(),
        }
    }
}

/// Which events, and which part of the list.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "the shape for the document; `EventsQuery` is what is read"
)]
pub(crate) struct ListParams {
    /// How many events to pass over.
    #[param(minimum = 0, maximum = 2147483647, default = 0)]
    skip: Option<u32>,
    /// How many events at the most.
    #[param(minimum = 1, maximum = 100, default = 10)]
    limit: Option<u32>,
    /// Only this kind of act.
    #[param(example = "login")]
    action: Option<String>,
    /// Only those that ended so: `success` or `failure`.
    outcome: Option<String>,
    /// Only what this account did.
    actor_id: Option<Uuid>,
    /// Only what was done to this account.
    target_id: Option<Uuid>,
    /// Only at this moment or later.
    #[param(format = DateTime)]
    since: Option<String>,
    /// Only before this moment.
    #[param(format = DateTime)]
    until: Option<String>,
    /// Where to begin, from the `Link` of the page before.
    cursor: Option<Uuid>,
    /// Whether to count all events, in `X-Total-Count`.
    #[param(default = false)]
    count: Option<bool>,
}

/// What was asked for.
#[derive(Debug)]
pub(crate) struct EventsQuery {
    filter: AuditFilter,
    page: PageQuery,
}

impl FromFields for EventsQuery {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let action = fields.optional("action");
        let outcome = fields.optional("outcome");
        let actor_id = fields.optional::<UserId>("actor_id");
        let target_id = fields.optional::<UserId>("target_id");
        let since = fields.optional("since");
        let until = fields.optional("until");
        let page = PageQuery::read(fields);
        let filter = AuditFilter {
            action: action?,
            outcome: outcome?,
            actor_id: actor_id?,
            target_id: target_id?,
            since: since?,
            until: until?,
        };
        Some(Self {
            filter,
            page: page?,
        })
    }
}

impl FromField for Action {
    fn from_field(value: FieldValue) -> Result<Self, FieldFault> {
        one_of(
            value,
            Self::find,
            Self::ALL.iter().map(|action| action.as_str()),
        )
    }
}

impl FromField for Outcome {
    fn from_field(value: FieldValue) -> Result<Self, FieldFault> {
        one_of(
            value,
            Self::find,
            Self::ALL.iter().map(|outcome| outcome.as_str()),
        )
    }
}

fn one_of<T>(
    value: FieldValue,
    find: impl Fn(&str) -> Option<T>,
    words: impl Iterator<Item = &'static str>,
) -> Result<T, FieldFault> {
    find(&String::from_field(value)?).ok_or_else(|| {
        let words: Vec<_> = words.map(|word| format!("'{word}'")).collect();
        FieldFault::new(
            "enum",
            format!("Input should be one of {}", words.join(", ")),
        )
    })
}

impl FromField for Timestamp {
    fn from_field(value: FieldValue) -> Result<Self, FieldFault> {
        let moment: jiff::Timestamp = String::from_field(value)?.parse().map_err(|_| {
            FieldFault::new(
                "datetime_parsing",
                "Input should be a valid datetime: RFC 3339 with an offset",
            )
        })?;
        Ok(Self::from_millis(moment.as_millisecond()))
    }
}

/// List the audit trail, the newest event first.
#[utoipa::path(
    get,
    path = "",
    tag = "Audit",
    security(("OAuth2PasswordBearer" = []), ("BearerAuth" = [])),
    params(ListParams),
    responses(
        (
            status = 200,
            description = "One page of events.",
            body = [AuditEventBody],
            headers(
                ("Link" = String, description = "The next page, if there is one (`rel=\"next\"`)."),
                ("X-Total-Count" = u64, description = "How many there are, with `count=true`."),
            ),
        ),
        (status = 403, description = "Insufficient privileges."),
    ),
)]
pub(crate) async fn list_audit_events(
    State(engine): State<Doorward>,
    RequirePermission(by): RequirePermission<AuditRead>,
    OriginalUri(uri): OriginalUri,
    Query(query): Query<EventsQuery>,
) -> Result<Response, Problem> {
    let page = engine
        .list_audit_events(&by, query.filter, query.page.0)
        .await?;
    Ok(page_answer::<_, AuditEventBody>(&page, &uri))
}
