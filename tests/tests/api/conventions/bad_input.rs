//! Whatever is sent to whichever operation: it is refused with a problem, or does what is
//! documented; nothing fails, and what is refused changes nothing.

use std::fmt::Write as _;

use doorward_tests::http::{Answer, Call, Client};
use serde_json::Value;

use crate::operations::{Body, SAMPLES, Sample};
use crate::world::World;

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// It is refused with this status.
    Refused(u16),
    /// It is refused with a status of 4xx.
    RefusedSomehow,
    /// It is refused, or answered as documented.
    Either,
}

/// One operation in a world, and the state that refusals must leave.
struct Probe {
    sample: Sample,
    world: World,
    client: Client,
    before: Vec<String>,
}

impl Probe {
    async fn new(sample: Sample) -> Self {
        let world = World::new().await;
        // Asked for nothing, a token is not sent: what it could mask would be missed.
        let needs_token = sample.needs_token(world.api.contract());
        let mut client = world.actor("admin").await;
        if !needs_token {
            client.access_token = None;
        }
        Self {
            before: world.dump(),
            sample,
            client,
            world,
        }
    }

    /// The request with its parameter and without its body.
    fn bare(&self) -> Call {
        self.sample.bare(&self.client, &self.parameter())
    }

    fn parameter(&self) -> String {
        match self.client.access_token {
            Some(_) => self.sample.parameter(&self.world, &self.client),
            None => self.world.target.id.clone(),
        }
    }

    fn body(&self) -> Value {
        match self.sample.body {
            Body::Json(body) => body(&self.client),
            _ => Value::Null,
        }
    }

    async fn send(&mut self, what: &str, call: Call, fate: Fate) {
        let answer = call.await;
        let status = answer.status;
        let name = format!("{} with {what}: {}", self.sample.name(), cut(&answer));
        match fate {
            Fate::Refused(expected) => assert_eq!(status, expected, "{name}"),
            Fate::RefusedSomehow => assert!((400..500).contains(&status), "{name}"),
            Fate::Either => assert!((200..500).contains(&status), "{name}"),
        }
        if status < 400 {
            if self.sample.method != "GET" {
                *self = Self::new(self.sample).await;
            }
            return;
        }
        let after = self.world.dump();
        assert!(after == self.before, "{name}: the state changed");
    }
}

fn cut(answer: &Answer) -> String {
    answer.to_string().chars().take(300).collect()
}

fn samples(takes: impl Fn(&Sample) -> bool) -> impl Iterator<Item = Sample> {
    SAMPLES.iter().copied().filter(move |sample| takes(sample))
}

fn takes_json(sample: &Sample) -> bool {
    matches!(sample.body, Body::Json(_))
}

/// The object as text, with one member's value replaced by `text`, which need not be JSON.
fn with_member(body: &Value, name: &str, text: &str) -> String {
    let mut object = String::from("{");
    for (member, value) in body.as_object().unwrap() {
        let value = if member == name {
            text.to_owned()
        } else {
            value.to_string()
        };
        write!(object, "{}:{value},", Value::from(member.as_str())).unwrap();
    }
    object.truncate(object.len() - 1);
    object + "}"
}

/// Values that no field can take.
const IMPOSSIBLE: [(&str, &str); 9] = [
    ("an object", "{}"),
    ("an object in it", "{\"a\":{\"b\":[1,null]}}"),
    ("a fraction", "1.5"),
    ("a huge number", "1e308"),
    ("a number beyond 64 bits", "18446744073709551616"),
    ("an endless number", "1e999"),
    ("a lone surrogate", "\"\\ud800\""),
    ("a NUL", "\"a\\u0000b\""),
    ("lists in lists", "[[[]]]"),
];

/// Values that some fields can take.
const DOUBTFUL: [(&str, &str); 13] = [
    ("null", "null"),
    ("a boolean", "false"),
    ("a number", "0"),
    ("a negative number", "-1"),
    ("2^63", "9223372036854775808"),
    ("an empty text", "\"\""),
    ("white space", "\" \\t \""),
    ("a line break", "\"a\\r\\nb\""),
    ("marks that turn the text", "\"\\u202eabc\\u2066\""),
    (
        "a text of SQL",
        "\"' or 1=1; drop table doorward_users; --\"",
    ),
    ("a text of markup", "\"<script>alert(1)</script>\""),
    ("an empty list", "[]"),
    ("a list of one text", "[\"x\"]"),
];

