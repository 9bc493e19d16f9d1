//! A PostgreSQL server that ends with this process, as the tests start one.

// The tests' own file: their package would bring the engine with other features, and the server
// that is measured would be built with them.
#[path = "../../tests/src/databases/own_server.rs"]
mod own_server;

use own_server::OwnServer;

use crate::Outcome;

/// A PostgreSQL server of our own, without a sync at each commit.
#[derive(Debug)]
pub struct Postgres(OwnServer);

impl Postgres {
    /// Starts one; `None` where there are no server programs.
    ///
    /// # Errors
    /// Where there are, and it does not start.
    pub fn start() -> Outcome<Option<Self>> {
        let Some(programs) = own_server::find_programs() else {
            return Ok(None);
        };
        // It listens on loopback alone, and holds made-up accounts for some minutes.
        let password = format!("{:016x}", crate::random::seed());
        Ok(Some(Self(OwnServer::start(&programs, &password)?)))
    }

    /// The empty database of the server, as `DATABASE_URL` takes it.
    pub fn url(&self) -> &str {
        self.0.url()
    }
}
