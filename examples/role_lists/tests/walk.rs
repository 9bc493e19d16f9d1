//! What a client of this system does, against the built program.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::{Duration, Instant};

use doorward::{
    Caller, Database, Doorward, NewUser, PasswordHash, Permitted, Reauthentication, UserChange,
    UserName,
};
use doorward_tests::databases::TestDatabase;
use doorward_tests::on_every_lasting_database;
use doorward_tests::server::client::{Answer, Http};
use doorward_tests::server::{Program, SECRET_KEY};
use doorward_tests::tokens::{claims_of, sign_hs256};
use http::Method;
use serde_json::{Value, json};

const ADMIN: (&str, &str) = ("admin@example.com", "admin123");
const USER: (&str, &str) = ("user@example.com", "user123");
const HASH: &str = "/generate-hash/?password=correct+horse";

fn program(db: &TestDatabase) -> Program {
    Program::on(env!("CARGO_BIN_EXE_example-role-lists"), db)
}

async fn try_log_in(http: &Http, (email, password): (&str, &str)) -> Answer {
    let email = email.replace('@', "%40");
    let form = format!("grant_type=password&username={email}&password={password}");
    http.post_form("/token", &form).await
}

/// A client that is logged in.
async fn log_in(http: &Http, who: (&str, &str)) -> Http {
    let told = try_log_in(http, who).await.expect(200);
    http.bearer(told["access_token"].as_str().unwrap())
}

/// The database of a program that runs, for what has no route.
async fn engine_on(db: &TestDatabase) -> Doorward {
    let database = Database::connect(db.url()).await.unwrap();
    let builder = Doorward::builder(database).secret_key(SECRET_KEY);
    builder.maintain(false).build().await.unwrap()
}

async fn deactivate(db: &TestDatabase, email: &str) {
    let engine = engine_on(db).await;
    let name = UserName::Email(email.parse().unwrap());
    let user = engine.find_user_named(&Permitted::operator(), name).await;
    let change = UserChange {
        is_active: Some(false),
        ..UserChange::default()
    };
    let (caller, proof) = (Caller::operator(), Reauthentication::default());
    let id = user.unwrap().id;
    let changed = engine.update_user(&caller, id, change, &proof).await;
    assert!(!changed.unwrap().is_active());
}

async fn move_over(engine: &Doorward, email: &str, hash: &str) {
    let moved = NewUser::with_password_hash(PasswordHash::new(hash.to_owned()))
        .email(email.parse().unwrap());
    engine
        .create_user(&Permitted::operator(), moved)
        .await
        .unwrap();
}