#[tokio::test]
async fn every_field_holds_against_every_value() {
    for sample in samples(takes_json) {
        let mut probe = Probe::new(sample).await;
        let names: Vec<String> = probe.body().as_object().unwrap().keys().cloned().collect();
        for name in names {
            let long = format!("\"{}\"", "x".repeat(60_000));
            let impossible = IMPOSSIBLE.map(|(what, text)| (what, text, Fate::Refused(422)));
            let doubtful = DOUBTFUL.map(|(what, text)| (what, text, Fate::Either));
            let long = [("a long text", long.as_str(), Fate::RefusedSomehow)];
            for (what, text, fate) in impossible.into_iter().chain(doubtful).chain(long) {
                // A token or a logout's leftover may be of any length.
                let fate = match fate {
                    Fate::RefusedSomehow if sample.path.ends_with("/logout") => Fate::Either,
                    fate => fate,
                };
                let body = with_member(&probe.body(), &name, text);
                let call = probe.bare().body("application/json", body);
                probe.send(&format!("{name} as {what}"), call, fate).await;
            }
        }
    }
}

#[tokio::test]
async fn every_field_may_be_left_out_or_sent_once() {
    for sample in samples(takes_json) {
        let mut probe = Probe::new(sample).await;
        let names: Vec<String> = probe.body().as_object().unwrap().keys().cloned().collect();
        for name in names {
            let twice = format!("{0},\"{name}\":{0}", probe.body()[&name]);
            let body = with_member(&probe.body(), &name, &twice);
            let call = probe.bare().body("application/json", body);
            let what = format!("{name} twice");
            probe.send(&what, call, Fate::Refused(422)).await;

            let mut body = probe.body();
            body.as_object_mut().unwrap().remove(&name);
            let call = probe.bare().json(&body);
            let what = format!("{name} left out");
            probe.send(&what, call, Fate::Either).await;
        }
    }
}

#[tokio::test]
async fn what_is_no_object_is_refused() {
    let deep = |open: &str, close: &str| open.repeat(10_000) + &close.repeat(10_000);
    let bodies: Vec<(&str, Vec<u8>)> = vec![
        ("a list", b"[]".to_vec()),
        ("a text", b"\"x\"".to_vec()),
        ("a number", b"1".to_vec()),
        ("half an object", b"{".to_vec()),
        ("no quotes", b"{a:1}".to_vec()),
        ("single quotes", b"{'a':1}".to_vec()),
        ("a trailing comma", b"{\"a\":1,}".to_vec()),
        ("a comment", b"{}//".to_vec()),
        ("two objects", b"{}{}".to_vec()),
        ("NaN", b"{\"a\":NaN}".to_vec()),
        ("an endless number", b"{\"a\":1e999}".to_vec()),
        ("a raw NUL", b"{\"a\":\"\0\"}".to_vec()),
        ("broken UTF-8", b"{\"a\":\"\xff\"}".to_vec()),
        ("a surrogate in UTF-8", b"{\"a\":\"\xed\xa0\x80\"}".to_vec()),
        ("UTF-16", b"\xff\xfe{\0}\0".to_vec()),
        ("a form", b"a=b".to_vec()),
        ("lists, 10,000 deep", deep("[", "]").into_bytes()),
        ("objects, 10,000 deep", deep("{\"a\":", "}").into_bytes()),
        ("open lists, 60,000 deep", "[".repeat(60_000).into_bytes()),
        (
            "a known member of which one is 10,000 deep",
            format!("{{\"email\":{}}}", deep("[", "]")).into_bytes(),
        ),
        (
            "the same unknown member twice",
            b"{\"zzz\":1,\"zzz\":1}".to_vec(),
        ),
        (
            "a member twice in depth",
            b"{\"zzz\":[{\"a\":1,\"a\":2}]}".to_vec(),
        ),
    ];
    for sample in samples(takes_json) {
        let mut probe = Probe::new(sample).await;
        for (what, body) in &bodies {
            let call = probe.bare().body("application/json", body.clone());
            probe.send(what, call, Fate::Refused(422)).await;
        }
    }
}

