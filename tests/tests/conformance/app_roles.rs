//! Roles that the app itself defines, where it starts several times at once.

use std::time::Duration;

use doorward::testing;
use doorward::{
    AppRole, AuditFilter, AuditRead, Database, NewRole, PageRequest, Permission, RoleName,
};
use doorward_tests::engine::{TestEngine, operator};
use doorward_tests::on_every_lasting_database;

use super::races::at_once;
use super::within;

/// Roles of the app in one release.
#[derive(Clone, Copy, Debug)]
struct Crew<const RELEASE: usize>(&'static str);

impl<const RELEASE: usize> AppRole for Crew<RELEASE> {
    const ALL: &'static [Self] = &[Self("pilot"), Self("steward"), Self("mechanic")];

    fn name(self) -> RoleName {
        RoleName::new(self.0)
    }

    fn definition(self) -> NewRole {
        let all = [Permission::new("plane:enter"), Permission::new("plane:fly")];
        NewRole::new(self.name())
            .description("'quoted'; ünd")
            .permits(all.into_iter().take(RELEASE))
    }
}

/// The changes of roles that the audit trail tells, in some order.
async fn changes(engine: &TestEngine) -> Vec<String> {
    let page = PageRequest::new(0, 100);
    let events = engine
        .list_audit_events(&operator::<AuditRead>(), AuditFilter::default(), page)
        .await
        .unwrap();
    let events = events.items.into_iter();
    let mut changes: Vec<_> = events
        .filter_map(|event| Some(format!("{} {}", event.action, event.role?)))
        .collect();
    changes.sort_unstable();
    changes
}

async fn start<const RELEASE: usize>(url: &str, times: usize) {
    let builds = at_once(times, |_| {
        let url = url.to_owned();
        async move {
            let database = Database::connect(&url).await.unwrap();
            let builder = testing::builder(database).roles::<Crew<RELEASE>>();
            builder.build().await.map(drop)
        }
    });
    for built in builds.await {
        built.unwrap();
    }
}

on_every_lasting_database! {
    async fn of_many_that_start_at_once_one_brings_them_in(db) {
        start::<1>(db.url(), 8).await;
        let engine = TestEngine::at(db.url()).await;
        let created = ["mechanic", "pilot", "steward"].map(|role| format!("role.created {role}"));
        assert_eq!(changes(&engine).await, created);

        start::<2>(db.url(), 8).await;
        let updated = ["mechanic", "pilot", "steward"].map(|role| format!("role.updated {role}"));
        assert_eq!(changes(&engine).await, [created, updated].concat());
    }

    async fn a_running_replica_hears_of_them(db) {
        let here = TestEngine::at(db.url()).await;
        start::<1>(db.url(), 1).await;
        let pilot = here.create_and_log_in("pilot@example.com", &["pilot"]).await;
        assert_eq!(pilot.who.user.permissions.len(), 1);
        start::<2>(db.url(), 1).await;
        let heard = async || here.again(&pilot).await.who.user.permissions.len() == 2;
        within(Duration::from_secs(1), "the new rights", heard).await;
    }
}