on_every_lasting_database! {
    async fn the_token_is_for_half_an_hour_and_says_the_address(db) {
        let app = program(db).start();
        let answer = try_log_in(&app.http(), ADMIN).await;
        assert_eq!(answer.header("cache-control"), "no-store");
        let told = answer.expect(200);
        let token = told["access_token"].as_str().unwrap();
        assert_eq!(told, json!({"access_token": token, "token_type": "bearer"}));
        let claims = claims_of(token);
        assert_eq!(claims["sub"], "admin@example.com");
        let seconds = |name: &str| claims[name].as_i64().unwrap();
        assert_eq!(seconds("exp") - seconds("iat"), 30 * 60);
        let (signed, signature) = token.rsplit_once('.').unwrap();
        assert_eq!(signature, sign_hs256(SECRET_KEY, signed));

        for who in [("admin@example.com", "wrong"), ("nobody@example.com", "wrong")] {
            let refused = try_log_in(&app.http(), who).await;
            assert_eq!(refused.header("www-authenticate"), "Bearer");
            assert_eq!(refused.expect(401)["detail"], "Incorrect username or password");
        }
    }

    async fn whoever_is_logged_in_sees_themselves_and_their_items(db) {
        let app = program(db).start();
        for path in ["/users/me/", "/users/items/", "/admin/users/"] {
            let nobody = app.http().get(path).await;
            assert_eq!(nobody.header("www-authenticate"), "Bearer");
            nobody.expect(401);
        }
        let admin = log_in(&app.http(), ADMIN).await;
        let told = admin.get("/users/me/").await.expect(200);
        assert_eq!(told, json!({
            "email": "admin@example.com",
            "full_name": "Admin User",
            "roles": ["admin", "user"],
            "disabled": false,
        }));
        let user = log_in(&app.http(), USER).await;
        let told = user.get("/users/me").await.expect(200);
        assert_eq!(told["roles"], json!(["user"]));
        let items = user.get("/users/items/").await.expect(200);
        assert_eq!(items, json!([{"item_id": "Foo", "owner": "user@example.com"}]));
    }

    async fn admins_list_and_make_accounts(db) {
        let app = program(db).start();
        let (admin, user) = (log_in(&app.http(), ADMIN).await, log_in(&app.http(), USER).await);
        let new = json!({
            "email": "newuser@example.com",
            "full_name": "New User",
            "password": "securepass123",
            "roles": ["user"],
        });
        user.post("/admin/create_user/", new.clone()).await.expect(403);
        user.get("/admin/users/").await.expect(403);
        let made = admin.post("/admin/create_user/", new.clone()).await.expect(200);
        assert_eq!(made["message"], "User created successfully");
        assert_eq!(made["user"], json!({
            "email": "newuser@example.com",
            "full_name": "New User",
            "roles": ["user"],
            "disabled": false,
        }));
        log_in(&app.http(), ("newuser@example.com", "securepass123")).await;

        let again = admin.post("/admin/create_user/", new).await.expect(409);
        assert_eq!(again["detail"], "Email already registered");
        for (member, value) in [
            ("email", json!("newuser")),
            ("full_name", Value::Null),
            ("password", json!("password")),
            ("roles", json!(["emperor"])),
        ] {
            let mut wrong = json!({
                "email": "other@example.com",
                "full_name": "Other User",
                "password": "securepass123",
                "roles": ["user"],
            });
            wrong[member] = value;
            let told = admin.post("/admin/create_user/", wrong).await.expect(422);
            assert_eq!(told["detail"][0]["loc"], json!(["body", member]));
        }
        let listed = admin.get("/admin/users/").await.expect(200);
        assert_eq!(emails(&listed), ["admin@example.com", "user@example.com", "newuser@example.com"]);
        assert_eq!(listed[2], made["user"]);
    }

    async fn moderators_are_no_admins(db) {
        let app = program(db).start();
        let admin = log_in(&app.http(), ADMIN).await;
        let new = json!({
            "email": "moderator@example.com",
            "full_name": "A Moderator",
            "password": "securepass123",
            "roles": ["moderator", "user"],
        });
        admin.post("/admin/create_user/", new).await.expect(200);
        let moderator = log_in(&app.http(), ("moderator@example.com", "securepass123")).await;
        moderator.get("/admin/users/").await.expect(403);
    }

    async fn the_list_of_accounts_is_whole_however_long(db) {
        let app = program(db).start();
        let engine = engine_on(db).await;
        let hash = engine.hash_password("securepass123".into()).await.unwrap();
        for number in 0..150 {
            move_over(&engine, &format!("user{number}@example.com"), hash.as_str()).await;
        }
        let admin = log_in(&app.http(), ADMIN).await;
        let listed = admin.get("/admin/users/").await.expect(200);
        assert_eq!(listed.as_array().unwrap().len(), 152);
        assert_eq!(emails(&listed)[151], "user149@example.com");
    }

    async fn a_deactivated_account_is_told_so(db) {
        let app = program(db).start();
        let admin = log_in(&app.http(), ADMIN).await;
        let user = log_in(&app.http(), USER).await;
        deactivate(db, USER.0).await;
        // The program hears of it a moment later.
        let deadline = Instant::now() + Duration::from_secs(60);
        while user.get("/users/me/").await.status == 200 {
            assert!(Instant::now() < deadline, "never heard of it");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        for answer in [
            user.get("/users/me/").await,
            user.get("/users/items/").await,
            user.get("/admin/users/").await,
            try_log_in(&app.http(), USER).await,
        ] {
            assert_eq!(answer.expect(400)["detail"], "Inactive user");
        }
        let listed = admin.get("/admin/users/").await.expect(200);
        assert_eq!(listed[1]["disabled"], true);
    }

    async fn hashes_are_made_for_admins(db) {
        let app = program(db).start();
        let (admin, user) = (log_in(&app.http(), ADMIN).await, log_in(&app.http(), USER).await);
        app.http().call(Method::POST, HASH).send().await.expect(401);
        user.call(Method::POST, HASH).send().await.expect(403);
        let told = admin.call(Method::POST, HASH).send().await.expect(200);
        let hash = told["hash"].as_str().unwrap();
        move_over(&engine_on(db).await, "moved@example.com", hash).await;
        log_in(&app.http(), ("moved@example.com", "correct+horse")).await;
        admin.call(Method::POST, "/generate-hash/").send().await.expect(422);
        drop(app);

        let app = program(db).set("OPEN_GENERATE_HASH", "true").start();
        app.http().call(Method::POST, HASH).send().await.expect(200);
    }

    async fn hashes_of_passlib_verify_as_they_are(db) {
        let app = program(db).start();
        let engine = engine_on(db).await;
        for (email, password, hash) in [
            (
                "pbkdf2@example.com",
                "admin123",
                "$pbkdf2-sha256$29000$grAWwvi/lxLCWGsN4bwXwg$3nqYmcQNtzJQkzoq3biRbmpYSBkXg4yfpt1cIk8mBro",
            ),
            (
                "bcrypt@example.com",
                "user1234",
                "$2b$12$Zx2R0OaoMaGN5p0M1l8WP.8OQo38WxloxlawPvao67fdFe7fpdRe2",
            ),
        ] {
            move_over(&engine, email, hash).await;
            try_log_in(&app.http(), (email, "wrong")).await.expect(401);
            let user = log_in(&app.http(), (email, password)).await;
            assert_eq!(user.get("/users/me/").await.expect(200)["email"], email);
        }
    }

    async fn the_demo_users_are_made_once(db) {
        let program = program(db);
        drop(program.start());
        deactivate(db, USER.0).await;
        let app = program.start();
        let admin = log_in(&app.http(), ADMIN).await;
        let listed = admin.get("/admin/users/").await.expect(200);
        assert_eq!(emails(&listed), ["admin@example.com", "user@example.com"]);
        // What was done to one of them in the meantime stays.
        try_log_in(&app.http(), USER).await.expect(400);
    }

    async fn the_readme_works_word_for_word(db) {
        let app = program(db).start();
        let Some(told) = app.walk(include_str!("../README.md")) else {
            return;
        };
        let answers: Vec<Value> = serde_json::Deserializer::from_str(&told)
            .into_iter()
            .collect::<Result<_, _>>()
            .unwrap();
        let [me, items, created, listed, hash]: [Value; 5] = answers.try_into().unwrap();
        assert_eq!(me["email"], "admin@example.com");
        assert_eq!(items[0]["owner"], me["email"]);
        assert_eq!(created["user"]["email"], "newuser@example.com");
        assert_eq!(listed.as_array().unwrap().len(), 3);
        assert!(hash["hash"].as_str().unwrap().starts_with("$argon2id$"));
    }

    async fn it_documents_itself(db) {
        let app = program(db).start();
        let document = app.http().get("/openapi.json").await.expect(200);
        let paths: Vec<&String> = document["paths"].as_object().unwrap().keys().collect();
        assert_eq!(paths, [
            "/admin/create_user",
            "/admin/users",
            "/generate-hash",
            "/token",
            "/users/items",
            "/users/me",
        ]);
        let flows = &document["components"]["securitySchemes"]["OAuth2PasswordBearer"]["flows"];
        assert_eq!(flows["password"]["tokenUrl"], "/token");
        for page in ["/docs", "/redoc"] {
            let page = app.http().get(page).await;
            assert_eq!(page.status, 200);
            assert!(page.header("content-type").starts_with("text/html"));
        }
    }
}

fn emails(listed: &Value) -> Vec<&str> {
    let users = listed.as_array().unwrap().iter();
    users.map(|user| user["email"].as_str().unwrap()).collect()
}
