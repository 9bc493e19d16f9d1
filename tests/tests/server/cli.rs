//! The command line: accounts, migrations and the document, also beside a running server.

use std::time::{Duration, Instant};

use doorward::Database;
use doorward_tests::server::client::{Answer, Http};
use doorward_tests::server::{ADMIN_EMAIL, Installation, Outcome};
use serde_json::{Value, json};

const EMAIL: &str = "anna@example.com";
const USERNAME: &str = "anna";
const PASSWORD: &str = "correct horse battery";

const REFUSED: i32 = 1;
const USAGE: i32 = 2;
const DATABASE: i32 = 4;
const NOT_FOUND: i32 = 5;

fn installation() -> Installation {
    Installation::with_admin().with_cheap_passwords()
}

/// Makes Anna's account on the command line.
fn create(place: &Installation) -> Value {
    let arguments = [
        "users",
        "create",
        "--email",
        EMAIL,
        "--username",
        USERNAME,
        "--full-name",
        "Anna Kowalska",
        "--role",
        "user",
        "--role",
        "moderator",
        "--verified",
        "--json",
    ];
    place
        .run_with_input(arguments, &format!("{PASSWORD}\n"))
        .json()
}

fn show(place: &Installation, who: &str) -> Value {
    place.run(["users", "show", who, "--json"]).json()
}

/// The names by which Anna can be called.
fn names(user: &Value) -> [String; 3] {
    let id = user["id"].as_str().unwrap().to_owned();
    [EMAIL.to_owned(), USERNAME.to_owned(), id]
}

#[tokio::test]
async fn an_account_is_made_and_logs_in() {
    let place = installation();
    let user = create(&place);
    assert_eq!(
        (&user["email"], &user["username"]),
        (&EMAIL.into(), &USERNAME.into())
    );
    assert_eq!(user["roles"], json!(["moderator", "user"]));
    assert_eq!(
        (&user["is_active"], &user["is_verified"]),
        (&true.into(), &true.into())
    );
    assert_eq!(user["full_name"], "Anna Kowalska");

    let server = place.start();
    let session = server.http().login(USERNAME, PASSWORD).await;
    let me = session.http.get("/users/me").await.expect(200);
    assert_eq!((&me["id"], &me["email"]), (&user["id"], &user["email"]));
}

#[test]
fn who_is_an_address_a_username_or_an_id() {
    let place = installation();
    let user = create(&place);
    for who in names(&user).iter().chain([&"ANNA@Example.COM".to_owned()]) {
        assert_eq!(show(&place, who)["id"], user["id"], "{who}");
    }
    let line = place.run(["users", "show", USERNAME]);
    for part in [
        EMAIL,
        USERNAME,
        "Anna Kowalska",
        "moderator",
        "active, verified",
    ] {
        assert!(line.ok().contains(part), "{line:#?}");
    }
}

#[test]
fn roles_come_and_go() {
    let place = installation();
    // One admin more, who stays.
    place.start().stop();
    let user = create(&place);
    for who in names(&user) {
        let promoted = place
            .run(["users", "promote", &who, "admin", "--json"])
            .json();
        assert_eq!(promoted["roles"], json!(["admin", "moderator", "user"]));
        // Once more is no failure: it is so.
        place.run(["users", "promote", &who, "admin"]).ok();
        let demoted = place
            .run(["users", "demote", &who, "admin", "--json"])
            .json();
        assert_eq!(demoted["roles"], json!(["moderator", "user"]));
    }
    let failed = place.run(["users", "demote", USERNAME, "admin"]);
    assert_eq!(
        failed.failure(REFUSED),
        "the account does not have the role admin"
    );
    let failed = place.run(["users", "promote", USERNAME, "emperor"]);
    assert!(
        failed.failure(REFUSED).contains("no such role"),
        "{failed:#?}"
    );
    let failed = place.run(["users", "promote", USERNAME, "Not A Role"]);
    assert!(failed.failure(USAGE).starts_with("ROLE: "), "{failed:#?}");
}

#[tokio::test]
async fn the_last_admin_stays() {
    let place = installation();
    place.start().stop();
    for arguments in [
        &["users", "demote", ADMIN_EMAIL, "admin"][..],
        &["users", "deactivate", ADMIN_EMAIL],
        &["users", "delete", ADMIN_EMAIL, "--yes"],
    ] {
        let failed = place.run(arguments);
        assert!(
            failed.failure(REFUSED).contains("last active admin"),
            "{failed:#?}"
        );
    }
    assert_eq!(show(&place, ADMIN_EMAIL)["role"], "admin");
}

