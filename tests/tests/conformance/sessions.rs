//! Sessions and passwords: opened, refreshed, listed, ended, purged.

use std::time::Duration;

use doorward::testing::token_in;
use doorward::{
    Caller, ChangePasswordError, Database, EndSessionError, Housekeeping, LoginError, LoginOutcome,
    Origin, RefreshError, UserChange,
};
use doorward_tests::databases::{Kind, TestDatabase};
use doorward_tests::engine::{PASSWORD, TestEngine, anonymous, attempt, password, proof};
use doorward_tests::{on_every_database, on_every_lasting_database};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

on_every_database! {
    async fn a_session_is_stored_with_where_it_came_from(db) {
        let engine = TestEngine::at(db.url()).await;
        engine.sign_up("anna@example.com").await;
        let origin = Origin::default()
            .with_ip("2001:db8::7".parse().unwrap())
            .with_user_agent("a browser");
        let LoginOutcome::LoggedIn(tokens) = engine
            .login(attempt("anna@example.com", PASSWORD).by(Caller::anonymous(origin)))
            .await
            .unwrap();
        let visitor = engine.visitor(tokens).await;
        let listed = engine.list_sessions(&visitor.who).await.unwrap();
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0].ip.as_deref(), Some("2001:db8::7"));
        assert_eq!(listed[0].user_agent.as_deref(), Some("a browser"));
        assert_eq!(listed[0].expires_at, engine.now() + 7 * DAY);
        assert_eq!(visitor.who.user.last_login_at, Some(engine.now()));
    }

    async fn rotation_retry_and_reuse(db) {
        let engine = TestEngine::at(db.url()).await;
        engine.sign_up("anna@example.com").await;
        let first = engine.log_in("anna@example.com").await.tokens;
        engine.advance(Duration::from_secs(1));
        let second = engine.try_refresh(&first).await.unwrap();
        engine.advance(Duration::from_secs(10));
        let again = engine.try_refresh(&first).await.unwrap();
        assert_eq!(*again.refresh_token, *second.refresh_token);
        let third = engine.try_refresh(&second).await.unwrap();
        let reused = engine.try_refresh(&first).await;
        assert!(matches!(reused, Err(RefreshError::Reused)), "{reused:?}");
        let dead = engine.try_refresh(&third).await;
        assert!(matches!(dead, Err(RefreshError::Revoked)), "{dead:?}");
        assert!(engine.authenticate(&third.access_token).await.is_err());
    }

    /// On PostgreSQL, the one waits for the row that the other moves to the next epoch.
    async fn a_logout_while_all_other_sessions_end_is_not_lost(db) {
        let engine = TestEngine::at(db.url()).await;
        engine.sign_up("anna@example.com").await;
        for _ in 0..30 {
            let visitor = engine.log_in("anna@example.com").await;
            let caller = visitor.caller();
            let (logout, end_others) = tokio::join!(
                engine.logout(&visitor.who, &caller),
                engine.end_all_sessions(&visitor.who, &caller, true),
            );
            logout.unwrap();
            end_others.unwrap();
            assert!(!engine.lets_in(&visitor).await);
            assert!(engine.try_refresh(&visitor.tokens).await.is_err());
        }
    }

    async fn each_way_to_end_a_session_ends_it(db) {
        let engine = TestEngine::at(db.url()).await;
        engine.sign_up("anna@example.com").await;
        let one = engine.log_in("anna@example.com").await;
        let two = engine.log_in("anna@example.com").await;
        let three = engine.log_in("anna@example.com").await;
        let four = engine.log_in("anna@example.com").await;

        engine.logout(&one.who, &one.caller()).await.unwrap();
        assert!(!engine.lets_in(&one).await);
        let end = async || engine.end_session(&two.who, &two.caller(), three.who.session.id).await;
        end().await.unwrap();
        assert!(!engine.lets_in(&three).await);
        assert!(matches!(end().await, Err(EndSessionError::NotFound)));
        engine.end_all_sessions(&two.who, &two.caller(), true).await.unwrap();
        assert!(engine.lets_in(&two).await && !engine.lets_in(&four).await);
        engine.end_all_sessions(&two.who, &two.caller(), false).await.unwrap();
        assert!(!engine.lets_in(&two).await);
        for visitor in [&one, &two, &three, &four] {
            let refreshed = engine.try_refresh(&visitor.tokens).await;
            assert!(matches!(refreshed, Err(RefreshError::Revoked)), "{refreshed:?}");
        }
    }

    async fn a_changed_password_ends_the_others(db) {
        let engine = TestEngine::at(db.url()).await;
        engine.sign_up("anna@example.com").await;
        let this = engine.log_in("anna@example.com").await;
        let other = engine.log_in("anna@example.com").await;
        let change = async |current: &str| {
            engine
                .change_password(&this.who, &this.caller(), password(current), password("a new long password"))
                .await
        };
        let wrong = change("something else").await;
        assert!(matches!(wrong, Err(ChangePasswordError::CurrentIncorrect)));
        change(PASSWORD).await.unwrap();
        assert!(engine.lets_in(&this).await && !engine.lets_in(&other).await);
        let old = engine.try_log_in("anna@example.com", PASSWORD).await;
        assert!(matches!(old, Err(LoginError::InvalidCredentials)));
        engine.log_in_with("anna@example.com", "a new long password").await;
    }

    async fn expired_sessions_are_purged_in_batches(db) {
        let engine = TestEngine::at(db.url()).await;
        engine.sign_up("anna@example.com").await;
        let mut logins = tokio::task::JoinSet::new();
        for _ in 0..40 {
            let engine = engine.clone();
            logins.spawn(async move { engine.try_log_in("anna@example.com", PASSWORD).await.unwrap() });
        }
        logins.join_all().await;
        // A day of retention, and the rest of the day on which it ends.
        engine.advance(9 * DAY);
        let last = engine.log_in("anna@example.com").await;
        assert_eq!(engine.keep_house().await.unwrap().sessions, 40);
        assert_eq!(engine.keep_house().await.unwrap().sessions, 0);
        assert!(engine.lets_in(&last).await);
    }

    async fn what_is_kept_no_longer_goes(db) {
        let engine = TestEngine::at(db.url()).await;
        engine.sign_up("anna@example.com").await;
        let visitor = engine.log_in("anna@example.com").await;
        engine.logout(&visitor.who, &visitor.caller()).await.unwrap();
        engine.log_in("anna@example.com").await;
        engine.try_log_in("anna@example.com", "wrong").await.unwrap_err();
        let kept = engine.keep_house().await.unwrap();
        assert_eq!(kept, Housekeeping::default());
        engine.advance(366 * DAY);
        let done = engine.keep_house().await.unwrap();
        assert_eq!((done.sessions, done.audit_events), (2, 5));
        assert_eq!((done.login_failures, done.known_origins), (1, 2));
        assert_eq!(engine.keep_house().await.unwrap(), Housekeeping::default());
    }

    async fn an_export_holds_what_is_there(db) {
        let engine = TestEngine::at(db.url()).await;
        engine.sign_up("anna@example.com").await;
        let visitor = engine.log_in("anna@example.com").await;
        engine.advance(Duration::from_millis(1));
        let export = engine.export_own_data(&visitor.who, &visitor.caller()).await.unwrap();
        assert_eq!((export.sessions.len(), export.events.len()), (1, 3));
        assert_eq!((export.roles.len(), export.known_origins.len()), (1, 2));
        assert_eq!((export.mails.len(), export.one_time_tokens.len()), (0, 0));
        assert!(export.password_changed_at.is_some() && export.login_failures.is_empty());
        assert_eq!(export.events[2].action, "user.exported");
        engine.delete_own_account(&visitor.who, &visitor.caller(), &proof()).await.unwrap();
        assert!(!engine.lets_in(&visitor).await);
    }
}

