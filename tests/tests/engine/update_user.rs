//! What changes when an account is changed.

use std::sync::Arc;
use std::time::Duration;

use doorward::testing::FixedClock;
use doorward::{
    Caller, Database, IdentityRejected, NewUser, PasswordFault, Reauthentication, RequiredIdentity,
    UpdateUserError, User, UserChange, UserId, UsersWrite,
};
use doorward_tests::engine::{
    PASSWORD, START, TestEngine, Visitor, address, new_user, operator, password, proof, role, roles,
};

const MINUTE: Duration = Duration::from_secs(60);

/// Changes an account as whoever runs the software.
pub(crate) async fn set(engine: &TestEngine, id: UserId, change: UserChange) -> User {
    engine
        .update_user(
            &Caller::operator(),
            id,
            change,
            &Reauthentication::default(),
        )
        .await
        .unwrap()
}

/// Deactivates an account.
pub(crate) async fn deactivate(engine: &TestEngine, id: UserId) {
    let change = UserChange {
        is_active: Some(false),
        ..UserChange::default()
    };
    set(engine, id, change).await;
}

/// The account as it is at this moment.
pub(crate) async fn seen(engine: &TestEngine, id: UserId) -> User {
    engine.find_user(&Caller::operator(), id).await.unwrap()
}

async fn update_own(
    engine: &TestEngine,
    visitor: &Visitor,
    change: UserChange,
    proof: &Reauthentication,
) -> Result<User, UpdateUserError> {
    let id = visitor.who.user.id;
    engine
        .update_user(&visitor.caller(), id, change, proof)
        .await
}

fn new_email(text: &str) -> UserChange {
    UserChange {
        email: Some(Some(address(text))),
        ..UserChange::default()
    }
}

#[tokio::test]
async fn what_is_not_named_stays_and_what_is_emptied_goes() {
    let engine = TestEngine::in_memory().await;
    let anna = engine.sign_up("anna@example.com").await;
    let fill = UserChange {
        username: Some(Some("anna".parse().unwrap())),
        full_name: Some(Some("Anna".parse().unwrap())),
        ..UserChange::default()
    };
    engine.advance(Duration::from_millis(5));
    let filled = set(&engine, anna.id, fill).await;
    assert_eq!(filled.updated_at, engine.now());
    assert_eq!(filled.created_at, anna.created_at);
    assert_eq!(filled, seen(&engine, anna.id).await);
    assert_eq!(filled.email, anna.email);

    let empty = UserChange {
        username: Some(None),
        full_name: Some(None),
        ..UserChange::default()
    };
    let emptied = set(&engine, anna.id, empty).await;
    assert_eq!((&emptied.username, &emptied.full_name), (&None, &None));
    assert_eq!(emptied, seen(&engine, anna.id).await);
    let renamed = engine.try_log_in("anna", PASSWORD).await;
    renamed.unwrap_err();
}

#[tokio::test]
async fn nothing_to_change_changes_nothing_but_the_time() {
    let engine = TestEngine::in_memory().await;
    let anna = engine.sign_up("anna@example.com").await;
    engine.advance(MINUTE);
    let mut same = set(&engine, anna.id, UserChange::default()).await;
    assert_eq!(same.updated_at, engine.now());
    same.updated_at = anna.updated_at;
    assert_eq!(same, anna);
}

#[tokio::test]
async fn a_required_name_can_t_be_taken_away() {
    let engine = TestEngine::in_memory().await;
    let anna = engine.sign_up("anna@example.com").await;
    let without = UserChange {
        email: Some(None),
        ..UserChange::default()
    };
    let none = Reauthentication::default();
    let refused = engine
        .update_user(&Caller::operator(), anna.id, without.clone(), &none)
        .await;
    assert!(matches!(
        refused,
        Err(UpdateUserError::Identity(IdentityRejected::EmailMissing))
    ));

    let either =
        TestEngine::in_memory_with(|b| b.required_identity(RequiredIdentity::Either)).await;
    let anna = either.sign_up("anna@example.com").await;
    let refused = either
        .update_user(&Caller::operator(), anna.id, without.clone(), &none)
        .await;
    assert!(matches!(
        refused,
        Err(UpdateUserError::Identity(IdentityRejected::EmailMissing))
    ));
    let swap = UserChange {
        username: Some(Some("anna".parse().unwrap())),
        ..without
    };
    assert_eq!(set(&either, anna.id, swap).await.email, None);
    either.log_in("anna").await;
}

