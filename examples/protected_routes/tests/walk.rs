//! What a client of this system does, and an operator, against the built program.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward::testing::{builder, operator};
use doorward::{Database, NewUser, PasswordHash, User, UsersWrite};
use doorward_tests::databases::{Kind, TestDatabase};
use doorward_tests::on_every_lasting_database;
use doorward_tests::server::client::{Answer, Http};
use doorward_tests::server::{Installation, Outcome, Program, SECRET_KEY, Server};
use doorward_tests::tokens::{claims_of, sign_hs256};
use serde_json::{Value, json};

const EMAIL: &str = "user@example.com";
const PASSWORD: &str = "secretpass123";

fn program(db: &TestDatabase) -> Program {
    Program::on(env!("CARGO_BIN_EXE_example-protected-routes"), db)
}

/// The program with one account, and that account.
async fn with_account(db: &TestDatabase) -> (Server, Value) {
    let app = program(db).start();
    let body = json!({"email": EMAIL, "password": PASSWORD, "full_name": "John Doe"});
    let account = app.http().post("/auth/register", body).await.expect(201);
    (app, account)
}

async fn try_log_in(app: &Server, password: &str) -> Answer {
    let credentials = json!({"email": EMAIL, "password": password});
    app.http().post("/auth/login", credentials).await
}

async fn log_in(app: &Server) -> (String, Http) {
    let answer = try_log_in(app, PASSWORD).await.expect(200);
    let token = answer["access_token"].as_str().unwrap().to_owned();
    let http = app.http().bearer(&token);
    (token, http)
}

/// Runs the command line as the app's operator does, who has its `DATABASE_URL` alone.
fn doorward(db: &TestDatabase, arguments: &[&str]) -> Outcome {
    let place = Installation::new().set("DATABASE_URL", db.url());
    place.run(arguments)
}

