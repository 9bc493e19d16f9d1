//! Accounts in pages, filtered and searched.

use doorward::{Caller, Page, PageRequest, User, UserFilter, UserName, UsersRead};
use doorward_tests::engine::{TestEngine, anonymous, operator, registration, role};

use super::update_user::deactivate;

async fn list(engine: &TestEngine, filter: UserFilter, page: PageRequest) -> Page<User> {
    engine
        .list_users(&operator::<UsersRead>(), filter, page)
        .await
        .unwrap()
}

fn emails(users: &[User]) -> Vec<&str> {
    users
        .iter()
        .map(|user| user.email.as_ref().unwrap().as_str())
        .collect()
}

async fn found(engine: &TestEngine, search: &str) -> Vec<String> {
    let filter = UserFilter {
        search: Some(search.to_owned()),
        ..UserFilter::default()
    };
    let page = list(engine, filter, PageRequest::new(0, 100).counted(true)).await;
    assert_eq!(page.total, Some(page.items.len() as u64), "{search}");
    emails(&page.items).into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn pages_hold_everybody_once_in_the_order_of_creation() {
    let engine = TestEngine::in_memory().await;
    let mut expected = Vec::new();
    for number in 0..23 {
        let user = engine
            .sign_up(&format!("user{number:02}@example.com"))
            .await;
        expected.push(user);
    }
    let mut seen = Vec::new();
    let mut page = PageRequest::new(0, 5);
    loop {
        let part = list(&engine, UserFilter::default(), page).await;
        assert!(part.items.len() <= 5 && part.total.is_none());
        seen.extend(part.items);
        let Some(next) = part.next else { break };
        page = page.after(Some(next));
    }
    assert_eq!(seen, expected);

    for (skip, limit, count) in [
        (0, 10, 10),
        (20, 10, 3),
        (23, 10, 0),
        (0, 1000, 23),
        (0, 0, 1),
    ] {
        let page = PageRequest::new(skip, limit).counted(true);
        let part = list(&engine, UserFilter::default(), page).await;
        assert_eq!(part.items.len(), count, "{skip}, {limit}");
        assert_eq!(part.total, Some(23));
        let skip = usize::try_from(skip).unwrap();
        assert_eq!(part.items, expected[skip.min(23)..][..count]);
        assert_eq!(part.next.is_some(), skip + count < 23, "{skip}, {limit}");
    }
}

#[tokio::test]
async fn filters_narrow_and_add_up() {
    let engine = TestEngine::in_memory().await;
    engine.create("admin@example.com", &["admin", "user"]).await;
    engine.create("mod@example.com", &["moderator"]).await;
    let anna = engine.sign_up("anna@example.com").await;
    engine.sign_up("bert@example.com").await;
    deactivate(&engine, anna.id).await;

    let filter = UserFilter::default;
    let user = || Some(role("user"));
    let search = |text: &str| Some(text.to_owned());
    for (filter, expected) in [
        (filter(), &["admin", "mod", "anna", "bert"][..]),
        (
            UserFilter {
                role: user(),
                ..filter()
            },
            &["admin", "anna", "bert"],
        ),
        (
            UserFilter {
                role: Some(role("unheard-of")),
                ..filter()
            },
            &[],
        ),
        (
            UserFilter {
                is_active: Some(true),
                ..filter()
            },
            &["admin", "mod", "bert"],
        ),
        (
            UserFilter {
                is_active: Some(false),
                ..filter()
            },
            &["anna"],
        ),
        (
            UserFilter {
                search: search("a"),
                role: user(),
                is_active: Some(true),
            },
            &["admin", "bert"],
        ),
        (
            UserFilter {
                search: search("anna"),
                role: user(),
                is_active: Some(true),
            },
            &[],
        ),
    ] {
        let page = list(
            &engine,
            filter.clone(),
            PageRequest::default().counted(true),
        )
        .await;
        let expected: Vec<_> = expected
            .iter()
            .map(|name| format!("{name}@example.com"))
            .collect();
        assert_eq!(emails(&page.items), expected, "{filter:?}");
        assert_eq!(page.total, Some(expected.len() as u64), "{filter:?}");
    }
}

#[tokio::test]
async fn a_filtered_list_is_paged_too_and_shows_every_role() {
    let engine = TestEngine::in_memory().await;
    for number in 0..7 {
        let names: &[&str] = if number % 2 == 0 {
            &["user", "guest"]
        } else {
            &["guest"]
        };
        engine
            .create(&format!("u{number}@example.com"), names)
            .await;
    }
    let filter = UserFilter {
        role: Some(role("user")),
        ..UserFilter::default()
    };
    let first = list(&engine, filter.clone(), PageRequest::new(0, 3)).await;
    assert_eq!(emails(&first.items).len(), 3);
    for user in &first.items {
        assert_eq!(user.roles, [role("user"), role("guest")]);
    }
    let rest = list(&engine, filter, PageRequest::new(0, 3).after(first.next)).await;
    assert_eq!(emails(&rest.items), ["u6@example.com"]);
    assert!(rest.next.is_none());
}

#[tokio::test]
async fn a_search_finds_the_text_anywhere_in_any_case() {
    let engine = TestEngine::in_memory().await;
    let everybody = [
        ("Anna.Kowalska@example.com", "anna_k", "Anna KOWALSKA"),
        ("bert@bücher.example", "bert-2", "Bert Öztürk"),
        ("c_percent%@example.org", "percent", "100 % Sure"),
    ];
    for (email, username, full_name) in everybody {
        let somebody = registration(email)
            .username(username.parse().unwrap())
            .full_name(full_name.parse().unwrap());
        engine.advance(std::time::Duration::from_millis(1));
        engine.register(&anonymous(), somebody).await.unwrap();
    }
    let [anna, bert, percent] = everybody.map(|(email, ..)| email);
    for (search, expected) in [
        ("", &[anna, bert, percent][..]),
        ("kowalska", &[anna]),
        ("KOWALSKA", &[anna]),
        ("a.k", &[anna]),
        ("anna_k", &[anna]),
        ("anna-k", &[]),
        ("example.com", &[anna]),
        ("öztürk", &[bert]),
        ("ÖZTÜRK", &[bert]),
        ("bücher", &[bert]),
        ("xn--bcher", &[bert]),
        ("%", &[percent]),
        ("100 %", &[percent]),
        ("a%a", &[]),
        ("_", &[anna, percent]),
        ("\\", &[]),
        ("'", &[]),
        ("\0", &[]),
        ("anna\0", &[]),
    ] {
        assert_eq!(found(&engine, search).await, expected, "{search:?}");
    }
}

#[tokio::test]
async fn a_search_sees_what_was_changed() {
    let engine = TestEngine::in_memory().await;
    let anna = engine.sign_up("anna@example.com").await;
    let rename = doorward::UserChange {
        full_name: Some(Some("Zofia".parse().unwrap())),
        ..doorward::UserChange::default()
    };
    super::update_user::set(&engine, anna.id, rename).await;
    assert_eq!(found(&engine, "zofia").await, ["anna@example.com"]);
}

#[tokio::test]
async fn an_operator_calls_an_account_by_any_of_its_names() {
    let engine = TestEngine::in_memory().await;
    let anna = registration("anna@example.com").username("Anna".parse().unwrap());
    let anna = engine.register(&anonymous(), anna).await.unwrap();
    let proof = operator::<UsersRead>();
    for name in ["ANNA@example.com", "anna", &anna.id.to_string()] {
        let name = UserName::parse(name).unwrap();
        let found = engine.find_user_named(&proof, name).await.unwrap();
        assert_eq!(found, anna);
    }
    for name in [
        "bert@example.com",
        "bert",
        "00000000-0000-7000-8000-000000000000",
    ] {
        let name = UserName::parse(name).unwrap();
        engine.find_user_named(&proof, name).await.unwrap_err();
    }
    assert_eq!(UserName::parse("a b"), None);
    assert!(engine.find_user(&Caller::operator(), anna.id).await.is_ok());
}
