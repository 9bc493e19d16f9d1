//! Rights count as they are, also in transactions that see the data of an earlier moment.

use doorward::{NewRole, Permission, Reauthentication, RoleChange, RolesWrite, UserChange};
use doorward_tests::engine::{Visitor, roles};

use super::*;

/// A transaction sees to its end what there was at its first statement.
const REPEATABLE_READ: &str = "set transaction isolation level repeatable read";
/// The same; and of several at once, some may be refused.
const SERIALIZABLE: &str = "set transaction isolation level serializable";

/// What takes the rights of somebody while a transaction is open.
#[derive(Clone, Copy, Debug)]
enum Blow {
    Logout,
    Deactivation,
    Demotion,
    Redefinition,
}

const BLOWS: [Blow; 4] = [
    Blow::Logout,
    Blow::Deactivation,
    Blow::Demotion,
    Blow::Redefinition,
];

/// Somebody who may make accounts, by a role that was defined.
async fn clerk(app: &App, name: &str) -> Visitor {
    let new = NewRole::new(role(name)).permits([Permission::USERS_WRITE]);
    let by = operator::<RolesWrite>();
    app.engine.create_role(&by, new).await.unwrap();
    let email = format!("{name}@example.com");
    app.engine.create_and_log_in(&email, &[name]).await
}

async fn strike(app: &App, clerk: &Visitor, blow: Blow) {
    let mut change = UserChange::default();
    match blow {
        Blow::Logout => {
            let ended = app.engine.logout(&clerk.who, &clerk.caller()).await;
            return ended.unwrap();
        }
        Blow::Redefinition => {
            let nothing = RoleChange {
                permissions: Some([].into()),
                ..RoleChange::default()
            };
            let (by, name) = (operator::<RolesWrite>(), &clerk.who.user.roles[0]);
            app.engine.update_role(&by, name, nothing).await.unwrap();
            return;
        }
        Blow::Deactivation => change.is_active = Some(false),
        Blow::Demotion => change.roles = Some(roles(&["user"])),
    }
    let (by, proof) = (Caller::operator(), Reauthentication::default());
    let changed = app
        .engine
        .update_user(&by, clerk.who.user.id, change, &proof);
    changed.await.unwrap();
}

/// A transaction of this level that has seen what there is.
async fn begin(app: &App, level: &'static str) -> app::AppTransaction {
    let mut tx = app.begin().await;
    tx.execute(level).await;
    tx.ask("select count(*)::text from teams").await;
    tx
}

#[test]
fn rights_that_were_lost_since_make_no_account() {
    databases::run(databases::Kind::Postgres, async |db| {
        let app = App::new(db).await;
        for (number, level) in [REPEATABLE_READ, SERIALIZABLE].into_iter().enumerate() {
            for blow in BLOWS {
                let what = format!("{blow:?}, {level}");
                let name = format!("{blow:?}{number}").to_lowercase();
                let clerk = clerk(&app, &name).await;
                let new = new_user(ANNA, &["user"]);
                let by = clerk.permitted::<UsersWrite>();
                let prepared = app.engine.prepare_user(&by, new).await.unwrap();

                let mut tx = begin(&app, level).await;
                strike(&app, &clerk, blow).await;
                match prepared.insert(tx.for_engine()).await {
                    Err(CreateUserError::Internal(failure)) => {
                        assert!(failure.retry_after().is_some(), "{what}: {failure:?}");
                    }
                    other => panic!("{what}: {other:?}"),
                }
                tx.rollback().await;

                let mut tx = begin(&app, level).await;
                match prepared.insert(tx.for_engine()).await {
                    Err(CreateUserError::Revoked | CreateUserError::BeyondOwnRights) => {}
                    other => panic!("{what}: {other:?}"),
                }
                tx.rollback().await;
            }
        }
    });
}

#[test]
fn rights_that_are_as_they_were_make_accounts_side_by_side() {
    databases::run(databases::Kind::Postgres, async |db| {
        let app = App::new(db).await;
        let clerk = clerk(&app, "clerk").await;
        let by = clerk.permitted::<UsersWrite>();
        let mut open = Vec::new();
        for email in [ANNA, BERTA] {
            let new = new_user(email, &["user"]);
            let prepared = app.engine.prepare_user(&by, new).await.unwrap();
            open.push((begin(&app, REPEATABLE_READ).await, prepared));
        }
        for (tx, prepared) in &mut open {
            prepared.insert(tx.for_engine()).await.unwrap();
        }
        for (tx, _) in open {
            tx.commit().await.unwrap();
        }
        assert_eq!(app.count("doorward_users").await, 3);
    });
}