#[tokio::test]
async fn a_name_that_was_not_required_before_keeps_nobody_from_other_changes() {
    let database = Database::connect("sqlite::memory:").await.unwrap();
    let requiring = async |names: RequiredIdentity| {
        let clock = Arc::new(FixedClock::at(START));
        TestEngine::on(database.clone(), clock, |b| b.required_identity(names)).await
    };
    let anna = NewUser::new(PASSWORD).username("anna".parse().unwrap());
    let before = requiring(RequiredIdentity::Username).await;
    let made = before.create_user(&operator::<UsersWrite>(), anna).await;
    let anna = made.unwrap().id;

    let after = requiring(RequiredIdentity::Email).await;
    let promotion = UserChange {
        roles: Some(roles(&["moderator"])),
        ..UserChange::default()
    };
    set(&after, anna, promotion).await;
    deactivate(&after, anna).await;
    // Who changes the names gives it all that it must have.
    let rename = UserChange {
        username: Some(Some("annika".parse().unwrap())),
        ..UserChange::default()
    };
    let none = Reauthentication::default();
    let refused = after
        .update_user(&Caller::operator(), anna, rename.clone(), &none)
        .await;
    assert!(matches!(
        refused,
        Err(UpdateUserError::Identity(IdentityRejected::EmailMissing))
    ));
    let with_address = UserChange {
        email: new_email("anna@example.com").email,
        ..rename
    };
    set(&after, anna, with_address).await;
}

#[tokio::test]
async fn a_taken_name_is_refused_and_one_s_own_is_not_taken() {
    let engine = TestEngine::in_memory().await;
    let anna = engine.sign_up("anna@example.com").await;
    let bert = engine.sign_up("bert@example.com").await;
    let name = |text: &str| UserChange {
        username: Some(Some(text.parse().unwrap())),
        ..UserChange::default()
    };
    set(&engine, anna.id, name("anna")).await;
    set(&engine, anna.id, name("ANNA")).await;
    set(&engine, anna.id, new_email("ANNA@example.com")).await;

    let none = Reauthentication::default();
    let update = |change| {
        let caller = Caller::operator();
        let (engine, none) = (engine.clone(), none.clone());
        async move { engine.update_user(&caller, bert.id, change, &none).await }
    };
    let taken = update(name("Anna")).await;
    assert!(matches!(
        taken,
        Err(UpdateUserError::Identity(IdentityRejected::UsernameTaken))
    ));
    let taken = update(new_email("Anna@Example.COM")).await;
    assert!(matches!(
        taken,
        Err(UpdateUserError::Identity(IdentityRejected::EmailTaken))
    ));
    assert_eq!(seen(&engine, bert.id).await, bert);
}

#[tokio::test]
async fn a_new_address_needs_a_recent_login_or_the_password() {
    let engine = TestEngine::in_memory().await;
    engine.sign_up("anna@example.com").await;
    let visitor = engine.log_in("anna@example.com").await;
    let none = Reauthentication::default();
    engine.advance(5 * MINUTE);
    update_own(&engine, &visitor, new_email("anna2@example.com"), &none)
        .await
        .unwrap();

    engine.advance(Duration::from_millis(1));
    let change = || new_email("anna3@example.com");
    let refused = update_own(&engine, &visitor, change(), &none).await;
    assert!(matches!(
        refused,
        Err(UpdateUserError::ReauthenticationRequired)
    ));
    let wrong = Reauthentication {
        password: Some(password("something else")),
    };
    let refused = update_own(&engine, &visitor, change(), &wrong).await;
    assert!(matches!(refused, Err(UpdateUserError::PasswordIncorrect)));
    // The same address is no new one.
    update_own(&engine, &visitor, new_email("anna2@example.com"), &none)
        .await
        .unwrap();
    update_own(&engine, &visitor, change(), &proof())
        .await
        .unwrap();
    engine.log_in("anna3@example.com").await;
}

#[tokio::test]
async fn a_refresh_is_no_recent_login() {
    let engine = TestEngine::in_memory().await;
    engine.sign_up("anna@example.com").await;
    let visitor = engine.log_in("anna@example.com").await;
    engine.advance(6 * MINUTE);
    let tokens = engine
        .refresh(&visitor.tokens.refresh_token, &visitor.caller())
        .await
        .unwrap();
    let visitor = engine.visitor(tokens).await;
    let none = Reauthentication::default();
    let refused = update_own(&engine, &visitor, new_email("x@example.com"), &none).await;
    assert!(matches!(
        refused,
        Err(UpdateUserError::ReauthenticationRequired)
    ));
}

