//! Roles that admins define.

use std::collections::BTreeSet;

use doorward::{
    NewRole, Permission, PermissionMarker, RoleChange, RoleError, RolesRead, RolesWrite,
    UserChange, UsersCount, UsersRead,
};
use doorward_tests::engine::{TestEngine, Visitor, operator, role, roles};

use super::update_user::set;

fn new_role(name: &str, permissions: &[Permission]) -> NewRole {
    NewRole::new(role(name))
        .description("of a test")
        .permits(permissions.iter().cloned())
}

fn permits(permissions: &[Permission]) -> RoleChange {
    RoleChange {
        permissions: Some(permissions.iter().cloned().collect()),
        ..RoleChange::default()
    }
}

async fn with_admin() -> (TestEngine, Visitor) {
    let engine = TestEngine::in_memory().await;
    let admin = engine
        .create_and_log_in("admin@example.com", &["admin"])
        .await;
    (engine, admin)
}

#[derive(Debug)]
struct ReportsRead;

impl PermissionMarker for ReportsRead {
    const PERMISSION: Permission = Permission::USERS_COUNT;
}

#[tokio::test]
async fn the_built_in_ones_are_there_in_their_order() {
    let (engine, admin) = with_admin().await;
    let listed = engine
        .list_roles(&admin.permitted::<RolesRead>())
        .await
        .unwrap();
    let names: Vec<_> = listed
        .iter()
        .map(|role| (role.name.as_str(), role.rank))
        .collect();
    let expected = [
        ("admin", 400),
        ("moderator", 300),
        ("user", 200),
        ("guest", 100),
    ];
    assert_eq!(names, expected);
    assert!(listed.iter().all(|role| role.built_in));
    assert_eq!(listed[0].permissions, BTreeSet::from(Permission::BUILT_IN));
    let reading = BTreeSet::from([Permission::USERS_READ, Permission::ROLES_READ]);
    assert_eq!(listed[1].permissions, reading);
    assert!(listed[2].permissions.is_empty() && listed[3].permissions.is_empty());
}

#[tokio::test]
async fn a_defined_one_stands_where_it_is_put() {
    let (engine, admin) = with_admin().await;
    let proof = admin.permitted::<RolesWrite>();
    let low = engine
        .create_role(&proof, new_role("low", &[]))
        .await
        .unwrap();
    assert_eq!((low.rank, low.built_in), (150, false));
    assert_eq!(
        (low.created_at, low.updated_at),
        (engine.now(), engine.now())
    );
    let high = new_role("high", &[Permission::USERS_COUNT]).rank(250);
    let high = engine.create_role(&proof, high).await.unwrap();
    let listed = engine.list_roles(&operator::<RolesRead>()).await.unwrap();
    let names: Vec<_> = listed.iter().map(|role| role.name.as_str()).collect();
    assert_eq!(
        names,
        ["admin", "moderator", "high", "user", "low", "guest"]
    );
    assert_eq!((&listed[2], &listed[4]), (&high, &low));
}

#[tokio::test]
async fn a_name_is_taken_once() {
    let (engine, admin) = with_admin().await;
    let proof = admin.permitted::<RolesWrite>();
    engine
        .create_role(&proof, new_role("billing", &[]))
        .await
        .unwrap();
    for name in ["billing", "admin", "user"] {
        let taken = engine.create_role(&proof, new_role(name, &[])).await;
        assert!(matches!(taken, Err(RoleError::NameTaken)), "{name}");
    }
}

#[tokio::test]
async fn the_rank_stays_below_admin_and_above_nothing() {
    let (engine, admin) = with_admin().await;
    let proof = admin.permitted::<RolesWrite>();
    engine
        .create_role(&proof, new_role("moved", &[]))
        .await
        .unwrap();
    for (position, (rank, allowed)) in [
        (-1, false),
        (0, true),
        (399, true),
        (400, false),
        (i64::MAX, false),
        (i64::MIN, false),
    ]
    .into_iter()
    .enumerate()
    {
        let rank = Some(rank);
        let mut new = new_role(&format!("role{position}"), &[]);
        new.rank = rank;
        let created = engine.create_role(&proof, new).await;
        let change = RoleChange {
            rank,
            ..RoleChange::default()
        };
        let moved = engine.update_role(&proof, &role("moved"), change).await;
        for result in [created, moved] {
            match result {
                Ok(role) => assert!(allowed && Some(role.rank) == rank),
                Err(error) => assert!(!allowed && matches!(error, RoleError::InvalidRank)),
            }
        }
    }
}

