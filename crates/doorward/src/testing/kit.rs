//! The engine of an app's tests.
#![expect(clippy::panic, reason = "what the kit can't do fails the test")]

use std::collections::HashSet;
use std::fmt::Debug;
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use uuid::Uuid;

use super::{FixedClock, TestUser, builder, mail_config, operator};
use crate::builder::Builder;
use crate::domain::account::{NewUser, RequiredIdentity, User, UserName, Username};
use crate::domain::authz::{RoleName, UsersRead, UsersWrite};
use crate::domain::clock::Timestamp;
use crate::engine::Doorward;
use crate::mail::{KeptMail, KeptMails};
use crate::ops::authn::{LoginAttempt, LoginOutcome};
use crate::ops::session::TokenPair;
use crate::store::db::Database;

/// Everybody's password, until they change it.
pub const PASSWORD: &str = "correct horse battery staple";

/// What the clock of a new engine shows: a day in June 2025.
pub const START: Timestamp = Timestamp::from_millis(1_750_000_000_000);

/// An engine for tests, with its clock and its mails. What the engine can do, this can.
///
/// It is as an app's own but for this: the clock stands still and shows [`START`], no rate
/// limits count, nothing happens in the background, hashes cost next to nothing, and mail is
/// kept instead of sent, with links below `https://example.com`. Logins are locked after too
/// many failures as ever. The app's decisions go before these, but for the clock and for who
/// sends the mail: a test neither waits nor sends.
///
/// Clones are one. The [module](super) shows it at work.
#[derive(Clone, Debug)]
pub struct TestDoorward {
    engine: Doorward,
    clock: Arc<FixedClock>,
    kept: KeptMails,
    /// The ids of the mails that were answered already.
    read: Arc<Mutex<HashSet<Uuid>>>,
}

impl Deref for TestDoorward {
    type Target = Doorward;

    fn deref(&self) -> &Doorward {
        &self.engine
    }
}

impl TestDoorward {
    /// An engine on a new database in memory.
    pub async fn start() -> Self {
        Self::start_with(|builder| builder).await
    }

    /// An engine on a new database in memory, with the app's own decisions.
    ///
    /// They are best one function of the app's, for what it runs on and for its tests:
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// use doorward::{Builder, RequiredIdentity, testing::TestDoorward};
    ///
    /// fn decide(builder: Builder) -> Builder {
    ///     builder.required_identity(RequiredIdentity::Username).mail(None)
    /// }
    ///
    /// let auth = TestDoorward::start_with(decide).await;
    /// assert_eq!(auth.required_identity(), RequiredIdentity::Username);
    /// # }
    /// ```
    ///
    /// # Panics
    /// Where no engine can be built of them.
    pub async fn start_with(configure: impl FnOnce(Builder) -> Builder) -> Self {
        let database = Database::connect("sqlite::memory:").await;
        let database = database.unwrap_or_else(|error| fail("open a database in memory", &error));
        Self::start_on(database, configure).await
    }

    /// An engine on this database, with the app's own decisions: for tests that need the
    /// app's tables beside the engine's.
    ///
    /// # Panics
    /// Where no engine can be built of them.
    pub async fn start_on(database: Database, configure: impl FnOnce(Builder) -> Builder) -> Self {
        let clock = Arc::new(FixedClock::at(START));
        let kept = KeptMails::new(clock.clone());
        let mailer = Arc::new(kept.clone());
        let builder = builder(database).mail(mail_config(mailer.clone()));
        let built = configure(builder)
            .clock(clock.clone())
            .mailer(mailer)
            .build()
            .await;
        let engine = built.unwrap_or_else(|error| fail("build the engine", &error));
        Self::from_parts(engine, clock, kept)
    }

    /// An engine that was built otherwise, with the clock that it reads and the mails that it
    /// keeps, if it keeps any.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use std::sync::Arc;
    /// use doorward::testing::{self, FixedClock, TestDoorward};
    /// use doorward::{Database, KeptMails};
    ///
    /// let clock = Arc::new(FixedClock::at(testing::START));
    /// let mails = KeptMails::new(clock.clone());
    /// let database = Database::connect("sqlite::memory:").await?;
    /// let engine = testing::builder(database).clock(clock.clone()).build().await?;
    /// let auth = TestDoorward::from_parts(engine, clock, mails);
    /// auth.login_as("user").await;
    /// # Ok(())
    /// # }
    /// ```
    pub fn from_parts(engine: Doorward, clock: Arc<FixedClock>, mails: KeptMails) -> Self {
        Self {
            engine,
            clock,
            kept: mails,
            read: Arc::default(),
        }
    }

