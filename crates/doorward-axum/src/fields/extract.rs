//! The extractors over [`Fields`].

use std::borrow::Cow;

use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use bytes::Bytes;
use http::request::Parts;

use super::{Fields, FromField, FromFields, body, media_type::MediaType, value::Raw};
use crate::{
    fault::{Fault, Step},
    fields::FieldValue,
    problem::Problem,
};

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
const JSON_OR_FORM: &str = "application/json or application/x-www-form-urlencoded";

/// A JSON object of at most 64 KiB, sent as `application/json` (or a `+json`
/// type) in UTF-8.
///
/// Refused with 415 for another content type or none, 413 if too large, 408 if
/// it takes more than 10 seconds to arrive, 400 if it breaks off, 422 else.
///
/// ```
/// use axum::{Router, routing::post};
/// use doorward_axum::fields::{Fields, FromFields, JsonBody};
///
/// struct Greeting(String);
///
/// impl FromFields for Greeting {
///     fn from_fields(fields: &mut Fields) -> Option<Self> {
///         fields.required("name").map(Self)
///     }
/// }
///
/// async fn greet(JsonBody(Greeting(name)): JsonBody<Greeting>) -> String {
///     format!("Hello, {name}")
/// }
///
/// let app: Router = Router::new().route("/greet", post(greet));
/// ```
#[derive(Debug, Clone)]
pub struct JsonBody<T>(pub T);

/// A form of at most 64 KiB, sent as `application/x-www-form-urlencoded`;
/// refused as [`JsonBody`] is.
///
/// ```
/// use doorward_axum::fields::{Fields, FormBody, FromFields};
///
/// struct Search {
///     words: String,
/// }
///
/// impl FromFields for Search {
///     fn from_fields(fields: &mut Fields) -> Option<Self> {
///         Some(Self { words: fields.required("words")? })
///     }
/// }
///
/// async fn search(FormBody(search): FormBody<Search>) -> String {
///     format!("Looking for {}", search.words)
/// }
/// # let _: axum::Router = axum::Router::new().route("/search", axum::routing::post(search));
/// ```
#[derive(Debug, Clone)]
pub struct FormBody<T>(pub T);

/// Either a [`JsonBody`] or a [`FormBody`], as the content type says.
///
/// ```
/// # use doorward_axum::fields::{Fields, FromFields};
/// # struct Search {
/// #     words: String,
/// # }
/// # impl FromFields for Search {
/// #     fn from_fields(fields: &mut Fields) -> Option<Self> {
/// #         Some(Self { words: fields.required("words")? })
/// #     }
/// # }
/// use doorward_axum::fields::JsonOrForm;
///
/// // `{"words": "doors"}` or `words=doors`
/// async fn search(JsonOrForm(search): JsonOrForm<Search>) -> String {
///     format!("Looking for {}", search.words)
/// }
/// # let _: axum::Router = axum::Router::new().route("/search", axum::routing::post(search));
/// ```
#[derive(Debug, Clone)]
pub struct JsonOrForm<T>(pub T);

/// A [`JsonBody`] that may be left out: an empty body, whatever its content
/// type, reads as an object without members, and so does `null`.
///
/// ```
/// use doorward_axum::fields::{Fields, FromFields, OptionalJsonBody};
///
/// struct Cancellation {
///     reason: Option<String>,
/// }
///
/// impl FromFields for Cancellation {
///     fn from_fields(fields: &mut Fields) -> Option<Self> {
///         Some(Self { reason: fields.optional("reason")? })
///     }
/// }
///
/// async fn cancel(OptionalJsonBody(asked): OptionalJsonBody<Cancellation>) -> String {
///     format!("Cancelled: {}", asked.reason.as_deref().unwrap_or("no reason was given"))
/// }
/// # let _: axum::Router = axum::Router::new().route("/cancel", axum::routing::post(cancel));
/// ```
#[derive(Debug, Clone)]
pub struct OptionalJsonBody<T>(pub T);

