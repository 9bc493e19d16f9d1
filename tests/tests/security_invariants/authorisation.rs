//! ASVS 8: who may do what, at this very moment.

use doorward::{
    AuditRead, Caller, Denied, FindUserError, PermissionMarker, Reauthentication, RolesAssign,
    RolesRead, RolesWrite, UpdateUserError, UserChange, UsersCount, UsersDelete, UsersRead,
    UsersWrite,
};
use doorward_tests::engine::{TestEngine, anonymous, password, roles};

fn allows<P: PermissionMarker>(caller: &Caller) -> bool {
    match caller.clone().permit::<P>() {
        Ok(proof) => proof.caller().user_id() == caller.user_id(),
        Err(Denied) => false,
    }
}

/// What the caller may do, in the order of the built-in permissions.
fn rights(caller: &Caller) -> [bool; 8] {
    [
        allows::<UsersRead>(caller),
        allows::<UsersWrite>(caller),
        allows::<UsersDelete>(caller),
        allows::<UsersCount>(caller),
        allows::<RolesRead>(caller),
        allows::<RolesWrite>(caller),
        allows::<RolesAssign>(caller),
        allows::<AuditRead>(caller),
    ]
}

#[tokio::test]
async fn v8_2_1_each_role_has_its_rights_and_no_others() {
    let engine = TestEngine::in_memory().await;
    assert_eq!(rights(&anonymous()), [false; 8]);
    assert_eq!(rights(&Caller::operator()), [true; 8]);
    let moderator = [true, false, false, false, true, false, false, false];
    for (name, expected) in [
        ("admin", [true; 8]),
        ("moderator", moderator),
        ("user", [false; 8]),
        ("guest", [false; 8]),
    ] {
        let visitor = engine
            .create_and_log_in(&format!("{name}@example.com"), &[name])
            .await;
        assert_eq!(rights(&visitor.caller()), expected, "{name}");
    }
}

#[tokio::test]
async fn v8_2_2_nobody_reads_or_writes_a_stranger_s_account() {
    let engine = TestEngine::in_memory().await;
    let anna = engine
        .create_and_log_in("anna@example.com", &["user"])
        .await;
    let bert = engine
        .create_and_log_in("bert@example.com", &["user"])
        .await;
    let id = bert.who.user.id;
    let looked = engine.find_user(&anna.caller(), id).await;
    assert!(matches!(looked, Err(FindUserError::Denied)));
    let change = UserChange {
        full_name: Some(None),
        ..UserChange::default()
    };
    let none = Reauthentication::default();
    let written = engine.update_user(&anna.caller(), id, change, &none).await;
    assert!(matches!(written, Err(UpdateUserError::Denied)));
    let ended = engine
        .end_session(&anna.who, &anna.caller(), bert.who.session.id)
        .await;
    ended.unwrap_err();
    assert!(engine.lets_in(&bert).await);
}

#[tokio::test]
async fn v8_2_3_owners_do_not_write_what_is_not_theirs_to_write() {
    let engine = TestEngine::in_memory().await;
    let anna = engine
        .create_and_log_in("anna@example.com", &["user"])
        .await;
    let change = UserChange::default;
    for change in [
        UserChange {
            roles: Some(roles(&["admin"])),
            ..change()
        },
        UserChange {
            roles: Some(roles(&["user"])),
            ..change()
        },
        UserChange {
            is_verified: Some(true),
            ..change()
        },
        UserChange {
            is_active: Some(true),
            ..change()
        },
        UserChange {
            password: Some(password("without the old one")),
            ..change()
        },
    ] {
        let none = Reauthentication::default();
        let id = anna.who.user.id;
        let refused = engine.update_user(&anna.caller(), id, change, &none).await;
        assert!(matches!(refused, Err(UpdateUserError::Denied)));
    }
}

#[tokio::test]
async fn v8_3_2_a_change_of_rights_applies_at_once() {
    let engine = TestEngine::in_memory().await;
    engine.create("boss@example.com", &["admin"]).await;
    let admin = engine
        .create_and_log_in("admin@example.com", &["admin"])
        .await;
    let set = async |names: &[&str]| {
        let change = UserChange {
            roles: Some(roles(names)),
            ..UserChange::default()
        };
        let none = Reauthentication::default();
        let id = admin.who.user.id;
        engine
            .update_user(&Caller::operator(), id, change, &none)
            .await
            .unwrap();
        rights(&engine.again(&admin).await.caller())
    };
    assert_eq!(set(&["user"]).await, [false; 8]);
    assert_eq!(set(&["admin"]).await, [true; 8]);
    assert_eq!(set(&[]).await, [false; 8]);
}
