//! The Doorward server: one binary, no set-up.

mod captcha;
mod cli;
mod commands;
mod engine;
mod failure;
mod mail;
mod output;
mod passwords;
mod serve;
mod settings;
mod telemetry;

use std::process::ExitCode;

use clap::Parser as _;

use cli::{Cli, Command};
use failure::CommandFailure;
use settings::{Settings, Sources};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::note(format_args!("doorward: {}", failure.message));
            failure.exit_code()
        }
    }
}

fn run(cli: Cli) -> Result<(), CommandFailure> {
    if let Some(Command::Config(cli::Config { reference: true })) = cli.command {
        output::line(settings::reference_markdown().trim_end());
        return Ok(());
    }
    let settings = load_settings(cli.command.as_ref())?;
    let runtime = runtime_for(cores())
        .enable_all()
        .build()
        .map_err(|error| CommandFailure::refused(format!("no runtime: {error}")))?;
    runtime.block_on(dispatch(cli, settings))
}

/// One core has nobody to share its work with, and need not pay for sharing it.
fn runtime_for(cores: usize) -> tokio::runtime::Builder {
    match cores {
        1 => tokio::runtime::Builder::new_current_thread(),
        _ => tokio::runtime::Builder::new_multi_thread(),
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

async fn dispatch(cli: Cli, settings: Settings) -> Result<(), CommandFailure> {
    match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => {
            telemetry::start(&settings)?;
            serve::serve(settings).await
        }
        Command::Migrate(arguments) => {
            commands::migrate::migrate(&settings, &arguments, cli.json).await
        }
        Command::Users(command) => commands::users::users(&settings, command, cli.json).await,
        Command::Mail(command) => commands::mail::mail(&settings, command, cli.json).await,
        Command::Config(_) => commands::config::config(&settings, cli.json),
        Command::Openapi => commands::openapi::openapi(&settings),
    }
}

fn load_settings(command: Option<&Command>) -> Result<Settings, CommandFailure> {
    let directory = std::env::current_dir().map_err(|error| {
        CommandFailure::settings(format!("the working directory can't be used: {error}"))
    })?;
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the environment"
    )]
    let environment = std::env::vars_os();
    let sources = Sources::new(environment, directory, cores());
    let settings = match command {
        None | Some(Command::Serve | Command::Config(_)) => Settings::load(&sources),
        Some(_) => Settings::load_for_command(&sources),
    };
    Ok(settings?)
}
