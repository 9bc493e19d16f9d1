//! What a command does without the app's secret, and with it.

use std::time::Duration;

use doorward::testing::{PASSWORD, SECRET, operator};
use doorward::{Builder, Database, NewUser, UsersWrite};
use doorward_tests::databases::TestDatabase;
use doorward_tests::{on_every_lasting_database, server};
use serde_json::json;

use super::app::{App, Staff, by_username, operators_place};

const SETTINGS: i32 = 3;
const EMAIL: &str = "anna@example.com";
const NEW_PASSWORD: &str = "another horse battery staple";

/// An app with mail.
fn by_address(builder: Builder) -> Builder {
    builder.roles::<Staff>()
}

async fn app_with_anna(db: &TestDatabase) -> App<'_> {
    let app = App::start(db, by_address).await;
    app.auth.add_user(EMAIL, ["user"]).await;
    app
}

fn set_password(app: &App<'_>) -> server::Outcome {
    app.run_with_input(&["users", "set-password", EMAIL], NEW_PASSWORD)
}

on_every_lasting_database! {
    async fn without_it_no_mail_is_written_that_the_app_could_not_open(db) {
        let app = app_with_anna(db).await;
        let changed = set_password(&app);
        assert_eq!((changed.code, &*changed.stderr), (Some(0), ""));
        let create = ["users", "create", "--email", "berta@example.com"];
        app.run_with_input(&create, PASSWORD).ok();

        let outbox = app.run(&["mail", "list", "--json"]).json();
        assert_eq!(outbox, json!([]));
        app.auth.advance(Duration::from_secs(60));
        assert!(app.auth.mails().await.is_empty());
        // The accounts are none the worse for it.
        app.auth.log_in(EMAIL, NEW_PASSWORD).await;
        app.auth.log_in("berta@example.com", PASSWORD).await;
    }

    async fn without_it_who_asked_for_mail_is_told_that_there_is_none(db) {
        let app = app_with_anna(db)
            .await
            .set("SMTP_HOST", "127.0.0.1")
            .set("REGISTRATION_REVEALS", "false");
        let changed = set_password(&app);
        changed.ok();
        assert_eq!(
            changed.stderr,
            "warning: no mail goes out for this, as SECRET_KEY is not set: it takes that of the \
             server or the application\n"
        );
        // Of what nobody is told anyway there is nothing to say.
        let shown = app.run(&["users", "show", EMAIL]);
        assert_eq!((shown.code, &*shown.stderr), (Some(0), ""));
    }

    async fn with_it_the_app_sends_the_mail(db) {
        let app = app_with_anna(db)
            .await
            .set("SECRET_KEY", SECRET)
            .set("ENVIRONMENT", "development");
        set_password(&app).ok();
        // The app's clock stood still meanwhile.
        app.auth.advance(Duration::from_secs(60));
        let mails = app.auth.mails().await;
        assert_eq!(mails.len(), 1, "{mails:?}");
        assert!(mails[0].to.contains(EMAIL) && mails[0].subject.contains("password"), "{mails:?}");
    }

    async fn without_it_the_apps_mails_are_listed_and_tried_again(db) {
        let app = App::start(db, by_address).await;
        let new = NewUser::new(PASSWORD).email(EMAIL.parse().unwrap());
        let made = app.auth.engine().create_user(&operator::<UsersWrite>(), new).await;
        let anna = made.unwrap();
        let mails = app.run(&["mail", "list", "--json"]).json();
        assert_eq!(mails[0]["kind"], "email_verification");
        assert_eq!(mails[0]["user_id"], anna.id.to_string());
        let retried = app.run(&["mail", "retry", mails[0]["id"].as_str().unwrap()]);
        assert_eq!(retried.ok(), "1 mail is due at once\n");
        app.auth.advance(Duration::from_secs(60));
        assert_eq!(app.auth.mails().await.len(), 1);
    }

    async fn a_kept_one_is_used_where_it_is(db) {
        App::start(db, by_username).await.create("anna", &["user"]).await;
        let place = operators_place(db).set("DATA_DIR", "data");
        std::fs::create_dir(place.path("data")).unwrap();
        let list = || place.run(["users", "list"]);
        list().ok();
        assert_eq!(std::fs::read_dir(place.path("data")).unwrap().count(), 0);

        std::fs::write(place.path("data/secret_key"), format!("{SECRET}\n")).unwrap();
        list().ok();
        std::fs::write(place.path("data/secret_key"), "cut sho").unwrap();
        let refused = list();
        assert!(refused.failure(SETTINGS).contains("cut short"), "{refused:#?}");
    }

    async fn what_production_demands_of_servers_is_none_of_its_business(db) {
        let app = App::start(db, by_username).await;
        app.create("anna", &["user"]).await;
        let app = app.set("HOST", "0.0.0.0").set("ENVIRONMENT", "production");
        app.run(&["users", "promote", "anna", "editor"]).ok();
        app.run(&["migrate", "--status"]).ok();
        // Whether a key is good enough, the app has decided.
        let app = app.set("SECRET_KEY", "sixteen bytes ..");
        app.run(&["users", "demote", "anna", "editor"]).ok();
        // This one can't be anybody's.
        let app = app.set("SECRET_KEY", "fifteen bytes .");
        let refused = app.run(&["users", "list"]);
        assert_eq!(
            refused.failure(SETTINGS),
            "SECRET_KEY (environment): is shorter than 16 bytes, as no server's and no \
             application's is: set theirs, or leave it out"
        );
    }
}

#[tokio::test]
async fn a_server_finds_no_secrets_that_a_command_made() {
    let place = server::Installation::new().with_cheap_passwords();
    let create = ["users", "create", "--email", EMAIL];
    place.run_with_input(create, PASSWORD).ok();
    for name in ["secret_key", "first_superuser_password"] {
        assert!(!place.path(name).exists(), "{name}");
    }
    let url = format!("sqlite:{}", place.path("app.db").display());
    let database = Database::connect(&url).await.unwrap();
    let migrations = database.list_migrations().await.unwrap();
    assert!(migrations.iter().all(|it| it.applied_at.is_some()));
}
