//! What a client of this system does, against the built program.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use doorward_tests::databases::TestDatabase;
use doorward_tests::on_every_lasting_database;
use doorward_tests::server::client::{Answer, Http};
use doorward_tests::server::{Program, SECRET_KEY};
use doorward_tests::tokens::claims_of;
use serde_json::{Value, json};

const PASSWORD: &str = "correct horse battery staple";

fn program(db: &TestDatabase) -> Program {
    Program::on(env!("CARGO_BIN_EXE_example-username-accounts"), db)
}

async fn register(http: &Http, username: &str, role: &str) -> Answer {
    let body = json!({"username": username, "password": PASSWORD, "role": role});
    http.post("/register", body).await
}

/// Logs in, and answers with the access token.
async fn log_in(http: &Http, username: &str) -> String {
    let body = json!({"username": username, "password": PASSWORD});
    let told = http.post("/login", body).await.expect(200);
    told["access_token"].as_str().unwrap().to_owned()
}

on_every_lasting_database! {
    async fn who_registers_is_told_without_the_password(db) {
        let app = program(db).start();
        let anna = register(&app.http(), "anna", "user").await.expect(201);
        assert!(anna["id"].is_string());
        assert_eq!(anna, json!({"id": anna["id"], "username": "anna", "role": "user"}));

        let again = register(&app.http(), "Anna", "user").await.expect(409);
        assert_eq!(again["detail"], "Username already taken");
        let weak = json!({"username": "berta", "password": "password", "role": "user"});
        app.http().post("/register", weak).await.expect(422);
        // Which roles one may give oneself is a setting; all others are refused.
        register(&app.http(), "berta", "moderator").await.expect(403);
        let roleless = json!({"username": "berta", "password": PASSWORD});
        let berta = app.http().post("/register", roleless).await.expect(201);
        assert_eq!(berta["role"], "user");
    }

    async fn a_login_by_json_or_form_answers_with_a_token(db) {
        let app = program(db).start();
        register(&app.http(), "anna", "user").await.expect(201);
        let form = "username=anna&password=correct+horse+battery+staple";
        let json = json!({"username": "anna", "password": PASSWORD});
        for answer in [
            app.http().post_form("/login", form).await,
            app.http().post("/login", json).await,
        ] {
            assert_eq!(answer.header("cache-control"), "no-store");
            let told = answer.expect(200);
            let token = &told["access_token"];
            assert_eq!(told, json!({"access_token": token, "token_type": "bearer"}));
            let claims = claims_of(token.as_str().unwrap());
            assert_eq!(claims["sub"], "anna");
            assert_eq!(lifetime(&claims), 30 * 60);
        }
        for username in ["anna", "nobody"] {
            let wrong = json!({"username": username, "password": "wrong"});
            let refused = app.http().post("/login", wrong).await;
            assert_eq!(refused.header("www-authenticate"), "Bearer");
            assert_eq!(refused.expect(401)["detail"], "Incorrect username or password");
        }
    }

    async fn the_dashboard_is_for_admins(db) {
        let app = program(db).start();
        for name in ["user", "admin"] {
            register(&app.http(), name, name).await.expect(201);
        }
        let nobody = app.http().get("/admin-dashboard").await;
        assert_eq!(nobody.header("www-authenticate"), "Bearer");
        nobody.expect(401);
        app.http().bearer("no.such.token").get("/admin-dashboard").await.expect(401);

        let user = app.http().bearer(&log_in(&app.http(), "user").await);
        user.get("/admin-dashboard").await.expect(403);
        let admin = app.http().bearer(&log_in(&app.http(), "admin").await);
        for path in ["/admin-dashboard", "/admin-dashboard/"] {
            let told = admin.get(path).await.expect(200);
            assert_eq!(told, json!({"message": "Welcome admin"}));
        }
    }

    async fn tokens_live_as_long_as_is_set_and_outlive_a_restart(db) {
        let program = program(db)
            .set("ALGORITHM", "HS256")
            .set("ACCESS_TOKEN_EXPIRE_MINUTES", "5");
        let app = program.start();
        register(&app.http(), "anna", "admin").await.expect(201);
        let token = log_in(&app.http(), "anna").await;
        assert_eq!(lifetime(&claims_of(&token)), 5 * 60);
        drop(app);

        let app = program.start();
        app.http().bearer(&token).get("/admin-dashboard").await.expect(200);
        log_in(&app.http(), "anna").await;
    }

    async fn whoever_has_the_secret_verifies_tokens(db) {
        let app = program(db).start();
        register(&app.http(), "anna", "user").await.expect(201);
        let token = log_in(&app.http(), "anna").await;
        let (signed, signature) = token.rsplit_once('.').unwrap();
        assert_eq!(signature, doorward_tests::tokens::sign_hs256(SECRET_KEY, signed));
    }

    async fn the_readme_works_word_for_word(db) {
        let app = program(db).start();
        if let Some(told) = app.walk(include_str!("../README.md")) {
            assert!(told.ends_with(r#"{"message":"Welcome admin"}"#), "{told}");
        }
    }

    async fn what_is_set_wrong_is_told_in_a_sentence(db) {
        for (name, value, told) in [
            ("ALGORITHM", "RS256", "ALGORITHM is RS256; tokens are signed with HS256 alone"),
            ("PORT", "web", "PORT is \"web\": invalid digit found in string"),
            ("SECRET_KEY", "short", "the secret key has less than 16 bytes"),
        ] {
            let outcome = program(db).set(name, value).run::<&str>([]);
            assert_eq!(outcome.code, Some(1), "{outcome:#?}");
            assert_eq!(outcome.stderr.trim_end(), told);
        }
        let outcome = program(db).unset("SECRET_KEY").run::<&str>([]);
        assert_eq!(outcome.code, Some(1), "{outcome:#?}");
        assert!(outcome.stderr.starts_with("SECRET_KEY is missing:"), "{outcome:#?}");
    }
}

/// How many seconds a token is good for.
fn lifetime(claims: &Value) -> i64 {
    claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap()
}