/// Copies the only session of the database a hundred thousand times, with its token family.
async fn copy_session(db: &TestDatabase) {
    db.execute(match db.kind() {
        Kind::Postgres => {
            "insert into doorward_sessions select gen_random_uuid(), user_id, epoch, \
                 created_at, authenticated_at, proofs, ends_at, revoked_at, ip, user_agent \
                 from doorward_sessions, generate_series(1, 100000)"
        }
        _ => {
            "with recursive n (i) as (select 1 union all select i + 1 from n where i < 100000) \
                 insert into doorward_sessions select randomblob(16), user_id, epoch, \
                 created_at, authenticated_at, proofs, ends_at, revoked_at, ip, user_agent \
                 from doorward_sessions, n"
        }
    })
    .await;
    db.execute(
        "insert into doorward_token_families (id, session_id, current_jti, rotated_at, \
         expires_at, expires_day) select s.id, s.id, s.id, f.rotated_at, f.expires_at, \
         f.expires_day from doorward_sessions s, doorward_token_families f \
         where s.id <> f.id",
    )
    .await;
}

on_every_lasting_database! {
    async fn an_account_with_many_sessions_is_secured(db) {
        let database = Database::connect(db.url()).await.unwrap();
        let engine = TestEngine::with_mail_on(database, |builder| builder).await;
        engine.create_verified("anna@example.com", &["user"]).await;
        let first = engine.log_in("anna@example.com").await;
        copy_session(db).await;

        engine.end_all_sessions(&first.who, &first.caller(), true).await.unwrap();
        let listed = engine.list_sessions(&first.who).await.unwrap();
        assert_eq!(listed.len(), 1);
        let new = password("a new long password");
        engine.change_password(&first.who, &first.caller(), password(PASSWORD), new).await.unwrap();
        assert!(engine.lets_in(&first).await);

        let address = "anna@example.com".parse().unwrap();
        engine.mails().await;
        engine.request_password_reset(&address, &anonymous()).await.unwrap();
        let token = token_in(&engine.mail("Reset your password").await);
        engine.confirm_password_reset(&token, password(PASSWORD), &anonymous()).await.unwrap();
        assert!(!engine.lets_in(&first).await);
        let again = engine.log_in("anna@example.com").await;
        let shut = UserChange { is_active: Some(false), ..UserChange::default() };
        let id = again.who.user.id;
        engine.update_user(&Caller::operator(), id, shut, &proof()).await.unwrap();
        assert!(!engine.lets_in(&again).await);
        assert!(engine.try_refresh(&again.tokens).await.is_err());
    }
}
