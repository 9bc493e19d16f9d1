//! Accounts, one by one and in pages.

use super::{EmailAddress, User, Username};
use crate::authz::{Caller, Permission, Permitted, RoleName, UsersRead};
use crate::doorward::Doorward;
use crate::error::{Failure, fails_internally};
use crate::id::UserId;
use crate::page::{Page, PageRequest};
use crate::store::db::StoreError;
use crate::store::users;

/// Which accounts to list; `None` does not filter.
#[derive(Clone, Debug, Default)]
pub struct UserFilter {
    /// Those with this role.
    pub role: Option<RoleName>,
    /// Those that may be used, or those that are deactivated.
    pub is_active: Option<bool>,
    /// Those with this text in the address, the username or the full name, whatever the case.
    pub search: Option<String>,
}

/// What an operator calls an account.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UserName {
    /// By its id.
    Id(UserId),
    /// By its e-mail address.
    Email(EmailAddress),
    /// By its username.
    Username(Username),
}

impl UserName {
    /// Reads an e-mail address, a username or an id; `None` where it can be none of them.
    pub fn parse(text: &str) -> Option<Self> {
        let id = || text.parse().ok().map(Self::Id);
        let email = || text.parse().ok().map(Self::Email);
        let username = || text.parse().ok().map(Self::Username);
        id().or_else(email).or_else(username)
    }
}

/// Why an account was not shown.
#[derive(Debug, thiserror::Error)]
pub enum FindUserError {
    /// The caller may not see accounts of others.
    #[error("insufficient privileges")]
    Denied,
    /// There is no such account.
    #[error("there is no such account")]
    NotFound,
    /// The database did not answer.
    #[error("the account could not be looked up")]
    Internal(#[source] Failure),
}

fails_internally!(FindUserError);

impl Doorward {
    /// Shows an account to its owner, or to whoever may see all.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// # let caller = auth.login_as("user").await.caller();
    /// # let (own_id, anna) = (caller.user_id().ok_or("they are logged in")?, auth.login_as("admin").await.user.id);
    /// use doorward::FindUserError;
    ///
    /// let own = auth.find_user(&caller, own_id).await?;
    /// assert_eq!(own.id, own_id);
    /// let another = auth.find_user(&caller, anna).await;
    /// assert!(matches!(another, Err(FindUserError::Denied)));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The variants of [`FindUserError`] as they say. Who may not look does not learn
    /// whether there is such an account.
    pub async fn find_user(&self, caller: &Caller, id: UserId) -> Result<User, FindUserError> {
        if caller.user_id() != Some(id) && !caller.is_permitted(&Permission::USERS_READ) {
            return Err(FindUserError::Denied);
        }
        let found = self.find_cached_user(id).await?;
        found
            .map(|user| User::clone(&user))
            .ok_or(FindUserError::NotFound)
    }

    /// Finds an account by what an operator calls it.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// # auth.add_user("anna@example.com", ["user"]).await;
    /// use doorward::{Permitted, UserName};
    ///
    /// let name = UserName::parse("anna@example.com").ok_or("not what an account is called")?;
    /// let anna = auth.find_user_named(&Permitted::operator(), name).await?;
    /// assert!(anna.email.is_some_and(|email| email.as_str() == "anna@example.com"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`FindUserError::NotFound`] where there is none; [`FindUserError::Internal`] where the
    /// database does not answer.
    pub async fn find_user_named(
        &self,
        by: &Permitted<UsersRead>,
        name: UserName,
    ) -> Result<User, FindUserError> {
        let id = match name {
            UserName::Id(id) => Some(id),
            UserName::Email(email) => self
                .database()
                .read(move |tx| {
                    Box::pin(async move { users::find_login_by_email(tx, &email).await })
                })
                .await
                .map_err(|error: StoreError| Failure::from(error))?
                .map(|login| login.id),
            UserName::Username(username) => self
                .database()
                .read(move |tx| {
                    Box::pin(async move { users::find_login_by_username(tx, &username).await })
                })
                .await
                .map_err(|error: StoreError| Failure::from(error))?
                .map(|login| login.id),
        };
        self.find_user(by.caller(), id.ok_or(FindUserError::NotFound)?)
            .await
    }

    /// Lists accounts in the order in which they were made.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// # for name in ["anna", "hannah", "emil"] {
    /// #     auth.add_user(&format!("{name}@example.com"), ["user"]).await;
    /// # }
    /// use doorward::{PageRequest, Permitted, UserFilter};
    ///
    /// let anna = UserFilter { search: Some("anna".to_owned()), ..UserFilter::default() };
    /// let request = PageRequest::new(0, 1).counted(true);
    /// let first = auth.list_users(&Permitted::operator(), anna.clone(), request).await?;
    /// assert_eq!((first.items.len(), first.total), (1, Some(2)));
    ///
    /// let request = PageRequest::new(0, 1).after(first.next);
    /// let second = auth.list_users(&Permitted::operator(), anna, request).await?;
    /// assert_eq!((second.items.len(), second.next), (1, None));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Failure`] where the database does not answer.
    pub async fn list_users(
        &self,
        _by: &Permitted<UsersRead>,
        filter: UserFilter,
        page: PageRequest,
    ) -> Result<Page<User>, Failure> {
        let catalogue = self.role_catalogue().await?;
        let page = self
            .database()
            .read(move |tx| {
                Box::pin(async move {
                    let total = match page.count {
                        true => u64::try_from(users::count(tx, &filter).await?).ok(),
                        false => None,
                    };
                    let records = users::list(tx, &filter, &page).await?;
                    Ok(Page::cut(records, &page, total, |user| user.id.as_uuid()))
                })
            })
            .await
            .map_err(|error: StoreError| Failure::from(error))?;
        Ok(page.map(|record| record.into_user(&catalogue)))
    }
}
