use axum::{
    Router,
    body::Body,
    routing::{get, post},
};
use http::{Method, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use proptest::prelude::*;
use tower::ServiceExt as _;
use uuid::Uuid;

use super::{
    Bounded, FieldFault, Fields, FormBody, FromField, FromFields, JsonBody, JsonOrForm,
    OptionalJsonBody, Patch, PathParam, Query,
};

#[derive(Debug)]
struct Sample {
    email: String,
    note: Option<String>,
    nickname: Patch<String>,
    roles: Option<Vec<String>>,
    active: Option<bool>,
    limit: Option<Bounded<1, 100>>,
}

impl FromFields for Sample {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let email = fields.required("email");
        let note = fields.optional("note");
        let nickname = fields.present("nickname");
        let roles = fields.optional("roles");
        let active = fields.optional("active");
        let limit = fields.optional("limit");
        Some(Self {
            email: email?,
            note: note?,
            nickname: nickname?,
            roles: roles?,
            active: active?,
            limit: limit?,
        })
    }
}

/// The faults as `type loc`, one a line.
fn faults_of_json(text: &str) -> Vec<String> {
    faults(Fields::from_json(text.as_bytes()).and_then(Fields::parse::<Sample>))
}

fn faults<T>(outcome: Result<T, crate::problem::Problem>) -> Vec<String> {
    let problem = outcome.err().expect("refused");
    assert_eq!(problem.status(), StatusCode::UNPROCESSABLE_ENTITY);
    problem
        .faults()
        .iter()
        .map(|fault| {
            let loc = serde_json::to_string(fault.loc()).unwrap();
            format!("{} {loc}", fault.kind())
        })
        .collect()
}

#[test]
fn all_faults_are_found_at_once_and_no_value_is_echoed() {
    let body = br#"{"email": 7, "note": "a\u0000b", "nickname": ["secret"],
        "roles": ["a", 1, null], "active": "true", "limit": 101}"#;
    let refused = Fields::from_json(body).unwrap().parse::<Sample>();
    let text = String::from_utf8(refused.unwrap_err().render()).unwrap();
    insta::assert_snapshot!(text.replace("},", "},\n"), @r#"
    {"type":"urn:doorward:problem:validation_error","title":"Unprocessable Entity","status":422,"detail":[{"type":"string_type","loc":["body","email"],"msg":"Input should be a valid string"},
    {"type":"value_error","loc":["body","note"],"msg":"Value error, NUL characters are not allowed"},
    {"type":"string_type","loc":["body","nickname"],"msg":"Input should be a valid string"},
    {"type":"string_type","loc":["body","roles",1],"msg":"Input should be a valid string"},
    {"type":"string_type","loc":["body","roles",2],"msg":"Input should be a valid string"},
    {"type":"bool_type","loc":["body","active"],"msg":"Input should be a valid boolean"},
    {"type":"less_than_equal","loc":["body","limit"],"msg":"Input should be less than or equal to 100"}],"code":"validation_error"}
    "#);
}

