//! Races: however many ask at once, there is exactly one effect.

use std::collections::HashSet;
use std::time::Duration;

use doorward::{
    Caller, ChangePasswordError, Database, DeleteUserError, IdentityRejected, NewUser,
    Reauthentication, RegisterError, RoleChange, RoleError, RolesWrite, UpdateUserError,
    UserChange, UserId, UsersCount, UsersDelete, UsersWrite,
};
use doorward_tests::engine::{
    PASSWORD, TestEngine, Visitor, anonymous, new_user, operator, password, registration, role,
    roles,
};
use doorward_tests::on_every_database;
use tokio::task::JoinSet;

use super::roles::new_role;

pub(crate) const MANY: usize = 50;

/// Runs as many as there are numbers, all at once.
pub(crate) async fn at_once<T, F>(count: usize, job: impl Fn(usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let mut jobs = JoinSet::new();
    for number in 0..count {
        jobs.spawn(job(number));
    }
    jobs.join_all().await
}

async fn count(engine: &TestEngine) -> u64 {
    let counted = engine.count_users(&operator::<UsersCount>()).await.unwrap();
    counted.total
}

fn demote() -> UserChange {
    UserChange {
        roles: Some(roles(&["user"])),
        ..UserChange::default()
    }
}

fn shut() -> UserChange {
    UserChange {
        is_active: Some(false),
        ..UserChange::default()
    }
}

/// What an admin does to the other.
async fn turn_on(engine: &TestEngine, admin: &Visitor, other: UserId, how: usize) -> bool {
    let none = Reauthentication::default();
    let result = match how {
        0 => {
            engine
                .update_user(&admin.caller(), other, demote(), &none)
                .await
        }
        1 => {
            engine
                .update_user(&admin.caller(), other, shut(), &none)
                .await
        }
        _ => {
            return match engine
                .delete_user(&admin.permitted::<UsersDelete>(), other)
                .await
            {
                Ok(()) => true,
                // Who was struck first has no standing any more.
                Err(
                    DeleteUserError::LastAdmin
                    | DeleteUserError::NotFound
                    | DeleteUserError::Revoked
                    | DeleteUserError::BeyondOwnRights,
                ) => false,
                Err(other) => panic!("{other:?}"),
            };
        }
    };
    match result {
        Ok(_) => true,
        Err(
            UpdateUserError::LastAdmin
            | UpdateUserError::NotFound
            | UpdateUserError::Revoked
            | UpdateUserError::Denied,
        ) => false,
        Err(other) => panic!("{other:?}"),
    }
}

on_every_database! {
    async fn fifty_refreshes_of_one_token_bring_one_successor(db) {
        let engine = TestEngine::at(db.url()).await;
        engine.sign_up("anna@example.com").await;
        let visitor = engine.log_in("anna@example.com").await;
        let answers = at_once(MANY, |_| {
            let (engine, tokens) = (engine.clone(), visitor.tokens.clone());
            async move { engine.try_refresh(&tokens).await.unwrap() }
        })
        .await;
        let texts: HashSet<_> = answers.iter().map(|pair| pair.refresh_token.to_string()).collect();
        assert_eq!(texts.len(), 1);
        for pair in &answers {
            assert!(engine.authenticate(&pair.access_token).await.is_ok());
        }
        assert_eq!(engine.list_sessions(&visitor.who).await.unwrap().len(), 1);
        let successor = engine.try_refresh(&answers[0]).await.unwrap();
        assert!(!texts.contains(&*successor.refresh_token), "the one successor is live, once");
    }

    async fn fifty_registrations_of_one_address_make_one_account(db) {
        let engine = TestEngine::at(db.url()).await;
        let spell = |number: usize| -> String {
            "anna@example.com"
                .char_indices()
                .map(|(at, letter)| if number >> (at % 6) & 1 == 1 { letter.to_ascii_uppercase() } else { letter })
                .collect()
        };
        let answers = at_once(MANY, |number| {
            let (engine, address) = (engine.clone(), spell(number));
            async move { engine.register(&anonymous(), registration(&address)).await }
        })
        .await;
        let made = answers.iter().filter(|answer| answer.is_ok()).count();
        let taken = |answer: &Result<_, _>| matches!(answer, Err(RegisterError::Identity(IdentityRejected::EmailTaken)));
        assert_eq!(made, 1);
        assert_eq!(answers.iter().filter(|answer| taken(answer)).count(), MANY - 1);
        assert_eq!(count(&engine).await, 1);
        engine.log_in("anna@example.com").await;
    }

    async fn of_two_admins_who_turn_on_each_other_one_stays(db) {
        let engine = TestEngine::at(db.url()).await;
        for round in 0..24 {
            let (how, other_how) = (round % 3, round / 3 % 3);
            let one = engine.create_and_log_in(&format!("one{round}@example.com"), &["admin"]).await;
            let other = engine.create_and_log_in(&format!("other{round}@example.com"), &["admin"]).await;
            if round > 0 {
                // Only these two are left to turn on each other.
                for number in 0..round {
                    retire(&engine, number).await;
                }
            }
            let pair = [(one.clone(), other.clone(), how), (other, one, other_how)];
            let effects = at_once(2, |number| {
                let engine = engine.clone();
                let (admin, victim, how) = pair[number].clone();
                async move { turn_on(&engine, &admin, victim.who.user.id, how).await }
            })
            .await;
            let effects = effects.into_iter().filter(|effect| *effect).count();
            assert_eq!(effects, 1, "round {round}");
            assert!(engine.has_admin().await.unwrap());
            let counted = engine.count_users(&operator::<UsersCount>()).await.unwrap();
            assert!(counted.by_role[0].1 >= 1, "round {round}");
        }
    }

    async fn a_changed_password_leaves_no_session_of_the_old_one(db) {
        let engine = TestEngine::at(db.url()).await;
        for round in 0..8 {
            let email = format!("anna{round}@example.com");
            engine.sign_up(&email).await;
            let this = engine.log_in(&email).await;
            let answers = at_once(13, |number| {
                let (engine, email, this) = (engine.clone(), email.clone(), this.clone());
                async move {
                    match number {
                        6 => {
                            let (old, new) = (password(PASSWORD), password("a new long password"));
                            engine.change_password(&this.who, &this.caller(), old, new).await.unwrap();
                            None
                        }
                        9 => {
                            engine.end_all_sessions(&this.who, &this.caller(), true).await.unwrap();
                            None
                        }
                        10 => engine.try_refresh(&this.tokens).await.ok(),
                        _ => engine.try_log_in(&email, PASSWORD).await.ok(),
                    }
                }
            })
            .await;
            assert!(engine.try_log_in(&email, PASSWORD).await.is_err());
            let this = engine.again(&this).await;
            let live = engine.list_sessions(&this.who).await.unwrap();
            assert_eq!(live.len(), 1, "round {round}");
            assert!(live[0].is_current);
            for tokens in answers.into_iter().flatten() {
                if let Ok(who) = engine.authenticate(&tokens.access_token).await {
                    assert_eq!(who.session.id, this.who.session.id, "round {round}");
                }
            }
        }
    }

    async fn of_many_password_changes_one_has_effect(db) {
        let engine = TestEngine::at(db.url()).await;
        engine.sign_up("anna@example.com").await;
        let this = engine.log_in("anna@example.com").await;
        let new = |number: usize| format!("new password, the {number}th");
        let answers = at_once(8, |number| {
            let (engine, this) = (engine.clone(), this.clone());
            async move {
                engine
                    .change_password(&this.who, &this.caller(), password(PASSWORD), password(&new(number)))
                    .await
            }
        })
        .await;
        // Who comes late shows a password that is wrong by then, and so often has to wait.
        let refused = |answer: &&Result<(), _>| {
            matches!(answer, Err(ChangePasswordError::CurrentIncorrect | ChangePasswordError::Locked { .. }))
        };
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
        assert_eq!(answers.iter().filter(refused).count(), 7);
        let mut opened = 0;
        for number in 0..8 {
            opened += usize::from(engine.try_log_in("anna@example.com", &new(number)).await.is_ok());
            engine.advance(Duration::from_secs(60));
        }
        assert_eq!(opened, 1);
    }

    async fn a_deactivation_leaves_no_session_of_a_login_at_the_same_time(db) {
        let engine = TestEngine::at(db.url()).await;
        for round in 0..8 {
            let email = format!("anna{round}@example.com");
            let anna = engine.sign_up(&email).await;
            let answers = at_once(9, |number| {
                let (engine, email) = (engine.clone(), email.clone());
                async move {
                    if number == 4 {
                        let none = Reauthentication::default();
                        engine.update_user(&Caller::operator(), anna.id, shut(), &none).await.unwrap();
                        return None;
                    }
                    engine.try_log_in(&email, PASSWORD).await.ok()
                }
            })
            .await;
            for tokens in answers.into_iter().flatten() {
                assert!(engine.authenticate(&tokens.access_token).await.is_err(), "round {round}");
                assert!(engine.try_refresh(&tokens).await.is_err(), "round {round}");
            }
        }
    }

    async fn a_login_during_the_end_of_all_sessions_is_live_or_ended_as_a_whole(db) {
        let engine = TestEngine::at(db.url()).await;
        engine.sign_up("anna@example.com").await;
        for round in 0..4 {
            let anna = engine.log_in("anna@example.com").await;
            let answers = at_once(12, |number| {
                let (engine, anna) = (engine.clone(), anna.clone());
                async move {
                    if number == 5 {
                        engine.end_all_sessions(&anna.who, &anna.caller(), true).await.unwrap();
                        return None;
                    }
                    Some(engine.try_log_in("anna@example.com", PASSWORD).await.unwrap())
                }
            })
            .await;
            assert!(engine.lets_in(&anna).await, "round {round}: the kept session");
            let mut live = 1;
            for tokens in answers.into_iter().flatten() {
                let is_live = engine.authenticate(&tokens.access_token).await.is_ok();
                assert_eq!(engine.try_refresh(&tokens).await.is_ok(), is_live, "round {round}");
                live += usize::from(is_live);
            }
            assert_eq!(engine.list_sessions(&anna.who).await.unwrap().len(), live, "round {round}");
            engine.end_all_sessions(&anna.who, &anna.caller(), false).await.unwrap();
            // A login that begins afterwards is never dead.
            let next = engine.log_in("anna@example.com").await;
            assert!(engine.lets_in(&next).await, "round {round}");
        }
    }

    async fn logins_at_the_same_time_leave_no_more_sessions_than_allowed(db) {
        let database = Database::connect(db.url()).await.unwrap();
        let engine = TestEngine::with_mail_on(database, |builder| builder.sessions_per_account(5)).await;
        engine.sign_up("anna@example.com").await;
        let answers = at_once(MANY, |_| {
            let engine = engine.clone();
            async move { engine.try_log_in("anna@example.com", PASSWORD).await.unwrap() }
        })
        .await;
        let mut live = 0;
        for tokens in &answers {
            live += usize::from(engine.authenticate(&tokens.access_token).await.is_ok());
        }
        assert_eq!(live, 5);
    }

    async fn of_many_definitions_of_one_role_one_has_effect(db) {
        let engine = TestEngine::at(db.url()).await;
        let proof = operator::<RolesWrite>();
        let answers = at_once(MANY, |_| {
            let (engine, proof) = (engine.clone(), proof.clone());
            async move { engine.create_role(&proof, new_role("billing", &[])).await }
        })
        .await;
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
        let taken = |answer: &&Result<_, _>| matches!(answer, Err(RoleError::NameTaken));
        assert_eq!(answers.iter().filter(taken).count(), MANY - 1);
    }

    async fn changes_of_different_parts_of_a_role_do_not_undo_each_other(db) {
        let engine = TestEngine::at(db.url()).await;
        let proof = operator::<RolesWrite>();
        for round in 0..10 {
            let name = format!("role{round}");
            engine.create_role(&proof, new_role(&name, &[])).await.unwrap();
            let change = |number: usize| match number {
                0 => RoleChange { rank: Some(7), ..RoleChange::default() },
                1 => RoleChange { description: Some("new".to_owned()), ..RoleChange::default() },
                _ => RoleChange {
                    permissions: Some([doorward::Permission::USERS_READ].into()),
                    ..RoleChange::default()
                },
            };
            at_once(3, |number| {
                let (engine, proof, name) = (engine.clone(), proof.clone(), role(&name));
                async move { engine.update_role(&proof, &name, change(number)).await.unwrap() }
            })
            .await;
            let all = engine.list_roles(&operator()).await.unwrap();
            let after = all.into_iter().find(|found| found.name == role(&name)).unwrap();
            assert_eq!((after.rank, &*after.description, after.permissions.len()), (7, "new", 1), "round {round}");
        }
    }

    async fn a_role_is_not_granted_while_it_is_deleted(db) {
        let engine = TestEngine::at(db.url()).await;
        let proof = operator::<RolesWrite>();
        for round in 0..10 {
            let name = format!("role{round}");
            engine.create_role(&proof, new_role(&name, &[])).await.unwrap();
            let answers = at_once(2, |number| {
                let (engine, proof, name) = (engine.clone(), proof.clone(), name.clone());
                async move {
                    if number == 0 {
                        match engine.delete_role(&proof, &role(&name)).await {
                            Ok(()) => true,
                            Err(RoleError::InUse) => false,
                            Err(other) => panic!("{other:?}"),
                        }
                    } else {
                        let new = new_user(&format!("{name}@example.com"), &[&name]);
                        match engine.create_user(&operator::<UsersWrite>(), new).await {
                            Ok(_) => true,
                            Err(doorward::CreateUserError::UnknownRole) => false,
                            Err(other) => panic!("{other:?}"),
                        }
                    }
                }
            })
            .await;
            assert_eq!(answers.into_iter().filter(|done| *done).count(), 1, "round {round}");
        }
    }

    async fn the_first_admin_is_one_however_many_start_at_once(db) {
        let engine = TestEngine::at(db.url()).await;
        let answers = at_once(12, |number| {
            let engine = engine.clone();
            async move {
                let new: NewUser = new_user(&format!("admin{number}@example.com"), &["admin"]);
                engine.create_first_admin(&operator::<UsersWrite>(), new).await.unwrap()
            }
        })
        .await;
        assert_eq!(answers.into_iter().flatten().count(), 1);
        assert_eq!(count(&engine).await, 1);
    }

    async fn sessions_are_ended_all_at_once_from_everywhere(db) {
        let engine = TestEngine::at(db.url()).await;
        engine.sign_up("anna@example.com").await;
        for _ in 0..5 {
            let mut visitors = Vec::new();
            for _ in 0..8 {
                visitors.push(engine.log_in("anna@example.com").await);
            }
            at_once(16, |number| {
                let (engine, this) = (engine.clone(), visitors[number % 8].clone());
                async move {
                    if number < 8 {
                        engine.end_all_sessions(&this.who, &this.caller(), false).await.unwrap();
                    } else {
                        drop(engine.try_refresh(&this.tokens).await);
                    }
                }
            })
            .await;
            for visitor in &visitors {
                assert!(!engine.lets_in(visitor).await);
            }
        }
    }
}

/// Takes the admins of an earlier round out of the game, whatever became of them.
async fn retire(engine: &TestEngine, round: usize) {
    for name in ["one", "other"] {
        let name = doorward::UserName::parse(&format!("{name}{round}@example.com")).unwrap();
        if let Ok(user) = engine.find_user_named(&operator(), name).await {
            drop(
                engine
                    .delete_user(&operator::<UsersDelete>(), user.id)
                    .await,
            );
        }
    }
}
