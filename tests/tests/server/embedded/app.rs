//! An app that embeds the engine, and its operator.

use std::path::Path;
use std::time::{Duration, Instant};

use doorward::testing::{PASSWORD, TestDoorward, operator};
use doorward::{
    AppRole, Builder, Clock as _, Database, LockoutPolicy, NewRole, NewUser, Permission,
    RequiredIdentity, RoleName, SystemClock, User, UsersWrite,
};
use doorward_tests::databases::TestDatabase;
use doorward_tests::server::{Installation, Outcome};

/// The app's own roles, which nothing outside of it knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Staff {
    Author,
    Editor,
}

impl AppRole for Staff {
    const ALL: &'static [Self] = &[Self::Author, Self::Editor];

    fn name(self) -> RoleName {
        match self {
            Self::Author => RoleName::new("author"),
            Self::Editor => RoleName::new("editor"),
        }
    }

    fn definition(self) -> NewRole {
        let new = NewRole::new(self.name());
        match self {
            Self::Author => new,
            Self::Editor => new.rank(250).permits([Permission::new("articles:publish")]),
        }
    }
}

/// The decisions of an app whose accounts have usernames and no addresses.
pub(super) fn by_username(builder: Builder) -> Builder {
    builder
        .roles::<Staff>()
        .required_identity(RequiredIdentity::Username)
        .lockout(LockoutPolicy {
            threshold: 2,
            duration: Duration::from_secs(900),
        })
        .mail(None)
}

/// A running app, with a secret of its own; and its operator, who has an empty folder, the
/// app's `DATABASE_URL`, and what else a test gives them.
pub(super) struct App<'d> {
    pub(super) auth: TestDoorward,
    place: Installation,
    database: &'d TestDatabase,
}

impl<'d> App<'d> {
    pub(super) async fn start(
        database: &'d TestDatabase,
        decide: impl FnOnce(Builder) -> Builder,
    ) -> Self {
        let connected = Database::connect(database.url()).await.unwrap();
        let auth = TestDoorward::start_on(connected, decide).await;
        // What a command writes has the time of this machine.
        auth.clock().set(SystemClock.now());
        Self {
            auth,
            place: operators_place(database),
            database,
        }
    }

    /// With this variable in the operator's environment.
    pub(super) fn set(self, name: &str, value: &str) -> Self {
        let place = self.place.set(name, value);
        Self { place, ..self }
    }

    /// Makes an account of this username, with [`PASSWORD`] and these roles.
    pub(super) async fn create(&self, username: &str, roles: &[&str]) -> User {
        let new = NewUser::new(PASSWORD)
            .username(username.parse().unwrap())
            .roles(roles.iter().map(|role| role.parse().unwrap()));
        let engine = self.auth.engine();
        let made = engine.create_user(&operator::<UsersWrite>(), new).await;
        made.unwrap()
    }

    /// Runs a command, which leaves nothing behind.
    pub(super) fn run(&self, arguments: &[&str]) -> Outcome {
        self.run_with_input(arguments, "")
    }

    /// Runs a command with this on standard input, which leaves nothing behind.
    pub(super) fn run_with_input(&self, arguments: &[&str], input: &str) -> Outcome {
        let outcome = self.place.run_with_input(arguments, input);
        assert_nothing_left(&self.place, self.database);
        outcome
    }
}

/// An empty folder with nothing but a `DATABASE_URL`.
pub(super) fn operators_place(database: &TestDatabase) -> Installation {
    Installation::new()
        .unset("PORT")
        .unset("RATE_LIMIT_ENABLED")
        .set("DATABASE_URL", database.url())
}

/// No command makes secrets: neither where it is run nor beside the database.
pub(super) fn assert_nothing_left(place: &Installation, database: &TestDatabase) {
    assert_eq!(names_in(place.folder()), Vec::<String>::new());
    if let Some(folder) = database.file().as_deref().and_then(Path::parent) {
        let mut names = names_in(folder);
        names.retain(|name| !name.starts_with("test.db"));
        assert_eq!(names, Vec::<String>::new());
    }
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

/// Waits until it is so, as for what one process hears of another.
pub(super) async fn eventually(mut is_so: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !is_so().await {
        assert!(Instant::now() < deadline, "it never was so");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
