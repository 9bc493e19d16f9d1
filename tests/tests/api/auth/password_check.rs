//! `POST /auth/password/check`

use doorward::{CharacterKind, PasswordPolicy, RateLimits};
use doorward_tests::breaches::BreachList;
use doorward_tests::engine::{PASSWORD, TestEngine};
use doorward_tests::http::{Answer, TestApi};
use serde_json::{Value, json};

async fn check(api: &TestApi, body: &Value) -> Answer {
    api.anonymous()
        .post("/auth/password/check")
        .json(body)
        .await
}

#[tokio::test]
async fn a_good_password_is_told_to_be_one() {
    let api = TestApi::start().await;
    let answer = check(&api, &json!({"password": PASSWORD}))
        .await
        .expect(200);
    assert_eq!(
        answer.json(),
        json!({
            "acceptable": true, "score": 4, "reasons": [], "warning": null, "suggestions": [],
        })
    );
}

#[tokio::test]
async fn a_bad_one_comes_with_all_reasons_and_advice() {
    let engine = TestEngine::in_memory_with(|builder| {
        builder.password_policy(PasswordPolicy {
            require: vec![CharacterKind::Upper, CharacterKind::Symbol],
            ..PasswordPolicy::default()
        })
    })
    .await;
    let api = TestApi::on(engine);
    let body = json!({"password": "kowalska1985", "full_name": "Anna Kowalska"});
    let answer = check(&api, &body).await.expect(200).json();
    insta::assert_json_snapshot!(answer, @r#"
    {
      "acceptable": false,
      "reasons": [
        {
          "code": "lacks_upper",
          "message": "Password must have an upper-case letter"
        },
        {
          "code": "lacks_symbol",
          "message": "Password must have a symbol"
        },
        {
          "code": "own_name",
          "message": "Password must be more than your name or e-mail address"
        }
      ],
      "score": 1,
      "suggestions": [
        "Add another word or two. Uncommon words are better."
      ],
      "warning": null
    }
    "#);
}

#[tokio::test]
async fn names_count_as_far_as_they_are_typed() {
    let api = TestApi::start().await;
    for (field, half) in [
        ("email", "kowalska"),
        ("email", "kowalska@"),
        ("username", "k?"),
        ("full_name", "Kowalska\u{7}"),
    ] {
        let body = json!({"password": "kowalska-1985", field: half});
        let answer = check(&api, &body).await.expect(200).json();
        let is_refused = !half.starts_with("k?");
        assert_eq!(answer["acceptable"], json!(!is_refused), "{half}");
    }
}

#[tokio::test]
async fn a_breached_password_is_told() {
    let list = BreachList::of(&["widgets are my life"]);
    let engine = TestEngine::in_memory_with(|builder| builder.breached_passwords(list)).await;
    let api = TestApi::on(engine);
    let answer = check(&api, &json!({"password": "widgets are my life"}))
        .await
        .expect(200)
        .json();
    assert_eq!(answer["acceptable"], json!(false));
    assert_eq!(
        answer["reasons"],
        json!([{
            "code": "breached",
            "message": "Password is known from a data breach; choose another one",
        }])
    );
}

#[tokio::test]
async fn the_password_is_never_echoed() {
    let api = TestApi::start().await;
    for password in ["Qu33n-Zenobia", "qwertyuiop", "zenobia"] {
        let body = json!({"password": password, "username": "zenobia", "email": 7});
        let refused = check(&api, &body).await.expect(422).text().to_owned();
        let body = json!({"password": password, "username": "zenobia"});
        let answer = check(&api, &body).await.expect(200).text().to_owned();
        for text in [refused, answer] {
            assert!(!text.contains(password), "{text}");
        }
    }
}

#[tokio::test]
async fn what_is_no_password_is_a_fault() {
    let api = TestApi::start().await;
    check(&api, &json!({}))
        .await
        .expect_faults(&["missing body.password Field required"]);
    check(&api, &json!({"password": "", "email": "x".repeat(1025)}))
        .await
        .expect_faults(&[
            "string_too_short body.password String should have at least 1 character",
            "string_too_long body.email String should have at most 1024 characters",
        ]);
}

#[tokio::test]
async fn it_is_limited_by_network() {
    let engine = TestEngine::in_memory_with(|builder| {
        let mut limits = RateLimits::NONE;
        limits.password_check = Some("2/minute".parse().unwrap());
        builder.rate_limits(limits)
    })
    .await;
    let api = TestApi::on(engine);
    let ask = async |ip: &str| {
        api.anonymous()
            .post("/auth/password/check")
            .from_ip(ip.parse().unwrap())
            .json(&json!({"password": PASSWORD}))
            .await
    };
    for _ in 0..2 {
        assert_eq!(ask("192.0.2.1").await.status, 200);
    }
    assert_eq!(ask("192.0.2.1").await.status, 429);
    assert_eq!(ask("192.0.2.2").await.status, 200);
}
