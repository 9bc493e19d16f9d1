use http::Request;
use http::request::Parts;

use super::{Source, check_login, check_use};
use crate::allowed_origins::AllowedOrigins;

const JSON: &str = "content-type: application/json";

/// A request to `auth.example.com`, unless its headers say otherwise.
fn request(method: &str, target: &str, headers: &[&str]) -> Parts {
    let mut request = Request::builder().method(method).uri(target);
    if !headers.iter().any(|header| header.starts_with("host")) {
        request = request.header("host", "auth.example.com");
    }
    for header in headers {
        let (name, value) = header.split_once(": ").unwrap();
        request = request.header(name, value);
    }
    request.body(()).unwrap().into_parts().0
}

fn allowed() -> AllowedOrigins {
    AllowedOrigins::exact(["https://app.example.com", "http://localhost:3000"]).unwrap()
}

fn source(headers: &[&str]) -> Source {
    Source::of(&request("GET", "/", headers), &allowed())
}

#[test]
fn the_browser_tells_where_a_request_comes_from() {
    use Source::{Foreign, Person, Trusted, Untold};

    let table: &[(&[&str], Source)] = &[
        (&[], Untold),
        (&["sec-fetch-site: same-origin"], Trusted),
        // A development server that passes requests on leaves the page's own origin.
        (
            &[
                "sec-fetch-site: same-origin",
                "origin: http://localhost:5173",
            ],
            Trusted,
        ),
        (&["sec-fetch-site: none"], Person),
        (
            &["sec-fetch-site: none", "origin: https://app.example.com"],
            Person,
        ),
        (&["sec-fetch-site: same-site"], Foreign),
        (&["sec-fetch-site: cross-site"], Foreign),
        (
            &[
                "sec-fetch-site: same-site",
                "origin: https://app.example.com",
            ],
            Trusted,
        ),
        (
            &[
                "sec-fetch-site: cross-site",
                "origin: http://localhost:3000",
            ],
            Trusted,
        ),
        (
            &[
                "sec-fetch-site: same-site",
                "origin: https://blog.example.com",
            ],
            Foreign,
        ),
        (
            &[
                "sec-fetch-site: cross-site",
                "origin: https://auth.example.com",
            ],
            Foreign,
        ),
        (&["sec-fetch-site: cross-site", "origin: null"], Foreign),
        // What browsers never send.
        (&["sec-fetch-site: Same-Origin"], Foreign),
        (&["sec-fetch-site: "], Foreign),
        (&["sec-fetch-site: same-origin, cross-site"], Foreign),
        (
            &["sec-fetch-site: same-origin", "sec-fetch-site: cross-site"],
            Foreign,
        ),
        (
            &[
                "origin: https://app.example.com",
                "origin: https://app.example.com",
            ],
            Foreign,
        ),
        // Older browsers.
        (&["origin: https://app.example.com"], Trusted),
        (&["origin: https://auth.example.com"], Trusted),
        (&["origin: null"], Foreign),
        (&["origin: "], Foreign),
        (&["origin: https://evil.example"], Foreign),
        (&["origin: https://app.example.com.evil.example"], Foreign),
        (&["origin: https://auth.example.com.evil.example"], Foreign),
        (&["origin: https://app.example.com:8443"], Foreign),
        (&["origin: http://app.example.com"], Foreign),
        (&["origin: HTTPS://app.example.com"], Foreign),
        (&["origin: https://example.com"], Foreign),
    ];
    for (headers, expected) in table {
        assert_eq!(source(headers), *expected, "{headers:?}");
    }
}

#[test]
fn the_own_origin_is_the_host_with_tls_or_on_this_machine() {
    let table = [
        ("https://auth.example.com", "auth.example.com", true),
        ("https://auth.example.com", "Auth.Example.com:443", true),
        (
            "https://auth.example.com:8443",
            "auth.example.com:8443",
            true,
        ),
        ("https://auth.example.com", "auth.example.com:8443", false),
        ("https://auth.example.com:8443", "auth.example.com", false),
        ("https://auth.example.com", "auth.example.com:80", false),
        ("http://auth.example.com", "auth.example.com", false),
        ("http://localhost:8000", "localhost:8000", true),
        ("http://localhost", "localhost:80", true),
        ("http://127.0.0.1:8000", "127.0.0.1:8000", true),
        ("http://127.8.9.1", "127.8.9.1", true),
        ("http://[::1]:8000", "[::1]:8000", true),
        ("http://192.168.0.7:8000", "192.168.0.7:8000", false),
        ("http://[2001:db8::1]", "[2001:db8::1]", false),
        (
            "http://localhost.evil.example",
            "localhost.evil.example",
            false,
        ),
        (
            "http://127.0.0.1.evil.example",
            "127.0.0.1.evil.example",
            false,
        ),
        ("http://localhost:8000", "127.0.0.1:8000", false),
        ("http://localhost:3001", "localhost:8000", false),
        ("ftp://localhost", "localhost", false),
        ("null", "null", false),
        ("https://", "", false),
    ];
    for (origin, host, expected) in table {
        let headers = [format!("origin: {origin}"), format!("host: {host}")];
        let is_own = source(&headers.each_ref().map(String::as_str)) == Source::Trusted;
        assert_eq!(is_own, expected, "{origin} to {host}");
    }
}

