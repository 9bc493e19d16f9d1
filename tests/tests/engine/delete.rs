//! The end of an account.

use std::time::Duration;

use doorward::{DeleteUserError, Reauthentication, UserName, UsersDelete, UsersRead};
use doorward_tests::engine::{PASSWORD, TestEngine, operator, password, proof};

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn everything_ends_and_the_names_are_free_again() {
    let engine = TestEngine::in_memory().await;
    let anna = engine.sign_up("anna@example.com").await;
    let visitor = engine.log_in("anna@example.com").await;
    engine
        .delete_user(&operator::<UsersDelete>(), anna.id)
        .await
        .unwrap();
    assert!(!engine.lets_in(&visitor).await);
    assert!(
        engine
            .try_log_in("anna@example.com", PASSWORD)
            .await
            .is_err()
    );
    let named = UserName::parse("anna@example.com").unwrap();
    let proof = operator::<UsersRead>();
    engine.find_user_named(&proof, named).await.unwrap_err();

    let again = engine.sign_up("anna@example.com").await;
    assert_ne!(again.id, anna.id);
    assert!(!engine.lets_in(&visitor).await);
}

#[tokio::test]
async fn an_account_that_is_not_there_can_t_be_deleted() {
    let engine = TestEngine::in_memory().await;
    let anna = engine.sign_up("anna@example.com").await;
    let proof = operator::<UsersDelete>();
    engine.delete_user(&proof, anna.id).await.unwrap();
    let again = engine.delete_user(&proof, anna.id).await;
    assert!(matches!(again, Err(DeleteUserError::NotFound)));
}

#[tokio::test]
async fn the_owner_shows_the_password_or_has_just_logged_in() {
    let engine = TestEngine::in_memory().await;
    engine.sign_up("anna@example.com").await;
    let visitor = engine.log_in("anna@example.com").await;
    engine.advance(6 * MINUTE);
    let delete = |proof: Reauthentication| {
        let (engine, visitor) = (engine.clone(), visitor.clone());
        async move {
            engine
                .delete_own_account(&visitor.who, &visitor.caller(), &proof)
                .await
        }
    };
    let refused = delete(Reauthentication::default()).await;
    assert!(matches!(
        refused,
        Err(DeleteUserError::ReauthenticationRequired)
    ));
    let refused = delete(Reauthentication {
        password: Some(password("something else")),
    })
    .await;
    assert!(matches!(refused, Err(DeleteUserError::PasswordIncorrect)));
    assert!(engine.lets_in(&visitor).await);
    delete(proof()).await.unwrap();
    assert!(!engine.lets_in(&visitor).await);

    engine.sign_up("bert@example.com").await;
    let visitor = engine.log_in("bert@example.com").await;
    engine.advance(5 * MINUTE);
    engine
        .delete_own_account(
            &visitor.who,
            &visitor.caller(),
            &Reauthentication::default(),
        )
        .await
        .unwrap();
}

#[tokio::test]
async fn what_is_told_of_an_account_outlives_it_by_id_alone() {
    let engine = TestEngine::in_memory().await;
    let anna = engine.sign_up("anna@example.com").await;
    engine.advance(Duration::from_millis(1));
    engine
        .delete_user(&operator::<UsersDelete>(), anna.id)
        .await
        .unwrap();
    let told = super::audit::all(&engine).await;
    assert_eq!(told[0].action, "user.deleted");
    assert_eq!(told[0].actor, "operator");
    assert!(told.iter().all(|event| event.target_id == Some(anna.id)));
    assert!(!format!("{told:?}").contains("anna"));
}
