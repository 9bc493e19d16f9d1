//! The body of a registration, also with fields of the application's own.

use axum::extract::{FromRef, FromRequest, Request};
use doorward::{Doorward, Registration};
use utoipa::ToSchema;

use super::{AccountBody, AccountRules, CaptchaToken, FromAccountFields};
use crate::fields::{Fields, FromFields};
use crate::problem::Problem;

/// What somebody who registers sends, as `POST /auth/register` reads it.
///
/// A JSON object: `password`; `email`, `username` or both, as
/// [`Builder::required_identity`](doorward::Builder::required_identity) asks;
/// `full_name`, `role` and `captcha_token` where there are any. It is held against the engine's
/// rules, the password's among them, and refused with every fault at once (422); with 415, 413,
/// 408 and 400 as a [`JsonBody`](crate::fields::JsonBody) is. What only the database knows,
/// such as a taken address, [`Doorward::register`] says.
///
/// In an OpenAPI document it is the schema `Registration`.
///
/// ```
/// use axum::extract::State;
/// use axum::response::{IntoResponse as _, Response};
/// use axum::{Json, Router, routing::post};
/// use doorward::{Doorward, RegistrationOutcome};
/// use doorward_axum::problem::Problem;
/// use doorward_axum::{RegistrationBody, RequestOrigin, UserBody};
/// use http::StatusCode;
///
/// /// Register, in the shop's own way.
/// #[utoipa::path(
///     post,
///     path = "/join",
///     request_body = RegistrationBody,
///     responses((status = 201, body = UserBody), (status = 202)),
/// )]
/// async fn join(
///     State(auth): State<Doorward>,
///     origin: RequestOrigin,
///     RegistrationBody(registration): RegistrationBody,
/// ) -> Result<Response, Problem> {
///     match auth.register(&origin.anonymous(), registration).await? {
///         RegistrationOutcome::Registered(user) => {
///             Ok((StatusCode::CREATED, Json(UserBody::from(&*user))).into_response())
///         }
///         RegistrationOutcome::ToldByMail => Ok(StatusCode::ACCEPTED.into_response()),
///     }
/// }
///
/// let app: Router<Doorward> = Router::new().route("/join", post(join));
/// ```
#[derive(Clone, Debug)]
pub struct RegistrationBody(pub Registration);

impl<S> FromRequest<S> for RegistrationBody
where
    S: Send + Sync,
    Doorward: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let AccountBody(registration) = AccountBody::from_request(request, state).await?;
        Ok(Self(registration))
    }
}

impl FromAccountFields for Registration {
    fn from_fields(fields: &mut Fields, rules: AccountRules) -> Option<Self> {
        let names = rules.names(fields);
        let password = rules.required_password(fields, "password");
        let full_name = fields.optional("full_name");
        let role = fields.optional("role");
        let captcha_token = fields.optional::<CaptchaToken>("captcha_token");
        let (email, username) = names?;
        let mut registration =
            Self::new(password?).captcha_token(captcha_token?.map(|token| token.0));
        (registration.email, registration.username) = (email, username);
        (registration.full_name, registration.role) = (full_name?, role?);
        Some(registration)
    }
}

documented_as!(RegistrationBody, Shape);

/// What somebody who registers sends.
#[derive(ToSchema)]
#[schema(as = Registration)]
#[expect(
    dead_code,
    reason = "the shape for the document; `Registration` is what is read"
)]
struct Shape {
    /// The e-mail address.
    #[schema(format = Email, max_length = 254, example = "anna@example.com")]
    email: Option<String>,
    /// The name to log in with: letters, digits, `_`, `.` and `-`.
    #[schema(
        min_length = 3,
        max_length = 50,
        pattern = "^[A-Za-z0-9_.-]+$",
        example = "anna"
    )]
    username: Option<String>,
    /// The password, of 8 characters or more, up to 1024 bytes; none of the commonest.
    #[schema(format = Password, min_length = 1, max_length = 1024, example = "correct horse battery staple")]
    password: String,
    /// What the person is called.
    #[schema(min_length = 1, max_length = 200, example = "Anna Kowalska")]
    full_name: Option<String>,
    /// The role that is asked for; one of those that may be self-assigned.
    #[schema(default = "user", max_length = 50, pattern = "^[a-z][a-z0-9_-]*$")]
    role: Option<String>,
    /// What a solved captcha is worth, where one is asked for: see `GET /auth/captcha`.
    #[schema(max_length = 4096)]
    captcha_token: Option<String>,
}

