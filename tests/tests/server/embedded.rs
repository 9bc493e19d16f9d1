//! The command line on the database of an app that embeds the engine: it has the app's
//! `DATABASE_URL` and not its secret, and does not know what the app decided.

mod app;
mod schema;
mod secrets;

use std::time::Duration;

use doorward::testing::{PASSWORD, TestUser};
use doorward::{LoginAttempt, LoginError};
use doorward_tests::on_every_lasting_database;
use serde_json::{Value, json};

use app::{App, Staff, by_username, eventually};
use doorward::AppRole as _;

const REFUSED: i32 = 1;
const USAGE: i32 = 2;
const NOT_FOUND: i32 = 5;

/// Whether the app still knows whoever has these tokens.
async fn lets_in(app: &App<'_>, user: &TestUser) -> bool {
    let token = &user.tokens.access_token;
    app.auth.authenticate(token).await.is_ok()
}

/// The names of the accounts that a command listed.
fn usernames(listed: &Value) -> Vec<&str> {
    let users = listed.as_array().unwrap().iter();
    users
        .map(|user| user["username"].as_str().unwrap())
        .collect()
}

on_every_lasting_database! {
    async fn its_accounts_are_listed_and_shown(db) {
        let app = App::start(db, by_username).await;
        let anna = app.create("anna", &["user", "author"]).await;
        app.auth.advance(Duration::from_millis(1));
        app.create("berta", &["user"]).await;

        let all = app.run(&["users", "list", "--json"]).json();
        assert_eq!(usernames(&all), ["anna", "berta"]);
        let authors = app.run(&["users", "list", "--role", "author", "--json"]).json();
        assert_eq!(usernames(&authors), ["anna"]);
        for who in ["anna", &anna.id.to_string()] {
            let shown = app.run(&["users", "show", who, "--json"]).json();
            assert_eq!(shown["id"], anna.id.to_string());
            assert_eq!(shown["roles"], json!(["user", "author"]));
            assert_eq!(shown["email"], Value::Null);
        }
        app.run(&["users", "show", "cara"]).failure(NOT_FOUND);
    }

    async fn its_own_roles_are_given_and_taken_while_it_runs(db) {
        let app = App::start(db, by_username).await;
        app.create("anna", &["user"]).await;
        let anna = app.auth.log_in("anna", PASSWORD).await;
        let has = async |role: Staff| {
            let who = app.auth.authenticate(&anna.tokens.access_token).await;
            who.unwrap().user.has_role(&role.name())
        };
        assert!(!has(Staff::Editor).await);

        let promoted = app.run(&["users", "promote", "anna", "editor", "--json"]).json();
        assert_eq!(promoted["roles"], json!(["editor", "user"]));
        eventually(async || has(Staff::Editor).await).await;
        app.run(&["users", "demote", "anna", "editor"]).ok();
        eventually(async || !has(Staff::Editor).await).await;

        let unknown = app.run(&["users", "promote", "anna", "emperor"]);
        assert_eq!(unknown.failure(REFUSED), "there is no such role");
        // The way in to an app that has no admin yet.
        let admin = app.run(&["users", "promote", "anna", "admin"]);
        assert!(admin.ok().contains("[admin, user]"), "{admin:#?}");
    }

    async fn its_sessions_end_with_a_deactivation_a_password_and_an_account(db) {
        let app = App::start(db, by_username).await;
        app.create("anna", &["user"]).await;
        let first = app.auth.log_in("anna", PASSWORD).await;
        app.run(&["users", "deactivate", "anna"]).ok();
        eventually(async || !lets_in(&app, &first).await).await;
        let login = app.auth.login(LoginAttempt::new("anna", PASSWORD)).await;
        assert!(matches!(login, Err(LoginError::Inactive)), "{login:?}");

        app.run(&["users", "activate", "anna"]).ok();
        eventually(async || {
            app.auth.login(LoginAttempt::new("anna", PASSWORD)).await.is_ok()
        })
        .await;
        let second = app.auth.log_in("anna", PASSWORD).await;
        let new = "another horse battery staple";
        app.run_with_input(&["users", "set-password", "anna"], new).ok();
        eventually(async || !lets_in(&app, &second).await).await;
        let old = app.auth.login(LoginAttempt::new("anna", PASSWORD)).await;
        assert!(old.is_err(), "{old:?}");
        // After a failure there is a moment to wait.
        app.auth.advance(Duration::from_secs(2));

        let third = app.auth.log_in("anna", new).await;
        app.run(&["users", "delete", "anna", "--yes"]).ok();
        eventually(async || !lets_in(&app, &third).await).await;
        app.run(&["users", "show", "anna"]).failure(NOT_FOUND);
    }

    async fn its_locked_accounts_are_unlocked(db) {
        let app = App::start(db, by_username).await;
        app.create("anna", &["user"]).await;
        for _ in 0..2 {
            let wrong = app.auth.login(LoginAttempt::new("anna", "wrong")).await;
            assert!(wrong.is_err(), "{wrong:?}");
            // The first has a moment to wait for, the second much more.
            app.auth.advance(Duration::from_secs(2));
        }
        let locked = app.auth.login(LoginAttempt::new("anna", PASSWORD)).await;
        assert!(matches!(locked, Err(LoginError::Locked { .. })), "{locked:?}");

        let unlocked = app.run(&["users", "unlock", "anna"]);
        assert!(unlocked.ok().contains("anna"), "{unlocked:#?}");
        app.auth.log_in("anna", PASSWORD).await;
    }

    async fn new_accounts_have_the_names_that_it_requires(db) {
        let app = App::start(db, by_username).await;
        let create = ["users", "create", "--username", "anna", "--role", "editor"];
        // Told before the password is asked for.
        let refused = app.run(&create);
        assert_eq!(
            refused.failure(USAGE),
            "--email: an e-mail address is required of new accounts here; where they need none, \
             set REGISTRATION_REQUIRES to username or either"
        );
        let app = app.set("REGISTRATION_REQUIRES", "username");
        app.run_with_input(&create, PASSWORD).ok();
        let anna = app.auth.log_in("anna", PASSWORD).await;
        assert!(anna.user.has_role(&Staff::Editor.name()));

        let nameless = app.run(&["users", "create", "--email", "berta@example.com"]);
        assert_eq!(
            nameless.failure(USAGE),
            "--username: a username is required of new accounts here; where they need none, \
             set REGISTRATION_REQUIRES to email or either"
        );
    }
}