/// The query string; refused with 422.
///
/// ```
/// use doorward_axum::fields::{Bounded, Fields, FromFields, Query};
///
/// struct Window {
///     limit: i64,
/// }
///
/// impl FromFields for Window {
///     fn from_fields(fields: &mut Fields) -> Option<Self> {
///         let limit: Option<Bounded<1, 100>> = fields.optional("limit")?;
///         Some(Self { limit: limit.map_or(10, Bounded::value) })
///     }
/// }
///
/// // `/orders?limit=20`
/// async fn orders(Query(window): Query<Window>) -> String {
///     format!("{} orders", window.limit)
/// }
/// # let _: axum::Router = axum::Router::new().route("/orders", axum::routing::get(orders));
/// ```
#[derive(Debug, Clone)]
pub struct Query<T>(pub T);

/// The last parameter of the path; refused with 422, or with 404 if it is not
/// UTF-8 once decoded.
///
/// ```
/// use doorward_axum::fields::PathParam;
/// use uuid::Uuid;
///
/// async fn order(PathParam(id): PathParam<Uuid>) -> String {
///     format!("The order {id}")
/// }
/// # let _: axum::Router = axum::Router::new().route("/orders/{id}", axum::routing::get(order));
/// ```
#[derive(Debug, Clone)]
pub struct PathParam<T>(pub T);

impl<T: FromFields, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        read_json_fields(request).await?.parse().map(Self)
    }
}

impl<T: FromFields, S: Send + Sync> FromRequest<S> for FormBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        match MediaType::of(request.headers()) {
            MediaType::Form => read_form(request).await.map(Self),
            _ => Err(Problem::unsupported_media_type(FORM)),
        }
    }
}

impl<T: FromFields, S: Send + Sync> FromRequest<S> for JsonOrForm<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        match MediaType::of(request.headers()) {
            MediaType::Json => Fields::from_json(&read(request).await?)?.parse().map(Self),
            MediaType::Form => read_form(request).await.map(Self),
            _ => Err(Problem::unsupported_media_type(JSON_OR_FORM)),
        }
    }
}

impl<T: FromFields, S: Send + Sync> FromRequest<S> for OptionalJsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let media_type = MediaType::of(request.headers());
        let text = read(request).await?;
        let fields = match media_type {
            _ if text.is_empty() => Fields::empty(),
            MediaType::Json if text.trim_ascii() == b"null" => Fields::empty(),
            MediaType::Json => Fields::from_json(&text)?,
            _ => return Err(Problem::unsupported_media_type(JSON)),
        };
        fields.parse().map(Self)
    }
}

impl<T: FromFields, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Fields::from_query(parts.uri.query().unwrap_or_default())?
            .parse()
            .map(Self)
    }
}

impl<T: FromField, S: Send + Sync> FromRequestParts<S> for PathParam<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let params = RawPathParams::from_request_parts(parts, state)
            .await
            .map_err(|_| Problem::not_found())?;
        let (name, text) = params.iter().last().ok_or_else(Problem::not_found)?;
        T::from_field(FieldValue(Raw::Text(text.to_owned())))
            .map(Self)
            .map_err(|fault| {
                let loc = [Step::from("path"), Step::Name(Cow::Owned(name.to_owned()))];
                Problem::validation(fault.into_faults(&loc).collect::<Vec<Fault>>())
            })
    }
}

/// The members of a JSON body, refused as [`JsonBody`] is.
pub(crate) async fn read_json_fields(request: Request) -> Result<Fields, Problem> {
    match MediaType::of(request.headers()) {
        MediaType::Json => Fields::from_json(&read(request).await?),
        _ => Err(Problem::unsupported_media_type(JSON)),
    }
}

async fn read_form<T: FromFields>(request: Request) -> Result<T, Problem> {
    Fields::from_form(&read(request).await?)?.parse()
}

async fn read(request: Request) -> Result<Bytes, Problem> {
    let (parts, body) = request.into_parts();
    body::read(&parts.headers, body).await
}
