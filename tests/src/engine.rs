//! An engine of the test kit, with what our own tests ask of it beside.
#![expect(
    clippy::unwrap_used,
    reason = "a fixture that can't do its work fails the test"
)]

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use doorward::testing::{self, FixedClock, TestDoorward};
pub use doorward::testing::{
    PASSWORD, START, TestUser as Visitor, anonymous, mail_config, operator, token_in,
};
use doorward::{
    Builder, Caller, Clock as _, Database, Doorward, EmailAddress, KeptMail, KeptMails,
    LoginAttempt, LoginError, LoginOutcome, NewUser, Password, Reauthentication, RefreshError,
    RegisterError, Registration, RoleName, Timestamp, TokenPair, User, UsersWrite,
};

/// An engine with its clock. What the engine can do, this can.
#[derive(Clone, Debug)]
pub struct TestEngine {
    kit: TestDoorward,
}

impl Deref for TestEngine {
    type Target = Doorward;

    fn deref(&self) -> &Doorward {
        self.kit.engine()
    }
}

impl TestEngine {
    /// An engine on a new SQLite database in memory.
    pub async fn in_memory() -> Self {
        Self::at("sqlite::memory:").await
    }

    /// An engine in memory with some decisions of its own.
    pub async fn in_memory_with(configure: impl FnOnce(Builder) -> Builder) -> Self {
        let database = Database::connect("sqlite::memory:").await.unwrap();
        Self::on(database, Arc::new(FixedClock::at(START)), configure).await
    }

    /// An engine on the database at `url`.
    pub async fn at(url: &str) -> Self {
        let database = Database::connect(url).await.unwrap();
        Self::on(database, Arc::new(FixedClock::at(START)), |builder| builder).await
    }

    /// Another engine on the database at `url`, through connections of its own, with the
    /// same clock as this one.
    pub async fn replica(&self, url: &str) -> Self {
        let database = Database::connect(url).await.unwrap();
        Self::on(database, Arc::clone(self.kit.clock()), |builder| builder).await
    }

    /// An engine made of these parts.
    pub async fn on(
        database: Database,
        clock: Arc<FixedClock>,
        configure: impl FnOnce(Builder) -> Builder,
    ) -> Self {
        let builder = testing::builder(database).clock(clock.clone());
        let engine = configure(builder).build().await.unwrap();
        let mails = KeptMails::new(clock.clone());
        let kit = TestDoorward::from_parts(engine, clock, mails);
        Self { kit }
    }

    /// An engine in memory whose mails are kept.
    pub async fn with_mail() -> Self {
        Self::with_mail_and(|builder| builder).await
    }

    /// An engine in memory whose mails are kept, with decisions of its own.
    pub async fn with_mail_and(configure: impl FnOnce(Builder) -> Builder) -> Self {
        let kit = TestDoorward::start_with(configure).await;
        Self { kit }
    }

    /// An engine on this database whose mails are kept.
    pub async fn with_mail_on(
        database: Database,
        configure: impl FnOnce(Builder) -> Builder,
    ) -> Self {
        let kit = TestDoorward::start_on(database, configure).await;
        Self { kit }
    }

    /// Delivers all mail that is due; the mails that went out since, the oldest first.
    pub async fn mails(&self) -> Vec<KeptMail> {
        self.kit.mails().await
    }

    /// Delivers the one mail that is due, which must have this subject's beginning.
    pub async fn mail(&self, subject: &str) -> KeptMail {
        let mut mails = self.mails().await;
        assert_eq!(mails.len(), 1, "{:?}", subjects(&mails));
        let mail = mails.remove(0);
        assert!(mail.subject.starts_with(subject), "{:?}", mail.subject);
        mail
    }

    /// The engine itself.
    #[must_use]
    pub fn engine(&self) -> &Doorward {
        self.kit.engine()
    }