#[test]
fn each_json_fault_has_its_type_and_place() {
    let table: &[(&str, &[&str])] = &[
        ("", &[r#"missing ["body"]"#]),
        ("[]", &[r#"model_attributes_type ["body"]"#]),
        ("\"email\"", &[r#"model_attributes_type ["body"]"#]),
        ("null", &[r#"model_attributes_type ["body"]"#]),
        ("{}", &[r#"missing ["body","email"]"#]),
        ("{\"email\":null}", &[r#"string_type ["body","email"]"#]),
        (
            "{\"email\":\"a\",\"email\":\"b\"}",
            &[r#"json_invalid ["body",19]"#],
        ),
        ("{\"email\":\"\\ud800\"}", &[r#"json_invalid ["body",16]"#]),
        ("{\"email\":\"a\"", &[r#"json_invalid ["body",11]"#]),
        (
            "{\"email\":\"\\u0000\"}",
            &[r#"value_error ["body","email"]"#],
        ),
        (
            "{\"email\":\"a\",\"limit\":0}",
            &[r#"greater_than_equal ["body","limit"]"#],
        ),
        (
            "{\"email\":\"a\",\"limit\":1.0}",
            &[r#"int_type ["body","limit"]"#],
        ),
        (
            "{\"email\":\"a\",\"limit\":1e30}",
            &[r#"int_type ["body","limit"]"#],
        ),
        (
            "{\"email\":\"a\",\"limit\":18446744073709551615}",
            &[r#"int_type ["body","limit"]"#],
        ),
        (
            "{\"email\":\"a\",\"roles\":\"x\"}",
            &[r#"list_type ["body","roles"]"#],
        ),
    ];
    for (text, expected) in table {
        assert_eq!(faults_of_json(text), *expected, "{text}");
    }
}

#[test]
fn absent_null_and_a_value_are_three_things() {
    let nickname = |text: &str| {
        let fields = Fields::from_json(text.as_bytes()).unwrap();
        fields.parse::<Sample>().unwrap().nickname
    };
    assert_eq!(nickname(r#"{"email":"a"}"#), Patch::Absent);
    assert_eq!(nickname(r#"{"email":"a","nickname":null}"#), Patch::Null);
    assert_eq!(
        nickname(r#"{"email":"a","nickname":"b"}"#),
        Patch::Value("b".to_owned())
    );

    let fields = Fields::from_json(br#"{"role":null}"#).unwrap();
    assert!(fields.contains("role") && !fields.contains("email"));
}

#[test]
fn unknown_members_are_ignored() {
    let fields = Fields::from_json(br#"{"email":"a","x":{"y":[1,{}]}}"#).unwrap();
    let sample = fields.parse::<Sample>().unwrap();
    assert_eq!(
        (sample.email.as_str(), sample.note, sample.roles),
        ("a", None, None)
    );
}

#[test]
fn text_is_read_as_pydantic_reads_it() {
    for (text, expected) in [
        ("true", true),
        ("1", true),
        ("ON", true),
        ("no", false),
        ("0", false),
    ] {
        let fields = Fields::from_query(&format!("email=a&active={text}&limit=7")).unwrap();
        let sample = fields.parse::<Sample>().unwrap();
        assert_eq!(sample.active, Some(expected), "{text}");
        assert_eq!(sample.limit.map(Bounded::value), Some(7));
    }
}

#[test]
fn each_query_fault_has_its_type_and_place() {
    let table: &[(&str, &[&str])] = &[
        ("", &[r#"missing ["query","email"]"#]),
        ("email=%zz", &[r#"value_error ["query"]"#]),
        ("email=%ff", &[r#"value_error ["query"]"#]),
        ("email=a%00", &[r#"value_error ["query","email"]"#]),
        ("email=a&email=a", &[r#"value_error ["query","email"]"#]),
        ("email=a&limit=", &[r#"int_parsing ["query","limit"]"#]),
        ("email=a&limit=1e2", &[r#"int_parsing ["query","limit"]"#]),
        (
            "email=a&limit=-1",
            &[r#"greater_than_equal ["query","limit"]"#],
        ),
        (
            "email=a&limit=99999999999999999999",
            &[r#"int_parsing ["query","limit"]"#],
        ),
        (
            "email=a&active=maybe",
            &[r#"bool_parsing ["query","active"]"#],
        ),
    ];
    for (text, expected) in table {
        let outcome = Fields::from_query(text).and_then(Fields::parse::<Sample>);
        assert_eq!(faults(outcome), *expected, "{text}");
    }
}

#[test]
fn an_empty_input_of_a_form_counts_as_absent() {
    let fields = Fields::from_form(b"email=a&note=&unknown=1&unknown=2").unwrap();
    assert_eq!(fields.parse::<Sample>().unwrap().note, None);
    let outcome = Fields::from_form(b"email=").and_then(Fields::parse::<Sample>);
    assert_eq!(faults(outcome), [r#"missing ["body","email"]"#]);
}

#[test]
fn a_flood_of_faults_is_cut() {
    let items = vec!["1"; 10_000].join(",");
    let body = format!(r#"{{"email":"a","roles":[{items}]}}"#);
    assert_eq!(faults_of_json(&body).len(), 50);
}

#[test]
fn uuids_have_one_spelling() {
    struct Id;
    impl FromFields for Id {
        fn from_fields(fields: &mut Fields) -> Option<Self> {
            fields.required::<Uuid>("id").map(|_| Self)
        }
    }
    let hyphenated = "0190b3a0-1234-7abc-8def-0123456789ab";
    let simple = hyphenated.replace('-', "");
    let is_read = |text: &str| {
        Fields::from_query(&format!("id={text}"))
            .and_then(Fields::parse::<Id>)
            .is_ok()
    };
    assert!(is_read(hyphenated));
    for refused in [&simple, &format!("{{{hyphenated}}}"), "1", "", "urn:uuid:x"] {
        assert!(!is_read(refused), "{refused}");
    }
}

proptest! {
    #[test]
    fn any_body_is_read_or_refused_with_422(
        bytes in proptest::collection::vec(any::<u8>(), 0..300)
    ) {
        for outcome in [Fields::from_json(&bytes), Fields::from_form(&bytes)] {
            if let Err(problem) = outcome.and_then(Fields::parse::<Sample>) {
                prop_assert_eq!(problem.status(), StatusCode::UNPROCESSABLE_ENTITY);
                prop_assert!(!problem.faults().is_empty());
            }
        }
    }

    #[test]
    fn an_email_that_is_sent_is_read_or_faulted(email in any::<String>()) {
        let body = serde_json::json!({ "email": email }).to_string();
        match Fields::from_json(body.as_bytes()).and_then(Fields::parse::<Sample>) {
            Ok(sample) => prop_assert_eq!(sample.email, email),
            Err(_) => prop_assert!(email.contains('\0')),
        }
    }
}

// The extractors, as requests meet them.

struct Name(String);

impl FromFields for Name {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        fields.required("name").map(Self)
    }
}

struct Logout(Option<bool>);

impl FromFields for Logout {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        fields.optional("all").map(Self)
    }
}

struct Even(i64);

impl FromField for Even {
    fn from_field(value: super::FieldValue) -> Result<Self, FieldFault> {
        match i64::from_field(value)? {
            even if even % 2 == 0 => Ok(Self(even)),
            _ => Err(FieldFault::value_error("an even number is needed")),
        }
    }
}

fn app() -> Router {
    Router::new()
        .route(
            "/json",
            post(async |JsonBody(Name(name)): JsonBody<Name>| name),
        )
        .route(
            "/form",
            post(async |FormBody(Name(name)): FormBody<Name>| name),
        )
        .route(
            "/either",
            post(async |JsonOrForm(Name(name)): JsonOrForm<Name>| name),
        )
        .route(
            "/optional",
            post(
                async |OptionalJsonBody(Logout(all)): OptionalJsonBody<Logout>| format!("{all:?}"),
            ),
        )
        .route("/query", get(async |Query(Name(name)): Query<Name>| name))
        .route(
            "/{tenant}/even/{number}",
            get(async |PathParam(Even(n)): PathParam<Even>| n.to_string()),
        )
}

async fn send(
    path: &str,
    content_type: Option<&str>,
    body: impl Into<Body>,
) -> (StatusCode, String) {
    let method = if path.starts_with("/query") || path.contains("even") {
        Method::GET
    } else {
        Method::POST
    };
    let mut request = Request::builder().method(method).uri(path);
    if let Some(content_type) = content_type {
        request = request.header(header::CONTENT_TYPE, content_type);
    }
    let response = app()
        .oneshot(request.body(body.into()).unwrap())
        .await
        .unwrap();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

const JSON: Option<&str> = Some("application/json");
const FORM: Option<&str> = Some("application/x-www-form-urlencoded");

#[tokio::test]
async fn each_extractor_reads_its_own_content_type() {
    let json = r#"{"name":"Ada"}"#;
    let table = [
        ("/json", JSON, json, 200),
        ("/json", Some("application/json; charset=utf-8"), json, 200),
        ("/json", Some("text/plain"), json, 415),
        ("/json", None, json, 415),
        ("/json", FORM, "name=Ada", 415),
        ("/json", JSON, "", 422),
        ("/json", JSON, "{", 422),
        ("/form", FORM, "name=Ada", 200),
        ("/form", JSON, json, 415),
        ("/form", FORM, "", 422),
        ("/either", FORM, "name=Ada", 200),
        ("/either", JSON, json, 200),
        ("/either", None, json, 415),
        (
            "/either",
            Some("multipart/form-data; boundary=x"),
            "--x--",
            415,
        ),
        ("/optional", None, "", 200),
        ("/optional", JSON, "", 200),
        ("/optional", Some("text/plain"), "", 200),
        ("/optional", JSON, "{}", 200),
        ("/optional", JSON, r#"{"all":true}"#, 200),
        ("/optional", JSON, r#"{"all":"true"}"#, 422),
        ("/optional", None, r#"{"all":true}"#, 415),
        ("/query?name=Ada", None, "", 200),
        ("/query", None, "", 422),
        ("/x/even/4", None, "", 200),
        ("/x/even/5", None, "", 422),
        ("/x/even/a%ff", None, "", 404),
        ("/x/even/%00", None, "", 422),
    ];
    for (path, content_type, body, expected) in table {
        let (status, answer) = send(path, content_type, body).await;
        assert_eq!(
            status.as_u16(),
            expected,
            "{path} {content_type:?} {body}: {answer}"
        );
    }
}

#[tokio::test]
async fn a_path_fault_names_the_parameter() {
    let (_, body) = send("/x/even/5", None, "").await;
    insta::assert_snapshot!(body, @r#"{"type":"urn:doorward:problem:validation_error","title":"Unprocessable Entity","status":422,"detail":[{"type":"value_error","loc":["path","number"],"msg":"Value error, an even number is needed"}],"code":"validation_error"}"#);
}

#[tokio::test]
async fn more_than_64_kib_are_too_large_declared_or_not() {
    let at = |length: usize| format!("{{\"name\":\"{}\"}}", "a".repeat(length - 11));
    let (status, _) = send("/json", JSON, at(64 * 1024)).await;
    assert_eq!(status, StatusCode::OK);
    let (status, body) = send("/json", JSON, at(64 * 1024 + 1)).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    insta::assert_snapshot!(body, @r#"{"type":"urn:doorward:problem:body_too_large","title":"Payload Too Large","status":413,"detail":"Request body is larger than 64 KiB","code":"body_too_large"}"#);

    let request = Request::post("/json")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::CONTENT_LENGTH, "5000000")
        .body(Body::new(Never))
        .unwrap();
    let response = app().oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_arrive_is_given_up() {
    let (status, _) = send("/json", JSON, Body::new(Never)).await;
    assert_eq!(status, StatusCode::REQUEST_TIMEOUT);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_the_clients_fault() {
    let (status, body) = send("/json", JSON, Body::new(Broken)).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(body.contains("malformed_body"));
}

/// A body of which nothing ever comes.
struct Never;

impl http_body::Body for Never {
    type Data = bytes::Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<bytes::Bytes>, std::io::Error>>> {
        std::task::Poll::Pending
    }
}

/// A body whose sender goes away.
struct Broken;

impl http_body::Body for Broken {
    type Data = bytes::Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<bytes::Bytes>, std::io::Error>>> {
        let error = std::io::ErrorKind::ConnectionReset.into();
        std::task::Poll::Ready(Some(Err(error)))
    }
}
