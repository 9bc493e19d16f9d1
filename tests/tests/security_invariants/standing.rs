//! What counts is who the caller is at the moment of the write, not at that of the request:
//! a body may arrive, and a password be hashed, long after the token was looked at.

use doorward::{
    CreateUserError, DeleteUserError, NewRole, Password, Reauthentication, RoleError, RolesWrite,
    UpdateUserError, UserChange, UsersDelete, UsersWrite,
};
use doorward_tests::engine::{
    PASSWORD, TestEngine, Visitor, new_user, operator, password, proof, role, roles,
};

/// What takes the standing of somebody whose request is under way.
#[derive(Clone, Copy, Debug)]
enum Blow {
    Logout,
    Deactivation,
    Demotion,
    Deletion,
}

const BLOWS: [Blow; 4] = [
    Blow::Logout,
    Blow::Deactivation,
    Blow::Demotion,
    Blow::Deletion,
];

async fn admin_struck_by(engine: &TestEngine, blow: Blow) -> Visitor {
    let admin = engine
        .create_and_log_in("evil@example.com", &["admin"])
        .await;
    engine.create("other@example.com", &["admin"]).await;
    let change = |change: UserChange| async {
        engine
            .update_user(
                &doorward::Caller::operator(),
                admin.who.user.id,
                change,
                &proof(),
            )
            .await
            .unwrap();
    };
    match blow {
        Blow::Logout => engine.logout(&admin.who, &admin.caller()).await.unwrap(),
        Blow::Deactivation => {
            change(UserChange {
                is_active: Some(false),
                ..UserChange::default()
            })
            .await;
        }
        Blow::Demotion => {
            change(UserChange {
                roles: Some(roles(&["user"])),
                ..UserChange::default()
            })
            .await;
        }
        Blow::Deletion => engine
            .delete_user(&operator::<UsersDelete>(), admin.who.user.id)
            .await
            .unwrap(),
    }
    admin
}

#[tokio::test]
async fn who_lost_their_standing_makes_no_account() {
    for blow in BLOWS {
        let engine = TestEngine::in_memory().await;
        let admin = admin_struck_by(&engine, blow).await;
        let made = engine
            .create_user(
                &admin.permitted::<UsersWrite>(),
                new_user("new@example.com", &["admin"]),
            )
            .await;
        assert!(
            matches!(
                made,
                Err(CreateUserError::Revoked | CreateUserError::BeyondOwnRights)
            ),
            "{blow:?}: {made:?}"
        );
    }
}

#[tokio::test]
async fn who_lost_their_standing_changes_no_account() {
    for blow in BLOWS {
        let engine = TestEngine::in_memory().await;
        let victim = engine.create("victim@example.com", &["user"]).await;
        let admin = admin_struck_by(&engine, blow).await;
        let change = UserChange {
            password: Some(password("a new password")),
            ..UserChange::default()
        };
        let changed = engine
            .update_user(&admin.caller(), victim.id, change, &proof())
            .await;
        assert!(
            matches!(
                changed,
                Err(UpdateUserError::Revoked | UpdateUserError::Denied)
            ),
            "{blow:?}: {changed:?}"
        );
        let deleted = engine
            .delete_user(&admin.permitted::<UsersDelete>(), victim.id)
            .await;
        assert!(
            matches!(
                deleted,
                Err(DeleteUserError::Revoked | DeleteUserError::BeyondOwnRights)
            ),
            "{blow:?}: {deleted:?}"
        );
    }
}

#[tokio::test]
async fn who_lost_their_standing_defines_no_role() {
    for blow in BLOWS {
        let engine = TestEngine::in_memory().await;
        let admin = admin_struck_by(&engine, blow).await;
        let new = NewRole::new(role("backdoor"));
        let made = engine
            .create_role(&admin.permitted::<RolesWrite>(), new)
            .await;
        assert!(
            matches!(made, Err(RoleError::Revoked | RoleError::BeyondOwnRights)),
            "{blow:?}: {made:?}"
        );
    }
}

#[tokio::test]
async fn who_logged_out_changes_not_even_their_own_account() {
    let engine = TestEngine::in_memory().await;
    let anna = engine
        .create_and_log_in("anna@example.com", &["user"])
        .await;
    engine.logout(&anna.who, &anna.caller()).await.unwrap();
    let id = anna.who.user.id;
    let change = UserChange {
        full_name: Some(None),
        ..UserChange::default()
    };
    let changed = engine
        .update_user(&anna.caller(), id, change, &proof())
        .await;
    assert!(
        matches!(changed, Err(UpdateUserError::Revoked)),
        "{changed:?}"
    );
    let deleted = engine
        .delete_own_account(&anna.who, &anna.caller(), &proof())
        .await;
    assert!(
        matches!(deleted, Err(DeleteUserError::Revoked)),
        "{deleted:?}"
    );
    let changed = engine
        .change_password(
            &anna.who,
            &anna.caller(),
            Password::new(PASSWORD.to_owned()),
            password("a new password"),
        )
        .await;
    assert!(
        matches!(changed, Err(doorward::ChangePasswordError::Revoked)),
        "{changed:?}"
    );
}

#[tokio::test]
async fn an_admin_deletes_the_own_account_only_after_a_recent_login() {
    let engine = TestEngine::in_memory().await;
    engine.create("other@example.com", &["admin"]).await;
    let admin = engine
        .create_and_log_in("anna@example.com", &["admin"])
        .await;
    engine.advance(std::time::Duration::from_secs(301));
    let permitted = admin.permitted::<UsersDelete>();
    let deleted = engine.delete_user(&permitted, admin.who.user.id).await;
    assert!(
        matches!(deleted, Err(DeleteUserError::ReauthenticationRequired)),
        "{deleted:?}"
    );
}

#[tokio::test]
async fn a_clock_that_was_set_back_makes_no_login_recent() {
    let engine = TestEngine::in_memory().await;
    let anna = engine
        .create_and_log_in("anna@example.com", &["user"])
        .await;
    let an_hour = std::time::Duration::from_secs(3_600);
    engine.set_clock(engine.now() - an_hour);
    let none = Reauthentication::default();
    let deleted = engine
        .delete_own_account(&anna.who, &anna.caller(), &none)
        .await;
    assert!(
        matches!(deleted, Err(DeleteUserError::ReauthenticationRequired)),
        "{deleted:?}"
    );
}