    /// What the clock shows.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.kit.clock().now()
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        self.kit.advance(by);
    }

    /// Sets the clock, forward or back.
    pub fn set_clock(&self, now: Timestamp) {
        self.kit.clock().set(now);
    }

    /// Registers somebody; the account, as an engine tells of it that reveals what
    /// registrations came to.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn register(
        &self,
        caller: &Caller,
        registration: Registration,
    ) -> Result<User, RegisterError> {
        let outcome = self.kit.register(caller, registration).await?;
        Ok(outcome.into_user().unwrap())
    }

    /// Registers somebody, with [`PASSWORD`]; time moves on by a millisecond, so that
    /// accounts have an order.
    pub async fn sign_up(&self, email: &str) -> User {
        self.advance(Duration::from_millis(1));
        self.register(&anonymous(), registration(email))
            .await
            .unwrap()
    }

    /// Makes an account with these roles and [`PASSWORD`].
    pub async fn create(&self, email: &str, roles: &[&str]) -> User {
        self.advance(Duration::from_millis(1));
        let new = new_user(email, roles);
        self.create_user(&operator::<UsersWrite>(), new)
            .await
            .unwrap()
    }

    /// Makes an account with these roles, [`PASSWORD`] and an address that counts as verified.
    pub async fn create_verified(&self, email: &str, roles: &[&str]) -> User {
        self.kit.add_user(email, roles).await
    }

    /// Tries to log in.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn try_log_in(&self, name: &str, password: &str) -> Result<TokenPair, LoginError> {
        let LoginOutcome::LoggedIn(tokens) = self.login(attempt(name, password)).await?;
        Ok(tokens)
    }

    /// Logs somebody in who has [`PASSWORD`].
    pub async fn log_in(&self, name: &str) -> Visitor {
        self.kit.log_in(name, PASSWORD).await
    }

    /// Logs somebody in; time moves on by a millisecond, so that events have an order.
    pub async fn log_in_with(&self, name: &str, password: &str) -> Visitor {
        self.kit.log_in(name, password).await
    }

    /// Makes an account with these roles and logs in.
    pub async fn create_and_log_in(&self, email: &str, roles: &[&str]) -> Visitor {
        self.create(email, roles).await;
        self.log_in(email).await
    }

    /// Tries to exchange the refresh token.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn try_refresh(&self, tokens: &TokenPair) -> Result<TokenPair, RefreshError> {
        self.refresh(&tokens.refresh_token, &anonymous()).await
    }

    /// Whoever has these tokens.
    pub async fn visitor(&self, tokens: TokenPair) -> Visitor {
        self.kit.holder_of(tokens).await
    }

    /// Whether the access token opens the door at this moment.
    pub async fn lets_in(&self, visitor: &Visitor) -> bool {
        self.authenticate(&visitor.tokens.access_token)
            .await
            .is_ok()
    }

    /// The same visitor with what is true of them at this moment.
    pub async fn again(&self, visitor: &Visitor) -> Visitor {
        self.visitor(visitor.tokens.clone()).await
    }
}

/// An e-mail address.
#[must_use]
pub fn address(text: &str) -> EmailAddress {
    text.parse().unwrap()
}

/// A role's name.
#[must_use]
pub fn role(name: &str) -> RoleName {
    name.parse().unwrap()
}

/// Names of roles.
#[must_use]
pub fn roles(names: &[&str]) -> Vec<RoleName> {
    names.iter().map(|name| role(name)).collect()
}

/// A password.
#[must_use]
pub fn password(text: &str) -> Password {
    Password::new(text.to_owned())
}

/// [`PASSWORD`], shown once more.
#[must_use]
pub fn proof() -> Reauthentication {
    Reauthentication {
        password: Some(password(PASSWORD)),
    }
}

/// A registration with an e-mail address and [`PASSWORD`].
#[must_use]
pub fn registration(email: &str) -> Registration {
    registration_with(email, PASSWORD)
}

/// A registration with an e-mail address and this password.
#[must_use]
pub fn registration_with(email: &str, text: &str) -> Registration {
    Registration::new(text).email(address(email))
}

/// An active account to make, with an e-mail address, [`PASSWORD`] and these roles.
#[must_use]
pub fn new_user(email: &str, names: &[&str]) -> NewUser {
    NewUser::new(PASSWORD)
        .email(address(email))
        .roles(roles(names))
}

/// An attempt to log in.
#[must_use]
pub fn attempt(name: &str, text: &str) -> LoginAttempt {
    LoginAttempt::new(name, text)
}

/// What mails are about.
#[must_use]
pub fn subjects(mails: &[KeptMail]) -> Vec<&str> {
    mails.iter().map(|mail| &*mail.subject).collect()
}