#[tokio::test]
async fn an_empty_body_is_no_object_unless_it_may_be_left_out() {
    for sample in samples(takes_json) {
        let mut probe = Probe::new(sample).await;
        let optional = sample.path.ends_with("/logout") || sample.method == "DELETE";
        let fate = if optional {
            Fate::Either
        } else {
            Fate::Refused(422)
        };
        for body in ["", "null"] {
            let call = probe.bare().body("application/json", body);
            probe.send(&format!("{body:?}"), call, fate).await;
        }
    }
}

#[tokio::test]
async fn what_is_too_large_is_refused() {
    for sample in samples(|sample| !matches!(sample.body, Body::None)) {
        let mut probe = Probe::new(sample).await;
        for length in [64 * 1024 + 1, 5 * 1024 * 1024] {
            let media_type = match sample.body {
                Body::Form(_) => "application/x-www-form-urlencoded",
                _ => "application/json",
            };
            let body = vec![b' '; length];
            let call = probe.bare().body(media_type, body);
            let what = format!("{length} bytes");
            probe.send(&what, call, Fate::Refused(413)).await;
        }
        // A length that is not true of what comes.
        let call = probe
            .bare()
            .body("application/json", "{}")
            .without("content-length")
            .header("content-length", "99999999999999999999");
        probe
            .send("a length beyond measure", call, Fate::Either)
            .await;
    }
}

#[tokio::test]
async fn another_content_type_is_refused() {
    for sample in samples(takes_json) {
        let mut probe = Probe::new(sample).await;
        let body = probe.body().to_string();
        for media_type in [
            "text/plain",
            "text/json",
            "application/xml",
            "application/octet-stream",
            "multipart/form-data; boundary=x",
            "application/json; charset=utf-16",
            "application",
            "",
        ] {
            let call = probe.bare().body(media_type, body.clone());
            probe.send(media_type, call, Fate::Refused(415)).await;
        }
        let call = probe.bare().bare_body(body.clone());
        probe
            .send("no content type", call, Fate::Refused(415))
            .await;
        let call = probe
            .bare()
            .body("application/json", body.clone())
            .header("content-type", "text/plain");
        probe
            .send("two content types", call, Fate::Refused(415))
            .await;
        let call = probe
            .bare()
            .bare_body(body.clone())
            .raw_header("content-type", b"application/json\xff");
        probe
            .send("bytes for a type", call, Fate::Refused(415))
            .await;
    }
}

#[tokio::test]
async fn a_form_holds_too() {
    for sample in samples(|sample| matches!(sample.body, Body::Form(_))) {
        let mut probe = Probe::new(sample).await;
        for form in [
            "",
            "&&&",
            "=",
            "username",
            "username=%00&password=x",
            "username=a&password=%00",
            "username=%ff&password=x",
            "username=%ed%a0%80&password=x",
            "username=%&password=x",
            "username=a&username=b&password=x",
            "username=a&password=x&password=y",
            "username[]=a&password[]=x",
            "grant_type=refresh_token&username=a&password=x",
            "grant_type=%00&username=a&password=x",
        ] {
            let call = probe.bare().form(form);
            probe.send(form, call, Fate::Refused(422)).await;
        }
        let long = format!("username={}&password=x", "a".repeat(60_000));
        let call = probe.bare().form(&long);
        probe.send("a long name", call, Fate::Refused(401)).await;
    }
}

