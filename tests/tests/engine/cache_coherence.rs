//! Two engines on one database: what either writes, the other's caches forget.

use std::sync::Arc;

use doorward::testing::FixedClock;
use doorward::{
    AuthenticateError, CacheSizes, Database, NewRole, Permission, Reauthentication, RoleChange,
    RolesWrite, User, UserChange, UsersDelete,
};
use doorward_tests::engine::{
    PASSWORD, START, TestEngine, Visitor, operator, password, role, roles,
};
use proptest::prelude::*;

/// Something that is written, through one engine or the other.
#[derive(Clone, Copy, Debug)]
enum Write {
    Rename(u8),
    Activate(bool),
    Roles(u8),
    Permissions(u8),
    Rank(bool),
    LogOut,
    LogOutOthers,
    LogIn,
    Refresh,
    SetPassword,
    Purge,
    Delete,
}

#[derive(Clone, Copy, Debug)]
struct Step {
    write: Write,
    through_first: bool,
    /// Which account.
    user: usize,
}

fn step() -> impl Strategy<Value = Step> {
    let write = prop_oneof![
        3 => any::<u8>().prop_map(Write::Rename),
        2 => any::<bool>().prop_map(Write::Activate),
        3 => (0..4u8).prop_map(Write::Roles),
        3 => (0..4u8).prop_map(Write::Permissions),
        1 => any::<bool>().prop_map(Write::Rank),
        2 => Just(Write::LogOut),
        1 => Just(Write::LogOutOthers),
        3 => Just(Write::LogIn),
        2 => Just(Write::Refresh),
        1 => Just(Write::SetPassword),
        1 => Just(Write::Purge),
        1 => Just(Write::Delete),
    ];
    (write, any::<bool>(), 0..2usize).prop_map(|(write, through_first, user)| Step {
        write,
        through_first,
        user,
    })
}

/// Two engines with caches and one without, all on one database; two accounts.
struct Trio {
    first: TestEngine,
    second: TestEngine,
    plain: TestEngine,
    users: Vec<User>,
    visitors: Vec<Vec<Visitor>>,
}

impl Trio {
    async fn start() -> Self {
        let database = Database::connect("sqlite::memory:").await.unwrap();
        let clock = Arc::new(FixedClock::at(START));
        let uncached = |mut sizes: CacheSizes| {
            (sizes.tokens, sizes.sessions, sizes.users) = (0, 0, 0);
            sizes
        };
        let engine = |database, clock| TestEngine::on(database, clock, |builder| builder);
        let first = engine(database.clone(), clock.clone()).await;
        let second = engine(database.clone(), clock.clone()).await;
        let plain = TestEngine::on(database, clock, |builder| {
            builder.cache_sizes(uncached(CacheSizes::default()))
        })
        .await;
        let special = NewRole::new(role("special"));
        first
            .create_role(&operator::<RolesWrite>(), special)
            .await
            .unwrap();
        let mut trio = Self {
            first,
            second,
            plain,
            users: Vec::new(),
            visitors: Vec::new(),
        };
        for email in ["anna@example.com", "bert@example.com"] {
            trio.users.push(trio.first.sign_up(email).await);
            trio.visitors.push(vec![trio.second.log_in(email).await]);
        }
        trio
    }

    /// Refusals are part of the game: the account may be gone or shut.
    async fn write(&mut self, step: Step) {
        let engine = if step.through_first {
            self.first.clone()
        } else {
            self.second.clone()
        };
        let user = self.users[step.user].clone();
        let change = |change| {
            let (engine, id) = (engine.clone(), user.id);
            async move {
                let none = Reauthentication::default();
                let caller = doorward::Caller::operator();
                drop(engine.update_user(&caller, id, change, &none).await);
            }
        };
        let fields = UserChange::default();
        match step.write {
            Write::Rename(number) => {
                let name = format!("name {number}").parse().unwrap();
                change(UserChange {
                    full_name: Some(Some(name)),
                    ..fields
                })
                .await;
            }
            Write::Activate(active) => {
                change(UserChange {
                    is_active: Some(active),
                    ..fields
                })
                .await;
            }
            Write::Roles(number) => {
                let names = [&["user"][..], &["special"], &["user", "special"], &[]];
                let names = roles(names[usize::from(number)]);
                change(UserChange {
                    roles: Some(names),
                    ..fields
                })
                .await;
            }
            Write::SetPassword => {
                change(UserChange {
                    password: Some(password(PASSWORD)),
                    ..fields
                })
                .await;
            }
            Write::Permissions(_) | Write::Rank(_) => define(&engine, step.write).await,
            Write::LogIn => self.log_in(&engine, step.user).await,
            Write::LogOut | Write::LogOutOthers | Write::Refresh => {
                self.use_session(&engine, step).await;
            }
            Write::Purge => drop(engine.keep_house().await.unwrap()),
            Write::Delete => {
                drop(
                    engine
                        .delete_user(&operator::<UsersDelete>(), user.id)
                        .await,
                );
            }
        }
    }

    async fn log_in(&mut self, engine: &TestEngine, user: usize) {
        let email = self.users[user].email.clone().unwrap();
        if let Ok(tokens) = engine.try_log_in(email.as_str(), PASSWORD).await {
            let visitor = engine.visitor(tokens).await;
            self.visitors[user].push(visitor);
        }
    }

    async fn use_session(&mut self, engine: &TestEngine, step: Step) {
        let visitor = self.visitors[step.user].last_mut().unwrap();
        let caller = visitor.caller();
        match step.write {
            Write::LogOut => engine.logout(&visitor.who, &caller).await.unwrap(),
            Write::LogOutOthers => engine
                .end_all_sessions(&visitor.who, &caller, true)
                .await
                .unwrap(),
            _ => {
                let token = visitor.tokens.refresh_token.clone();
                if let Ok(tokens) = engine.refresh(&token, &caller).await {
                    visitor.tokens = tokens;
                }
            }
        }
    }

    /// Whether everybody sees what the database holds.
    async fn check(&self) {
        for visitor in self.visitors.iter().flatten() {
            let truth = read(&self.plain, visitor).await;
            assert_eq!(read(&self.first, visitor).await, truth, "the first engine");
            assert_eq!(
                read(&self.second, visitor).await,
                truth,
                "the second engine"
            );
        }
    }
}

async fn define(engine: &TestEngine, write: Write) {
    let change = match write {
        Write::Permissions(number) => RoleChange {
            permissions: Some(
                Permission::BUILT_IN[..usize::from(number)]
                    .iter()
                    .cloned()
                    .collect(),
            ),
            ..RoleChange::default()
        },
        Write::Rank(high) => RoleChange {
            rank: Some(if high { 250 } else { 150 }),
            ..RoleChange::default()
        },
        _ => return,
    };
    engine
        .update_role(&operator::<RolesWrite>(), &role("special"), change)
        .await
        .unwrap();
}

async fn read(engine: &TestEngine, visitor: &Visitor) -> Option<User> {
    match engine.authenticate(&visitor.tokens.access_token).await {
        Ok(who) => Some(User::clone(&who.user)),
        Err(AuthenticateError::Revoked | AuthenticateError::Inactive) => None,
        Err(other) => panic!("{other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 100,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn whoever_writes_everybody_reads_what_the_database_holds(
        steps in prop::collection::vec(step(), 1..40),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let mut trio = Trio::start().await;
            for step in steps {
                trio.write(step).await;
                trio.check().await;
            }
        });
    }
}
