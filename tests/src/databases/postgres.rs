//! Databases on a PostgreSQL server: the one that
//! `DOORWARD_TEST_POSTGRES_URL` names, else one of our own.

use std::fs::File;
use std::io::Read as _;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use super::own_server::OwnServer;
use super::{own_server, say};

const URL: &str = "DOORWARD_TEST_POSTGRES_URL";
const REQUIRE: &str = "DOORWARD_REQUIRE_POSTGRES";

/// Where a server may be had. Finding out is cheap and starts nothing.
#[derive(Debug)]
enum Source {
    Url(String),
    Programs(PathBuf),
    Nowhere,
}

static SOURCE: LazyLock<Source> = LazyLock::new(|| {
    if let Some(url) = setting(URL) {
        return Source::Url(url);
    }
    own_server::find_programs().map_or(Source::Nowhere, Source::Programs)
});

/// The server of this process, or why there is none. It is never dropped:
/// its watchdog sees this process end.
static SERVER: LazyLock<Result<OwnServer, String>> = LazyLock::new(|| match &*SOURCE {
    Source::Programs(folder) => OwnServer::start(folder, &random_name())
        .inspect_err(|reason| say(&format!("no PostgreSQL: {reason}"))),
    Source::Url(_) | Source::Nowhere => Err(nowhere()),
});

/// A database of our own on the server; dropped with this value.
#[derive(Debug)]
pub(super) struct Created {
    admin_url: &'static str,
    name: String,
    url: String,
}

impl Created {
    pub(super) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Created {
    fn drop(&mut self) {
        let dropped = execute(
            self.admin_url,
            format!("drop database if exists {} with (force)", self.name),
        );
        if let Err(error) = dropped {
            say(&format!("left database {} behind: {error}", self.name));
        }
    }
}

/// What will be said of PostgreSQL at the start of a suite.
pub(super) fn outlook() -> String {
    match &*SOURCE {
        Source::Url(_) => format!("and PostgreSQL (of {URL})"),
        Source::Programs(folder) => {
            format!(
                "and PostgreSQL (a server of their own, {})",
                folder.display()
            )
        }
        Source::Nowhere => format!("alone; PostgreSQL skipped: {}", nowhere()),
    }
}

fn nowhere() -> String {
    format!("no server programs (initdb, pg_ctl, postgres) and no {URL}")
}

/// Makes an empty database; `None` where there is no server and none is
/// required.
pub(super) fn create() -> Option<Created> {
    let admin_url = admin_url()?;
    let name = format!("doorward_test_{}", random_name());
    let created = execute(
        admin_url,
        format!("create database {name} template template0 encoding 'UTF8'"),
    );
    if let Err(error) = created {
        panic!("PostgreSQL did not create a database: {error}");
    }
    Some(Created {
        admin_url,
        url: with_database(admin_url, &name),
        name,
    })
}

fn admin_url() -> Option<&'static str> {
    if let Source::Url(url) = &*SOURCE {
        return Some(url);
    }
    match &*SERVER {
        Ok(server) => Some(server.url()),
        Err(reason) if is_required() => {
            panic!("{REQUIRE} is set, but there is no PostgreSQL: {reason}")
        }
        Err(_) => None,
    }
}

/// Whether a test without PostgreSQL fails instead of being skipped.
pub(super) fn is_required() -> bool {
    setting(REQUIRE).is_some()
}

/// Runs one statement on a connection of its own, from any thread, inside a
/// runtime or not.
fn execute(url: &str, sql: String) -> Result<(), sqlx::Error> {
    let url = url.to_owned();
    let work = move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(sqlx::Error::Io)?;
        runtime.block_on(async {
            let mut connection = PgConnection::connect(&url).await?;
            sqlx::raw_sql(AssertSqlSafe(sql))
                .execute(&mut connection)
                .await?;
            connection.close().await
        })
    };
    std::thread::spawn(work)
        .join()
        .unwrap_or(Err(sqlx::Error::WorkerCrashed))
}

/// The same server, another database.
fn with_database(url: &str, name: &str) -> String {
    let (address, options) = url
        .split_once('?')
        .map_or((url, String::new()), |(address, options)| {
            (address, format!("?{options}"))
        });
    let host_at = address.find("://").map_or(0, |at| at + "://".len());
    let path_at = address[host_at..]
        .find('/')
        .map_or(address.len(), |at| host_at + at);
    format!("{}/{name}{options}", &address[..path_at])
}

/// A name that no other process on a shared server takes.
fn random_name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let mut bytes = [0; 12];
    if let Err(error) = File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes))
    {
        panic!("no random bytes: {error}");
    }
    let random: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{random}_{}", COUNT.fetch_add(1, Ordering::Relaxed))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the environment says which server the tests use"
)]
fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_of_a_url_is_replaced() {
        for (url, expected) in [
            (
                "postgres://me@host:5432/postgres",
                "postgres://me@host:5432/new",
            ),
            ("postgres://me:pw@host", "postgres://me:pw@host/new"),
            ("postgresql://host/", "postgresql://host/new"),
            (
                "postgres:///old?host=/run/postgresql&user=me",
                "postgres:///new?host=/run/postgresql&user=me",
            ),
            (
                "postgres://host?sslmode=disable",
                "postgres://host/new?sslmode=disable",
            ),
        ] {
            assert_eq!(with_database(url, "new"), expected);
        }
    }

    #[test]
    fn two_names_differ() {
        assert_ne!(random_name(), random_name());
    }
}
