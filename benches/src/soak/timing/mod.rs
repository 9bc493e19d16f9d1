//! Whether answers tell which accounts there are: by their time, their text, their status.

mod cases;
mod sampling;
mod statistics;
mod table;

use std::path::Path;

use doorward_benches::Outcome;
use doorward_benches::cores::{can_pin, leave_server_core};
use doorward_benches::postgres::Postgres;
use doorward_benches::random::{self, Random};
use doorward_benches::server::Server;

use crate::accounts::Accounts;
use crate::sink::Sink;

/// Soaks these databases, or all that there are; tells whether every case came out as it should.
pub(crate) fn run(program: &str, databases: &[&str]) -> Outcome<bool> {
    let known = ["sqlite", "postgres"];
    if let Some(unknown) = databases.iter().find(|name| !known.contains(name)) {
        return Err(format!("no database `{unknown}`; there are {}", known.join(", ")).into());
    }
    leave_server_core();
    let seed = random::seed();
    println!(
        "one core each for server and client: {}; seed {seed}",
        if can_pin() { "yes" } else { "no" }
    );
    let mut all_hold = true;
    for database in known {
        if databases.is_empty() || databases.contains(&database) {
            all_hold &= on(database, program, &mut Random::new(seed))?;
        }
    }
    Ok(all_hold)
}

fn on(database: &str, program: &str, random: &mut Random) -> Outcome<bool> {
    let postgres = match database {
        "postgres" => Postgres::start()?,
        _ => None,
    };
    if database == "postgres" && postgres.is_none() {
        println!("\nPostgreSQL: left out, there are no server programs");
        return Ok(true);
    }
    let folder = tempfile::tempdir_in(std::env::current_dir()?)?;
    let sink = Sink::start()?;
    let server = start(program, folder.path(), &sink, postgres.as_ref())?;
    println!("\n{database}");
    table::print_head();
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(async {
            let mut accounts = Accounts::log_in(&server, random).await?;
            let mut all_hold = true;
            for case in cases::all(&mut accounts).await? {
                all_hold &= table::print_row(&sampling::compare(&server, case, random).await?);
            }
            println!("{} mails were sent", sink.taken());
            Ok(all_hold)
        })
}

/// A server that hides as much as it can, with hashes at the cost that they have by default.
fn start(
    program: &str,
    folder: &Path,
    sink: &Sink,
    postgres: Option<&Postgres>,
) -> Outcome<Server> {
    let mail = sink.settings();
    let mut settings = vec![
        ("REGISTRATION_REVEALS", "false"),
        // No account of a case fails half as often as this, from where on logins would wait.
        ("LOCKOUT_THRESHOLD", "100"),
    ];
    settings.extend(mail.iter().map(|(name, text)| (*name, &**text)));
    if let Some(postgres) = postgres {
        settings.push(("DATABASE_URL", postgres.url()));
    }
    Server::doorward_with(program, folder, &settings)
}
