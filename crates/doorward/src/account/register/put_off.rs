//! Registration that reveals nothing: the same work and the same answer whether the names are
//! free or not; what became of it is told by mail.

use super::RegisterError;
use crate::account::create::{CreateUserError, NewUser};
use crate::account::identity::{IdentityRejected, check_identity};
use crate::account::{EmailAddress, FullName, User, UserRecord, Username};
use crate::audit::Action;
use crate::authn::password::PasswordHash;
use crate::authz::{Caller, check_assignable};
use crate::deferred::{DeferredRegistration, DeferredRequest};
use crate::doorward::Doorward;
use crate::error::Failure;
use crate::id::{MailId, UserId};
use crate::mail::{MailFacts, MailKind, Recipient};
use crate::store::db::StoreError;
use crate::store::{audit, deferred as deferred_store, users};

impl Doorward {
    /// Checks and hashes the password; the rest is left for later.
    pub(super) async fn prepare_deferred(
        &self,
        new: NewUser,
        caller: &Caller,
    ) -> Result<DeferredRequest, RegisterError> {
        let required = self.config().required_identity;
        check_identity(required, new.email.as_ref(), new.username.as_ref())?;
        // There is no other way to tell what became of it.
        let email = new.email.as_ref().ok_or(IdentityRejected::EmailMissing)?;
        check_assignable(&new.roles, &*self.role_catalogue().await?)
            .map_err(|_| RegisterError::RoleNotSelfAssignable)?;
        let hash = self.hash_of_new(&new, caller).await?;
        Ok(DeferredRequest::Register(DeferredRegistration {
            email: email.to_string(),
            username: new.username.map(|name| name.to_string()),
            full_name: new.full_name.map(|name| name.as_str().to_owned()),
            hash: hash.as_str().to_owned(),
            role: new
                .roles
                .first()
                .map(ToString::to_string)
                .unwrap_or_default(),
        }))
    }

    /// Makes the account, or tells the address why there is none; the account, if it was made
    /// just now.
    pub(crate) async fn register_deferred(
        &self,
        request: MailId,
        registration: DeferredRegistration,
        caller: &Caller,
    ) -> Result<Option<User>, Failure> {
        let catalogue = self.role_catalogue().await?;
        let (user, hash) = self.deferred_user(registration)?;
        let record = self.record(Action::UserRegistered, caller).on(user.id);
        let (engine, origin, inserted) = (self.clone(), caller.clone(), user.clone());
        let made = self
            .database()
            .write(move |tx| {
                Box::pin(async move {
                    let is_ours = deferred_store::consume(tx, request).await?;
                    if is_ours {
                        engine.insert_rows(tx, &inserted, &hash, &origin).await?;
                        audit::insert(tx, &record).await?;
                    }
                    Ok::<_, CreateUserError>(is_ours)
                })
            })
            .await;
        match made {
            Ok(is_ours) => Ok(is_ours.then(|| user.into_user(&catalogue))),
            Err(CreateUserError::Identity(_)) => self
                .tell_of_taken_name(request, user, caller)
                .await
                .map(|()| None),
            Err(CreateUserError::Internal(failure)) => Err(failure),
            Err(other) => Err(Failure::internal(other)),
        }
    }

    fn deferred_user(
        &self,
        registration: DeferredRegistration,
    ) -> Result<(UserRecord, PasswordHash), Failure> {
        let now = self.now();
        let email: EmailAddress = registration.email.parse().map_err(Failure::internal)?;
        let username: Option<Username> = registration
            .username
            .map(|name| name.parse())
            .transpose()
            .map_err(Failure::internal)?;
        let full_name: Option<FullName> = registration
            .full_name
            .map(|name| name.parse())
            .transpose()
            .map_err(Failure::internal)?;
        let user = UserRecord {
            id: UserId::generate(now, self.entropy()),
            email: Some(email),
            username,
            full_name,
            roles: vec![registration.role.parse().map_err(Failure::internal)?],
            verified_at: None,
            deactivated_at: None,
            created_at: now,
            updated_at: now,
            last_login_at: None,
        };
        Ok((user, PasswordHash::new(registration.hash)))
    }

    async fn tell_of_taken_name(
        &self,
        request: MailId,
        wanted: UserRecord,
        caller: &Caller,
    ) -> Result<(), Failure> {
        let Some(email) = wanted.email else {
            return self.drop_request(request).await;
        };
        let owner = self.find_user_to_mail(&email).await?;
        let may_mail = match owner {
            Some(owner) => self.check_mail_limit(owner, caller).await,
            None => self.check_stranger_mail_limit(&email, caller).await,
        };
        let (engine, origin) = (self.clone(), caller.origin.clone());
        self.database()
            .write(move |tx| {
                Box::pin(async move {
                    if !deferred_store::consume(tx, request).await? || !may_mail {
                        return Ok(());
                    }
                    let owner = match owner {
                        Some(owner) => users::find(tx, owner).await?,
                        None => None,
                    };
                    let stranger = Recipient {
                        user: None,
                        email: &email,
                        name: None,
                    };
                    let (to, kind) = match &owner {
                        Some(owner) => (owner.recipient(), MailKind::AlreadyRegistered),
                        None => (Some(stranger), MailKind::UsernameTaken),
                    };
                    let facts = MailFacts::of_event(&origin, engine.now());
                    engine.tell(tx, to, kind, facts, &origin).await
                })
            })
            .await
            .map_err(|error: StoreError| error.into())
    }
}
