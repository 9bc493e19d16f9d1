//! The problems that every endpoint can answer with, so that no endpoint repeats them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use utoipa::openapi::path::Operation;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::{Content, HeaderBuilder, OpenApi, Ref, RefOr, Schema};
use utoipa::{IntoResponses, PartialSchema, ToSchema};

use super::words;
use crate::problem::Problem;
use crate::wire::CaptchaBody;

/// The media type of RFC 9457.
pub(super) const MEDIA_TYPE: &str = "application/problem+json";
const ANY_OTHER: &str = "Any other problem.";
/// The schemas that problems alone refer to, their own first.
pub(super) const SCHEMAS: [&str; 4] = ["Problem", "ProblemDetail", "Fault", "FaultStep"];

/// A problem (RFC 9457).
#[derive(ToSchema)]
#[schema(as = Problem)]
#[expect(
    dead_code,
    reason = "the shape for the document; `problem::Problem` is what is sent"
)]
struct ProblemBody {
    /// What kind of problem it is, as a URI.
    #[schema(example = "urn:doorward:problem:not_found")]
    r#type: String,
    /// The status in words.
    #[schema(example = "Not Found")]
    title: String,
    /// The status.
    #[schema(example = 404, minimum = 400, maximum = 599)]
    status: u16,
    /// What went wrong: a sentence, or the faults of the request.
    detail: DetailBody,
    /// What went wrong, as a stable word.
    #[schema(example = "not_found")]
    code: String,
    /// The id under which the log has this request.
    request_id: Option<String>,
    /// What there is to solve; with the codes `captcha_required` and `captcha_wrong` alone.
    #[schema(nullable = false)]
    captcha: Option<CaptchaBody>,
}

impl PartialSchema for Problem {
    fn schema() -> RefOr<Schema> {
        let mut schema = ProblemBody::schema();
        words::list_codes(&mut schema);
        schema
    }
}

impl ToSchema for Problem {
    fn name() -> Cow<'static, str> {
        ProblemBody::name()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        ProblemBody::schemas(schemas);
    }
}

/// As `default`: whatever is not described by its status.
impl IntoResponses for Problem {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let status = "default";
        BTreeMap::from([(status.to_owned(), RefOr::T(problem(status, ANY_OTHER)))])
    }
}

/// A sentence, or the faults of the request.
#[derive(ToSchema)]
#[schema(as = ProblemDetail)]
#[serde(untagged)]
#[expect(dead_code, reason = "the shape for the document")]
enum DetailBody {
    /// A sentence.
    Sentence(String),
    /// Every fault of the request.
    Faults(Vec<FaultBody>),
}

/// One thing wrong with one field of a request.
#[derive(ToSchema)]
#[schema(as = Fault)]
#[expect(
    dead_code,
    reason = "the shape for the document; `fault::Fault` is what is sent"
)]
struct FaultBody {
    /// What kind of fault it is.
    #[schema(example = "missing")]
    r#type: String,
    /// Where it is.
    #[schema(example = json!(["body", "email"]))]
    loc: Vec<StepBody>,
    /// What is wrong, in words.
    #[schema(example = "Field required")]
    msg: String,
}

/// A name, or a position in a list.
#[derive(ToSchema)]
#[schema(as = FaultStep)]
#[serde(untagged)]
#[expect(dead_code, reason = "the shape for the document")]
enum StepBody {
    /// A name.
    Name(String),
    /// A position in a list.
    Index(u64),
}

/// Adds the schema of problems, and to every operation the problems that it can meet.
pub(super) fn add(document: &mut OpenApi) {
    let mut schemas = vec![(Problem::name().into_owned(), Problem::schema())];
    Problem::schemas(&mut schemas);
    let components = document.components.get_or_insert_default();
    components.schemas.extend(schemas);
    document
        .paths
        .paths
        .values_mut()
        .flat_map(super::operations)
        .for_each(complete);
}

fn complete(operation: &mut Operation) {
    give_bodies(operation);
    let mut expected = vec![("default", ANY_OTHER)];
    if operation.security.is_some() {
        expected.push(("401", "Could not validate credentials."));
    }
    if operation.request_body.is_some() {
        expected.push(("400", "The body broke off."));
        expected.push(("408", "The body did not arrive in time."));
        expected.push(("413", "The body is larger than 64 KiB."));
        expected.push(("415", "The content type of the body is another one."));
    }
    if operation.request_body.is_some() || operation.parameters.is_some() {
        expected.push((
            "422",
            "Fields are missing or wrong; `detail` lists all of them.",
        ));
    }
    expected.push((
        "503",
        "The database does not answer, or there is too much to do.",
    ));
    for (status, description) in expected {
        let responses = &mut operation.responses.responses;
        if !responses.contains_key(status) {
            responses.insert(status.to_owned(), RefOr::T(problem(status, description)));
        }
    }
    for (status, response) in &mut operation.responses.responses {
        if let (true, RefOr::T(response)) = (status == "401", response) {
            let challenge = HeaderBuilder::new()
                .schema(Some(String::schema()))
                .description(Some("How to authenticate (RFC 6750 §3)."))
                .build();
            response
                .headers
                .insert("WWW-Authenticate".to_owned(), challenge.into());
        }
    }
}

/// Gives the problems that an endpoint names itself their body.
fn give_bodies(operation: &mut Operation) {
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response
            && status.starts_with(['4', '5'])
            && response.content.is_empty()
        {
            *response = problem(status, &response.description);
        }
    }
}

fn problem(status: &str, description: &str) -> Response {
    let content = Content::new(Some(Ref::from_schema_name(Problem::name())));
    let mut response = ResponseBuilder::new()
        .description(description)
        .content(MEDIA_TYPE, content)
        .build();
    if let "429" | "503" = status {
        let seconds = HeaderBuilder::new()
            .schema(Some(u32::schema()))
            .description(Some("After how many seconds to try again."))
            .build();
        response
            .headers
            .insert("Retry-After".to_owned(), seconds.into());
    }
    if status == "429" {
        add_limit_headers(&mut response);
    }
    response
}

/// The fields of draft-ietf-httpapi-ratelimit-headers-10.
fn add_limit_headers(response: &mut Response) {
    let fields = [
        (
            "RateLimit-Policy",
            "The limit: its name, its quota `q`, its window `w` in seconds.",
        ),
        (
            "RateLimit",
            "What is left of the limit, `r`, and after how many seconds there is more, `t`.",
        ),
    ];
    for (name, description) in fields {
        let field = HeaderBuilder::new()
            .schema(Some(String::schema()))
            .description(Some(description))
            .build();
        response.headers.insert(name.to_owned(), field.into());
    }
}
