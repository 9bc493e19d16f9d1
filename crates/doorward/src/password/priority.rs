//! Hashing gives way to everything else.

/// Lowers the scheduling priority of the calling thread, where the system can.
///
/// A hash keeps a core busy for tens of milliseconds. At equal priority, as
/// many hashing threads as there are cores would take half of each core from
/// the threads that answer requests, and make each of those wait for its turn.
/// At a lower one the requests go first and hashing takes what is left, while
/// its weight keeps it from starving.
///
/// On Linux the nice value belongs to the thread, so nothing but this thread
/// slows down. A failure is ignored: hashing works at any priority, and it
/// only fails where the process already runs at a lower one.
#[cfg(target_os = "linux")]
pub(super) fn lower_priority() {
    const NICE: i32 = 10;
    let _ = rustix::process::setpriority_process(None, NICE);
}

/// Elsewhere the nice value belongs to the process: there is nothing to lower
/// without slowing down everything.
#[cfg(not(target_os = "linux"))]
pub(super) fn lower_priority() {}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn only_the_calling_thread_is_lowered() {
        let here = rustix::process::getpriority_process(None).unwrap();
        let there = std::thread::spawn(|| {
            lower_priority();
            rustix::process::getpriority_process(None).unwrap()
        });
        assert_eq!(there.join().unwrap(), here.max(10));
        assert_eq!(rustix::process::getpriority_process(None).unwrap(), here);
    }
}
