//! The account that an access token speaks for.

use std::ops::Deref;

use axum::extract::{FromRef, FromRequestParts, OptionalFromRequestParts};
use doorward::{AppRole, Authenticated, Caller, Doorward, Origin, Permission, RoleName, User};
use http::request::Parts;

use super::RequestOrigin;
use super::token::find_token;
use crate::codes::Code;
use crate::problem::{Challenge, Problem};

/// The account that the request's access token speaks for, with its present roles.
///
/// Refuses with 401 where there is no token (`not_authenticated`), more than one, or one that
/// is no good (`invalid_token`, `token_expired`, `token_revoked`, or `inactive_user` where the
/// account was deactivated), and with 503 where the database would have to be asked and does
/// not answer. Where [`CookieSessions`](crate::CookieSessions) are on, a request without
/// `Authorization` may have the token in its cookie; one that a foreign page may have made is
/// then refused with 403 (`csrf_refused`).
///
/// Lets in accounts, too, that have yet to verify their address where
/// [that is required](doorward::Builder::require_verified_email): what these are to be kept from
/// asks for a role, a permission or [`RequireVerified`](crate::RequireVerified).
///
/// ```
/// use doorward_axum::CurrentUser;
///
/// async fn greet(user: CurrentUser) -> String {
///     format!("Hello, {}", user.id)
/// }
/// ```
///
/// `Option<CurrentUser>` is `None` where no token was sent; one that is no good is refused
/// even so, as by [`MaybeUser`].
///
/// ```
/// use doorward_axum::CurrentUser;
///
/// async fn greet(user: Option<CurrentUser>) -> String {
///     user.map_or("Hello".to_owned(), |user| format!("Hello, {}", user.id))
/// }
/// ```
///
/// `Result<CurrentUser, Problem>` leaves the refusal to the handler, and so to an error type
/// of the application's own. Every extractor of this crate can be used like this.
///
/// ```
/// use axum::Json;
/// use axum::response::{IntoResponse, Response};
/// use doorward_axum::CurrentUser;
/// use doorward_axum::problem::Problem;
///
/// enum AppError {
///     Auth(Problem),
///     SoldOut,
/// }
///
/// impl From<Problem> for AppError {
///     fn from(problem: Problem) -> Self {
///         Self::Auth(problem)
///     }
/// }
///
/// impl IntoResponse for AppError {
///     fn into_response(self) -> Response {
///         match self {
///             Self::Auth(problem) => {
///                 let body = Json(serde_json::json!({"error": problem.message()}));
///                 problem.into_response_with(body)
///             }
///             Self::SoldOut => http::StatusCode::CONFLICT.into_response(),
///         }
///     }
/// }
///
/// async fn order(user: Result<CurrentUser, Problem>) -> Result<String, AppError> {
///     let user = user?;
///     Ok(format!("{} orders", user.id))
/// }
/// # let _: axum::Router<doorward::Doorward> = axum::Router::new()
/// #     .route("/orders", axum::routing::post(order));
/// # let _ = AppError::SoldOut;
/// ```
#[derive(Clone, Debug)]
pub struct CurrentUser(pub Authenticated);

impl CurrentUser {
    /// The account as a caller of the engine, from where the request came.
    ///
    /// ```
    /// use axum::extract::State;
    /// use doorward::Doorward;
    /// use doorward_axum::problem::Problem;
    /// use doorward_axum::{CurrentUser, RequestOrigin};
    ///
    /// async fn logout(
    ///     State(auth): State<Doorward>,
    ///     user: CurrentUser,
    ///     origin: RequestOrigin,
    /// ) -> Result<&'static str, Problem> {
    ///     auth.logout(&user.0, &user.caller(origin)).await?;
    ///     Ok("Good bye")
    /// }
    /// # let _: axum::Router<Doorward> = axum::Router::new()
    /// #     .route("/logout", axum::routing::post(logout));
    /// ```
    pub fn caller(&self, origin: RequestOrigin) -> Caller {
        Caller::user(self.0.clone(), origin.0)
    }

