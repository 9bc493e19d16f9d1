//! The sign-up as it is on PostgreSQL.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use doorward::testing::{PASSWORD, TestDoorward, anonymous};
use doorward::{Database, Doorward, EmailAddress, Registration};
use doorward_tests::databases::{self, Kind};
use sqlx::{Executor as _, PgPool};

const TABLES: &str = "\
    create table workspaces (
        id bigint generated always as identity primary key,
        name text not null unique
    );
    create table members (
        user_id uuid primary key not null references doorward_users (id) on delete cascade,
        workspace_id bigint not null references workspaces (id) on delete cascade
    );";

async fn sign_up(
    auth: &Doorward,
    pool: &PgPool,
    email: EmailAddress,
    workspace: &str,
) -> Result<(), Box<dyn std::error::Error>> {
    let registration = Registration::new(PASSWORD).email(email);
    let caller = anonymous();
    let prepared = auth.prepare_registration(&caller, registration).await?;

    let mut tx = pool.begin().await?;
    let insert = "insert into workspaces (name) values ($1) returning id";
    let workspace_id: i64 = sqlx::query_scalar(insert)
        .bind(workspace)
        .fetch_one(&mut *tx)
        .await?;
    let outcome = prepared.insert(&mut *tx).await?;
    let user = outcome.into_user().ok_or("told by mail alone")?;
    sqlx::query("insert into members (user_id, workspace_id) values ($1, $2)")
        .bind(user.id.as_uuid())
        .bind(workspace_id)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(())
}

#[test]
fn whoever_signs_up_has_an_account_and_a_workspace_or_neither() {
    databases::run(Kind::Postgres, async |db| {
        let pool = PgPool::connect(db.url()).await.unwrap();
        let database = Database::from_postgres_pool(pool.clone());
        let auth = TestDoorward::start_on(database, |builder| builder).await;
        pool.execute(TABLES).await.unwrap();
        let anna = || "anna@example.com".parse().unwrap();
        let berta = || "berta@example.com".parse().unwrap();

        sign_up(&auth, &pool, anna(), "Kitchen").await.unwrap();
        let taken = sign_up(&auth, &pool, anna(), "Garden").await.unwrap_err();
        assert_eq!(taken.to_string(), "the e-mail address is taken");
        sign_up(&auth, &pool, berta(), "Kitchen").await.unwrap_err();
        for table in ["workspaces", "members", "doorward_users"] {
            assert_eq!(count(&pool, table).await, 1, "{table}");
        }
        auth.log_in("anna@example.com", PASSWORD).await;
        sign_up(&auth, &pool, berta(), "Garden").await.unwrap();
    });
}

async fn count(pool: &PgPool, table: &str) -> i64 {
    let sql = sqlx::AssertSqlSafe(format!("select count(*) from {table}"));
    sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
}
