//! What is told, and what is left behind.

use std::time::Duration;

use doorward::{AuditFilter, AuditRead, PageRequest, UsersDelete};
use doorward_tests::engine::{PASSWORD, TestEngine, operator, password};
use doorward_tests::on_every_lasting_database;

use crate::dump::dump;
use crate::life::{NAMES, TRACES, engine_without_post, lead_a_life};

const TABLES: [&str; 15] = [
    "doorward_audit_events",
    "doorward_erasures",
    "doorward_jobs",
    "doorward_keys",
    "doorward_known_origins",
    "doorward_login_failures",
    "doorward_migrations",
    "doorward_one_time_tokens",
    "doorward_passwords",
    "doorward_role_permissions",
    "doorward_roles",
    "doorward_sessions",
    "doorward_unfinished",
    "doorward_user_roles",
    "doorward_users",
];

on_every_lasting_database! {
    async fn a_deleted_account_leaves_no_name_in_any_table(db) {
        let engine = engine_without_post(db.url(), false).await;
        let id = lead_a_life(&engine).await;
        let (tables, before) = dump(db).await;
        assert_eq!(tables, TABLES, "a new table has to be thought of here");
        for trace in TRACES {
            assert!(before.to_lowercase().contains(trace), "{trace} is not in {before}");
        }
        engine.delete_user(&operator::<UsersDelete>(), id).await.unwrap();
        engine.erase_deleted_accounts().await.unwrap();
        let (_, after) = dump(db).await;
        for trace in NAMES.iter().chain(&TRACES) {
            assert!(!after.to_lowercase().contains(trace), "{trace} is in {after}");
        }
    }
}

#[tokio::test]
async fn v16_2_5_the_audit_trail_holds_no_name_and_no_secret() {
    let engine = engine_without_post("sqlite::memory:", false).await;
    lead_a_life(&engine).await;
    engine
        .try_log_in("a-password-in-the-wrong-field", PASSWORD)
        .await
        .unwrap_err();
    let events = engine
        .list_audit_events(
            &operator::<AuditRead>(),
            AuditFilter::default(),
            PageRequest::new(0, 100),
        )
        .await
        .unwrap();
    assert!(events.items.len() >= 8);
    let text = format!("{:?}", events.items).to_lowercase();
    for name in NAMES
        .into_iter()
        .chain([PASSWORD, "a-password-in-the-wrong-field", "eyj"])
    {
        assert!(!text.contains(name), "{name}");
    }
}

#[tokio::test]
async fn v16_3_1_every_authentication_is_told_whether_it_worked_or_not() {
    let engine = TestEngine::in_memory().await;
    let anna = engine.sign_up("anna@example.com").await;
    let step = || engine.advance(Duration::from_millis(1));
    let visitor = engine.log_in("anna@example.com").await;
    step();
    engine
        .try_log_in("anna@example.com", "wrong")
        .await
        .unwrap_err();
    step();
    engine
        .try_log_in("nobody@example.com", "wrong")
        .await
        .unwrap_err();
    step();
    let (wrong, new) = (password("wrong"), password("an entirely new password"));
    engine
        .change_password(&visitor.who, &visitor.caller(), wrong, new)
        .await
        .unwrap_err();
    step();
    let second = engine.try_refresh(&visitor.tokens).await.unwrap();
    engine.try_refresh(&second).await.unwrap();
    engine.try_refresh(&visitor.tokens).await.unwrap_err();

    let events = engine
        .list_audit_events(
            &operator::<AuditRead>(),
            AuditFilter::default(),
            PageRequest::new(0, 100),
        )
        .await
        .unwrap();
    let mut told: Vec<_> = events
        .items
        .iter()
        .map(|event| (&*event.action, &*event.outcome, event.target_id))
        .collect();
    told.reverse();
    let anna = Some(anna.id);
    assert_eq!(
        told,
        [
            ("user.registered", "success", anna),
            ("login", "success", anna),
            ("login", "failure", anna),
            ("login", "failure", None),
            ("password.changed", "failure", anna),
            ("refresh_token.reused", "failure", anna),
        ]
    );
}
