//! Writers that share a commit do not share a fate.

use doorward::{IdentityRejected, RegisterError};
use doorward_tests::engine::{TestEngine, anonymous, operator, registration};
use doorward_tests::on_every_database;
use tokio::task::JoinSet;

on_every_database! {
    async fn a_refused_write_does_not_undo_its_neighbours(db) {
        let engine = TestEngine::at(db.url()).await;
        engine.sign_up("taken@example.com").await;
        for round in 0..5 {
            let mut writes = JoinSet::new();
            for number in 0..40 {
                let engine = engine.clone();
                let email = match number % 4 {
                    0 => "taken@example.com".to_owned(),
                    _ => format!("user{round}-{number}@example.com"),
                };
                writes.spawn(async move {
                    let made = engine.register(&anonymous(), registration(&email)).await;
                    (email, made)
                });
            }
            for (email, made) in writes.join_all().await {
                match made {
                    Ok(user) => {
                        assert_ne!(email, "taken@example.com");
                        let found = engine.find_user(&doorward::Caller::operator(), user.id).await;
                        assert_eq!(found.unwrap(), user);
                    }
                    Err(RegisterError::Identity(IdentityRejected::EmailTaken)) => assert_eq!(email, "taken@example.com"),
                    Err(other) => panic!("{other:?}"),
                }
            }
        }
        let counted = engine.count_users(&operator::<doorward::UsersCount>()).await.unwrap();
        assert_eq!(counted.total, 1 + 5 * 30);
    }
}
