//! Clients that do as they like on a real socket.

use doorward_tests::server::Installation;
use http::Method;
use serde_json::{Value, json};

use crate::raw::Raw;

const PASSWORD: &str = "correct horse battery";
const ME: &str = "GET /api/v1/users/me HTTP/1.1\r\nhost: server\r\n\r\n";
const LIVE: &str = "GET /health/live HTTP/1.1\r\nhost: server\r\n\r\n";

fn post(path: &str, fields: &str) -> String {
    format!(
        "POST /api/v1{path} HTTP/1.1\r\nhost: server\r\ncontent-type: application/json\r\n\
         {fields}\r\n"
    )
}

fn assert_status(head: &str, status: u16) {
    assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{head}");
}

/// A login of this many bytes.
fn large_login(length: usize) -> String {
    let body = json!({"username": "someone@example.com", "password": ""}).to_string();
    body.replace(
        r#""password":"""#,
        &format!(r#""password":"{}""#, "x".repeat(length)),
    )
}

/// As `requests` does it: everything is sent, and then the answer is read.
#[test]
fn who_sends_too_much_before_reading_still_gets_the_answer() {
    let place = Installation::new();
    let server = place.start();
    let body = large_login(5_000_000);
    for _ in 0..3 {
        let mut client = Raw::connect(server.address());
        client.send(post(
            "/auth/login",
            &format!("content-length: {}\r\n", body.len()),
        ));
        client.send(&body);
        let (head, problem) = client.read_answer();
        assert_status(&head, 413);
        assert!(head.contains("application/problem+json"), "{head}");
        assert_eq!(problem["status"], 413);
        assert!(!problem.to_string().contains("xxx"), "{problem}");
    }
}

#[test]
fn who_sends_too_much_in_chunks_gets_the_answer_as_well() {
    let place = Installation::new();
    let server = place.start();
    let mut client = Raw::connect(server.address());
    client.send(post("/auth/login", "transfer-encoding: chunked\r\n"));
    let chunk = "x".repeat(50_000);
    for _ in 0..100 {
        client.send(format!("{:x}\r\n{chunk}\r\n", chunk.len()));
    }
    client.send("0\r\n\r\n");
    let (head, problem) = client.read_answer();
    assert_status(&head, 413);
    assert_eq!(problem["status"], 413);
}

#[tokio::test]
async fn who_never_stops_sending_is_cut_off() {
    let place = Installation::new();
    let server = place.start();
    let mut client = Raw::connect(server.address());
    client.send(post("/auth/login", "content-length: 1000000000\r\n"));
    for _ in 0..64 {
        client.try_send("x".repeat(1 << 20));
    }
    client.read_to_end();
    server.http().get("/openapi.json").await.expect(200);
}

/// The refusal of somebody who may not send anything comes without the body being asked for.
#[test]
fn who_asks_first_is_told_whether_to_send() {
    let place = Installation::new();
    let server = place.start();
    let expect = "expect: 100-continue\r\n";
    for (path, length, status) in [
        ("/auth/login", 5_000_000, 413),
        ("/auth/logout", 2, 401),
        ("/no/such/path", 2, 404),
    ] {
        let mut client = Raw::connect(server.address());
        client.send(post(path, &format!("content-length: {length}\r\n{expect}")));
        let (head, problem) = client.read_answer();
        assert_status(&head, status);
        assert_eq!(problem["status"], status);
    }
    let body = json!({"username": "nobody", "password": "wrong"}).to_string();
    let mut client = Raw::connect(server.address());
    client.begin_login(&body);
    client.send(&body);
    assert_status(&client.read_answer().0, 401);
}

#[test]
fn requests_may_follow_each_other_without_waiting() {
    let place = Installation::new();
    let server = place.start();
    let mut client = Raw::connect(server.address());
    let body = json!({"username": "nobody", "password": "wrong"}).to_string();
    let login = post(
        "/auth/login",
        &format!("content-length: {}\r\n", body.len()),
    );
    client.send(format!("{LIVE}{login}{body}{ME}{LIVE}"));
    let codes: Vec<Value> = (0..4)
        .map(|_| client.read_answer().1["code"].clone())
        .collect();
    assert_eq!(
        codes,
        [
            Value::Null,
            "invalid_credentials".into(),
            "not_authenticated".into(),
            Value::Null
        ]
    );
}

#[tokio::test]
async fn garbage_ends_the_connection_and_nothing_else() {
    let place = Installation::new();
    let server = place.start();
    // A request that is fine, and then something else.
    let mut client = Raw::connect(server.address());
    client.send(format!("{LIVE}\0\x01 garbage\r\n\r\n{LIVE}"));
    assert_status(&client.read_answer().0, 200);
    let rest = client.read_to_end();
    assert_status(&rest, 400);
    assert_eq!(rest.matches("HTTP/1.1").count(), 1, "{rest}");

    for garbage in [
        // The hello of a TLS client that has the wrong port.
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET /health/live HTTP/9.9\r\n\r\n",
        b"GET /health/live\r\n\r\n",
        b"GET /he alth HTTP/1.1\r\nhost: server\r\n\r\n",
        b"GET / HTTP/1.1\r\nbad header\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: a\r\n folded: b\r\n\r\n",
        b"\r\n\r\n\r\n\r\n\0\0\0\0\0\0\0\0",
    ] {
        let mut client = Raw::connect(server.address());
        client.send(garbage);
        let said = client.read_to_end();
        assert!(said.is_empty() || said.starts_with("HTTP/1.1 4"), "{said}");
    }
    server.http().get("/openapi.json").await.expect(200);
    assert!(!server.stderr().contains("panicked"), "{}", server.stderr());
}

/// Two lengths are how requests are smuggled past a proxy.
#[test]
fn a_body_has_one_length() {
    let place = Installation::new();
    let server = place.start();
    for fields in [
        "content-length: 2\r\ncontent-length: 3\r\n",
        "content-length: 2, 3\r\n",
        "content-length: -1\r\n",
        "content-length: +2\r\n",
        "content-length: 18446744073709551617\r\n",
        "transfer-encoding: chunked, identity\r\n",
        "transfer-encoding: gzip\r\n",
    ] {
        let mut client = Raw::connect(server.address());
        client.send(format!("{}{{}}", post("/auth/login", fields)));
        let said = client.read_to_end();
        assert_status(&said, 400);
        assert_eq!(said.matches("HTTP/1.1").count(), 1, "{fields:?}: {said}");
    }
}

#[test]
fn a_head_has_bounds() {
    let place = Installation::new();
    let server = place.start();
    let long_field = format!("x-long: {}\r\n", "x".repeat(64 * 1024));
    let many_fields = "x-many: 1\r\n".repeat(2000);
    for fields in [long_field, many_fields] {
        let mut client = Raw::connect(server.address());
        client.try_send(format!(
            "GET /health/live HTTP/1.1\r\nhost: server\r\n{fields}\r\n"
        ));
        let said = client.read_to_end();
        assert_status(&said, 431);
    }
    let mut client = Raw::connect(server.address());
    client.try_send(format!(
        "GET /{} HTTP/1.1\r\nhost: server\r\n\r\n",
        "x".repeat(64 * 1024)
    ));
    let said = client.read_to_end();
    assert!(said.starts_with("HTTP/1.1 4"), "{said}");
}

#[test]
fn http_1_0_is_answered_and_closed() {
    let place = Installation::new();
    let server = place.start();
    let mut client = Raw::connect(server.address());
    client.send("GET /health HTTP/1.0\r\n\r\n");
    let said = client.read_to_end();
    assert!(
        said.starts_with("HTTP/1.0 200 ") || said.starts_with("HTTP/1.1 200 "),
        "{said}"
    );
    assert!(
        said.ends_with('}') && said.contains("\"healthy\""),
        "{said}"
    );
    assert!(!said.to_lowercase().contains("transfer-encoding"), "{said}");
}

#[test]
fn a_proxy_may_name_the_whole_address() {
    let place = Installation::new();
    let server = place.start();
    let mut client = Raw::connect(server.address());
    client.send("GET http://server/health/live HTTP/1.1\r\nhost: server\r\n\r\n");
    assert_status(&client.read_answer().0, 200);
}

/// Registers and logs in with these header fields; the address of the session.
async fn address_of_session(place: &Installation, fields: &[(&str, &str)]) -> String {
    let server = place.start();
    let http = server.http();
    http.register("someone@example.com", PASSWORD).await;
    let body = json!({"username": "someone@example.com", "password": PASSWORD});
    let mut login = http.call(Method::POST, "/auth/login").json(&body);
    login = login.header("user-agent", "A Browser/1.0");
    for (name, value) in fields {
        login = login.header(name, value);
    }
    let tokens = login.send().await.expect(200);
    let http = http.bearer(tokens["access_token"].as_str().unwrap());
    let sessions = http.get("/auth/sessions").await.expect(200);
    assert_eq!(sessions.as_array().unwrap().len(), 1);
    assert_eq!(sessions[0]["user_agent"], "A Browser/1.0");
    assert_eq!(sessions[0]["current"], true);
    sessions[0]["ip"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_clients_own_word_about_its_address_is_not_taken() {
    for (name, value) in [
        ("x-forwarded-for", "203.0.113.7"),
        ("forwarded", "for=203.0.113.7"),
        ("x-real-ip", "203.0.113.7"),
    ] {
        let place = Installation::new().with_cheap_passwords();
        assert_eq!(
            address_of_session(&place, &[(name, value)]).await,
            "127.0.0.1"
        );
        let place = place_behind("10.0.0.0/8");
        assert_eq!(
            address_of_session(&place, &[(name, value)]).await,
            "127.0.0.1"
        );
    }
}

#[tokio::test]
async fn a_trusted_proxys_word_is_taken() {
    for (name, value, address) in [
        ("x-forwarded-for", "203.0.113.7", "203.0.113.7"),
        (
            "x-forwarded-for",
            "6.6.6.6, 203.0.113.7, 127.0.0.9",
            "203.0.113.7",
        ),
        (
            "forwarded",
            "for=\"[2001:db8::7]:4711\";proto=https",
            "2001:db8::7",
        ),
        ("x-forwarded-for", "nonsense", "127.0.0.1"),
        ("x-real-ip", "203.0.113.7", "127.0.0.1"),
    ] {
        let place = place_behind("127.0.0.0/8");
        assert_eq!(
            address_of_session(&place, &[(name, value)]).await,
            address,
            "{value}"
        );
    }
}

fn place_behind(proxies: &str) -> Installation {
    Installation::new()
        .with_cheap_passwords()
        .set("TRUSTED_PROXIES", proxies)
}
