//! Roles that the app itself defines.

use std::sync::Arc;

use doorward::testing::{self, FixedClock};
use doorward::{
    AppRole, BuildError, Database, NewRole, Permission, Role, RoleChange, RoleError, RoleName,
    RolesRead, RolesWrite,
};
use doorward_tests::engine::{START, TestEngine, operator, registration, role};

use super::audit;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Staff {
    Author,
    Editor,
    Admin,
}

impl AppRole for Staff {
    const ALL: &'static [Self] = &[Self::Author, Self::Editor, Self::Admin];

    fn name(self) -> RoleName {
        match self {
            Self::Author => RoleName::new("author"),
            Self::Editor => RoleName::new("editor"),
            Self::Admin => RoleName::ADMIN,
        }
    }

    fn definition(self) -> NewRole {
        let new = NewRole::new(self.name());
        match self {
            Self::Author => new,
            Self::Editor => new
                .rank(250)
                .description("Publishes\0 articles")
                .permits([Permission::new("articles:publish")]),
            Self::Admin => new.rank(1).description("not this one"),
        }
    }
}

/// The same app a release later: no authors, and editors that do something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct LaterEditor;

impl AppRole for LaterEditor {
    const ALL: &'static [Self] = &[Self];

    fn name(self) -> RoleName {
        Staff::Editor.name()
    }

    fn definition(self) -> NewRole {
        Staff::Editor
            .definition()
            .permits([Permission::new("articles:withdraw")])
    }
}

/// Has one role, of any rank.
#[derive(Clone, Copy, Debug)]
struct Ranked<const RANK: i64>;

impl<const RANK: i64> AppRole for Ranked<RANK> {
    const ALL: &'static [Self] = &[Self];

    fn name(self) -> RoleName {
        RoleName::new("ranked")
    }

    fn definition(self) -> NewRole {
        NewRole::new(RoleName::new("another-name")).rank(RANK)
    }
}

async fn listed(engine: &TestEngine) -> Vec<Role> {
    engine.list_roles(&operator::<RolesRead>()).await.unwrap()
}

async fn find(engine: &TestEngine, name: &str) -> Role {
    let mut all = listed(engine).await.into_iter();
    all.find(|found| found.name == role(name)).unwrap()
}

/// The changes of roles that the audit trail tells, in the order of their words.
async fn told(engine: &TestEngine) -> Vec<(String, String, String)> {
    let events = audit::all(engine).await.into_iter();
    let mut told: Vec<_> = events
        .filter_map(|event| Some((event.action, event.role?, event.actor)))
        .collect();
    told.sort_unstable();
    told
}

fn event(action: &str, role: &str) -> (String, String, String) {
    (action.to_owned(), role.to_owned(), "operator".to_owned())
}

async fn restarted<R: AppRole>(database: &Database) -> TestEngine {
    let clock = Arc::new(FixedClock::at(START));
    TestEngine::on(database.clone(), clock, |builder| builder.roles::<R>()).await
}

#[tokio::test]
async fn they_are_there_once_the_engine_is() {
    let engine = TestEngine::in_memory_with(|builder| builder.roles::<Staff>()).await;
    let names = listed(&engine).await;
    let names: Vec<_> = names.iter().map(|role| role.name.as_str()).collect();
    let expected = ["admin", "moderator", "editor", "user", "author", "guest"];
    assert_eq!(names, expected);
    let editor = find(&engine, "editor").await;
    assert_eq!((editor.rank, editor.built_in), (250, true));
    assert_eq!(editor.description, "Publishes articles");
    assert_eq!((editor.created_at, editor.updated_at), (START, START));
    assert_eq!(find(&engine, "author").await.rank, 150);
    let admin = find(&engine, "admin").await;
    assert_eq!(admin.rank, 400);
    assert_eq!(admin.description, "Full access to all resources");

    let created = ["author", "editor"].map(|role| event("role.created", role));
    assert_eq!(told(&engine).await, created);
}

#[tokio::test]
async fn several_enums_add_up_and_may_agree() {
    let engine = TestEngine::in_memory_with(|builder| {
        builder
            .roles::<Staff>()
            .roles::<Ranked<399>>()
            .roles::<Staff>()
    });
    let engine = engine.await;
    assert_eq!(find(&engine, "ranked").await.rank, 399);
    assert_eq!(listed(&engine).await.len(), 7);
}

#[tokio::test]
async fn an_account_has_the_highest_of_those_it_has() {
    let engine = TestEngine::in_memory_with(|builder| builder.roles::<Staff>()).await;
    let both = engine
        .create("anna@example.com", &["user", "author", "editor"])
        .await;
    assert_eq!(both.role_of::<Staff>(), Some(Staff::Editor));
    assert!(both.has_role(&Staff::Author.name()) && both.has_role(&RoleName::USER));
    assert!(!both.has_role(&RoleName::ADMIN));
    assert!(
        both.permissions
            .contains(&Permission::new("articles:publish"))
    );
    let none = engine.create("berta@example.com", &["moderator"]).await;
    assert_eq!(none.role_of::<Staff>(), None);
    let admin = engine
        .create("cara@example.com", &["admin", "author"])
        .await;
    assert_eq!(admin.role_of::<Staff>(), Some(Staff::Admin));
}

