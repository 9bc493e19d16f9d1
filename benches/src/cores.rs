//! One core for what is measured, another for what measures.

use std::process::Command;

/// A command that runs on the first core, where `taskset` is at hand and there are two.
pub fn on_server_core(program: &str) -> Command {
    if can_pin() {
        let mut command = Command::new("taskset");
        command.args(["-c", "0", program]);
        command
    } else {
        Command::new(program)
    }
}

/// Whether programs can be held to a core of their own.
pub fn can_pin() -> bool {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let taskset = || Command::new("taskset").arg("--version").output().is_ok();
    (cores > 1 || pinned_already()) && taskset()
}

/// Moves this process to the second core.
pub fn leave_server_core() {
    if can_pin() {
        let own = std::process::id().to_string();
        // Without it the figures are worse, not wrong.
        let _ = Command::new("taskset")
            .args(["-a", "-p", "-c", "1", &own])
            .output();
    }
}

/// Once moved, this process sees one core only.
fn pinned_already() -> bool {
    std::fs::read_to_string("/proc/self/status")
        .is_ok_and(|status| status.lines().any(|line| line == "Cpus_allowed_list:\t1"))
}
