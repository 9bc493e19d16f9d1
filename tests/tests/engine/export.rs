//! Everything that is held about an account, for its owner.

use std::time::Duration;

use doorward::{Caller, Origin, Reauthentication, UserChange};
use doorward_tests::engine::{PASSWORD, START, TestEngine, address, anonymous, proof, token_in};

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
async fn it_holds_what_is_known_beside_the_account() {
    let engine = TestEngine::with_mail().await;
    let second = Duration::from_secs(1);
    engine.sign_up("anna@example.com").await;
    engine.sign_up("bert@example.com").await;
    engine.log_in("bert@example.com").await;
    let left = engine.log_in("anna@example.com").await;
    engine.logout(&left.who, &left.caller()).await.unwrap();
    let visitor = engine.log_in("anna@example.com").await;
    let sent = engine.mails().await;
    engine.advance(second);
    let wish = UserChange {
        email: Some(Some(address("new@example.com"))),
        ..UserChange::default()
    };
    let id = visitor.who.user.id;
    engine
        .update_user(&visitor.caller(), id, wish, &proof())
        .await
        .unwrap();
    for name in ["anna@example.com", "anna@example.com", "bert@example.com"] {
        engine.try_log_in(name, "wrong").await.unwrap_err();
    }
    let export = engine
        .export_own_data(&visitor.who, &visitor.caller())
        .await
        .unwrap();

    let now = engine.now();
    let signed_up = START + Duration::from_millis(1);
    assert_eq!(export.password_changed_at, Some(signed_up));
    let [role] = &export.roles[..] else {
        panic!("{:?}", export.roles)
    };
    assert_eq!((role.role.as_str(), role.granted_at), ("user", signed_up));
    let ended: Vec<_> = export
        .sessions
        .iter()
        .map(|session| (session.id, session.is_current, session.revoked_at.is_some()))
        .collect();
    let (this, other) = (visitor.who.session.id, left.who.session.id);
    assert_eq!(ended, [(this, true, false), (other, false, true)]);
    // A network that is not told, and a device that does not say what it is.
    assert_eq!(export.known_origins.len(), 2);
    let [failed] = &export.login_failures[..] else {
        panic!("{:?}", export.login_failures)
    };
    assert_eq!((failed.failures, failed.last_failed_at), (2, now));
    assert_eq!(failed.locked_until, None);
    let tokens: Vec<_> = export
        .one_time_tokens
        .iter()
        .map(|token| (&*token.purpose, &*token.email))
        .collect();
    let expected = [
        ("email_verification", "anna@example.com"),
        ("email_change", "new@example.com"),
    ];
    assert_eq!(tokens, expected);
    let waiting: Vec<_> = export.mails.iter().map(|mail| &*mail.kind).collect();
    assert_eq!(waiting, ["email_change"]);

    let text = format!("{export:?}");
    let verification = sent.iter().find(|mail| mail.to == "anna@example.com");
    for secret in ["argon2", PASSWORD, &token_in(verification.unwrap())] {
        assert!(!text.contains(secret), "{text}");
    }
    assert!(!text.contains("bert"), "{text}");
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