#[tokio::test]
async fn nobody_changes_or_deletes_them() {
    let engine = TestEngine::in_memory_with(|builder| builder.roles::<Staff>()).await;
    let proof = operator::<RolesWrite>();
    let change = RoleChange {
        rank: Some(10),
        ..RoleChange::default()
    };
    let changed = engine.update_role(&proof, &role("editor"), change).await;
    assert!(matches!(changed, Err(RoleError::BuiltIn)), "{changed:?}");
    let deleted = engine.delete_role(&proof, &role("author")).await;
    assert!(matches!(deleted, Err(RoleError::BuiltIn)), "{deleted:?}");
    let again = engine.create_role(&proof, Staff::Author.definition()).await;
    assert!(matches!(again, Err(RoleError::BuiltIn)), "{again:?}");
    assert_eq!(told(&engine).await.len(), 2);
}

#[tokio::test]
async fn nobody_gives_them_to_themselves_unless_the_app_lets_them() {
    let ask = || registration("anna@example.com").role(Staff::Author.name());
    let anonymous = doorward_tests::engine::anonymous();
    let closed = TestEngine::in_memory_with(|builder| builder.roles::<Staff>()).await;
    let refused = closed.register(&anonymous, ask()).await;
    assert!(refused.is_err(), "{refused:?}");
    let open = TestEngine::in_memory_with(|builder| {
        builder
            .roles::<Staff>()
            .self_assignable_roles([RoleName::USER, Staff::Author.name()])
    });
    let anna = open.await.register(&anonymous, ask()).await.unwrap();
    assert_eq!(anna.roles, [Staff::Author.name()]);
}

#[tokio::test]
async fn a_later_release_changes_what_differs_and_leaves_the_rest() {
    let database = Database::connect("sqlite::memory:").await.unwrap();
    let before = restarted::<Staff>(&database).await;
    let anna = before
        .create_and_log_in("anna@example.com", &["editor"])
        .await;
    assert_eq!(anna.who.user.permissions.len(), 1);
    let written = told(&before).await;
    assert_eq!(written.len(), 2);

    // The same again writes nothing.
    restarted::<Staff>(&database).await;
    assert_eq!(told(&before).await, written);

    let after = restarted::<LaterEditor>(&database).await;
    let mut expected = written;
    expected.push(event("role.updated", "editor"));
    assert_eq!(told(&after).await, expected);
    // Caches of other engines are told.
    assert_eq!(before.again(&anna).await.who.user.permissions.len(), 2);

    // What the app defines no longer is an ordinary role.
    assert!(!find(&after, "author").await.built_in);
    let proof = operator::<RolesWrite>();
    after.delete_role(&proof, &role("author")).await.unwrap();
    let kept = before.delete_role(&proof, &role("author")).await;
    assert!(matches!(kept, Err(RoleError::BuiltIn)), "{kept:?}");
}

#[tokio::test]
async fn one_that_an_admin_defined_becomes_the_apps() {
    let database = Database::connect("sqlite::memory:").await.unwrap();
    let clock = Arc::new(FixedClock::at(START));
    let before = TestEngine::on(database.clone(), clock, |builder| builder).await;
    let own = NewRole::new(role("author"))
        .rank(5)
        .permits([Permission::USERS_DELETE]);
    let proof = operator::<RolesWrite>();
    before.create_role(&proof, own).await.unwrap();

    let engine = restarted::<Staff>(&database).await;
    let author = find(&engine, "author").await;
    assert_eq!((author.rank, author.built_in), (150, true));
    assert!(author.permissions.is_empty());
    let expected = [
        event("role.created", "author"),
        event("role.created", "editor"),
        event("role.updated", "author"),
    ];
    assert_eq!(told(&engine).await, expected);
}

#[tokio::test]
async fn impossible_ones_build_no_engine() {
    let database = Database::connect("sqlite::memory:").await.unwrap();
    let builder = || testing::builder(database.clone());
    for refused in [
        builder().roles::<Ranked<400>>().build().await,
        builder().roles::<Ranked<-1>>().build().await,
    ] {
        let Err(BuildError::RoleRank(name)) = refused else {
            panic!("{refused:?}");
        };
        assert_eq!(name, role("ranked"));
    }
    let two_ways = builder().roles::<Staff>().roles::<LaterEditor>();
    let Err(BuildError::RoleDefinedTwice(name)) = two_ways.build().await else {
        panic!("built");
    };
    assert_eq!(name, role("editor"));
    builder().roles::<Ranked<0>>().build().await.unwrap();
}
