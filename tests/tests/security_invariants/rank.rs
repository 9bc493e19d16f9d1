//! Roles mean something to other services also where they permit nothing here: nobody
//! reaches a role that ranks above their own.

use doorward::{
    AuditFilter, AuditRead, NewRole, PageRequest, Permission, Reauthentication, RoleError,
    RolesWrite, UpdateUserError, UserChange,
};
use doorward_tests::engine::{TestEngine, Visitor, operator, password, proof, role, roles};

async fn define(engine: &TestEngine, name: &str, rank: i64, permissions: &[Permission]) {
    let new = NewRole::new(role(name))
        .rank(rank)
        .permits(permissions.iter().cloned());
    engine
        .create_role(&operator::<RolesWrite>(), new)
        .await
        .unwrap();
}

/// Somebody whose role permits a lot and ranks low.
async fn helper(engine: &TestEngine) -> Visitor {
    let rights = [
        Permission::USERS_READ,
        Permission::USERS_WRITE,
        Permission::ROLES_READ,
        Permission::ROLES_WRITE,
        Permission::ROLES_ASSIGN,
    ];
    define(engine, "helper", 150, &rights).await;
    define(engine, "billing-admin", 390, &[]).await;
    engine
        .create_and_log_in("helper@example.com", &["helper"])
        .await
}

#[tokio::test]
async fn nobody_gives_themselves_a_role_above_their_own() {
    let engine = TestEngine::in_memory().await;
    let helper = helper(&engine).await;
    for wanted in ["moderator", "billing-admin", "admin"] {
        let change = UserChange {
            roles: Some(roles(&["helper", wanted])),
            ..UserChange::default()
        };
        let id = helper.who.user.id;
        let changed = engine
            .update_user(&helper.caller(), id, change, &proof())
            .await;
        assert!(
            matches!(changed, Err(UpdateUserError::Denied)),
            "{wanted}: {changed:?}"
        );
    }
}

#[tokio::test]
async fn nobody_takes_over_an_account_that_ranks_above_theirs() {
    let engine = TestEngine::in_memory().await;
    let helper = helper(&engine).await;
    for above in ["moderator", "billing-admin"] {
        let victim = engine
            .create(&format!("{above}@example.com"), &[above])
            .await;
        let change = UserChange {
            password: Some(password("taken over now")),
            ..UserChange::default()
        };
        let changed = engine
            .update_user(&helper.caller(), victim.id, change, &proof())
            .await;
        assert!(
            matches!(changed, Err(UpdateUserError::Denied)),
            "{above}: {changed:?}"
        );
    }
    let below = engine.create("user@example.com", &["user"]).await;
    let change = UserChange {
        is_verified: Some(true),
        ..UserChange::default()
    };
    assert!(
        engine
            .update_user(&helper.caller(), below.id, change, &proof())
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn nobody_defines_a_role_above_their_own() {
    let engine = TestEngine::in_memory().await;
    let helper = helper(&engine).await;
    let new = NewRole::new(role("above")).rank(151);
    let made = engine
        .create_role(&helper.permitted::<RolesWrite>(), new)
        .await;
    assert!(matches!(made, Err(RoleError::BeyondOwnRights)), "{made:?}");
}

#[tokio::test]
async fn an_account_has_no_more_roles_than_its_tokens_can_name() {
    let engine = TestEngine::in_memory().await;
    let user = engine.create("anna@example.com", &["user"]).await;
    let mut names = vec!["user".to_owned()];
    for number in 0..20 {
        let name = format!("role-{number:0>45}");
        define(&engine, &name, 100, &[]).await;
        names.push(name);
    }
    let assign = |count: usize| UserChange {
        roles: Some(names[..count].iter().map(|name| role(name)).collect()),
        ..UserChange::default()
    };
    let operator = doorward::Caller::operator();
    let too_many = engine
        .update_user(&operator, user.id, assign(21), &proof())
        .await;
    assert!(
        matches!(too_many, Err(UpdateUserError::TooManyRoles)),
        "{too_many:?}"
    );
    engine
        .update_user(&operator, user.id, assign(20), &proof())
        .await
        .unwrap();
    engine.log_in("anna@example.com").await;
}

#[tokio::test]
async fn a_wrong_password_of_somebody_logged_in_leaves_an_audit_event() {
    let engine = TestEngine::in_memory().await;
    let anna = engine
        .create_and_log_in("anna@example.com", &["user"])
        .await;
    let wrong = Reauthentication {
        password: Some(password("not the password")),
    };
    let deleted = engine
        .delete_own_account(&anna.who, &anna.caller(), &wrong)
        .await;
    assert!(deleted.is_err());
    let filter = AuditFilter {
        action: Some(doorward::Action::Reauthentication),
        outcome: Some(doorward::Outcome::Failure),
        target_id: Some(anna.who.user.id),
        ..AuditFilter::default()
    };
    let page = engine
        .list_audit_events(&operator::<AuditRead>(), filter, PageRequest::default())
        .await
        .unwrap();
    assert_eq!(page.items.len(), 1);
}
