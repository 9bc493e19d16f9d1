//! Accounts made in an application's own transaction: with its own rows, or not at all.

mod app;
mod half_way;
mod outdated;
mod refused_connections;

use std::time::Duration;

use app::{App, Pool};
use doorward::testing::{self, FixedClock};
use doorward::{
    Caller, CreateUserError, Failure, FindUserError, IdentityRejected, KeptMails, NewUser,
    RegisterError, RegistrationOutcome, User, UsersWrite,
};
use doorward_tests::engine::{
    PASSWORD, START, TestEngine, anonymous, mail_config, new_user, operator, registration, role,
    subjects,
};
use doorward_tests::{databases, on_every_lasting_database};
use tokio::task::JoinSet;

const ANNA: &str = "anna@example.com";
const BERTA: &str = "berta@example.com";

/// The account, as the outcome tells of it.
fn registered(outcome: Result<RegistrationOutcome, RegisterError>) -> User {
    outcome.unwrap().into_user().unwrap()
}

fn is_taken<T: std::fmt::Debug>(outcome: &Result<T, RegisterError>) -> bool {
    let taken = IdentityRejected::EmailTaken;
    matches!(outcome, Err(RegisterError::Identity(rejected)) if *rejected == taken)
}

on_every_lasting_database! {
    async fn a_commit_makes_the_account_and_the_row(db) {
        let app = App::new(db).await;
        let prepared = app.prepare(ANNA).await;
        let mut tx = app.begin().await;
        tx.found_team("Reds").await;
        let anna = registered(prepared.insert(tx.for_engine()).await);
        assert!(app.holds_accounts(0).await, "nobody else sees it yet");
        let hidden = app.engine.find_user(&Caller::operator(), anna.id).await;
        assert!(matches!(hidden, Err(FindUserError::NotFound)));
        tx.commit().await.unwrap();

        assert!(app.holds_accounts(1).await);
        assert_eq!(app.count("teams").await, 1);
        let found = app.engine.find_user(&Caller::operator(), anna.id).await.unwrap();
        assert_eq!(found, anna);
        assert_eq!(app.engine.log_in(ANNA).await.who.user.id, anna.id);
        app.engine.mail("Confirm").await;
    }

    async fn a_rollback_makes_neither(db) {
        let app = App::new(db).await;
        let prepared = app.prepare(ANNA).await;
        let mut tx = app.begin().await;
        tx.found_team("Reds").await;
        registered(prepared.insert(tx.for_engine()).await);
        tx.rollback().await;

        assert!(app.holds_accounts(0).await);
        assert_eq!(app.count("teams").await, 0);
        assert!(app.engine.mails().await.is_empty());
        // What was prepared is as good in the next transaction.
        let mut tx = app.begin().await;
        registered(prepared.insert(tx.for_engine()).await);
        tx.commit().await.unwrap();
        assert!(app.holds_accounts(1).await);
        assert!(is_taken(&prepared.insert(app.begin().await.for_engine()).await));
    }

    async fn a_refused_name_leaves_the_transaction_as_it_was(db) {
        let app = App::new(db).await;
        app.engine.sign_up(ANNA).await;
        let (taken, free) = (app.prepare(ANNA).await, app.prepare(BERTA).await);
        let mut tx = app.begin().await;
        tx.found_team("Reds").await;
        assert!(is_taken(&taken.insert(tx.for_engine()).await));
        tx.found_team("Blues").await;
        registered(free.insert(tx.for_engine()).await);
        assert!(is_taken(&free.insert(tx.for_engine()).await), "taken within the transaction");
        tx.found_team("Greens").await;
        tx.commit().await.unwrap();

        assert_eq!(app.count("teams").await, 3);
        assert!(app.holds_accounts(2).await);
    }

    async fn a_refused_username_is_told_as_such(db) {
        let app = App::new(db).await;
        let named = |email| registration(email).username("anna".parse().unwrap());
        app.engine.register(&anonymous(), named(ANNA)).await.unwrap();
        let prepared = app.engine.prepare_registration(&anonymous(), named(BERTA)).await.unwrap();
        let mut tx = app.begin().await;
        let refused = prepared.insert(tx.for_engine()).await;
        let taken = IdentityRejected::UsernameTaken;
        assert!(matches!(refused, Err(RegisterError::Identity(why)) if why == taken));
        tx.commit().await.unwrap();
    }

    async fn an_application_s_own_savepoint_holds_the_account(db) {
        let app = App::new(db).await;
        let (anna, berta) = (app.prepare(ANNA).await, app.prepare(BERTA).await);
        let mut tx = app.begin().await;
        tx.execute("savepoint doorward").await;
        registered(anna.insert(tx.for_engine()).await);
        tx.execute("rollback to savepoint doorward").await;
        registered(berta.insert(tx.for_engine()).await);
        tx.commit().await.unwrap();

        assert!(app.holds_accounts(1).await);
        app.engine.log_in(BERTA).await;
    }

    async fn of_twenty_transactions_for_one_address_one_makes_it(db) {
        let app = App::new(db).await;
        let mut jobs = JoinSet::new();
        for number in 0..20 {
            let app = app.clone();
            jobs.spawn(async move {
                let prepared = app.prepare(ANNA).await;
                let mut tx = app.begin().await;
                let outcome = prepared.insert(tx.for_engine()).await;
                tx.found_team(&format!("Team {number}")).await;
                tx.commit().await.unwrap();
                outcome
            });
        }
        let outcomes = jobs.join_all().await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
        assert_eq!(outcomes.iter().filter(|outcome| is_taken(outcome)).count(), 19);
        assert_eq!(app.count("teams").await, 20);
        assert!(app.holds_accounts(1).await);
    }

    async fn what_is_put_off_is_carried_out_after_the_commit(db) {
        let app = App::with(db, |builder| builder.registration_reveals(false)).await;
        let prepared = app.prepare(ANNA).await;
        let mut tx = app.begin().await;
        let outcome = prepared.insert(tx.for_engine()).await.unwrap();
        assert!(matches!(outcome, RegistrationOutcome::ToldByMail));
        tx.rollback().await;
        assert!(app.engine.mails().await.is_empty());

        for is_new in [true, false] {
            let mut tx = app.begin().await;
            tx.found_team(if is_new { "Reds" } else { "Blues" }).await;
            let outcome = prepared.insert(tx.for_engine()).await.unwrap();
            assert!(matches!(outcome, RegistrationOutcome::ToldByMail));
            tx.commit().await.unwrap();
            let mails = app.engine.mails().await;
            assert_eq!(mails.len(), 1, "{:?}", subjects(&mails));
            assert_eq!(mails[0].text.contains("#token="), is_new, "{:?}", subjects(&mails));
        }
        assert_eq!(app.count("teams").await, 2);
        assert_eq!(app.count("doorward_users").await, 1);
    }

    async fn mail_goes_out_by_itself_after_the_commit(db) {
        let app = App::new(db).await;
        // Another process of the application: it must hear of the commit as well.
        let clock = std::sync::Arc::new(FixedClock::at(START));
        let mails = KeptMails::new(clock.clone());
        let config = mail_config(std::sync::Arc::new(mails.clone()));
        let worker = testing::builder(app.pool.database().await)
            .clock(clock)
            .mail(config)
            .maintain(true);
        let worker = worker.build().await.unwrap();
        let prepared = app.prepare(ANNA).await;
        let mut tx = app.begin().await;
        registered(prepared.insert(tx.for_engine()).await);
        assert!(mails.list().is_empty());
        tx.commit().await.unwrap();
        let sent = async {
            while mails.list().is_empty() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        // Before the worker would look by itself.
        tokio::time::timeout(Duration::from_secs(4), sent).await.unwrap();
        drop(worker);
    }

    async fn somebody_who_may_makes_accounts_too(db) {
        let app = App::new(db).await;
        let by = operator::<UsersWrite>();
        let prepared = app.engine.prepare_user(&by, new_user(ANNA, &["moderator"])).await.unwrap();
        app.engine.advance(Duration::from_secs(60));
        let mut tx = app.begin().await;
        tx.found_team("Reds").await;
        let anna = prepared.insert(tx.for_engine()).await.unwrap();
        tx.commit().await.unwrap();

        assert_eq!(anna.role(), Some(&role("moderator")));
        assert_eq!(anna.created_at, app.engine.now());
        assert_eq!(app.engine.find_user(&Caller::operator(), anna.id).await.unwrap(), anna);
        let taken = app.engine.prepare_user(&by, new_user(ANNA, &["user"])).await.unwrap();
        let mut tx = app.begin().await;
        let refused = taken.insert(tx.for_engine()).await;
        assert!(matches!(refused, Err(CreateUserError::Identity(IdentityRejected::EmailTaken))));
        tx.commit().await.unwrap();
    }

    async fn rights_count_as_they_are_when_the_account_is_written(db) {
        let app = App::new(db).await;
        let admin = app.engine.create_and_log_in(BERTA, &["admin"]).await;
        let by = admin.permitted::<UsersWrite>();
        let prepared = app.engine.prepare_user(&by, new_user(ANNA, &["user"])).await.unwrap();
        app.engine.logout(&admin.who, &admin.caller()).await.unwrap();
        let mut tx = app.begin().await;
        tx.found_team("Reds").await;
        let refused = prepared.insert(tx.for_engine()).await;
        assert!(matches!(refused, Err(CreateUserError::Revoked)), "{refused:?}");
        tx.commit().await.unwrap();
        assert_eq!((app.count("teams").await, app.count("doorward_users").await), (1, 1));
    }

    async fn roles_are_those_that_there_are_when_the_account_is_written(db) {
        let app = App::new(db).await;
        app.pool.execute(
            "insert into doorward_roles (name, rank, description, created_at, updated_at) \
             values ('guide', 10, '', 0, 0)",
        ).await;
        let new = new_user(ANNA, &["guide"]);
        let prepared = app.engine.prepare_user(&operator(), new).await.unwrap();
        app.pool.execute("delete from doorward_roles where name = 'guide'").await;
        let mut tx = app.begin().await;
        tx.found_team("Reds").await;
        let refused = prepared.insert(tx.for_engine()).await;
        assert!(matches!(refused, Err(CreateUserError::UnknownRole)), "{refused:?}");
        tx.commit().await.unwrap();
        assert_eq!((app.count("teams").await, app.count("doorward_users").await), (1, 0));
    }
}

#[tokio::test]
async fn what_can_be_refused_before_the_transaction_is() {
    let engine = TestEngine::in_memory().await;
    let weak = NewUser::new("short").email(ANNA.parse().unwrap());
    let refused = engine.prepare_user(&operator(), weak).await;
    assert!(matches!(refused, Err(CreateUserError::PasswordRejected(_))));
    let refused = engine
        .prepare_registration(&anonymous(), registration(ANNA).role(role("admin")))
        .await;
    assert!(matches!(refused, Err(RegisterError::RoleNotSelfAssignable)));
    let nameless = doorward::Registration::new(PASSWORD);
    let refused = engine.prepare_registration(&anonymous(), nameless).await;
    assert!(matches!(
        refused,
        Err(RegisterError::Identity(IdentityRejected::EmailMissing))
    ));
}

#[tokio::test]
async fn what_is_prepared_shows_neither_password_nor_hash() {
    for reveals in [true, false] {
        let engine =
            TestEngine::with_mail_and(|builder| builder.registration_reveals(reveals)).await;
        let prepared = engine
            .prepare_registration(&anonymous(), registration(ANNA))
            .await;
        let shown = format!("{:?}", prepared.unwrap());
        assert!(!shown.contains(PASSWORD) && !shown.contains("$argon2"));
    }
}

/// The failure that the operation ended with.
fn failure<T: std::fmt::Debug>(outcome: Result<T, RegisterError>) -> Failure {
    match outcome {
        Err(RegisterError::Internal(failure)) => failure,
        other => panic!("{other:?}"),
    }
}