#[test]
fn accounts_are_listed_and_found() {
    let place = installation();
    let anna = create(&place);
    for number in 0..12 {
        let email = format!("guest-{number:02}@example.com");
        let arguments = ["users", "create", "--role", "guest", "--email", &email];
        place.run_with_input(arguments, PASSWORD).ok();
    }
    place
        .run(["users", "deactivate", "guest-03@example.com"])
        .ok();
    let list = |arguments: &[&str]| -> Vec<String> {
        let listed = place
            .run(["users", "list", "--json"].iter().chain(arguments))
            .json();
        let emails = listed.as_array().unwrap().iter();
        emails
            .map(|user| user["email"].as_str().unwrap().to_owned())
            .collect()
    };
    let all = list(&[]);
    assert_eq!((all.len(), all[0].as_str()), (13, EMAIL));
    assert_eq!(all[12], "guest-11@example.com");
    assert_eq!(list(&["--role", "moderator"]), [EMAIL]);
    assert_eq!(list(&["--search", "kowal"]), [EMAIL]);
    assert_eq!(list(&["--active", "false"]), ["guest-03@example.com"]);
    assert_eq!(list(&["--limit", "2"]).len(), 2);
    assert!(list(&["--limit", "0"]).is_empty());

    let printed = place.run(["users", "list", "--limit", "5"]);
    assert_eq!(printed.ok().lines().count(), 5);
    assert!(
        printed.stdout.starts_with(anna["id"].as_str().unwrap()),
        "{printed:#?}"
    );
    assert!(printed.stderr.contains("there are more"), "{printed:#?}");
}

#[tokio::test]
async fn passwords_come_from_standard_input() {
    let place = installation();
    let user = create(&place);
    // Passwords may begin and end with spaces, and hold anything but a line break.
    for (who, input, password) in [
        (EMAIL, "  spaces around  \n", "  spaces around  "),
        (USERNAME, "zażółć gęślą jaźń\r\n", "zażółć gęślą jaźń"),
        (
            user["id"].as_str().unwrap(),
            "without a line break",
            "without a line break",
        ),
    ] {
        place
            .run_with_input(["users", "set-password", who], input)
            .ok();
        let server = place.start();
        server.http().login(USERNAME, password).await;
        server.stop();
    }
}

#[test]
fn passwords_that_are_no_good_are_refused() {
    let place = installation();
    create(&place);
    for (input, code, reason) in [
        ("", USAGE, "standard input holds no password"),
        ("\n", USAGE, "standard input holds no password"),
        ("short\n", REFUSED, "at least 8 characters"),
        ("password123\n", REFUSED, "common"),
    ] {
        let failed = place.run_with_input(["users", "set-password", EMAIL], input);
        let message = failed.failure(code);
        assert!(message.contains(reason), "{failed:#?}");
        assert!(
            input.trim().is_empty() || !message.contains(input.trim()),
            "{failed:#?}"
        );
    }
    let long = "x".repeat(1025);
    let failed = place.run_with_input(["users", "set-password", EMAIL], &long);
    failed.failure(REFUSED);
}

#[test]
fn a_password_is_never_an_argument() {
    let place = installation();
    for arguments in [
        &["users", "create", "--email", EMAIL, "--password", PASSWORD][..],
        &["users", "set-password", EMAIL, PASSWORD],
    ] {
        place.run_with_input(arguments, PASSWORD).failure(USAGE);
    }
}

