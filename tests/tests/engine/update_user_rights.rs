//! Who may change what of whom: nobody reaches beyond their own rights.

use std::collections::BTreeSet;

use doorward::{
    Caller, CreateUserError, DeleteUserError, FindUserError, NewRole, Permission, Reauthentication,
    RolesWrite, UpdateUserError, User, UserChange, UserId, UsersDelete, UsersWrite,
};
use doorward_tests::engine::{
    TestEngine, Visitor, address, anonymous, new_user, operator, password, role, roles,
};

/// Every field, alone.
fn fields() -> Vec<(&'static str, UserChange)> {
    let change = UserChange::default;
    vec![
        (
            "email",
            UserChange {
                email: Some(Some(address("new@example.com"))),
                ..change()
            },
        ),
        (
            "username",
            UserChange {
                username: Some(Some("new-name".parse().unwrap())),
                ..change()
            },
        ),
        (
            "full_name",
            UserChange {
                full_name: Some(Some("New".parse().unwrap())),
                ..change()
            },
        ),
        (
            "roles",
            UserChange {
                roles: Some(roles(&["guest"])),
                ..change()
            },
        ),
        (
            "is_active",
            UserChange {
                is_active: Some(false),
                ..change()
            },
        ),
        (
            "is_verified",
            UserChange {
                is_verified: Some(true),
                ..change()
            },
        ),
        (
            "password",
            UserChange {
                password: Some(password("an entirely new one")),
                ..change()
            },
        ),
    ]
}

async fn define(engine: &TestEngine, name: &str, permissions: &[Permission]) {
    let new = NewRole::new(role(name)).permits(permissions.iter().cloned());
    engine
        .create_role(&operator::<RolesWrite>(), new)
        .await
        .unwrap();
}

/// An engine, somebody with these permissions by a role of theirs, and a plain user.
async fn somebody_who_may(permissions: &[Permission]) -> (TestEngine, Visitor, User) {
    let engine = TestEngine::in_memory().await;
    engine.create("admin@example.com", &["admin"]).await;
    define(&engine, "special", permissions).await;
    let somebody = engine
        .create_and_log_in("special@example.com", &["special"])
        .await;
    let anna = engine.sign_up("anna@example.com").await;
    (engine, somebody, anna)
}

async fn update(
    engine: &TestEngine,
    caller: &Caller,
    id: UserId,
    change: UserChange,
) -> Result<User, UpdateUserError> {
    engine
        .update_user(caller, id, change, &Reauthentication::default())
        .await
}

fn is_denied(result: &Result<User, UpdateUserError>) -> bool {
    matches!(result, Err(UpdateUserError::Denied))
}

/// For each field, whether `who` may set it on themself and on a plain user.
async fn matrix(permissions: &[Permission]) -> Vec<(&'static str, bool, bool)> {
    let mut rows = Vec::new();
    for (name, change) in fields() {
        let (engine, who, anna) = somebody_who_may(permissions).await;
        let other = update(&engine, &who.caller(), anna.id, change.clone()).await;
        let (engine, who, _) = somebody_who_may(permissions).await;
        let own = update(&engine, &who.caller(), who.who.user.id, change).await;
        for result in [&own, &other] {
            assert!(result.is_ok() || is_denied(result), "{name}: {result:?}");
        }
        rows.push((name, own.is_ok(), other.is_ok()));
    }
    rows
}

#[tokio::test]
async fn the_owner_changes_the_plain_fields_and_nobody_else_s() {
    let expected = [
        ("email", true, false),
        ("username", true, false),
        ("full_name", true, false),
        ("roles", false, false),
        ("is_active", false, false),
        ("is_verified", false, false),
        ("password", false, false),
    ];
    assert_eq!(matrix(&[]).await, expected);
    assert_eq!(matrix(&[Permission::USERS_READ]).await, expected);
    assert_eq!(matrix(&[Permission::USERS_DELETE]).await, expected);
}

#[tokio::test]
async fn who_may_write_changes_all_but_roles() {
    assert_eq!(
        matrix(&[Permission::USERS_WRITE]).await,
        [
            ("email", true, true),
            ("username", true, true),
            ("full_name", true, true),
            ("roles", false, false),
            ("is_active", true, true),
            ("is_verified", true, true),
            ("password", true, true),
        ]
    );
}

