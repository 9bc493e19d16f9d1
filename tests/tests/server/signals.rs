//! SIGTERM and Ctrl-C: the first drains, the second stops at once.

use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use doorward_tests::server::{Installation, Process, Server};
use serde_json::json;

use crate::raw::Raw;

const EMAIL: &str = "someone@example.com";
const PASSWORD: &str = "correct horse";

/// What asks a server to end.
const SIGNALS: [fn(&Process); 2] = [Process::terminate, Process::interrupt];

fn login_body() -> String {
    json!({"username": EMAIL, "password": PASSWORD}).to_string()
}

async fn start_with_an_account(place: &Installation) -> Server {
    let server = place.start();
    server.http().register(EMAIL, PASSWORD).await;
    server
}

/// Waits until nobody listens there any more.
fn wait_until_refused(server: &Server) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while TcpStream::connect(server.address()).is_ok() {
        assert!(Instant::now() < deadline, "{server:#?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Ended by itself, with nobody cut off.
fn assert_drained(server: Server) {
    let outcome = server.wait();
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    assert!(!outcome.stderr.contains("cut off"), "{outcome:#?}");
    assert!(!outcome.stderr.contains("panicked"), "{outcome:#?}");
}

#[tokio::test]
async fn a_request_that_is_under_way_is_answered() {
    for signal in SIGNALS {
        let place = Installation::new();
        let server = start_with_an_account(&place).await;
        let mut slow = Raw::connect(server.address());
        let body = login_body();
        slow.begin_login(&body);
        slow.send(&body[..10]);

        signal(&server);
        wait_until_refused(&server);
        slow.send(&body[10..]);
        let (head, tokens) = slow.read_answer();
        assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
        assert!(tokens["access_token"].is_string(), "{tokens}");
        assert_eq!(slow.read_to_end(), "", "the connection is closed");
        assert_drained(server);
    }
}

#[tokio::test]
async fn logins_that_are_being_hashed_are_answered() {
    let place = Installation::new().set("PASSWORD_HASH_ITERATIONS", "20");
    let server = start_with_an_account(&place).await;
    let body = login_body();
    let mut logins: Vec<Raw> = (0..4).map(|_| Raw::connect(server.address())).collect();
    for login in &mut logins {
        login.begin_login(&body);
    }
    for login in &mut logins {
        login.send(&body);
    }
    server.terminate();
    let mut refresh_tokens = Vec::new();
    for login in &mut logins {
        let (head, tokens) = login.read_answer();
        assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
        refresh_tokens.push(tokens["refresh_token"].as_str().unwrap().to_owned());
    }
    assert_drained(server);

    // What was answered is stored.
    let server = place.start();
    for token in refresh_tokens {
        server.http().refresh(&token).await.expect(200);
    }
}

#[tokio::test]
async fn connections_without_a_request_hold_nobody_up() {
    for signal in SIGNALS {
        let place = Installation::new();
        let server = place.start();
        // Browsers open connections to have them at hand.
        let mut silent = Raw::connect(server.address());
        let mut idle = Raw::connect(server.address());
        idle.send("GET /health/live HTTP/1.1\r\nhost: server\r\n\r\n");
        assert!(idle.read_answer().0.starts_with("HTTP/1.1 200 "));
        let mut halting = Raw::connect(server.address());
        halting.send("GET /health/live HTTP/1.1\r\nhost: ser");
        // The one that came last was accepted: so were the others.
        server.http().get("/health").await.expect(200);

        signal(&server);
        assert_eq!(idle.read_to_end(), "");
        assert_eq!(silent.read_to_end(), "");
        assert_eq!(halting.read_to_end(), "");
        assert_drained(server);
    }
}

#[tokio::test]
async fn a_second_signal_stops_at_once() {
    for first in SIGNALS {
        for second in SIGNALS {
            let place = Installation::new();
            let server = start_with_an_account(&place).await;
            let mut stalled = Raw::connect(server.address());
            stalled.begin_login(&login_body());

            first(&server);
            server.wait_for_stderr("a second signal stops at once");
            wait_until_refused(&server);
            second(&server);
            let outcome = server.wait();
            assert_eq!(outcome.code, Some(1), "{outcome:#?}");
            let last = outcome.stderr.lines().last().unwrap();
            assert_eq!(last, "doorward: stopped by the second signal");
            assert_eq!(stalled.read_to_end(), "");
        }
    }
}

#[test]
fn a_server_that_still_starts_stops_too() {
    for signal in SIGNALS {
        // The system accepts for it; nobody ever reads.
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("postgresql://someone@{}/name", silent.local_addr().unwrap());
        let place = Installation::new().set("DATABASE_URL", url);
        let process = place.spawn(["serve"]);
        // It listens for signals before it says anything.
        process.wait_for_stderr("development");
        signal(&process);
        let outcome = process.wait();
        assert_eq!(outcome.code, Some(0), "{outcome:#?}");
        assert!(
            outcome.stderr.contains("stopped before it served"),
            "{outcome:#?}"
        );
        assert_eq!(outcome.stdout, "");
    }
}
