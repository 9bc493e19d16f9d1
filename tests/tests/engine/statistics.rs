//! How many accounts there are.

use doorward::{UserChange, UsersCount};
use doorward_tests::engine::{TestEngine, operator, role};

use super::update_user::{deactivate, set};

#[tokio::test]
async fn accounts_are_counted_by_state_and_by_role() {
    let engine = TestEngine::in_memory().await;
    let empty = engine.count_users(&operator::<UsersCount>()).await.unwrap();
    assert_eq!((empty.total, empty.active, empty.verified), (0, 0, 0));

    engine.create("admin@example.com", &["admin", "user"]).await;
    engine.create("mod@example.com", &["moderator"]).await;
    engine.create("bare@example.com", &[]).await;
    let anna = engine.sign_up("anna@example.com").await;
    let bert = engine.sign_up("bert@example.com").await;
    deactivate(&engine, anna.id).await;
    let verify = UserChange {
        is_verified: Some(true),
        ..UserChange::default()
    };
    set(&engine, bert.id, verify).await;

    let counted = engine.count_users(&operator::<UsersCount>()).await.unwrap();
    assert_eq!((counted.total, counted.active, counted.verified), (5, 4, 1));
    let expected = [("admin", 1), ("moderator", 1), ("user", 3), ("guest", 0)];
    assert_eq!(
        counted.by_role,
        expected.map(|(name, count)| (role(name), count))
    );
}