/// Waits until a route answers this: a moment after another process changed the database.
async fn eventually(http: &Http, path: &str, status: u16) -> Value {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let answer = http.get(path).await;
        if answer.status == status || Instant::now() > deadline {
            return answer.expect(status);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

on_every_lasting_database! {
    async fn anybody_is_answered_in_public(db) {
        let app = program(db).start();
        let public = app.http().get("/public").await.expect(200);
        assert!(public["message"].as_str().unwrap().contains("public"), "{public}");
        assert_eq!(app.http().get("/health").await.expect(200), json!({"message": "OK"}));
    }

    async fn whoever_registers_logs_in_and_is_let_in(db) {
        let (app, account) = with_account(db).await;
        let id = account["id"].as_str().unwrap();
        let created_at = account["created_at"].as_str().unwrap();
        assert!(created_at.ends_with('Z'), "{created_at}");
        let expected = json!({
            "id": id,
            "email": EMAIL,
            "full_name": "John Doe",
            "role": "user",
            "is_active": true,
            "created_at": created_at,
        });
        assert_eq!(account, expected);

        let login = try_log_in(&app, PASSWORD).await;
        assert_eq!(login.header("cache-control"), "no-store");
        let login = login.expect(200);
        let token = login["access_token"].as_str().unwrap();
        assert_eq!(login, json!({"access_token": token, "token_type": "bearer"}));

        let http = app.http().bearer(token);
        let seen = http.get("/protected/user").await.expect(200);
        let expected = json!({
            "message": seen["message"],
            "user_id": id,
            "user_email": EMAIL,
            "user_role": "user",
        });
        assert_eq!(seen, expected);
        let refused = http.get("/protected/admin").await.expect(403);
        assert_eq!(refused["detail"], "Insufficient privileges");
    }

    async fn the_readme_works_word_for_word(db) {
        let app = program(db).start();
        if let Some(told) = app.walk(include_str!("../README.md")) {
            assert!(told.contains("This is for users"), "{told}");
            assert!(told.contains("Insufficient privileges"), "{told}");
        }
    }

    async fn any_library_with_the_key_reads_the_tokens(db) {
        let (app, account) = with_account(db).await;
        let (token, _) = log_in(&app).await;
        let (signed, signature) = token.rsplit_once('.').unwrap();
        assert_eq!(signature, sign_hs256(SECRET_KEY, signed));
        let header = URL_SAFE_NO_PAD.decode(signed.split('.').next().unwrap()).unwrap();
        let header: Value = serde_json::from_slice(&header).unwrap();
        assert_eq!(header["alg"], "HS256");

        let claims = claims_of(&token);
        assert_eq!(claims["sub"], account["id"]);
        assert_eq!(claims["role"], "user");
        assert_eq!(lifetime(&claims), 15 * 60);
    }

    async fn tokens_live_as_long_as_is_set(db) {
        let app = program(db).set("ACCESS_TOKEN_EXPIRE_MINUTES", "5").start();
        let body = json!({"email": EMAIL, "password": PASSWORD});
        let account = app.http().post("/auth/register", body).await.expect(201);
        assert_eq!(account["full_name"], Value::Null);
        let (token, _) = log_in(&app).await;
        assert_eq!(lifetime(&claims_of(&token)), 5 * 60);
    }

    async fn no_account_is_made_twice_or_of_nonsense(db) {
        let (app, _) = with_account(db).await;
        let register = async |email: &str, password: &str| {
            let body = json!({"email": email, "password": password});
            app.http().post("/auth/register", body).await
        };
        let taken = register("USER@example.com", "another pass 456").await.expect(400);
        assert_eq!(taken["detail"], "Email already registered");
        for (email, password, field) in [
            ("not-an-address", PASSWORD, "email"),
            ("other@example.com", "short", "password"),
        ] {
            let refused = register(email, password).await.expect(422);
            assert_eq!(refused["detail"][0]["loc"], json!(["body", field]));
        }
    }

    async fn nobody_is_let_in_without_a_good_token(db) {
        let (app, _) = with_account(db).await;
        let login = try_log_in(&app, "wrong").await;
        assert_eq!(login.header("www-authenticate"), "Bearer");
        assert_eq!(login.expect(401)["detail"], "Incorrect email or password");
        let unknown = json!({"email": "nobody@example.com", "password": PASSWORD});
        let unknown = app.http().post("/auth/login", unknown).await.expect(401);
        assert_eq!(unknown["detail"], "Incorrect email or password");
        for http in [app.http(), app.http().bearer("nonsense")] {
            for path in ["/protected/user", "/protected/admin"] {
                let refused = http.get(path).await.expect(401);
                assert_eq!(refused["detail"], "Could not validate credentials");
            }
        }
    }

    async fn an_operator_makes_admins_and_deactivates(db) {
        let (app, account) = with_account(db).await;
        let (_, http) = log_in(&app).await;
        doorward(db, &["users", "promote", EMAIL, "admin"]).ok();
        let seen = eventually(&http, "/protected/admin", 200).await;
        assert!(seen["message"].as_str().unwrap().contains("admin"), "{seen}");
        assert_eq!(seen["user_id"], account["id"]);
        assert_eq!(seen["user_role"], "admin");

        // The only admin can't be: somebody must be left to manage the others.
        let other = json!({"email": "boss@example.com", "password": PASSWORD});
        app.http().post("/auth/register", other).await.expect(201);
        doorward(db, &["users", "promote", "boss@example.com", "admin"]).ok();
        doorward(db, &["users", "deactivate", EMAIL]).ok();
        let refused = eventually(&http, "/protected/user", 401).await;
        assert_eq!(refused["detail"], "Could not validate credentials");
        let login = try_log_in(&app, PASSWORD).await.expect(401);
        assert_eq!(login["detail"], "Inactive user account");
    }

    async fn accounts_are_moved_over_with_their_hashes(db) {
        let app = program(db).start();
        let moved = move_over(db).await;
        let before = read_hash(db, &moved);
        let credentials = json!({"email": EMAIL, "password": "user1234"});
        for _ in 0..2 {
            app.http().post("/auth/login", credentials.clone()).await.expect(200);
        }
        if let (Some(before), Some(after)) = (before, read_hash(db, &moved)) {
            assert_eq!(before, BCRYPT);
            assert!(after.starts_with("$argon2id$"), "{after}");
        }
    }

    async fn pages_that_are_being_developed_may_ask(db) {
        let app = program(db).start();
        let ask = async |origin: &str| {
            let call = app.http().call(http::Method::OPTIONS, "/auth/login");
            let call = call.header("origin", origin);
            let call = call.header("access-control-request-method", "POST");
            call.header("access-control-request-headers", "content-type").send().await
        };
        let allowed = ask("http://localhost:3000").await;
        assert_eq!(allowed.status, 204);
        assert_eq!(allowed.header("access-control-allow-origin"), "http://localhost:3000");
        assert_eq!(ask("https://elsewhere.example").await.status, 400);
    }

    async fn its_document_tells_of_every_route(db) {
        let app = program(db).start();
        for page in ["/docs", "/redoc"] {
            let page = app.http().get(page).await;
            assert_eq!((page.status.as_u16(), page.header("content-type")), (200, "text/html; charset=utf-8"));
        }
        let document = app.http().get("/openapi.json").await.expect(200);
        let paths: Vec<_> = document["paths"].as_object().unwrap().keys().collect();
        assert_eq!(
            paths,
            ["/auth/login", "/auth/register", "/health", "/protected/admin", "/protected/user", "/public"]
        );
        let scheme = &document["components"]["securitySchemes"]["OAuth2PasswordBearer"];
        assert_eq!(scheme["flows"]["password"]["tokenUrl"], "/auth/login");
        // The form that Swagger UI sends.
        with_form(&app).await;
    }
}

async fn with_form(app: &Server) {
    let body = json!({"email": EMAIL, "password": PASSWORD});
    app.http().post("/auth/register", body).await.expect(201);
    let form = "grant_type=password&username=user%40example.com&password=secretpass123";
    app.http().post_form("/auth/login", form).await.expect(200);
}

fn lifetime(claims: &Value) -> i64 {
    claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap()
}

/// What passlib 1.7.4 wrote of `user1234` by `bcrypt` with 12 rounds.
const BCRYPT: &str = "$2b$12$Zx2R0OaoMaGN5p0M1l8WP.8OQo38WxloxlawPvao67fdFe7fpdRe2";

/// Makes an account of what another system knew.
async fn move_over(db: &TestDatabase) -> User {
    let database = Database::connect(db.url()).await.unwrap();
    let engine = builder(database).build().await.unwrap();
    let hash = PasswordHash::new(BCRYPT.to_owned());
    let moved = NewUser::with_password_hash(hash).email(EMAIL.parse().unwrap());
    let made = engine.create_user(&operator::<UsersWrite>(), moved).await;
    made.unwrap()
}

/// The hash as it stands in the file, where there is one.
fn read_hash(db: &TestDatabase, user: &User) -> Option<String> {
    let file = db.file()?;
    let sql = "select hash from doorward_passwords where user_id = ?1";
    let database = rusqlite::Connection::open(file).unwrap();
    let read = database.query_row(sql, [user.id.as_uuid()], |row| row.get(0));
    Some(read.unwrap())
}

#[test]
fn what_is_set_wrong_is_told_in_a_sentence() {
    let db = TestDatabase::create(Kind::SqliteFile).unwrap();
    for (program, told) in [
        (
            program(&db).unset("DATABASE_URL"),
            "DATABASE_URL must be set",
        ),
        (program(&db).unset("SECRET_KEY"), "SECRET_KEY must be set"),
        (
            program(&db).set("SECRET_KEY", "short"),
            "the secret key has less than 16 bytes",
        ),
        (
            program(&db).set("PORT", "web"),
            "PORT is \"web\": invalid digit found in string",
        ),
    ] {
        let outcome = program.run::<&str>([]);
        assert_eq!(outcome.code, Some(1), "{outcome:#?}");
        assert_eq!(outcome.stderr.trim_end(), told);
    }
}
