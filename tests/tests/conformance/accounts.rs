//! Accounts: made, found, listed, counted, changed, deleted.

use std::time::Duration;

use doorward::{
    AuditFilter, AuditRead, Caller, CreateUserError, IdentityRejected, PageRequest,
    Reauthentication, RegisterError, Registration, RequiredIdentity, UpdateUserError, User,
    UserChange, UserFilter, UserName, UsersCount, UsersDelete, UsersRead, UsersWrite,
};
use doorward_tests::engine::{
    PASSWORD, TestEngine, address, anonymous, new_user, operator, password, registration, role,
    roles,
};
use doorward_tests::on_every_database;

async fn set(
    engine: &TestEngine,
    user: &User,
    change: UserChange,
) -> Result<User, UpdateUserError> {
    let none = Reauthentication::default();
    engine
        .update_user(&Caller::operator(), user.id, change, &none)
        .await
}

async fn emails(engine: &TestEngine, filter: UserFilter, page: PageRequest) -> Vec<String> {
    let page = engine
        .list_users(&operator::<UsersRead>(), filter, page)
        .await
        .unwrap();
    let email = |user: &User| user.email.as_ref().unwrap().to_string();
    page.items.iter().map(email).collect()
}

on_every_database! {
    async fn what_is_stored_comes_back_as_it_was(db) {
        let engine = TestEngine::at(db.url()).await;
        let anna = registration("Anna+tag@Bücher.example").username("Anna_K".parse().unwrap()).full_name("Анна 王 👩‍🚀 O'Hara; drop table x".parse().unwrap());
        let made = engine.register(&anonymous(), anna).await.unwrap();
        let found = engine.find_user(&Caller::operator(), made.id).await.unwrap();
        assert_eq!(found, made);
        for name in ["anna+tag@xn--bcher-kva.example", "ANNA_K", &made.id.to_string()] {
            let name = UserName::parse(name).unwrap();
            let found = engine.find_user_named(&operator::<UsersRead>(), name).await.unwrap();
            assert_eq!(found, made);
        }
        engine.check_health().await.unwrap();
    }

    async fn unique_names_are_unique(db) {
        let engine = TestEngine::at(db.url()).await;
        let named = |email: &str, username: &str| registration(email).username(username.parse().unwrap());
        engine.register(&anonymous(), named("anna@example.com", "anna")).await.unwrap();
        let taken = engine.register(&anonymous(), named("ANNA@example.com", "other")).await;
        assert!(matches!(taken, Err(RegisterError::Identity(IdentityRejected::EmailTaken))), "{taken:?}");
        let taken = engine.register(&anonymous(), named("other@example.com", "ANNA")).await;
        assert!(matches!(taken, Err(RegisterError::Identity(IdentityRejected::UsernameTaken))), "{taken:?}");

        let bert = engine.register(&anonymous(), named("bert@example.com", "bert")).await.unwrap();
        let email = UserChange { email: Some(Some(address("Anna@Example.com"))), ..UserChange::default() };
        let taken = set(&engine, &bert, email).await;
        assert!(matches!(taken, Err(UpdateUserError::Identity(IdentityRejected::EmailTaken))), "{taken:?}");
        let username = UserChange { username: Some(Some("Anna".parse().unwrap())), ..UserChange::default() };
        let taken = set(&engine, &bert, username).await;
        assert!(matches!(taken, Err(UpdateUserError::Identity(IdentityRejected::UsernameTaken))), "{taken:?}");
    }

    async fn missing_names_do_not_collide(db) {
        let database = doorward::Database::connect(db.url()).await.unwrap();
        let clock = std::sync::Arc::new(doorward::testing::FixedClock::at(doorward_tests::engine::START));
        let engine = TestEngine::on(database, clock, |builder| {
            builder.required_identity(RequiredIdentity::Either)
        })
        .await;
        engine.sign_up("anna@example.com").await;
        engine.sign_up("bert@example.com").await;
        for username in ["carl", "dora"] {
            let without_email = Registration::new(PASSWORD).username(username.parse().unwrap());
            engine.register(&anonymous(), without_email).await.unwrap();
        }
        let counted = engine.count_users(&operator::<UsersCount>()).await.unwrap();
        assert_eq!(counted.total, 4);
    }

    async fn every_field_is_changed_and_emptied(db) {
        let engine = TestEngine::at(db.url()).await;
        let anna = engine.sign_up("anna@example.com").await;
        engine.advance(Duration::from_millis(7));
        let everything = UserChange {
            email: Some(Some(address("anna2@example.com"))),
            username: Some(Some("anna".parse().unwrap())),
            full_name: Some(Some("Anna".parse().unwrap())),
            roles: Some(roles(&["guest", "moderator"])),
            is_active: Some(false),
            is_verified: Some(true),
            password: Some(password("an entirely new password")),
        };
        let changed = set(&engine, &anna, everything).await.unwrap();
        assert_eq!(changed.deactivated_at, Some(engine.now()));
        assert_eq!(changed.verified_at, Some(engine.now()));
        assert_eq!(changed.roles, roles(&["moderator", "guest"]));
        let found = engine.find_user(&Caller::operator(), anna.id).await.unwrap();
        assert_eq!(found, changed);

        let back = UserChange {
            username: Some(None),
            full_name: Some(None),
            roles: Some(Vec::new()),
            is_active: Some(true),
            is_verified: Some(false),
            ..UserChange::default()
        };
        let emptied = set(&engine, &anna, back).await.unwrap();
        assert_eq!((&emptied.username, &emptied.full_name), (&None, &None));
        assert!(emptied.is_active() && !emptied.is_verified() && emptied.roles.is_empty());
        let found = engine.find_user(&Caller::operator(), anna.id).await.unwrap();
        assert_eq!(found, emptied);
        engine.log_in_with("anna2@example.com", "an entirely new password").await;

        let unknown = UserChange { roles: Some(roles(&["unheard-of"])), ..UserChange::default() };
        let refused = set(&engine, &anna, unknown).await;
        assert!(matches!(refused, Err(UpdateUserError::UnknownRole)), "{refused:?}");
    }

    async fn lists_are_filtered_searched_and_paged_alike(db) {
        let engine = TestEngine::at(db.url()).await;
        for (number, name) in ["ada", "Bo_b", "cy%d", "dän"].into_iter().enumerate() {
            let names: &[&str] = if number < 2 { &["user"] } else { &["guest", "moderator"] };
            let user = engine.create(&format!("u{number}@example.com"), names).await;
            let rename = UserChange {
                full_name: Some(Some(name.parse().unwrap())),
                is_active: Some(number != 0),
                ..UserChange::default()
            };
            set(&engine, &user, rename).await.unwrap();
        }
        let filter = UserFilter::default;
        let search = |text: &str| UserFilter { search: Some(text.to_owned()), ..filter() };
        for (filter, expected) in [
            (filter(), &["u0", "u1", "u2", "u3"][..]),
            (UserFilter { role: Some(role("guest")), ..filter() }, &["u2", "u3"]),
            (UserFilter { is_active: Some(true), ..filter() }, &["u1", "u2", "u3"]),
            (UserFilter { is_active: Some(false), ..filter() }, &["u0"]),
            (search("BO_B"), &["u1"]),
            (search("_"), &["u1"]),
            (search("%"), &["u2"]),
            (search("c%d"), &[]),
            (search("\\"), &[]),
            (search("DÄN"), &["u3"]),
            (search("'"), &[]),
            (search("\0"), &[]),
            (UserFilter { role: Some(role("user")), is_active: Some(true), search: Some("U".to_owned()) }, &["u1"]),
        ] {
            let found = emails(&engine, filter.clone(), PageRequest::default()).await;
            let expected: Vec<_> = expected.iter().map(|name| format!("{name}@example.com")).collect();
            assert_eq!(found, expected, "{filter:?}");
            let page = PageRequest::new(0, 1).counted(true);
            let page = engine.list_users(&operator::<UsersRead>(), filter.clone(), page).await.unwrap();
            assert_eq!(page.total, Some(expected.len() as u64), "{filter:?}");
            assert_eq!(page.next.is_some(), expected.len() > 1, "{filter:?}");
            let rest = PageRequest::new(0, 100).after(page.next);
            if page.next.is_some() {
                assert_eq!(emails(&engine, filter, rest).await, expected[1..]);
            }
        }
        assert_eq!(emails(&engine, filter(), PageRequest::new(3, 10)).await, ["u3@example.com"]);
        let all = engine.list_users(&operator::<UsersRead>(), filter(), PageRequest::default()).await.unwrap();
        assert_eq!(all.items[3].roles, roles(&["moderator", "guest"]));

        let counted = engine.count_users(&operator::<UsersCount>()).await.unwrap();
        assert_eq!((counted.total, counted.active, counted.verified), (4, 3, 0));
        assert_eq!(counted.by_role[2], (role("user"), 2));
    }

    async fn texts_with_nul_harm_nobody(db) {
        let engine = TestEngine::at(db.url()).await;
        engine.sign_up("anna@example.com").await;
        let from = doorward::Origin::default()
            .with_user_agent("a\0b")
            .with_request_id("c\0d");
        let attempt = doorward_tests::engine::attempt("anna@example.com", PASSWORD).by(Caller::anonymous(from));
        engine.login(attempt).await.unwrap();
        for name in ["anna\0", "\0@example.com"] {
            let refused = engine.try_log_in(name, "pass\0word").await;
            assert!(matches!(refused, Err(doorward::LoginError::InvalidCredentials)));
        }
    }

    async fn deletion_takes_everything_but_the_trail_along(db) {
        let engine = TestEngine::at(db.url()).await;
        engine.create("admin@example.com", &["admin"]).await;
        let anna = engine.create("anna@example.com", &["user", "guest"]).await;
        let visitor = engine.log_in("anna@example.com").await;
        engine.delete_user(&operator::<UsersDelete>(), anna.id).await.unwrap();
        assert!(!engine.lets_in(&visitor).await);
        let counted = engine.count_users(&operator::<UsersCount>()).await.unwrap();
        assert_eq!((counted.total, counted.by_role[2].1), (1, 0));
        let about = AuditFilter { target_id: Some(anna.id), ..AuditFilter::default() };
        let events = engine
            .list_audit_events(&operator::<AuditRead>(), about, PageRequest::default())
            .await
            .unwrap();
        assert_eq!(events.items.len(), 3);
        engine.sign_up("anna@example.com").await;
    }

    async fn the_first_admin_is_made_once(db) {
        let engine = TestEngine::at(db.url()).await;
        let proof = operator::<UsersWrite>();
        let first = engine
            .create_first_admin(&proof, new_user("a@example.com", &["admin"]))
            .await
            .unwrap();
        assert!(first.is_some() && engine.has_admin().await.unwrap());
        let second = engine
            .create_first_admin(&proof, new_user("b@example.com", &["admin"]))
            .await
            .unwrap();
        assert!(second.is_none());
        let unknown = engine.create_user(&proof, new_user("c@example.com", &["unheard-of"])).await;
        assert!(matches!(unknown, Err(CreateUserError::UnknownRole)));
    }

    async fn the_trail_is_filtered_and_paged_alike(db) {
        let engine = TestEngine::at(db.url()).await;
        let admin = engine.create_and_log_in("admin@example.com", &["admin"]).await;
        let anna = engine.sign_up("anna@example.com").await;
        let since = engine.now();
        for number in 0..5 {
            engine.advance(Duration::from_millis(1));
            let rename = UserChange {
                full_name: Some(Some(format!("Anna {number}").parse().unwrap())),
                ..UserChange::default()
            };
            let none = Reauthentication::default();
            engine.update_user(&admin.caller(), anna.id, rename, &none).await.unwrap();
        }
        let filter = AuditFilter {
            action: Some(doorward::Action::UserUpdated),
            outcome: Some(doorward::Outcome::Success),
            actor_id: Some(admin.who.user.id),
            target_id: Some(anna.id),
            since: Some(since),
            until: Some(engine.now() + Duration::from_millis(1)),
        };
        let proof = operator::<AuditRead>();
        let list = |page| engine.list_audit_events(&proof, filter.clone(), page);
        let first = list(PageRequest::new(0, 2).counted(true)).await.unwrap();
        assert_eq!((first.items.len(), first.total), (2, Some(5)));
        let rest = list(PageRequest::new(1, 100).after(first.next)).await.unwrap();
        assert_eq!((rest.items.len(), rest.next), (2, None));
        assert_eq!(rest.items[1].occurred_at, since + Duration::from_millis(1));
        assert_eq!(rest.items[0].session_id, Some(admin.who.session.id));
    }
}