#[tokio::test]
async fn who_may_assign_changes_roles_alone() {
    assert_eq!(
        matrix(&[Permission::ROLES_ASSIGN]).await,
        [
            ("email", true, false),
            ("username", true, false),
            ("full_name", true, false),
            ("roles", true, true),
            ("is_active", false, false),
            ("is_verified", false, false),
            ("password", false, false),
        ]
    );
}

#[tokio::test]
async fn an_admin_changes_everything_and_strangers_nothing() {
    for (name, change) in fields() {
        let engine = TestEngine::in_memory().await;
        let admin = engine
            .create_and_log_in("admin@example.com", &["admin"])
            .await;
        let anna = engine.sign_up("anna@example.com").await;
        let refused = update(&engine, &anonymous(), anna.id, change.clone()).await;
        assert!(is_denied(&refused), "{name}");
        let changed = update(&engine, &admin.caller(), anna.id, change).await;
        assert!(changed.is_ok(), "{name}: {changed:?}");
    }
}

#[tokio::test]
async fn one_forbidden_field_spoils_the_others() {
    let (engine, _, _) = somebody_who_may(&[]).await;
    let anna = engine.log_in("anna@example.com").await;
    let mixed = UserChange {
        full_name: Some(Some("New".parse().unwrap())),
        is_verified: Some(true),
        ..UserChange::default()
    };
    let refused = update(&engine, &anna.caller(), anna.who.user.id, mixed).await;
    assert!(is_denied(&refused));
    assert_eq!(engine.again(&anna).await.who.user.full_name, None);
}

#[tokio::test]
async fn an_admin_is_out_of_reach_for_lesser_writers() {
    let all_but_one: Vec<_> = Permission::BUILT_IN
        .into_iter()
        .filter(|permission| *permission != Permission::AUDIT_READ)
        .collect();
    for permissions in [&[Permission::USERS_WRITE][..], &all_but_one] {
        for (name, change) in fields() {
            let (engine, who, _) = somebody_who_may(permissions).await;
            let admin = engine.create("boss@example.com", &["admin"]).await;
            let refused = update(&engine, &who.caller(), admin.id, change).await;
            assert!(is_denied(&refused), "{name}: {refused:?}");
        }
    }
}

#[tokio::test]
async fn nobody_becomes_an_admin_by_a_role_with_the_same_permissions() {
    let (engine, who, anna) = somebody_who_may(&Permission::BUILT_IN).await;
    let admin = engine.create("boss@example.com", &["admin"]).await;
    let crown = UserChange {
        roles: Some(roles(&["admin"])),
        ..UserChange::default()
    };
    for id in [anna.id, who.who.user.id] {
        let refused = update(&engine, &who.caller(), id, crown.clone()).await;
        assert!(is_denied(&refused), "{refused:?}");
    }
    for (name, change) in fields() {
        let refused = update(&engine, &who.caller(), admin.id, change).await;
        assert!(is_denied(&refused), "{name}");
    }
    let refused = engine
        .create_user(
            &who.permitted::<UsersWrite>(),
            new_user("new@example.com", &["admin"]),
        )
        .await;
    assert!(matches!(refused, Err(CreateUserError::BeyondOwnRights)));
    let refused = engine
        .delete_user(&who.permitted::<UsersDelete>(), admin.id)
        .await;
    assert!(matches!(refused, Err(DeleteUserError::BeyondOwnRights)));
}