#[test]
fn without_one_host_there_is_no_own_origin() {
    let own = "origin: https://auth.example.com";
    let twice = [own, "host: auth.example.com", "host: auth.example.com"];
    assert_eq!(source(&twice), Source::Foreign);
    // HTTP/2 has it in the target.
    let target = "https://auth.example.com/api/v1/users/me";
    let parts = request("GET", target, &[own, "host: other.example.com"]);
    assert_eq!(Source::of(&parts, &allowed()), Source::Trusted);
}

#[test]
fn every_origin_is_none_in_particular() {
    let parts = request("GET", "/", &["origin: https://app.example.com"]);
    for origins in [AllowedOrigins::Any, AllowedOrigins::None] {
        assert_eq!(Source::of(&parts, &origins), Source::Foreign);
    }
}

#[test]
fn a_cookie_speaks_for_these_requests_alone() {
    let same = "sec-fetch-site: same-origin";
    let typed = "sec-fetch-site: none";
    let foreign = "sec-fetch-site: cross-site";
    let table: &[(&str, &[&str], bool)] = &[
        ("GET", &[same], true),
        ("HEAD", &[same], true),
        ("GET", &[typed], true),
        ("GET", &[], true),
        ("HEAD", &[], true),
        ("GET", &[foreign], false),
        ("HEAD", &[foreign], false),
        ("POST", &[same, JSON], true),
        (
            "POST",
            &[same, "content-type: Application/JSON; charset=utf-8"],
            true,
        ),
        ("POST", &[typed, JSON], false),
        ("POST", &[JSON], false),
        ("POST", &[foreign, JSON], false),
        ("POST", &[same], false),
        ("POST", &[same, "content-length: 0"], false),
        ("POST", &[same, "content-type: text/plain"], false),
        (
            "POST",
            &[same, "content-type: application/x-www-form-urlencoded"],
            false,
        ),
        (
            "POST",
            &[same, "content-type: multipart/form-data; boundary=x"],
            false,
        ),
        (
            "POST",
            &[same, "content-type: text/plain; application/json"],
            false,
        ),
        ("POST", &[same, JSON, JSON], false),
        ("DELETE", &[same], true),
        ("DELETE", &[same, "content-length: 0"], true),
        ("DELETE", &[typed], false),
        ("DELETE", &[], false),
        ("DELETE", &[foreign], false),
        ("DELETE", &[same, "content-length: 2"], false),
        ("DELETE", &[same, "content-length: 2", JSON], true),
        ("PATCH", &[same, "transfer-encoding: chunked"], false),
        ("PATCH", &[same, "transfer-encoding: chunked", JSON], true),
        (
            "PUT",
            &[same, "content-length: 2", "content-type: text/plain"],
            false,
        ),
        ("OPTIONS", &[same], false),
        ("TRACE", &[], false),
        ("BREW", &[same], false),
        ("BREW", &[same, JSON], true),
    ];
    for (method, headers, expected) in table {
        let passes = check_use(&request(method, "/", headers), &allowed()).is_ok();
        assert_eq!(passes, *expected, "{method} {headers:?}");
    }
}

#[test]
fn a_login_may_come_from_a_program_but_from_no_foreign_page() {
    let table: &[(&[&str], bool)] = &[
        (&[], true),
        (&["content-type: application/x-www-form-urlencoded"], true),
        (&["sec-fetch-site: same-origin"], true),
        (&["origin: https://app.example.com"], true),
        (&["origin: https://auth.example.com"], true),
        (
            &[
                "sec-fetch-site: same-site",
                "origin: https://app.example.com",
            ],
            true,
        ),
        (&["sec-fetch-site: none"], false),
        (&["sec-fetch-site: same-site"], false),
        (&["sec-fetch-site: cross-site"], false),
        (
            &["sec-fetch-site: cross-site", "origin: https://evil.example"],
            false,
        ),
        (&["origin: https://evil.example"], false),
        (&["origin: null"], false),
    ];
    for (headers, expected) in table {
        let passes = check_login(&request("POST", "/", headers), &allowed()).is_ok();
        assert_eq!(passes, *expected, "{headers:?}");
    }
}
