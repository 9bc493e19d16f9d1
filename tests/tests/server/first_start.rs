//! A new user types one command, without any settings.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use doorward_tests::server::{ADMIN_EMAIL, Installation, Server};
use http::Method;

/// The password that the first start shows.
fn shown_password(stdout: &str) -> Option<&str> {
    let (_, rest) = stdout.split_once("password  ")?;
    Some(rest.split_once('\n')?.0.trim())
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

async fn start_and_stop(place: &Installation) -> String {
    let server = place.start();
    server.http().get("/health").await.expect(200);
    server.stop().stdout
}

#[tokio::test]
async fn without_settings_it_serves_on_this_machine_alone() {
    let place = Installation::new();
    let server = place.start();
    assert!(server.address().ip().is_loopback());
    let health = server.http().plain(Method::GET, "/health").send().await;
    assert_eq!(
        health.expect(200),
        serde_json::json!({
            "status": "healthy",
            "database": "connected",
            "version": env!("CARGO_PKG_VERSION"),
            "message": "OK",
        })
    );
    let settings = place.unset("PORT").run(["config", "--json"]).json();
    let port = settings
        .as_array()
        .unwrap()
        .iter()
        .find(|line| line["name"] == "PORT")
        .unwrap();
    assert_eq!(
        (&port["value"], &port["source"]),
        (&"8000".into(), &"default".into())
    );
}

#[tokio::test]
async fn the_first_admin_is_shown_once_and_logs_in() {
    let place = Installation::new();
    let server = place.start();
    let shown = server.wait_for_stdout(|text| shown_password(text).map(str::to_owned));
    let password = shown.unwrap();
    assert!(server.stdout().contains("e-mail    admin@example.com"));

    let admin = server.http().login(ADMIN_EMAIL, &password).await.http;
    let me = admin.get("/users/me").await.expect(200);
    assert_eq!(
        (&me["role"], &me["is_verified"]),
        (&"admin".into(), &true.into())
    );
    let first = server.stop();
    assert!(!first.stderr.contains(&password), "{first:#?}");

    let second = start_and_stop(&place).await;
    assert!(!second.contains(&password), "{second}");
    assert_eq!(shown_password(&second), None);
    assert!(second.contains("  API "), "{second}");
}

#[tokio::test]
async fn the_password_is_shown_also_where_a_command_came_first() {
    let place = Installation::new();
    let arguments = ["users", "create", "--email", "someone@example.com"];
    place.run_with_input(arguments, "correct horse").ok();
    let stdout = start_and_stop(&place).await;
    assert!(shown_password(&stdout).is_some(), "{stdout}");
}

#[tokio::test]
async fn an_admin_password_of_the_settings_is_never_shown() {
    let place = Installation::with_admin();
    let server = place.start();
    server.admin().await;
    let outcome = server.stop();
    assert!(outcome.stdout.contains("admin@example.com was made"));
    let said = format!("{}{}", outcome.stdout, outcome.stderr);
    assert!(
        !said.contains(doorward_tests::server::ADMIN_PASSWORD),
        "{said}"
    );
    assert!(!place.path("first_superuser_password").exists());
}

#[tokio::test]
async fn the_first_admin_has_a_username_where_everybody_must_have_one() {
    for (requires, chosen, username) in [("both", "", "admin"), ("username", "root.1", "root.1")] {
        let place = Installation::new()
            .set("REGISTRATION_REQUIRES", requires)
            .set("FIRST_SUPERUSER_USERNAME", chosen);
        let server = place.start();
        let shown = server.wait_for_stdout(|text| shown_password(text).map(str::to_owned));
        let admin = server.http().login(username, &shown.unwrap()).await;
        let me = admin.http.get("/users/me").await.expect(200);
        assert_eq!(me["username"], username);
    }
}

#[tokio::test]
async fn the_docs_are_where_it_says() {
    let place = Installation::new();
    let server = place.start();
    let base = format!("http://{}", server.address());
    let stdout = server.stdout();
    assert!(stdout.contains(&format!("{base}/docs")), "{stdout}");
    assert!(stdout.contains(&format!("{base}/redoc")), "{stdout}");

    for page in ["/docs", "/redoc"] {
        let answer = server.http().plain(Method::GET, page).send().await;
        assert_eq!(answer.status, 200, "{page}");
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
        let html = String::from_utf8(answer.body.to_vec()).unwrap();
        for asset in list_assets(&html) {
            load_asset(&server, &asset).await;
        }
    }
    for document in ["/openapi.json", "/api/v1/openapi.json"] {
        let answer = server.http().plain(Method::GET, document).send().await;
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.expect(200)["openapi"], "3.1.0");
    }
}

/// What a page loads by itself.
fn list_assets(html: &str) -> Vec<String> {
    let mut assets = Vec::new();
    for attribute in ["src=\"", "href=\""] {
        let values = html.split(attribute).skip(1);
        assets.extend(values.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())));
    }
    assert!(!assets.is_empty(), "{html}");
    assets
}

async fn load_asset(server: &Server, asset: &str) {
    assert!(!asset.contains("//"), "comes from elsewhere: {asset}");
    let path = if asset.starts_with('/') {
        asset.to_owned()
    } else {
        format!("/{}", asset.trim_start_matches("./"))
    };
    let answer = server.http().plain(Method::GET, &path).send().await;
    assert_eq!(answer.status, 200, "{path}");
    assert!(!answer.body.is_empty(), "{path}");
}

#[tokio::test]
async fn what_it_writes_is_its_owners_alone() {
    let place = Installation::new().set("DATABASE_URL", "sqlite:///./data/app.db");
    let server = place.start();
    server
        .http()
        .register("someone@example.com", "correct horse")
        .await;
    for entry in std::fs::read_dir(place.path("data")).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    for name in ["app.db", "secret_key", "first_superuser_password"] {
        assert!(place.path("data").join(name).is_file(), "{name}");
    }
    assert_eq!(mode(&place.path("data")), 0o700);
}

#[tokio::test]
async fn a_restart_keeps_accounts_and_sessions() {
    let place = Installation::new();
    let server = place.start();
    server
        .http()
        .register("someone@example.com", "correct horse")
        .await;
    let session = server
        .http()
        .login("someone@example.com", "correct horse")
        .await;
    server.stop();

    let server = place.start();
    let http = server.http().bearer(&session.access);
    let me = http.get("/users/me").await.expect(200);
    assert_eq!(me["email"], "someone@example.com");
    server.http().refresh(&session.refresh).await.expect(200);
    server
        .http()
        .login("someone@example.com", "correct horse")
        .await;
}

#[tokio::test]
async fn two_servers_may_share_a_folder() {
    let place = Installation::new();
    let (one, other) = (place.start(), place.start());
    one.http()
        .register("someone@example.com", "correct horse")
        .await;
    let session = other
        .http()
        .login("someone@example.com", "correct horse")
        .await;
    one.http()
        .bearer(&session.access)
        .get("/users/me")
        .await
        .expect(200);
}

#[tokio::test]
async fn a_stopped_server_leaves_one_file_to_copy() {
    let place = Installation::with_admin();
    place.start().stop();
    place
        .run(["users", "demote", ADMIN_EMAIL, "guest"])
        .failure(1);
    for remnant in ["app.db-wal", "app.db-shm"] {
        assert!(!place.path(remnant).exists(), "{remnant}");
    }
    let copy =
        Installation::with_admin().file("app.db", std::fs::read(place.path("app.db")).unwrap());
    let outcome = copy.run(["users", "show", ADMIN_EMAIL]);
    assert!(outcome.ok().contains("[admin]"), "{outcome:#?}");
}
