//! Roles: defined, changed, granted, deleted.

use std::collections::BTreeSet;

use doorward::{
    Caller, NewRole, Permission, Reauthentication, Role, RoleChange, RoleError, RolesRead,
    RolesWrite, UserChange,
};
use doorward_tests::engine::{TestEngine, operator, role, roles};
use doorward_tests::on_every_database;

pub(crate) fn new_role(name: &str, permissions: &[Permission]) -> NewRole {
    NewRole::new(role(name))
        .rank(42)
        .description("Ein Röllchen; with 'quotes'")
        .permits(permissions.iter().cloned())
}

async fn listed(engine: &TestEngine, name: &str) -> Option<Role> {
    let all = engine.list_roles(&operator::<RolesRead>()).await.unwrap();
    all.into_iter().find(|found| found.name == role(name))
}

on_every_database! {
    async fn a_role_lives_from_definition_to_deletion(db) {
        let engine = TestEngine::at(db.url()).await;
        let proof = operator::<RolesWrite>();
        let permissions = [Permission::USERS_READ, "reports:read".parse().unwrap()];
        let made = engine.create_role(&proof, new_role("billing", &permissions)).await.unwrap();
        assert_eq!(listed(&engine, "billing").await, Some(made));
        let taken = engine.create_role(&proof, new_role("billing", &[])).await;
        assert!(matches!(taken, Err(RoleError::NameTaken)), "{taken:?}");
        let taken = engine.create_role(&proof, new_role("admin", &[])).await;
        assert!(matches!(taken, Err(RoleError::NameTaken)), "{taken:?}");

        engine.advance(std::time::Duration::from_millis(9));
        let change = RoleChange {
            rank: Some(0),
            description: Some(String::new()),
            permissions: Some(BTreeSet::from([Permission::USERS_COUNT, Permission::USERS_READ])),
        };
        let changed = engine.update_role(&proof, &role("billing"), change).await.unwrap();
        assert_eq!(changed.updated_at, engine.now());
        assert_eq!(listed(&engine, "billing").await, Some(changed));

        let anna = engine.create_and_log_in("anna@example.com", &["billing"]).await;
        assert!(anna.who.user.permissions.contains(&Permission::USERS_COUNT));
        let used = engine.delete_role(&proof, &role("billing")).await;
        assert!(matches!(used, Err(RoleError::InUse)), "{used:?}");
        let strip = UserChange { roles: Some(roles(&["user"])), ..UserChange::default() };
        let none = Reauthentication::default();
        engine.update_user(&Caller::operator(), anna.who.user.id, strip, &none).await.unwrap();
        assert!(engine.again(&anna).await.who.user.permissions.is_empty());
        engine.delete_role(&proof, &role("billing")).await.unwrap();
        assert_eq!(listed(&engine, "billing").await, None);
        let gone = engine.delete_role(&proof, &role("billing")).await;
        assert!(matches!(gone, Err(RoleError::NotFound)), "{gone:?}");
    }

    async fn a_description_with_nul_is_stored_without(db) {
        let engine = TestEngine::at(db.url()).await;
        let proof = operator::<RolesWrite>();
        let odd = new_role("odd", &[]).description("a\0b");
        engine.create_role(&proof, odd).await.unwrap();
        let odd = RoleChange { description: Some("c\0\nd".to_owned()), ..RoleChange::default() };
        let changed = engine.update_role(&proof, &role("odd"), odd).await.unwrap();
        assert_eq!(changed.description, "c\nd");
        assert_eq!(listed(&engine, "odd").await, Some(changed));
    }
}
