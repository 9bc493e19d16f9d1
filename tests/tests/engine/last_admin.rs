//! There is always an admin who can log in, once there was one.

use doorward::{
    Caller, DeleteUserError, IdentityRejected, Reauthentication, UpdateUserError, UserChange,
    UsersDelete, UsersWrite,
};
use doorward_tests::engine::{TestEngine, new_user, operator, proof, roles};

use super::update_user::{deactivate, set};

fn demote() -> UserChange {
    UserChange {
        roles: Some(roles(&["user"])),
        ..UserChange::default()
    }
}

fn shut() -> UserChange {
    UserChange {
        is_active: Some(false),
        ..UserChange::default()
    }
}

#[tokio::test]
async fn the_last_one_is_neither_demoted_nor_deactivated_nor_deleted() {
    let engine = TestEngine::in_memory().await;
    let admin = engine
        .create_and_log_in("admin@example.com", &["admin"])
        .await;
    engine.sign_up("anna@example.com").await;
    let id = admin.who.user.id;
    let none = Reauthentication::default();
    for caller in [admin.caller(), Caller::operator()] {
        for change in [demote(), shut()] {
            let refused = engine.update_user(&caller, id, change, &none).await;
            assert!(matches!(refused, Err(UpdateUserError::LastAdmin)));
        }
        let by = caller.clone().permit::<UsersDelete>().unwrap();
        let refused = engine.delete_user(&by, id).await;
        assert!(matches!(refused, Err(DeleteUserError::LastAdmin)));
    }
    let refused = engine
        .delete_own_account(&admin.who, &admin.caller(), &proof())
        .await;
    assert!(matches!(refused, Err(DeleteUserError::LastAdmin)));
    assert!(engine.lets_in(&admin).await);
}

#[tokio::test]
async fn a_deactivated_admin_is_none() {
    let engine = TestEngine::in_memory().await;
    let one = engine.create("one@example.com", &["admin"]).await;
    let other = engine.create("other@example.com", &["admin"]).await;
    deactivate(&engine, other.id).await;
    let none = Reauthentication::default();
    let refused = engine
        .update_user(&Caller::operator(), one.id, demote(), &none)
        .await;
    assert!(matches!(refused, Err(UpdateUserError::LastAdmin)));
    // The other is not in the way of their own end.
    engine
        .delete_user(&operator::<UsersDelete>(), other.id)
        .await
        .unwrap();
}

#[tokio::test]
async fn with_a_second_one_the_first_may_go() {
    let engine = TestEngine::in_memory().await;
    let one = engine.create("one@example.com", &["admin"]).await;
    let other = engine.create("other@example.com", &["admin", "user"]).await;
    set(&engine, one.id, demote()).await;
    let none = Reauthentication::default();
    let refused = engine
        .update_user(&Caller::operator(), other.id, shut(), &none)
        .await;
    assert!(matches!(refused, Err(UpdateUserError::LastAdmin)));
    let keep = UserChange {
        roles: Some(roles(&["admin"])),
        ..UserChange::default()
    };
    set(&engine, other.id, keep).await;
}

#[tokio::test]
async fn the_first_admin_is_made_once() {
    let engine = TestEngine::in_memory().await;
    let proof = operator::<UsersWrite>();
    assert!(!engine.has_admin().await.unwrap());
    let first = engine
        .create_first_admin(&proof, new_user("admin@example.com", &["admin"]))
        .await
        .unwrap()
        .unwrap();
    assert!(engine.has_admin().await.unwrap());
    let again = engine
        .create_first_admin(&proof, new_user("other@example.com", &["admin"]))
        .await
        .unwrap();
    assert!(again.is_none());

    let other = engine.create("other@example.com", &["admin"]).await;
    deactivate(&engine, first.id).await;
    engine
        .delete_user(&operator::<UsersDelete>(), first.id)
        .await
        .unwrap();
    let again = engine
        .create_first_admin(&proof, new_user("third@example.com", &["admin"]))
        .await;
    assert!(again.unwrap().is_none(), "{other:?} is there");
}

#[tokio::test]
async fn the_first_admin_s_address_may_be_taken_by_a_user() {
    let engine = TestEngine::in_memory().await;
    engine.sign_up("admin@example.com").await;
    let refused = engine
        .create_first_admin(
            &operator::<UsersWrite>(),
            new_user("admin@example.com", &["admin"]),
        )
        .await;
    assert!(matches!(
        refused,
        Err(doorward::CreateUserError::Identity(
            IdentityRejected::EmailTaken
        ))
    ));
}
