//! Everything that is held about an account, for its owner.

use std::time::Duration;

use doorward::{Caller, Origin, Reauthentication, UserChange};
use doorward_tests::engine::{TestEngine, anonymous};

#[tokio::test]
async fn it_holds_the_owner_s_account_sessions_and_events() {
    let engine = TestEngine::in_memory().await;
    engine.sign_up("anna@example.com").await;
    let one = engine.log_in("anna@example.com").await;
    engine.log_in("anna@example.com").await;
    engine.advance(Duration::from_secs(1));
    let export = engine
        .export_own_data(&one.who, &one.caller())
        .await
        .unwrap();
    assert_eq!(export.exported_at, engine.now());
    assert_eq!(export.user.id, one.who.user.id);
    assert_eq!(export.sessions.len(), 2);
    let actions: Vec<_> = export.events.iter().map(|event| &*event.action).collect();
    assert_eq!(actions.first(), Some(&"user.registered"));
    assert_eq!(actions.last(), Some(&"user.exported"));
    assert_eq!(actions.len(), 4);
    assert!(!format!("{export:?}").contains("argon2"));
}

#[tokio::test]
async fn it_holds_nothing_of_anybody_else() {
    let engine = TestEngine::in_memory().await;
    let origin = Origin::default()
        .with_ip("203.0.113.9".parse().unwrap())
        .with_user_agent("the admin's browser")
        .with_request_id("the admin's request");
    let admin = engine
        .create_and_log_in("admin@example.com", &["admin"])
        .await;
    let anna = engine.sign_up("anna@example.com").await;
    let bert = engine.sign_up("bert@example.com").await;
    engine.log_in("bert@example.com").await;
    let caller = Caller::user(admin.who.clone(), origin);
    for id in [anna.id, bert.id] {
        let rename = UserChange {
            full_name: Some(Some("Renamed".parse().unwrap())),
            ..UserChange::default()
        };
        engine
            .update_user(&caller, id, rename, &Reauthentication::default())
            .await
            .unwrap();
    }

    let visitor = engine.log_in("anna@example.com").await;
    let export = engine
        .export_own_data(&visitor.who, &anonymous())
        .await
        .unwrap();
    let updated = export
        .events
        .iter()
        .find(|event| event.action == "user.updated")
        .unwrap();
    assert_eq!(updated.actor, "user");
    assert_eq!((updated.actor_id, updated.session_id), (None, None));
    assert_eq!((&updated.ip, &updated.user_agent), (&None, &None));

    let text = format!("{export:?}");
    for others in [
        admin.who.user.id.to_string(),
        admin.who.session.id.to_string(),
        bert.id.to_string(),
        "203.0.113.9".to_owned(),
        "the admin's browser".to_owned(),
        "the admin's request".to_owned(),
        "admin@example.com".to_owned(),
        "bert@example.com".to_owned(),
    ] {
        assert!(!text.contains(&others), "{others} is in {text}");
    }
}

#[tokio::test]
async fn an_admin_s_holds_whom_they_acted_on_by_no_name() {
    let engine = TestEngine::in_memory().await;
    let admin = engine
        .create_and_log_in("admin@example.com", &["admin"])
        .await;
    let anna = engine.sign_up("anna@example.com").await;
    super::update_user::deactivate(&engine, anna.id).await;
    let export = engine
        .export_own_data(&admin.who, &admin.caller())
        .await
        .unwrap();
    assert!(!format!("{export:?}").contains("anna"));
}
