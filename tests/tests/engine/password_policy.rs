//! The password policy, wherever a password is set.

use doorward::{
    Caller, ChangePasswordError, CharacterKind, ConfirmResetError, CreateUserError, NewUser,
    PasswordContext, PasswordFault, PasswordPolicy, Reauthentication, RegisterError, Registration,
    RequestResetError, RoleName, UpdateUserError, UserChange, UsersWrite,
};
use doorward_tests::engine::{
    PASSWORD, TestEngine, address, anonymous, operator, password, registration_with,
};

/// Refused for Anna Kowalska of Widget Works alone.
const OWN: [&str; 5] = [
    "anna.kowalska@widget-works.example",
    "Kowalska-1985",
    "12 akow_85 34",
    "Widget-Works!",
    "KowalskaAnna",
];

async fn shop() -> TestEngine {
    TestEngine::in_memory_with(|builder| {
        builder.password_policy(PasswordPolicy {
            service_name: "Turnip Market".to_owned(),
            ..PasswordPolicy::default()
        })
    })
    .await
}

fn anna(text: &str) -> Registration {
    registration_with("anna.kowalska@widget-works.example", text)
        .username("akow_85".parse().unwrap())
        .full_name("Anna Kowalska".parse().unwrap())
}

fn made_anna(text: &str) -> NewUser {
    NewUser::new(text)
        .email(address("anna.kowalska@widget-works.example"))
        .username("akow_85".parse().unwrap())
        .full_name("Anna Kowalska".parse().unwrap())
        .roles([RoleName::ADMIN])
}

#[tokio::test]
async fn a_registration_is_held_against_its_own_names() {
    let engine = shop().await;
    for (text, fault) in OWN
        .map(|text| (text, PasswordFault::OwnName))
        .into_iter()
        .chain([
            ("turnipmarket", PasswordFault::ServiceName),
            ("Turnip-2026!", PasswordFault::ServiceName),
            ("doorward", PasswordFault::ServiceName),
            ("abcdefghijk", PasswordFault::Sequence),
        ])
    {
        match engine.register(&anonymous(), anna(text)).await {
            Err(RegisterError::PasswordRejected(why)) => {
                assert_eq!(why.faults(), [fault], "{text}")
            }
            other => panic!("{text}: {other:?}"),
        }
    }
    let boris = registration_with("boris@example.com", OWN[1]);
    engine.register(&anonymous(), boris).await.unwrap();
}

#[tokio::test]
async fn an_account_made_for_somebody_is_held_against_its_own_names() {
    let engine = shop().await;
    for text in OWN {
        let refused = engine
            .create_user(&operator::<UsersWrite>(), made_anna(text))
            .await;
        assert!(
            matches!(refused, Err(CreateUserError::PasswordRejected(_))),
            "{text}"
        );
        let refused = engine
            .create_first_admin(&operator::<UsersWrite>(), made_anna(text))
            .await;
        assert!(
            matches!(refused, Err(CreateUserError::PasswordRejected(_))),
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_change_is_held_against_the_own_names() {
    let engine = shop().await;
    engine.register(&anonymous(), anna(PASSWORD)).await.unwrap();
    let visitor = engine.log_in("akow_85").await;
    for text in OWN {
        let refused = engine
            .change_password(
                &visitor.who,
                &visitor.caller(),
                password(PASSWORD),
                password(text),
            )
            .await;
        match refused {
            Err(ChangePasswordError::Rejected(why)) => {
                assert_eq!(why.faults(), [PasswordFault::OwnName], "{text}");
            }
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_password_set_by_an_admin_is_held_against_the_names_before_and_after() {
    let engine = shop().await;
    engine.register(&anonymous(), anna(PASSWORD)).await.unwrap();
    let id = engine.log_in("akow_85").await.who.user.id;
    for text in OWN.into_iter().chain(["zebrafish-9"]) {
        let change = UserChange {
            username: Some(Some("zebrafish".parse().unwrap())),
            password: Some(password(text)),
            ..UserChange::default()
        };
        let refused = engine
            .update_user(
                &Caller::operator(),
                id,
                change,
                &Reauthentication::default(),
            )
            .await;
        match refused {
            Err(UpdateUserError::PasswordRejected(why)) => {
                assert_eq!(why.faults(), [PasswordFault::OwnName], "{text}");
            }
            other => panic!("{text}: {other:?}"),
        }
    }
    engine.log_in("akow_85").await;
}

#[tokio::test]
async fn a_reset_is_held_against_the_own_names() -> Result<(), RequestResetError> {
    let engine = TestEngine::with_mail_and(|builder| builder.reveal_tokens(true)).await;
    engine.register(&anonymous(), anna(PASSWORD)).await.unwrap();
    let token = engine
        .request_password_reset(&address("anna.kowalska@widget-works.example"), &anonymous())
        .await?
        .unwrap();
    for text in OWN {
        let refused = engine
            .confirm_password_reset(token.as_str(), password(text), &anonymous())
            .await;
        assert!(
            matches!(&refused, Err(ConfirmResetError::PasswordRejected(why)) if why.faults() == [PasswordFault::OwnName]),
            "{text}: {refused:?}"
        );
    }
    // A refused password does not use the token up.
    engine
        .confirm_password_reset(
            token.as_str(),
            password("purple kettle sings at noon"),
            &anonymous(),
        )
        .await
        .unwrap();
    Ok(())
}

#[tokio::test]
async fn a_score_is_asked_for_where_it_is_set() {
    let engine = TestEngine::in_memory_with(|builder| {
        builder.password_policy(PasswordPolicy {
            min_score: 3,
            ..PasswordPolicy::default()
        })
    })
    .await;
    match engine.register(&anonymous(), anna("monkeys1999")).await {
        Err(RegisterError::PasswordRejected(why)) => {
            assert_eq!(why.faults(), [PasswordFault::TooWeak]);
        }
        other => panic!("{other:?}"),
    }
    engine.register(&anonymous(), anna(PASSWORD)).await.unwrap();
}

#[tokio::test]
async fn an_assessment_says_what_a_registration_would() {
    let engine = TestEngine::in_memory_with(|builder| {
        builder.password_policy(PasswordPolicy {
            require: vec![CharacterKind::Digit],
            min_score: 3,
            ..PasswordPolicy::default()
        })
    })
    .await;
    let context = PasswordContext::new()
        .email("anna.kowalska@widget-works.example")
        .username("akow_85")
        .full_name("Anna Kowalska");
    for text in [
        "short",
        "Kowalska",
        "Kowalska-1985",
        "monkeys1999",
        "password1",
        "7 kettles sing at noon",
        PASSWORD,
    ] {
        let assessment = engine
            .assess_password(&password(text), &context, &anonymous())
            .await
            .unwrap();
        let told = match engine.register(&anonymous(), anna(text)).await {
            Err(RegisterError::PasswordRejected(why)) => why.faults().to_vec(),
            Ok(_) => Vec::new(),
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(assessment.faults, told, "{text}");
    }
}