#[tokio::test]
async fn built_in_ones_are_neither_changed_nor_deleted() {
    let (engine, admin) = with_admin().await;
    let proof = admin.permitted::<RolesWrite>();
    for name in ["admin", "moderator", "user", "guest"] {
        let changed = engine.update_role(&proof, &role(name), permits(&[])).await;
        assert!(matches!(changed, Err(RoleError::BuiltIn)), "{name}");
        let deleted = engine.delete_role(&proof, &role(name)).await;
        assert!(matches!(deleted, Err(RoleError::BuiltIn)), "{name}");
    }
    let unknown = role("unheard-of");
    let changed = engine.update_role(&proof, &unknown, permits(&[])).await;
    assert!(matches!(changed, Err(RoleError::NotFound)));
    let deleted = engine.delete_role(&proof, &unknown).await;
    assert!(matches!(deleted, Err(RoleError::NotFound)));
}

#[tokio::test]
async fn one_that_somebody_has_is_not_deleted() {
    let (engine, admin) = with_admin().await;
    let proof = admin.permitted::<RolesWrite>();
    engine
        .create_role(&proof, new_role("billing", &[]))
        .await
        .unwrap();
    let anna = engine.create("anna@example.com", &["billing"]).await;
    let refused = engine.delete_role(&proof, &role("billing")).await;
    assert!(matches!(refused, Err(RoleError::InUse)));
    let strip = UserChange {
        roles: Some(roles(&["user"])),
        ..UserChange::default()
    };
    set(&engine, anna.id, strip).await;
    engine.delete_role(&proof, &role("billing")).await.unwrap();
    let listed = engine.list_roles(&operator::<RolesRead>()).await.unwrap();
    assert_eq!(listed.len(), 4);
    engine
        .create_role(&proof, new_role("billing", &[]))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_change_is_felt_at_once_by_everybody_who_has_it() {
    let (engine, admin) = with_admin().await;
    let proof = admin.permitted::<RolesWrite>();
    engine
        .create_role(&proof, new_role("helper", &[Permission::USERS_READ]))
        .await
        .unwrap();
    let anna = engine
        .create_and_log_in("anna@example.com", &["helper", "user"])
        .await;
    let bert = engine
        .create_and_log_in("bert@example.com", &["helper"])
        .await;
    assert_eq!(anna.who.user.role(), Some(&role("user")));

    let change = RoleChange {
        rank: Some(250),
        description: Some("counts".to_owned()),
        ..permits(&[Permission::USERS_COUNT])
    };
    let changed = engine
        .update_role(&proof, &role("helper"), change)
        .await
        .unwrap();
    assert_eq!(changed.description, "counts");
    for visitor in [&anna, &bert] {
        let now = engine.again(visitor).await;
        assert!(now.caller().permit::<UsersRead>().is_err());
        assert!(now.caller().permit::<UsersCount>().is_ok());
        assert_eq!(now.who.user.role(), Some(&role("helper")));
    }
    let untouched = engine
        .update_role(&proof, &role("helper"), RoleChange::default())
        .await
        .unwrap();
    assert_eq!(
        untouched.permissions,
        BTreeSet::from([Permission::USERS_COUNT])
    );
    assert_eq!((untouched.rank, &*untouched.description), (250, "counts"));
}

#[tokio::test]
async fn nobody_defines_beyond_their_own_rights() {
    let (engine, admin) = with_admin().await;
    let mine = [Permission::ROLES_WRITE, Permission::USERS_READ];
    engine
        .create_role(&admin.permitted::<RolesWrite>(), new_role("definer", &mine))
        .await
        .unwrap();
    engine
        .create_role(
            &admin.permitted::<RolesWrite>(),
            new_role("writer", &[Permission::USERS_WRITE]),
        )
        .await
        .unwrap();
    let who = engine
        .create_and_log_in("d@example.com", &["definer"])
        .await;
    let proof = who.permitted::<RolesWrite>();

    let beyond = |result: &Result<doorward::Role, RoleError>| {
        matches!(result, Err(RoleError::BeyondOwnRights))
    };
    let created = engine
        .create_role(&proof, new_role("x", &[Permission::USERS_WRITE]))
        .await;
    assert!(beyond(&created));
    engine
        .create_role(&proof, new_role("y", &[Permission::USERS_READ]))
        .await
        .unwrap();
    // Not their own role, and not up to more than they may.
    let raised = permits(&[Permission::ROLES_WRITE, Permission::USERS_DELETE]);
    for name in ["definer", "y"] {
        assert!(beyond(
            &engine
                .update_role(&proof, &role(name), raised.clone())
                .await
        ));
    }
    // Not a role that permits more than they may, not even to take it away.
    assert!(beyond(
        &engine
            .update_role(&proof, &role("writer"), permits(&[]))
            .await
    ));
    let deleted = engine.delete_role(&proof, &role("writer")).await;
    assert!(matches!(deleted, Err(RoleError::BeyondOwnRights)));
}

#[tokio::test]
async fn an_admin_defines_and_grants_what_the_application_checks() {
    let (engine, admin) = with_admin().await;
    let reports: Permission = "reports:read".parse().unwrap();
    let proof = admin.permitted::<RolesWrite>();
    engine
        .create_role(&proof, new_role("reporter", std::slice::from_ref(&reports)))
        .await
        .unwrap();
    let anna = engine
        .create_and_log_in("anna@example.com", &["user"])
        .await;
    let grant = UserChange {
        roles: Some(roles(&["user", "reporter"])),
        ..UserChange::default()
    };
    let none = doorward::Reauthentication::default();
    let id = anna.who.user.id;
    engine
        .update_user(&admin.caller(), id, grant, &none)
        .await
        .unwrap();
    let anna = engine.again(&anna).await;
    assert!(anna.caller().is_permitted(&reports));
    // Who has such a right is not thereby out of the admins' reach.
    let rename = UserChange {
        full_name: Some(Some("Anna".parse().unwrap())),
        ..UserChange::default()
    };
    engine
        .update_user(&admin.caller(), id, rename, &none)
        .await
        .unwrap();
    assert!(
        admin.caller().is_permitted(&reports),
        "admins may do everything"
    );
    let change = permits(&[]);
    engine
        .update_role(&proof, &role("reporter"), change)
        .await
        .unwrap();
    assert!(!engine.again(&anna).await.caller().is_permitted(&reports));
}

#[tokio::test]
async fn an_application_s_marker_is_as_good_as_ours() {
    let (_, admin) = with_admin().await;
    assert!(admin.caller().permit::<ReportsRead>().is_ok());
}

#[tokio::test]
async fn changes_of_roles_are_told() {
    let (engine, admin) = with_admin().await;
    let proof = admin.permitted::<RolesWrite>();
    let step = || engine.advance(std::time::Duration::from_millis(1));
    step();
    engine
        .create_role(&proof, new_role("billing", &[]))
        .await
        .unwrap();
    step();
    engine
        .update_role(&proof, &role("billing"), RoleChange::default())
        .await
        .unwrap();
    step();
    engine.delete_role(&proof, &role("billing")).await.unwrap();
    let told: Vec<_> = super::audit::all(&engine).await;
    let told: Vec<_> = told[..3]
        .iter()
        .map(|event| (&*event.action, event.role.as_deref(), event.actor_id))
        .collect();
    let (billing, id) = (Some("billing"), Some(admin.who.user.id));
    assert_eq!(
        told,
        [
            ("role.deleted", billing, id),
            ("role.updated", billing, id),
            ("role.created", billing, id),
        ]
    );
}