#[tokio::test]
async fn a_wrong_password_is_refused_though_the_login_is_recent() {
    let engine = TestEngine::in_memory().await;
    engine.sign_up("anna@example.com").await;
    let visitor = engine.log_in("anna@example.com").await;
    let wrong = Reauthentication {
        password: Some(password("something else")),
    };
    let refused = update_own(&engine, &visitor, new_email("x@example.com"), &wrong).await;
    assert!(matches!(refused, Err(UpdateUserError::PasswordIncorrect)));
}

#[tokio::test]
async fn a_new_address_is_not_verified_and_another_spelling_stays() {
    let engine = TestEngine::in_memory().await;
    let anna = engine.sign_up("anna@example.com").await;
    let verify = UserChange {
        is_verified: Some(true),
        ..UserChange::default()
    };
    let verified = set(&engine, anna.id, verify.clone()).await;
    assert_eq!(verified.verified_at, Some(engine.now()));
    let at = verified.verified_at;
    engine.advance(MINUTE);
    assert_eq!(set(&engine, anna.id, verify).await.verified_at, at);
    let respelt = set(&engine, anna.id, new_email("Anna@Example.com")).await;
    assert_eq!(respelt.verified_at, at);
    let moved = set(&engine, anna.id, new_email("anna2@example.com")).await;
    assert!(!moved.is_verified());
}

#[tokio::test]
async fn a_password_that_is_set_ends_every_session() {
    let engine = TestEngine::in_memory().await;
    let anna = engine.sign_up("anna@example.com").await;
    let visitor = engine.log_in("anna@example.com").await;
    let change = |text| UserChange {
        password: Some(password(text)),
        ..UserChange::default()
    };
    let none = Reauthentication::default();
    let refused = engine
        .update_user(&Caller::operator(), anna.id, change("short"), &none)
        .await;
    assert!(matches!(
        refused,
        Err(UpdateUserError::PasswordRejected(why)) if why.first() == PasswordFault::TooShort { min: 8 }
    ));
    assert!(engine.lets_in(&visitor).await);

    set(&engine, anna.id, change("set by somebody else")).await;
    assert!(!engine.lets_in(&visitor).await);
    assert!(
        engine
            .try_log_in("anna@example.com", PASSWORD)
            .await
            .is_err()
    );
    engine
        .log_in_with("anna@example.com", "set by somebody else")
        .await;
}

#[tokio::test]
async fn since_when_an_account_is_deactivated_is_kept() {
    let engine = TestEngine::in_memory().await;
    let anna = engine.sign_up("anna@example.com").await;
    deactivate(&engine, anna.id).await;
    let since = engine.now();
    engine.advance(MINUTE);
    deactivate(&engine, anna.id).await;
    assert_eq!(seen(&engine, anna.id).await.deactivated_at, Some(since));
}

#[tokio::test]
async fn roles_are_kept_once_each_the_highest_first() {
    let engine = TestEngine::in_memory().await;
    let anna = engine.sign_up("anna@example.com").await;
    let change = UserChange {
        roles: Some(roles(&["user", "moderator", "user", "guest"])),
        ..UserChange::default()
    };
    let changed = set(&engine, anna.id, change).await;
    assert_eq!(changed.roles, roles(&["moderator", "user", "guest"]));
    assert_eq!(changed.role(), Some(&role("moderator")));

    let created = engine
        .create_user(
            &operator(),
            new_user("bert@example.com", &["user", "moderator", "user"]),
        )
        .await
        .unwrap();
    assert_eq!(created.roles, roles(&["moderator", "user"]));
    assert_eq!(seen(&engine, created.id).await, created);

    let none = UserChange {
        roles: Some(Vec::new()),
        ..UserChange::default()
    };
    let bare = set(&engine, anna.id, none).await;
    assert_eq!((bare.role(), bare.permissions.len()), (None, 0));
}

#[tokio::test]
async fn an_undefined_role_is_refused() {
    let engine = TestEngine::in_memory().await;
    let anna = engine.sign_up("anna@example.com").await;
    let change = UserChange {
        roles: Some(roles(&["unheard-of"])),
        ..UserChange::default()
    };
    let none = Reauthentication::default();
    let refused = engine
        .update_user(&Caller::operator(), anna.id, change, &none)
        .await;
    assert!(matches!(refused, Err(UpdateUserError::UnknownRole)));
}
