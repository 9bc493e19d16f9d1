//! `doorward users …`

use doorward::{
    Caller, CreateUserError, DeleteUserError, Doorward, NewUser, PageRequest, Reauthentication,
    RoleName, UnlockUserError, UpdateUserError, User, UserChange, UserFilter, UserName,
    UsersDelete, UsersRead, UsersWrite,
};
use doorward_axum::UserBody;

use super::{operator, prompt};
use crate::cli::{CreateUser, DeleteUser, ListUsers, Users, Who, WhoAndRole};
use crate::engine::{self, CommandEngine, FirstUse};
use crate::failure::{CommandFailure, with_causes};
use crate::output;
use crate::settings::{MailDelivery, RegistrationRequires, Settings};

/// Manages accounts.
pub(crate) async fn users(
    settings: &Settings,
    command: Users,
    json: bool,
) -> Result<(), CommandFailure> {
    let first_use = match &command {
        Users::Create(new) => {
            check_names(settings.registration_requires, new)?;
            FirstUse::Allowed
        }
        _ => FirstUse::Refused,
    };
    let CommandEngine { engine, has_secret } =
        engine::build_for_command(settings, first_use).await?;
    let desk = Desk {
        engine,
        tells_nobody: !has_secret && settings.mail_delivery() == MailDelivery::Smtp,
        json,
    };
    match command {
        Users::Create(new) => desk.create(new).await,
        Users::List(filter) => desk.list(filter).await,
        Users::Show(Who { who }) => desk.show(&desk.find(&who).await?),
        Users::Promote(change) => desk.promote(change).await,
        Users::Demote(change) => desk.demote(change).await,
        Users::SetPassword(Who { who }) => desk.set_password(&who).await,
        Users::Activate(Who { who }) => desk.set_active(&who, true).await,
        Users::Deactivate(Who { who }) => desk.set_active(&who, false).await,
        Users::Unlock(Who { who }) => desk.unlock(&who).await,
        Users::Delete(which) => desk.delete(which).await,
    }
}

/// Where an operator manages accounts.
struct Desk {
    engine: Doorward,
    /// Whether mail is to be sent and can't be written, as the secret is missing.
    tells_nobody: bool,
    json: bool,
}

impl Desk {
    async fn create(&self, new: CreateUser) -> Result<(), CommandFailure> {
        let email = parse_option("--email", new.email)?;
        let username = parse_option("--username", new.username)?;
        let full_name = parse_option("--full-name", new.full_name)?;
        let roles: Vec<RoleName> = new
            .roles
            .into_iter()
            .map(|role| parse("--role", &role))
            .collect::<Result<_, _>>()?;
        let verified = new.verified;
        let mut new = NewUser::new(prompt::new_password()?)
            .roles(roles)
            .verified(verified);
        (new.email, new.username, new.full_name) = (email, username, full_name);
        let user = self
            .engine
            .create_user(&operator::<UsersWrite>()?, new)
            .await
            .map_err(|error| match error {
                CreateUserError::Internal(failure) => failure.into(),
                other => CommandFailure::refused(other.to_string()),
            })?;
        if !user.is_verified() {
            self.warn_of_missing_mail(&user);
        }
        self.show(&user)
    }

