//! The audit trail: what it tells, and how it is read.

use std::time::Duration;

use doorward::{
    Action, AuditEvent, AuditFilter, AuditRead, Caller, Origin, Outcome, PageRequest,
    Reauthentication, UserChange,
};
use doorward_tests::engine::{PASSWORD, TestEngine, operator, roles};

/// Every event, the newest first.
pub(crate) async fn all(engine: &TestEngine) -> Vec<AuditEvent> {
    list(engine, AuditFilter::default()).await
}

async fn list(engine: &TestEngine, filter: AuditFilter) -> Vec<AuditEvent> {
    let mut events = Vec::new();
    let mut page = PageRequest::new(0, 100);
    loop {
        let read = engine
            .list_audit_events(&operator::<AuditRead>(), filter.clone(), page)
            .await
            .unwrap();
        events.extend(read.items);
        if read.next.is_none() {
            return events;
        }
        page = page.after(read.next);
    }
}

#[tokio::test]
async fn pages_hold_everything_once_the_newest_first() {
    let engine = TestEngine::in_memory().await;
    for number in 0..25 {
        engine.sign_up(&format!("user{number}@example.com")).await;
    }
    let all = all(&engine).await;
    assert_eq!(all.len(), 25);
    assert!(all.is_sorted_by(|a, b| a.occurred_at > b.occurred_at));

    let proof = operator::<AuditRead>();
    let read = |page| engine.list_audit_events(&proof, AuditFilter::default(), page);
    let mut ids = Vec::new();
    let mut page = PageRequest::new(0, 7).counted(true);
    loop {
        let part = read(page).await.unwrap();
        assert_eq!(part.total, Some(25));
        ids.extend(part.items.iter().map(|event| event.id));
        let Some(next) = part.next else { break };
        page = page.after(Some(next));
    }
    let expected: Vec<_> = all.iter().map(|event| event.id).collect();
    assert_eq!(ids, expected);

    let skipped = read(PageRequest::new(20, 10)).await.unwrap();
    let skipped: Vec<_> = skipped.items.iter().map(|event| event.id).collect();
    assert_eq!(skipped, expected[20..]);
    assert_eq!(read(PageRequest::default()).await.unwrap().total, None);
}

#[tokio::test]
async fn each_filter_lets_through_what_it_says() {
    let engine = TestEngine::in_memory().await;
    let anna = engine.sign_up("anna@example.com").await;
    let admin = engine
        .create_and_log_in("admin@example.com", &["admin"])
        .await;
    engine.advance(Duration::from_secs(1));
    let noon = engine.now();
    engine
        .try_log_in("anna@example.com", "something else")
        .await
        .unwrap_err();
    engine.advance(Duration::from_secs(1));
    let rename = UserChange {
        full_name: Some(Some("Anna".parse().unwrap())),
        ..UserChange::default()
    };
    let none = Reauthentication::default();
    engine
        .update_user(&admin.caller(), anna.id, rename, &none)
        .await
        .unwrap();

    let filter = AuditFilter::default;
    let tables = [
        (filter(), 5),
        (
            AuditFilter {
                action: Some(Action::Login),
                ..filter()
            },
            2,
        ),
        (
            AuditFilter {
                outcome: Some(Outcome::Failure),
                ..filter()
            },
            1,
        ),
        (
            AuditFilter {
                actor_id: Some(admin.who.user.id),
                ..filter()
            },
            1,
        ),
        (
            AuditFilter {
                target_id: Some(anna.id),
                ..filter()
            },
            3,
        ),
        (
            AuditFilter {
                since: Some(noon),
                ..filter()
            },
            2,
        ),
        (
            AuditFilter {
                until: Some(noon),
                ..filter()
            },
            3,
        ),
        (
            AuditFilter {
                action: Some(Action::Login),
                outcome: Some(Outcome::Failure),
                target_id: Some(anna.id),
                since: Some(noon),
                until: Some(noon + Duration::from_millis(1)),
                ..filter()
            },
            1,
        ),
        (
            AuditFilter {
                actor_id: Some(anna.id),
                ..filter()
            },
            0,
        ),
    ];
    for (filter, expected) in tables {
        let found = list(&engine, filter.clone()).await;
        assert_eq!(found.len(), expected, "{filter:?}");
        let page = PageRequest::new(0, 1).counted(true);
        let counted = engine
            .list_audit_events(&operator::<AuditRead>(), filter.clone(), page)
            .await
            .unwrap();
        assert_eq!(counted.total, Some(expected as u64), "{filter:?}");
    }
}

#[tokio::test]
async fn a_change_of_an_account_is_told_by_its_kinds() {
    let engine = TestEngine::in_memory().await;
    let anna = engine.sign_up("anna@example.com").await;
    let admin = engine
        .create_and_log_in("admin@example.com", &["admin"])
        .await;
    let everything = UserChange {
        username: Some(Some("anna".parse().unwrap())),
        roles: Some(roles(&["moderator"])),
        is_active: Some(false),
        password: Some(doorward_tests::engine::password("another long password")),
        ..UserChange::default()
    };
    engine.advance(Duration::from_millis(1));
    let origin = Origin::default().with_request_id("request-9");
    let caller = Caller::user(admin.who.clone(), origin);
    engine
        .update_user(&caller, anna.id, everything, &Reauthentication::default())
        .await
        .unwrap();

    let mut told: Vec<_> = list(
        &engine,
        AuditFilter {
            actor_id: Some(admin.who.user.id),
            ..AuditFilter::default()
        },
    )
    .await;
    told.sort_by(|a, b| a.action.cmp(&b.action));
    let actions: Vec<_> = told.iter().map(|event| &*event.action).collect();
    let expected = [
        "password.set",
        "user.deactivated",
        "user.roles_changed",
        "user.updated",
    ];
    assert_eq!(actions, expected);
    for event in told {
        assert_eq!(event.actor, "user");
        assert_eq!(event.target_id, Some(anna.id));
        assert_eq!(event.session_id, Some(admin.who.session.id));
        assert_eq!(event.request_id.as_deref(), Some("request-9"));
    }
    assert!(
        engine
            .try_log_in("anna@example.com", PASSWORD)
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_refused_change_is_not_told_as_done() {
    let engine = TestEngine::in_memory().await;
    let admin = engine
        .create_and_log_in("admin@example.com", &["admin"])
        .await;
    let before = all(&engine).await.len();
    let resign = UserChange {
        roles: Some(roles(&["user"])),
        ..UserChange::default()
    };
    let none = Reauthentication::default();
    let id = admin.who.user.id;
    let refused = engine.update_user(&admin.caller(), id, resign, &none).await;
    refused.unwrap_err();
    assert_eq!(all(&engine).await.len(), before);
}

#[test]
fn every_word_stands_for_one_value() {
    for action in Action::ALL {
        assert_eq!(Action::find(action.as_str()), Some(*action));
    }
    for outcome in Outcome::ALL {
        assert_eq!(Outcome::find(outcome.as_str()), Some(*outcome));
    }
    assert_eq!(Action::find("unheard.of"), None);
}
