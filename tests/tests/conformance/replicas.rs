//! Two engines on one database, each with connections and caches of its own.

use std::time::Duration;

use doorward::{
    Caller, CreateUserError, NewRole, Permission, Reauthentication, RoleChange, RolesWrite,
    UserChange, UsersDelete,
};
use doorward_tests::engine::{TestEngine, new_user, operator, role, roles};
use doorward_tests::on_every_lasting_database;

use super::roles::new_role;
use super::within;

/// What replicas promise each other.
const PROMISE: Duration = Duration::from_secs(1);

async fn set(engine: &TestEngine, id: doorward::UserId, change: UserChange) {
    let none = Reauthentication::default();
    engine
        .update_user(&Caller::operator(), id, change, &none)
        .await
        .unwrap();
}

on_every_lasting_database! {
    async fn what_one_ends_the_other_refuses_within_a_second(db) {
        let here = TestEngine::at(db.url()).await;
        let there = here.replica(db.url()).await;
        here.create("admin@example.com", &["admin"]).await;

        let ends: [(&str, _); 5] = ["logout", "end all", "deactivate", "set password", "delete"].map(|end| (end, ()));
        for (end, ()) in ends {
            let email = format!("{}@example.com", end.replace(' ', "-"));
            here.sign_up(&email).await;
            let visitor = here.log_in(&email).await;
            let id = visitor.who.user.id;
            within(PROMISE, "the other knows the session", async || there.lets_in(&visitor).await).await;
            assert!(there.lets_in(&visitor).await);
            match end {
                "logout" => here.logout(&visitor.who, &visitor.caller()).await.unwrap(),
                "end all" => here.end_all_sessions(&visitor.who, &visitor.caller(), false).await.unwrap(),
                "deactivate" => set(&here, id, UserChange { is_active: Some(false), ..UserChange::default() }).await,
                "set password" => {
                    let new = doorward_tests::engine::password("an entirely new one");
                    set(&here, id, UserChange { password: Some(new), ..UserChange::default() }).await;
                }
                _ => here.delete_user(&operator::<UsersDelete>(), id).await.unwrap(),
            }
            assert!(!here.lets_in(&visitor).await, "{end}: at once where it was done");
            within(PROMISE, end, async || !there.lets_in(&visitor).await).await;
            assert!(there.try_refresh(&visitor.tokens).await.is_err(), "{end}");
        }
    }

    async fn new_rights_are_seen_by_the_other_within_a_second(db) {
        let here = TestEngine::at(db.url()).await;
        let there = here.replica(db.url()).await;
        let special = NewRole::new(role("special")).permits([Permission::USERS_READ]);
        here.create_role(&operator::<RolesWrite>(), special).await.unwrap();
        let visitor = here.create_and_log_in("anna@example.com", &["user"]).await;
        assert!(there.again(&visitor).await.who.user.permissions.is_empty());

        let grant = UserChange { roles: Some(roles(&["special"])), ..UserChange::default() };
        set(&here, visitor.who.user.id, grant).await;
        within(PROMISE, "the granted role", async || {
            there.again(&visitor).await.caller().is_permitted(&Permission::USERS_READ)
        })
        .await;

        let nothing = RoleChange { permissions: Some([].into()), ..RoleChange::default() };
        here.update_role(&operator::<RolesWrite>(), &role("special"), nothing).await.unwrap();
        within(PROMISE, "the emptied role", async || {
            !there.again(&visitor).await.caller().is_permitted(&Permission::USERS_READ)
        })
        .await;
    }

    async fn a_write_that_fails_half_way_leaves_nothing(db) {
        let here = TestEngine::at(db.url()).await;
        let there = here.replica(db.url()).await;
        for round in 0..6 {
            let name = format!("role{round}");
            here.create_role(&operator::<RolesWrite>(), new_role(&name, &[])).await.unwrap();
            within(PROMISE, "the other knows the role", async || {
                let listed = there.list_roles(&operator()).await.unwrap();
                listed.iter().any(|found| found.name == role(&name))
            })
            .await;
            here.delete_role(&operator::<RolesWrite>(), &role(&name)).await.unwrap();
            // There the role is still known, until its loss is heard of: the account is
            // inserted, and its password, before the database refuses the role.
            let email = format!("anna{round}@example.com");
            let refused = there.create_user(&operator(), new_user(&email, &[&name])).await;
            assert!(matches!(refused, Err(CreateUserError::UnknownRole)), "{refused:?}");
            here.sign_up(&email).await;
        }
        let counted = here.count_users(&operator()).await.unwrap();
        assert_eq!(counted.total, 6);
    }

    async fn a_token_of_one_is_refreshed_at_the_other(db) {
        let here = TestEngine::at(db.url()).await;
        let there = here.replica(db.url()).await;
        here.sign_up("anna@example.com").await;
        let visitor = here.log_in("anna@example.com").await;
        let second = there.try_refresh(&visitor.tokens).await.unwrap();
        let again = here.try_refresh(&visitor.tokens).await.unwrap();
        assert_eq!(*again.refresh_token, *second.refresh_token);
        let third = here.try_refresh(&second).await.unwrap();
        assert!(there.try_refresh(&visitor.tokens).await.is_err(), "reuse");
        assert!(here.try_refresh(&third).await.is_err());
        within(PROMISE, "the reused session", async || !here.lets_in(&visitor).await).await;
    }
}