#[tokio::test]
async fn absurd_ids_are_refused() {
    let long = "a".repeat(8_000);
    let values = [
        "0",
        "-1",
        "9223372036854775808",
        "x",
        "null",
        "undefined",
        "%00",
        "%0d%0aset-cookie:a=b",
        "..%2f",
        "..%2f..%2fetc%2fpasswd",
        "..%5c",
        "%2e%2e",
        "%ff",
        "%ed%a0%80",
        "%",
        "%zz",
        "%25",
        "*",
        "A",
        "a%20b",
        "'%20or%201=1--",
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "%7B00000000-0000-0000-0000-000000000000%7D",
        "00000000-0000-0000-0000-000000000000%00",
        &long,
    ];
    for sample in samples(|sample| sample.path.contains('{')) {
        let mut probe = Probe::new(sample).await;
        for value in values {
            let call = match sample.body {
                Body::Json(body) => sample.bare(&probe.client, value).json(&body(&probe.client)),
                _ => sample.bare(&probe.client, value),
            };
            probe.send(value, call, Fate::RefusedSomehow).await;
        }
    }
}

#[tokio::test]
async fn absurd_queries_are_refused_or_have_no_effect() {
    let values = [
        "",
        "0",
        "-1",
        "1.5",
        "1e9",
        "9223372036854775807",
        "9223372036854775808",
        "99999999999999999999999",
        "null",
        "true",
        "x",
        "A",
        "%00",
        "%ff",
        "%",
        "%F0%9F%90%8E",
        "%27%20or%201=1--",
        "%25",
        "_",
        "%5c",
        "2025-06-15",
        "9999-12-31T23:59:59.999Z",
        "-009999-01-02T01:59:59Z",
        "+262143-01-01T00:00:00Z",
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
    ];
    for sample in samples(|sample| sample.method == "GET") {
        let mut probe = Probe::new(sample).await;
        let operation = probe.world.api.contract().operation("GET", sample.path);
        let parameters = operation.unwrap()["parameters"].as_array().cloned();
        let mut names: Vec<String> = parameters
            .into_iter()
            .flatten()
            .filter(|parameter| parameter["in"] == "query")
            .map(|parameter| parameter["name"].as_str().unwrap().to_owned())
            .collect();
        let documented = names.len();
        names.push("unknown".to_owned());
        for (index, name) in names.iter().enumerate() {
            for value in values {
                let query = format!("{name}={value}");
                let call = probe.bare().query(&query);
                probe.send(&query, call, Fate::Either).await;
            }
            for query in [format!("{name}[]=1"), format!("{name}[$gt]="), name.clone()] {
                let call = probe.bare().query(&query);
                probe.send(&query, call, Fate::Either).await;
            }
            let query = format!("{name}=1&{name}=1");
            let fate = if index < documented {
                Fate::Refused(422)
            } else {
                Fate::Either
            };
            let call = probe.bare().query(&query);
            probe.send(&query, call, fate).await;
        }
    }
}

#[tokio::test]
async fn odd_credentials_open_no_door() {
    for sample in SAMPLES.iter().copied() {
        let mut probe = Probe::new(sample).await;
        let Some(token) = probe.client.access_token.clone() else {
            continue;
        };
        let whole = sample.call(&probe.world, &probe.client);
        let bearer = format!("Bearer {token}");
        let parts: Vec<_> = token.split('.').collect();
        let none = format!("Bearer eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{}.", parts[1]);
        for authorization in [
            "",
            "Bearer",
            "Bearer null",
            "Bearer undefined",
            "Bearer [object Object]",
            &format!("Basic {token}"),
            &format!("{bearer}="),
            &format!("{bearer}.{}", parts[2]),
            &format!("Bearer {}.{}", parts[0], parts[1]),
            &format!("Bearer {}.{}.", parts[0], parts[1]),
            &format!("Bearer {}", probe.client.refresh_token),
            &format!("{bearer} {token}"),
            &none,
        ] {
            let call = whole
                .clone()
                .without("authorization")
                .header("authorization", authorization);
            probe.send(authorization, call, Fate::Refused(401)).await;
        }
        let call = whole.clone().header("authorization", &bearer);
        probe
            .send("the token twice", call, Fate::Refused(401))
            .await;
        let call = whole
            .clone()
            .without("authorization")
            .raw_header("authorization", b"Bearer \xc3\xa9");
        probe
            .send("a token of bytes", call, Fate::Refused(401))
            .await;
    }
}