#[tokio::test]
async fn nobody_grants_what_they_do_not_have() {
    let (engine, who, anna) = somebody_who_may(&[
        Permission::USERS_WRITE,
        Permission::ROLES_ASSIGN,
        Permission::USERS_READ,
    ])
    .await;
    for (names, allowed) in [
        (&["user"][..], true),
        (&["guest"], true),
        (&["special"], true),
        (&["moderator"], false),
        (&["admin"], false),
        (&["user", "admin"], false),
        (&[], true),
    ] {
        let change = UserChange {
            roles: Some(roles(names)),
            ..UserChange::default()
        };
        for id in [anna.id, who.who.user.id] {
            let result = update(&engine, &who.caller(), id, change.clone()).await;
            assert_eq!(result.is_ok(), allowed, "{names:?}: {result:?}");
        }
        // Their own roles are what the loop may have taken away.
        let back = UserChange {
            roles: Some(roles(&["special"])),
            ..UserChange::default()
        };
        super::update_user::set(&engine, who.who.user.id, back).await;

        let email = format!("new-{}@example.com", names.join("."));
        if !names.is_empty() {
            let created = engine
                .create_user(&who.permitted::<UsersWrite>(), new_user(&email, names))
                .await;
            assert_eq!(created.is_ok(), allowed, "{names:?}: {created:?}");
        }
    }
}

#[tokio::test]
async fn who_may_not_assign_creates_plain_users_alone() {
    let (engine, who, _) = somebody_who_may(&[Permission::USERS_WRITE]).await;
    let proof = who.permitted::<UsersWrite>();
    let create = |name: &'static str| {
        let (engine, proof) = (engine.clone(), proof.clone());
        async move {
            let email = format!("{name}-new@example.com");
            engine.create_user(&proof, new_user(&email, &[name])).await
        }
    };
    assert!(create("user").await.is_ok());
    for name in ["guest", "special", "admin"] {
        let refused = create(name).await;
        assert!(
            matches!(refused, Err(CreateUserError::BeyondOwnRights)),
            "{name}"
        );
    }
    let refused = create("unheard-of").await;
    assert!(matches!(refused, Err(CreateUserError::UnknownRole)));
}

#[tokio::test]
async fn a_lesser_deleter_deletes_plain_users_alone() {
    let (engine, who, anna) = somebody_who_may(&[Permission::USERS_DELETE]).await;
    let moderator = engine.create("mod@example.com", &["moderator"]).await;
    let proof = who.permitted::<UsersDelete>();
    let refused = engine.delete_user(&proof, moderator.id).await;
    assert!(matches!(refused, Err(DeleteUserError::BeyondOwnRights)));
    engine.delete_user(&proof, anna.id).await.unwrap();
    let gone = engine.delete_user(&proof, anna.id).await;
    assert!(matches!(gone, Err(DeleteUserError::NotFound)));
}

#[tokio::test]
async fn who_may_not_look_does_not_learn_who_exists() {
    let engine = TestEngine::in_memory().await;
    let nobody = UserId::from_uuid(uuid::Uuid::from_u128(7));
    let bert = engine.sign_up("bert@example.com").await;
    let anna = engine
        .create_and_log_in("anna@example.com", &["user"])
        .await;
    let moderator = engine
        .create_and_log_in("m@example.com", &["moderator"])
        .await;
    for id in [nobody, bert.id] {
        let refused = engine.find_user(&anna.caller(), id).await;
        assert!(matches!(refused, Err(FindUserError::Denied)));
        let refused = engine.find_user(&anonymous(), id).await;
        assert!(matches!(refused, Err(FindUserError::Denied)));
        for change in [UserChange::default(), fields().remove(2).1] {
            let refused = update(&engine, &anna.caller(), id, change).await;
            assert!(is_denied(&refused));
        }
    }
    let found = engine.find_user(&moderator.caller(), bert.id).await;
    assert_eq!(found.unwrap(), bert);
    let found = engine.find_user(&moderator.caller(), nobody).await;
    assert!(matches!(found, Err(FindUserError::NotFound)));
    let own = engine.find_user(&anna.caller(), anna.who.user.id).await;
    assert_eq!(own.unwrap(), **anna.who.user);
}

#[tokio::test]
async fn permissions_of_several_roles_add_up() {
    let engine = TestEngine::in_memory().await;
    define(&engine, "counter", &[Permission::USERS_COUNT]).await;
    let who = engine
        .create_and_log_in("x@example.com", &["counter", "moderator"])
        .await;
    let expected = BTreeSet::from([
        Permission::USERS_COUNT,
        Permission::USERS_READ,
        Permission::ROLES_READ,
    ]);
    assert_eq!(who.who.user.permissions, expected);
}