    /// The engine itself, to be the state of a router.
    pub fn engine(&self) -> &Doorward {
        &self.engine
    }

    /// The clock.
    pub fn clock(&self) -> &Arc<FixedClock> {
        &self.clock
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    /// Makes an account with these roles, [`PASSWORD`] and an address that counts as
    /// verified. Where the app asks for a username, it is what stands before the `@`.
    ///
    /// The clock moves on by a millisecond, so that accounts have an order.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// let anna = auth.add_user("anna@example.com", ["user", "moderator"]).await;
    /// assert_eq!(anna.role().map(|role| role.as_str()), Some("moderator"));
    /// # }
    /// ```
    ///
    /// # Panics
    /// Where the engine refuses: where the address is taken, or there is no such role.
    pub async fn add_user(
        &self,
        email: &str,
        roles: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> User {
        self.advance(Duration::from_millis(1));
        let roles = roles
            .into_iter()
            .map(|role| parse::<RoleName>(role.as_ref()));
        let mut new = NewUser::new(PASSWORD).roles(roles).verified(true);
        new.email = Some(parse(email));
        new.username = self.username_of(email);
        let made = self
            .engine
            .create_user(&operator::<UsersWrite>(), new)
            .await;
        made.unwrap_or_else(|error| fail(&format!("make the account {email}"), &error))
    }

    /// Logs somebody in; the clock moves on by a millisecond, so that sessions have an order.
    ///
    /// # Panics
    /// Where the engine refuses.
    pub async fn log_in(&self, name: &str, password: &str) -> TestUser {
        self.advance(Duration::from_millis(1));
        let login = self.engine.login(LoginAttempt::new(name, password)).await;
        let LoginOutcome::LoggedIn(tokens) =
            login.unwrap_or_else(|error| fail(&format!("log {name} in"), &error));
        self.holder_of(tokens).await
    }

    /// Logs in whoever is `<role>@example.com`, has this role and [`PASSWORD`]; the account is
    /// made where it is missing.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// # let auth = doorward::testing::TestDoorward::start().await;
    /// use doorward::RoleName;
    ///
    /// let moderator = auth.login_as("moderator").await;
    /// let again = auth.login_as(RoleName::MODERATOR).await;
    /// assert_eq!(moderator.user.id, again.user.id);
    /// assert_ne!(moderator.tokens.access_token, again.tokens.access_token);
    /// # }
    /// ```
    ///
    /// # Panics
    /// Where there is no such role.
    pub async fn login_as(&self, role: impl AsRef<str>) -> TestUser {
        let role = role.as_ref();
        let email = format!("{role}@example.com");
        let name = UserName::Email(parse(&email));
        let found = self.find_user_named(&operator::<UsersRead>(), name).await;
        if found.is_err() {
            self.add_user(&email, [role]).await;
        }
        self.log_in(&email, PASSWORD).await
    }

    /// Whoever has these tokens, as they are at this moment.
    ///
    /// # Panics
    /// Where the access token is good no longer.
    pub async fn holder_of(&self, tokens: TokenPair) -> TestUser {
        let who = self.authenticate(&tokens.access_token).await;
        let who = who.unwrap_or_else(|error| fail("verify the access token", &error));
        TestUser::new(tokens, who)
    }

    /// Delivers all mail that is due, and answers what was not answered before, the oldest
    /// first; those of one moment come in any order. At most 200 mails are kept between two
    /// looks.
    ///
    /// What an engine tells by mail a moment after its answer, so that the answer reveals
    /// nothing, is among them.
    ///
    /// # Panics
    /// Where the database does not answer.
    pub async fn mails(&self) -> Vec<KeptMail> {
        if let Err(error) = self.deliver_mail().await {
            fail::<()>("deliver the mail", &error);
        }
        let mut mails = self.kept.list();
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        mails.retain(|mail| read.insert(mail.id));
        // Several are sent at once; the id begins with when the mail was written (RFC 9562 §5.7).
        mails.sort_by_key(|mail| mail.id.as_u128() >> 80);
        mails
    }

    fn username_of(&self, email: &str) -> Option<Username> {
        match self.required_identity() {
            RequiredIdentity::Username | RequiredIdentity::Both => {
                let (name, _) = email.split_once('@').unwrap_or((email, ""));
                Some(parse(name))
            }
            RequiredIdentity::Email | RequiredIdentity::Either => None,
        }
    }
}

fn parse<T: std::str::FromStr<Err: std::error::Error>>(text: &str) -> T {
    text.parse()
        .unwrap_or_else(|error| fail(&format!("read {text:?}"), &error))
}

fn fail<T>(what: &str, error: &dyn Debug) -> T {
    panic!("can't {what}: {error:?}")
}
