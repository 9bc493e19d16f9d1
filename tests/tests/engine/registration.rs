//! Who may open an account, and with which names.

use doorward::{
    IdentityRejected, Outcome, PasswordFault, PasswordPolicy, RegisterError, Registration,
    RequiredIdentity, UsersCount,
};
use doorward_tests::engine::{
    PASSWORD, START, TestEngine, anonymous, operator, registration, registration_with, role,
};

fn with_username(name: &str) -> Registration {
    Registration::new(PASSWORD).username(name.parse().unwrap())
}

async fn accounts(engine: &TestEngine) -> u64 {
    let counted = engine.count_users(&operator::<UsersCount>()).await.unwrap();
    counted.total
}

#[tokio::test]
async fn a_new_account_is_an_active_unverified_user() {
    let engine = TestEngine::in_memory().await;
    let user = engine
        .register(
            &anonymous(),
            registration("Anna@Example.com")
                .username("anna".parse().unwrap())
                .full_name("Anna Kowalska".parse().unwrap()),
        )
        .await
        .unwrap();

    assert_eq!(user.email.as_ref().unwrap().as_str(), "Anna@example.com");
    assert_eq!(user.username.as_ref().unwrap().as_str(), "anna");
    assert_eq!(user.full_name.as_ref().unwrap().as_str(), "Anna Kowalska");
    assert_eq!(user.roles, [role("user")]);
    assert!(user.permissions.is_empty());
    assert!(user.is_active() && !user.is_verified());
    assert_eq!((user.created_at, user.updated_at), (START, START));
    assert_eq!(user.last_login_at, None);
}

#[tokio::test]
async fn the_required_names_are_required() {
    use IdentityRejected::{EmailMissing, UsernameMissing};
    use RequiredIdentity::{Both, Either, Email, Username};

    let neither = || Registration::new(PASSWORD);
    let email = || registration("anna@example.com");
    let username = || with_username("bert");
    let both = || registration("carl@example.com").username("carl".parse().unwrap());
    type Refusal = Option<IdentityRejected>;
    let table: [(RequiredIdentity, [Refusal; 4]); 4] = [
        (Email, [Some(EmailMissing), None, Some(EmailMissing), None]),
        (
            Username,
            [Some(UsernameMissing), Some(UsernameMissing), None, None],
        ),
        (
            Both,
            [
                Some(EmailMissing),
                Some(UsernameMissing),
                Some(EmailMissing),
                None,
            ],
        ),
        (Either, [Some(EmailMissing), None, None, None]),
    ];
    for (required, expected) in table {
        let engine =
            TestEngine::in_memory_with(|builder| builder.required_identity(required)).await;
        let given = [neither(), email(), username(), both()];
        for (position, (given, expected)) in given.into_iter().zip(expected).enumerate() {
            let refusal = engine.register(&anonymous(), given).await.err();
            let refusal = refusal.map(|error| match error {
                RegisterError::Identity(rejected) => rejected,
                other => panic!("{other:?}"),
            });
            assert_eq!(refusal, expected, "{required:?}, {position}");
        }
    }
}

#[tokio::test]
async fn an_address_is_taken_however_it_is_spelt() {
    let engine = TestEngine::in_memory().await;
    engine.sign_up("anna@bücher.example").await;
    for spelling in [
        "anna@bücher.example",
        "ANNA@BÜCHER.EXAMPLE",
        " Anna@xn--bcher-kva.example ",
        "anna@bu\u{308}cher.example",
    ] {
        let again = engine.register(&anonymous(), registration(spelling)).await;
        assert!(
            matches!(
                again,
                Err(RegisterError::Identity(IdentityRejected::EmailTaken))
            ),
            "{spelling}: {again:?}"
        );
    }
    assert_eq!(accounts(&engine).await, 1);
}

#[tokio::test]
async fn a_username_is_taken_in_any_case() {
    let engine =
        TestEngine::in_memory_with(|builder| builder.required_identity(RequiredIdentity::Either))
            .await;
    engine
        .register(&anonymous(), with_username("Anna_K"))
        .await
        .unwrap();
    let again = engine.register(&anonymous(), with_username("aNNA_k")).await;
    assert!(matches!(
        again,
        Err(RegisterError::Identity(IdentityRejected::UsernameTaken))
    ));
    assert_eq!(accounts(&engine).await, 1);
}

#[tokio::test]
async fn accounts_without_a_name_of_one_kind_do_not_collide() {
    let engine =
        TestEngine::in_memory_with(|builder| builder.required_identity(RequiredIdentity::Either))
            .await;
    engine.sign_up("anna@example.com").await;
    engine.sign_up("bert@example.com").await;
    for name in ["carl", "dora"] {
        engine
            .register(&anonymous(), with_username(name))
            .await
            .unwrap();
    }
    assert_eq!(accounts(&engine).await, 4);
}

#[tokio::test]
async fn only_self_assignable_roles_are_given() {
    let asking = |engine: TestEngine, wanted: &'static str| async move {
        let wanted = registration(&format!("{wanted}@example.com")).role(role(wanted));
        engine.register(&anonymous(), wanted).await
    };

    let strict = TestEngine::in_memory().await;
    assert!(asking(strict.clone(), "user").await.is_ok());
    for wanted in ["admin", "moderator", "guest", "unheard-of"] {
        let refused = asking(strict.clone(), wanted).await;
        assert!(
            matches!(refused, Err(RegisterError::RoleNotSelfAssignable)),
            "{wanted}"
        );
    }
    assert_eq!(accounts(&strict).await, 1);

    let free = TestEngine::in_memory_with(|builder| {
        builder.self_assignable_roles([role("admin"), role("unheard-of")])
    })
    .await;
    assert!(asking(free.clone(), "user").await.is_ok());
    let admin = asking(free.clone(), "admin").await.unwrap();
    assert_eq!(admin.roles, [role("admin")]);
    // Configured, and yet defined by nobody.
    let undefined = asking(free.clone(), "unheard-of").await;
    assert!(matches!(
        undefined,
        Err(RegisterError::RoleNotSelfAssignable)
    ));
}

#[tokio::test]
async fn the_password_policy_holds() {
    let engine = TestEngine::in_memory_with(|builder| {
        builder.password_policy(PasswordPolicy {
            min_length: 15,
            ..PasswordPolicy::default()
        })
    })
    .await;
    for (chosen, rejected) in [
        ("fourteen chars", PasswordFault::TooShort { min: 15 }),
        ("1234567890QWERTY", PasswordFault::TooCommon),
        (
            &"x".repeat(1025),
            PasswordFault::TooLong { max_bytes: 1024 },
        ),
    ] {
        let refused = engine
            .register(&anonymous(), registration_with("anna@example.com", chosen))
            .await;
        match refused {
            Err(RegisterError::PasswordRejected(why)) => {
                assert_eq!(why.faults(), [rejected], "{chosen}")
            }
            other => panic!("{chosen}: {other:?}"),
        }
    }
    assert_eq!(accounts(&engine).await, 0);
}

#[tokio::test]
async fn a_registration_is_told_and_a_refused_one_leaves_nothing() {
    let engine = TestEngine::in_memory().await;
    let anna = engine.sign_up("anna@example.com").await;
    let again = engine
        .register(&anonymous(), registration("anna@example.com"))
        .await;
    again.unwrap_err();

    let events = super::audit::all(&engine).await;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].action, "user.registered");
    assert_eq!(events[0].outcome, Outcome::Success.as_str());
    assert_eq!(events[0].actor, "anonymous");
    assert_eq!(events[0].target_id, Some(anna.id));
}
