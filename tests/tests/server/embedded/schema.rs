//! Databases of another release than the command's, or of none.

use doorward::testing::PASSWORD;
use doorward::{Database, MigrationStatus};
use doorward_tests::databases::TestDatabase;
use doorward_tests::on_every_lasting_database;

use super::app::{assert_nothing_left, operators_place};

const DATABASE: i32 = 4;
const CREATE: [&str; 4] = ["users", "create", "--email", "anna@example.com"];

/// Every command that looks for something, and so has no business in an empty database.
const COMMANDS: [&[&str]; 4] = [
    &["users", "list"],
    &["users", "promote", "anna@example.com", "admin"],
    &["mail", "list"],
    &["mail", "retry", "--all"],
];

async fn migrations(db: &TestDatabase) -> Vec<MigrationStatus> {
    let database = Database::connect(db.url()).await.unwrap();
    database.list_migrations().await.unwrap()
}

fn is_applied(migration: &MigrationStatus) -> bool {
    migration.applied_at.is_some()
}

on_every_lasting_database! {
    async fn the_schema_of_an_earlier_checkout_is_told_and_left_as_it_is(db) {
        let place = operators_place(db);
        place.run(["migrate"]).ok();
        let before = migrations(db).await;
        db.execute("update doorward_migrations set name = 'accounts' where version = 1").await;

        for command in COMMANDS.iter().copied().chain([&CREATE[..], &["migrate"]]) {
            let refused = place.run_with_input(command, PASSWORD);
            let said = refused.failure(DATABASE);
            let expected = "the database has the schema of a checkout from before the first \
                            release (migration 1 is `accounts`)";
            assert!(said.starts_with(expected), "{command:?}: {refused:#?}");
        }
        assert_nothing_left(&place, db);

        db.execute("update doorward_migrations set name = 'initial' where version = 1").await;
        assert_eq!(migrations(db).await, before);
        place.run(["users", "list"]).ok();
    }

    async fn an_empty_database_has_no_accounts_and_gets_no_tables_by_a_look(db) {
        // The file of SQLite is there, and has nothing in it.
        migrations(db).await;
        let place = operators_place(db);
        for command in COMMANDS {
            let refused = place.run(command);
            let said = refused.failure(DATABASE);
            let expected = "there are no accounts in the database yet: start the server or the \
                            application once, or see whether this is the right database \
                            (DATABASE_URL: ";
            assert!(said.starts_with(expected), "{command:?}: {refused:#?}");
        }
        assert!(!migrations(db).await.iter().any(is_applied));
        assert_nothing_left(&place, db);
    }

    async fn the_first_account_makes_the_tables(db) {
        let place = operators_place(db);
        place.run_with_input(CREATE, PASSWORD).ok();
        assert!(migrations(db).await.iter().all(is_applied));
        assert_nothing_left(&place, db);
    }
}