/// What somebody who registers sends, and the fields that the application asks for besides: of
/// one body, and refused with the faults of both at once.
///
/// It is read and refused as a [`RegistrationBody`] is. The fields of that are taken before
/// those of `T`, which must have other names.
///
/// In an OpenAPI document it is both schemas in one (`allOf`).
///
/// ```
/// use axum::extract::State;
/// use axum::{Router, routing::post};
/// use doorward::Doorward;
/// use doorward_axum::fields::{Fields, FromFields};
/// use doorward_axum::problem::Problem;
/// use doorward_axum::{RegistrationWith, RequestOrigin};
///
/// struct NewShop {
///     shop: String,
/// }
///
/// impl FromFields for NewShop {
///     fn from_fields(fields: &mut Fields) -> Option<Self> {
///         fields.required("shop").map(|shop| Self { shop })
///     }
/// }
///
/// async fn open_shop(
///     State(auth): State<Doorward>,
///     origin: RequestOrigin,
///     RegistrationWith { registration, own }: RegistrationWith<NewShop>,
/// ) -> Result<String, Problem> {
///     auth.register(&origin.anonymous(), registration).await?;
///     Ok(own.shop)
/// }
///
/// let app: Router<Doorward> = Router::new().route("/shops", post(open_shop));
/// ```
#[derive(Clone, Debug, ToSchema)]
pub struct RegistrationWith<T> {
    /// What somebody who registers sends.
    #[serde(flatten)]
    #[schema(value_type = RegistrationBody)]
    pub registration: Registration,
    /// What the application asks for.
    #[serde(flatten)]
    pub own: T,
}

impl<T, S> FromRequest<S> for RegistrationWith<T>
where
    T: FromFields,
    S: Send + Sync,
    Doorward: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let AccountBody(read) = AccountBody::from_request(request, state).await?;
        Ok(read)
    }
}

impl<T: FromFields> FromAccountFields for RegistrationWith<T> {
    fn from_fields(fields: &mut Fields, rules: AccountRules) -> Option<Self> {
        let registration = <Registration as FromAccountFields>::from_fields(fields, rules);
        let own = T::from_fields(fields);
        Some(Self {
            registration: registration?,
            own: own?,
        })
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::extract::FromRequest as _;
    use doorward::testing::TestDoorward;
    use http::Request;
    use serde_json::{Value, json};
    use utoipa::{OpenApi as _, ToSchema};

    use super::RegistrationWith;
    use crate::fields::{Fields, FromFields};
    use crate::problem::Problem;

    /// A shop to open.
    #[derive(Debug, ToSchema)]
    struct NewShop {
        shop: String,
    }

    impl FromFields for NewShop {
        fn from_fields(fields: &mut Fields) -> Option<Self> {
            fields.required("shop").map(|shop| Self { shop })
        }
    }

    #[utoipa::path(
        post,
        path = "/shops",
        request_body = RegistrationWith<NewShop>,
        responses((status = 201)),
    )]
    #[expect(dead_code, reason = "documented only")]
    fn open_shop() {}

    #[derive(utoipa::OpenApi)]
    #[openapi(paths(open_shop))]
    struct ShopApi;

    async fn read(body: Value) -> Result<RegistrationWith<NewShop>, Problem> {
        let auth = TestDoorward::start().await;
        let request = Request::post("/shops").header("content-type", "application/json");
        let request = request.body(Body::from(body.to_string())).unwrap();
        RegistrationWith::from_request(request, auth.engine()).await
    }

    #[tokio::test]
    async fn both_are_read_of_one_body() {
        let RegistrationWith { registration, own } = read(json!({
            "email": "anna@example.com",
            "password": "correct horse battery staple",
            "shop": "Tea",
        }))
        .await
        .unwrap();
        assert_eq!(registration.email.unwrap().as_str(), "anna@example.com");
        assert_eq!(own.shop, "Tea");
    }

    #[tokio::test]
    async fn the_faults_of_both_are_told_at_once() {
        let refused = read(json!({"email": "anna@example.com", "shop": 7}))
            .await
            .unwrap_err();
        assert_eq!(
            refused.message(),
            "password: Field required; shop: Input should be a valid string"
        );
        let refused = read(json!({"email": "anna"})).await.unwrap_err();
        assert_eq!(refused.faults().len(), 3);
    }

    #[test]
    fn the_document_has_both_in_one() {
        let document = serde_json::to_value(ShopApi::openapi()).unwrap();
        let body = &document["paths"]["/shops"]["post"]["requestBody"]["content"];
        let named = &body["application/json"]["schema"]["$ref"];
        let named = named.as_str().unwrap().trim_start_matches('#');
        let [registration, own] = &document.pointer(named).unwrap()["allOf"]
            .as_array()
            .unwrap()[..]
        else {
            panic!("two schemas in one: {document:#?}");
        };
        assert_eq!(registration["$ref"], "#/components/schemas/Registration");
        assert_eq!(own["properties"]["shop"]["type"], "string");
        assert!(document["components"]["schemas"]["Registration"].is_object());
    }
}
