//! What can't be beaten: programs that do one thing and nothing else.

use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use axum::Json;
use axum::routing::get;

use doorward_benches::Outcome;

/// A bare axum server that answers a small JSON; prints its address.
pub(crate) fn hello() -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?);
        let hello = async || Json(serde_json::json!({"message": "hello"}));
        let router = axum::Router::new().route("/", get(hello));
        let listener = axum::serve::ListenerExt::tap_io(listener, |stream| {
            let _ = stream.set_nodelay(true);
        });
        axum::serve(listener, router).await?;
        Ok(())
    })
}

/// Hashes one password after another, in memory that is used again; prints the rate.
pub(crate) fn hash(seconds: &str) -> Outcome<()> {
    let params = Params::new(19_456, 2, 1, Some(32)).map_err(|error| error.to_string())?;
    let mut blocks = vec![Block::default(); params.block_count()];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut digest = [0; 32];
    let rate = repeat(seconds, || {
        argon2
            .hash_password_into_with_memory(
                b"a password",
                b"a salt of 16 b..",
                &mut digest,
                &mut blocks,
            )
            .map_err(|error| error.to_string().into())
    })?;
    println!("{rate}");
    Ok(())
}

/// Commits one changed row after another, each durable; prints the rate.
pub(crate) fn commit(seconds: &str) -> Outcome<()> {
    let folder = tempfile::tempdir_in(std::env::current_dir()?)?;
    let database = rusqlite::Connection::open(folder.path().join("commit.db"))?;
    database.execute_batch(
        "pragma journal_mode = wal; pragma synchronous = full;
         create table t (id integer primary key, n integer); insert into t values (1, 0);",
    )?;
    let rate = repeat(seconds, || {
        database
            .prepare_cached("update t set n = n + 1 where id = 1")?
            .execute([])?;
        Ok(())
    })?;
    println!("{rate}");
    Ok(())
}

fn repeat(seconds: &str, mut step: impl FnMut() -> Outcome<()>) -> Outcome<f64> {
    let length = Duration::from_secs_f64(seconds.parse()?);
    let start = Instant::now();
    let mut steps = 0.0;
    while start.elapsed() < length {
        step()?;
        steps += 1.0;
    }
    Ok(steps / start.elapsed().as_secs_f64())
}