    /// Goes through the pages by cursor: each costs the same, however far down it is.
    async fn list(&self, wanted: ListUsers) -> Result<(), CommandFailure> {
        let filter = UserFilter {
            role: parse_option("--role", wanted.role)?,
            is_active: wanted.active,
            search: wanted.search,
        };
        let operator = operator::<UsersRead>()?;
        let mut users = Vec::new();
        let mut cursor = None;
        let mut left = wanted.limit;
        while left > 0 {
            let request = PageRequest::new(0, left).after(cursor);
            let page = self
                .engine
                .list_users(&operator, filter.clone(), request)
                .await?;
            left = left.saturating_sub(u32::try_from(page.items.len()).unwrap_or(u32::MAX));
            users.extend(page.items);
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        if self.json {
            return output::json(&users.iter().map(UserBody::from).collect::<Vec<_>>());
        }
        users.iter().for_each(|user| output::line(summary(user)));
        if cursor.is_some() {
            output::note(format_args!("there are more; --limit is {}", wanted.limit));
        }
        Ok(())
    }

    async fn promote(&self, change: WhoAndRole) -> Result<(), CommandFailure> {
        let role: RoleName = parse("ROLE", &change.role)?;
        let user = self.find(&change.who).await?;
        let mut roles = user.roles.clone();
        if !roles.contains(&role) {
            roles.push(role);
        }
        self.update(
            &user,
            UserChange {
                roles: Some(roles),
                ..UserChange::default()
            },
        )
        .await
    }

    async fn demote(&self, change: WhoAndRole) -> Result<(), CommandFailure> {
        let role: RoleName = parse("ROLE", &change.role)?;
        let user = self.find(&change.who).await?;
        if !user.roles.contains(&role) {
            return Err(CommandFailure::refused(format!(
                "the account does not have the role {role}"
            )));
        }
        let roles = user
            .roles
            .iter()
            .filter(|other| **other != role)
            .cloned()
            .collect();
        self.update(
            &user,
            UserChange {
                roles: Some(roles),
                ..UserChange::default()
            },
        )
        .await
    }

    async fn set_password(&self, who: &str) -> Result<(), CommandFailure> {
        let user = self.find(who).await?;
        let password = Some(prompt::new_password()?);
        self.update(
            &user,
            UserChange {
                password,
                ..UserChange::default()
            },
        )
        .await?;
        self.warn_of_missing_mail(&user);
        Ok(())
    }

    async fn set_active(&self, who: &str, is_active: bool) -> Result<(), CommandFailure> {
        let user = self.find(who).await?;
        let change = UserChange {
            is_active: Some(is_active),
            ..UserChange::default()
        };
        self.update(&user, change).await
    }

    async fn update(&self, user: &User, change: UserChange) -> Result<(), CommandFailure> {
        let proof = Reauthentication::default();
        let changed = self
            .engine
            .update_user(&Caller::operator(), user.id, change, &proof)
            .await
            .map_err(|error| match error {
                UpdateUserError::Internal(failure) => failure.into(),
                other => CommandFailure::refused(other.to_string()),
            })?;
        self.show(&changed)
    }

    async fn delete(&self, which: DeleteUser) -> Result<(), CommandFailure> {
        let user = self.find(&which.who).await?;
        if !which.yes {
            prompt::confirm(&format!("Delete {} for good?", summary(&user)))?;
        }
        self.engine
            .delete_user(&operator::<UsersDelete>()?, user.id)
            .await
            .map_err(|error| match error {
                DeleteUserError::Internal(failure) => failure.into(),
                other => CommandFailure::refused(with_causes(&other)),
            })?;
        // A process that ends has no later.
        self.engine.erase_deleted_accounts().await?;
        Ok(())
    }

    async fn unlock(&self, who: &str) -> Result<(), CommandFailure> {
        let user = self.find(who).await?;
        self.engine
            .unlock_user(&operator::<UsersWrite>()?, user.id)
            .await
            .map_err(|error| match error {
                UnlockUserError::Internal(failure) => failure.into(),
                other => CommandFailure::refused(with_causes(&other)),
            })?;
        self.show(&user)
    }

    async fn find(&self, who: &str) -> Result<User, CommandFailure> {
        let name = UserName::parse(who).ok_or_else(|| {
            CommandFailure::usage(format!("{who:?} is no e-mail address, username or id"))
        })?;
        Ok(self
            .engine
            .find_user_named(&operator::<UsersRead>()?, name)
            .await?)
    }

    /// Tells the operator that the account's owner is told nothing, where they count on it.
    fn warn_of_missing_mail(&self, user: &User) {
        if self.tells_nobody && user.email.is_some() {
            output::note(
                "warning: no mail goes out for this, as SECRET_KEY is not set: it takes that of \
                 the server or the application",
            );
        }
    }

    fn show(&self, user: &User) -> Result<(), CommandFailure> {
        if self.json {
            return output::json(&UserBody::from(user));
        }
        output::line(summary(user));
        Ok(())
    }
}

/// Refuses an account without a name that it must have, before anything is made or asked for.
///
/// What an application requires that embeds the engine, its database does not tell.
fn check_names(required: RegistrationRequires, new: &CreateUser) -> Result<(), CommandFailure> {
    use RegistrationRequires::{Both, Email, Username};

    let (option, name, others) = match required {
        Email | Both if new.email.is_none() => ("--email", "an e-mail address", "username"),
        Username | Both if new.username.is_none() => ("--username", "a username", "email"),
        _ => return Ok(()),
    };
    Err(CommandFailure::usage(format!(
        "{option}: {name} is required of new accounts here; where they need none, set \
         REGISTRATION_REQUIRES to {others} or either"
    )))
}

fn summary(user: &User) -> String {
    let roles: Vec<_> = user.roles.iter().map(RoleName::as_str).collect();
    let names = [
        user.email.as_ref().map(ToString::to_string),
        user.username.as_ref().map(ToString::to_string),
        user.full_name
            .as_ref()
            .map(|name| format!("{:?}", name.as_str())),
    ];
    let names: Vec<_> = names.into_iter().flatten().collect();
    let state = match (user.is_active(), user.is_verified()) {
        (false, _) => "deactivated",
        (true, true) => "active, verified",
        (true, false) => "active",
    };
    format!(
        "{}  {}  [{}]  {state}",
        user.id,
        names.join("  "),
        roles.join(", ")
    )
}

fn parse<T>(name: &str, text: &str) -> Result<T, CommandFailure>
where
    T: std::str::FromStr<Err: std::fmt::Display>,
{
    text.parse()
        .map_err(|error| CommandFailure::usage(format!("{name}: {error}")))
}

fn parse_option<T>(name: &str, text: Option<String>) -> Result<Option<T>, CommandFailure>
where
    T: std::str::FromStr<Err: std::fmt::Display>,
{
    text.map(|text| parse(name, &text)).transpose()
}
