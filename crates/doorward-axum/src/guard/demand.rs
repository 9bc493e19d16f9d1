//! What a guard asks of an account.

use doorward::{Permission, RoleName};
use http::request::Parts;

use super::Watch;
use crate::extract::CurrentUser;
use crate::problem::Problem;

#[derive(Debug)]
pub(super) enum Demand {
    Account,
    AnyRole(Vec<RoleName>),
    Permission(Permission),
    Verified,
}

impl Demand {
    fn check(&self, user: &CurrentUser) -> Result<(), Problem> {
        match self {
            Self::AnyRole(roles) if !roles.iter().any(|role| user.has_role(role)) => {
                Err(user.denial())
            }
            Self::Permission(permission) if !user.is_permitted(permission) => Err(user.denial()),
            Self::Verified if !user.is_verified() => Err(Problem::email_not_verified()),
            Self::Account | Self::AnyRole(_) | Self::Permission(_) | Self::Verified => Ok(()),
        }
    }
}

impl Watch {
    /// The request with who sent it, if they may pass.
    pub(super) async fn admit(&self, mut request: Parts) -> Result<Parts, Problem> {
        let user = CurrentUser::of(&self.engine, &request).await?;
        self.demand.check(&user)?;
        request.extensions.insert(user);
        Ok(request)
    }
}