#[test]
fn what_is_taken_or_malformed_is_refused() {
    let place = installation();
    create(&place);
    let create = |arguments: &[&str]| {
        let arguments = ["users", "create"].iter().chain(arguments);
        place.run_with_input(arguments, PASSWORD)
    };
    for (arguments, code, reason) in [
        (&["--email", "ANNA@example.com"][..], REFUSED, "taken"),
        (
            &["--email", "b@example.com", "--username", "Anna"],
            REFUSED,
            "taken",
        ),
        (&["--email", "not-an-address"], USAGE, "--email: "),
        (
            &["--email", "b@example.com", "--username", "a b"],
            USAGE,
            "--username: ",
        ),
        (
            &["--email", "b@example.com", "--role", "emperor"],
            REFUSED,
            "role",
        ),
    ] {
        let failed = create(arguments);
        assert!(failed.failure(code).contains(reason), "{failed:#?}");
    }
    assert_eq!(
        place
            .run(["users", "list", "--json"])
            .json()
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn who_makes_an_account_is_told_first_that_it_needs_a_name() {
    let place = installation();
    // No password on standard input: it is not asked for before the rest is right.
    let failed = place.run(["users", "create", "--full-name", "Nobody"]);
    let said = failed.failure(USAGE);
    assert!(said.contains("--email"), "{failed:#?}");
    let failed = place.run(["users", "create", "--username", USERNAME]);
    assert!(
        failed.failure(USAGE).starts_with("--email: "),
        "{failed:#?}"
    );
    assert_eq!(std::fs::read_dir(place.folder()).unwrap().count(), 0);
}

#[test]
fn nobody_is_found_who_is_not_there() {
    let place = installation();
    create(&place);
    for who in [
        "bob",
        "bob@example.com",
        "01890000-0000-7000-8000-000000000000",
    ] {
        for arguments in [
            &["users", "show", who][..],
            &["users", "promote", who, "admin"],
            &["users", "demote", who, "admin"],
            &["users", "activate", who],
            &["users", "deactivate", who],
            &["users", "delete", who, "--yes"],
        ] {
            let failed = place.run(arguments);
            assert_eq!(failed.failure(NOT_FOUND), "there is no such account");
        }
        place
            .run_with_input(["users", "set-password", who], PASSWORD)
            .failure(NOT_FOUND);
    }
    place
        .run(["users", "show", "no name at all"])
        .failure(USAGE);
}

#[test]
fn who_looks_in_the_wrong_folder_is_told_and_leaves_nothing_there() {
    let place = installation();
    for arguments in [
        &["users", "list"][..],
        &["users", "show", EMAIL],
        &["users", "promote", EMAIL, "admin"],
        &["users", "delete", EMAIL, "--yes"],
    ] {
        let failed = place.run(arguments);
        assert!(
            failed.failure(DATABASE).contains("app.db yet"),
            "{failed:#?}"
        );
    }
    assert_eq!(std::fs::read_dir(place.folder()).unwrap().count(), 0);
}

#[test]
fn deletion_wants_to_be_meant() {
    let place = installation();
    create(&place);
    let failed = place.run(["users", "delete", EMAIL]);
    assert!(failed.failure(USAGE).contains("--yes"), "{failed:#?}");
    show(&place, EMAIL);
    place.run(["users", "delete", EMAIL, "--yes"]).ok();
    place.run(["users", "show", EMAIL]).failure(NOT_FOUND);
}

/// What a command beside the server changed is seen by it within a second; asked until it is.
async fn eventually(mut ask: impl AsyncFnMut() -> Answer, status: u16) -> Value {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let answer = ask().await;
        if answer.status == status {
            return answer.expect(status);
        }
        assert!(Instant::now() < deadline, "still {answer:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_running_server_hears_of_a_deactivation() {
    let place = installation();
    create(&place);
    let server = place.start();
    let session = server.http().login(EMAIL, PASSWORD).await;
    session.http.get("/users/me").await.expect(200);

    place.run(["users", "deactivate", EMAIL]).ok();
    eventually(async || session.http.get("/users/me").await, 401).await;
    server.http().refresh(&session.refresh).await.expect(401);
    let login = json!({"username": EMAIL, "password": PASSWORD});
    let refused = server.http().post("/auth/login", login).await;
    assert_eq!(refused.expect(403)["detail"], "Inactive user");

    // Back again, but the sessions from before are over.
    place.run(["users", "activate", EMAIL]).ok();
    let login = || json!({"username": EMAIL, "password": PASSWORD});
    eventually(
        async || server.http().post("/auth/login", login()).await,
        200,
    )
    .await;
    session.http.get("/users/me").await.expect(401);
}

#[tokio::test]
async fn a_running_server_hears_of_other_roles() {
    let place = installation();
    create(&place);
    let server = place.start();
    let http = server.http().login(EMAIL, PASSWORD).await.http;
    http.get("/users").await.expect(200);
    place.run(["users", "demote", EMAIL, "moderator"]).ok();
    eventually(async || http.get("/users").await, 403).await;
    place.run(["users", "promote", EMAIL, "admin"]).ok();
    eventually(async || http.get("/users/stats/count").await, 200).await;
}

#[tokio::test]
async fn a_running_server_hears_of_a_new_password_and_of_a_deletion() {
    let place = installation();
    create(&place);
    let server = place.start();
    let old = server.http().login(EMAIL, PASSWORD).await;
    old.http.get("/users/me").await.expect(200);
    place
        .run_with_input(["users", "set-password", EMAIL], "another password")
        .ok();
    eventually(async || old.http.get("/users/me").await, 401).await;
    server.http().refresh(&old.refresh).await.expect(401);

    let new = server.http().login(EMAIL, "another password").await;
    new.http.get("/users/me").await.expect(200);
    place.run(["users", "delete", EMAIL, "--yes"]).ok();
    eventually(async || new.http.get("/users/me").await, 401).await;
}

#[tokio::test]
async fn commands_beside_a_server_are_in_its_audit_trail() {
    let place = installation();
    let user = create(&place);
    let server = place.start();
    place.run(["users", "deactivate", EMAIL]).ok();
    let admin: Http = server.admin().await;
    let events = admin.get("/audit-events?limit=100").await.expect(200);
    let id = &user["id"];
    let events = events.as_array().unwrap();
    assert!(
        events
            .iter()
            .any(|event| event.to_string().contains(&id.to_string())),
        "{events:#?}"
    );
}

#[test]
fn migrations_are_told_and_applied() {
    let place = installation();
    let status = |arguments: &[&str]| {
        place
            .run(["migrate", "--json"].iter().chain(arguments))
            .json()
    };
    let pending = status(&["--status"]);
    assert_eq!(
        (&pending[0]["version"], &pending[0]["applied_at"]),
        (&1.into(), &Value::Null)
    );
    let printed = place.run(["migrate", "--status"]);
    assert!(printed.ok().contains("pending"), "{printed:#?}");

    let first = status(&["--to", "1"]);
    assert!(first[0]["applied_at"].is_string(), "{first}");
    let all = status(&[]);
    assert_eq!(all[0], first[0], "nothing is applied twice");
    let last = all.as_array().unwrap().last().unwrap();
    assert!(last["applied_at"].is_string(), "{all}");
    assert_eq!(status(&["--status"]), all);

    let failed = place.run(["migrate", "--to", "999"]);
    assert!(failed.failure(USAGE).contains("999"), "{failed:#?}");
    place
        .run(["migrate", "--to", "1", "--status"])
        .failure(USAGE);
    place.run(["migrate", "--to", "one"]).failure(USAGE);
}

#[tokio::test]
async fn the_library_means_the_same_file_by_a_url() {
    let folder = installation();
    let url = format!("sqlite:///{}", folder.path("other.db").display());
    let place = folder.set("DATABASE_URL", &url);
    let told = place.run(["migrate", "--json"]).json();
    let database = Database::connect(&url).await.unwrap();
    let migrations = database.list_migrations().await.unwrap();
    assert_eq!(told.as_array().unwrap().len(), migrations.len());
    assert!(migrations.iter().all(|it| it.applied_at.is_some()));
}

#[tokio::test]
async fn the_document_is_the_one_that_is_served() {
    let place = installation().set("PROJECT_NAME", "Our Service");
    let printed = place.run(["openapi"]).json();
    let server = place.start();
    let served = server.http().get("/openapi.json").await.expect(200);
    assert_eq!(printed, served);
    assert_eq!(printed["info"]["title"], "Our Service");
    // What can be printed without a database makes none.
    assert!(!installation().path("app.db").exists());
}

/// Every command, as its path.
const COMMANDS: &[&[&str]] = &[
    &[],
    &["serve"],
    &["migrate"],
    &["users"],
    &["users", "create"],
    &["users", "list"],
    &["users", "show"],
    &["users", "promote"],
    &["users", "demote"],
    &["users", "set-password"],
    &["users", "activate"],
    &["users", "deactivate"],
    &["users", "delete"],
    &["config"],
    &["openapi"],
];

#[test]
fn everything_has_help_and_takes_no_settings_for_it() {
    let place = Installation::new().set("PORT", "not a port");
    for command in COMMANDS {
        let help: Outcome = place.run(command.iter().chain(&["--help"]));
        let text = help.ok();
        let name = ["doorward"]
            .iter()
            .chain(*command)
            .copied()
            .collect::<Vec<_>>()
            .join(" ");
        assert!(text.contains(&format!("Usage: {name}")), "{text}");
        for (number, line) in text.lines().enumerate() {
            assert!(line.chars().count() <= 100, "{name}, line {number}: {line}");
        }
    }
    let version = place.run(["--version"]);
    assert_eq!(
        version.ok(),
        format!("doorward {}\n", env!("CARGO_PKG_VERSION"))
    );
    assert_eq!(std::fs::read_dir(place.folder()).unwrap().count(), 0);
}

#[test]
fn wrong_usage_has_a_code_of_its_own() {
    let place = Installation::new();
    for arguments in [
        &["fly"][..],
        &["users"],
        &["users", "promote", EMAIL],
        &["users", "show"],
        &["serve", "--fast"],
        &["users", "list", "--limit", "many"],
    ] {
        let failed = place.run(arguments);
        assert_eq!(failed.code, Some(USAGE), "{arguments:?}: {failed:#?}");
        assert!(failed.stdout.is_empty(), "{failed:#?}");
        assert!(failed.stderr.contains("--help"), "{failed:#?}");
    }
}

/// `doorward users list | head -1` ends quietly.
#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let place = installation();
    create(&place);
    let process = place.spawn_unread(["users", "list"]);
    let outcome = process.wait();
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    assert!(!outcome.stderr.contains("panicked"), "{outcome:#?}");
}