    /// Whether the account has this role and may use it: one that has yet to verify its
    /// address, where [that is required](doorward::Builder::require_verified_email), has none.
    ///
    /// A role that ranks higher is another one.
    ///
    /// ```
    /// use doorward::RoleName;
    /// use doorward_axum::CurrentUser;
    ///
    /// async fn menu(user: CurrentUser) -> &'static str {
    ///     if user.has_role(&RoleName::ADMIN) { "Reports, profile" } else { "Profile" }
    /// }
    /// ```
    pub fn has_role(&self, role: &RoleName) -> bool {
        !self.0.is_restricted() && self.0.user.has_role(role)
    }

    /// The highest-ranking of the application's own roles that the account has and may use.
    ///
    /// ```
    /// use doorward::AppRole;
    /// use doorward_axum::CurrentUser;
    ///
    /// fn desk_of<R: AppRole + std::fmt::Debug>(user: &CurrentUser) -> String {
    ///     match user.role_of::<R>() {
    ///         Some(role) => format!("the desk of every {role:?}"),
    ///         None => "no desk".to_owned(),
    ///     }
    /// }
    /// ```
    pub fn role_of<R: AppRole>(&self) -> Option<R> {
        if self.0.is_restricted() {
            return None;
        }
        self.0.user.role_of()
    }

    /// Whether the account's present roles permit this; those of an admin permit everything.
    ///
    /// ```
    /// use doorward::Permission;
    /// use doorward_axum::CurrentUser;
    /// use doorward_axum::problem::Problem;
    ///
    /// const SEND: Permission = Permission::new("invoices:send");
    ///
    /// async fn save(user: CurrentUser, invoice: String) -> Result<&'static str, Problem> {
    ///     match invoice.as_str() {
    ///         "send" if user.is_permitted(&SEND) => Ok("sent"),
    ///         "send" => Err(Problem::forbidden()),
    ///         _ => Ok("kept as a draft"),
    ///     }
    /// }
    /// ```
    pub fn is_permitted(&self, permission: &Permission) -> bool {
        Caller::user(self.0.clone(), Origin::default()).is_permitted(permission)
    }

    /// What the account hears where it has not the role or the permission.
    pub(crate) fn denial(&self) -> Problem {
        if self.0.is_restricted() {
            Problem::email_not_verified()
        } else {
            Problem::forbidden()
        }
    }

    /// Who sent the request.
    pub(crate) async fn of(engine: &Doorward, request: &Parts) -> Result<Self, Problem> {
        find_user(engine, request).await?.ok_or_else(|| {
            Problem::unauthorized(
                Code::NotAuthenticated,
                "Could not validate credentials",
                Challenge::Bearer,
            )
        })
    }
}

impl Deref for CurrentUser {
    type Target = User;

    fn deref(&self) -> &User {
        &self.0.user
    }
}

impl<S> FromRequestParts<S> for CurrentUser
where
    S: Send + Sync,
    Doorward: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        Self::of(&Doorward::from_ref(state), parts).await
    }
}

impl<S> OptionalFromRequestParts<S> for CurrentUser
where
    S: Send + Sync,
    Doorward: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Problem> {
        find_user(&Doorward::from_ref(state), parts).await
    }
}

/// The account that the request's access token speaks for, or nobody where there is none.
///
/// Absent is not the same as invalid: a token that is no good is refused as [`CurrentUser`]
/// refuses it.
///
/// ```
/// use doorward_axum::MaybeUser;
///
/// async fn front_page(MaybeUser(user): MaybeUser) -> &'static str {
///     if user.is_some() { "Welcome back" } else { "Welcome" }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct MaybeUser(pub Option<Authenticated>);

impl<S> FromRequestParts<S> for MaybeUser
where
    S: Send + Sync,
    Doorward: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let user = find_user(&Doorward::from_ref(state), parts).await?;
        Ok(Self(user.map(|CurrentUser(authenticated)| authenticated)))
    }
}

async fn find_user(engine: &Doorward, request: &Parts) -> Result<Option<CurrentUser>, Problem> {
    let Some(token) = find_token(request)? else {
        return Ok(None);
    };
    Ok(Some(CurrentUser(engine.authenticate(token).await?)))
}
