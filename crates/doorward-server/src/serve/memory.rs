//! Memory that the start and busy times leave behind.

use std::hint::black_box;
use std::time::Duration;

/// When the start is over, and what it used is of no more use.
const AFTER_START: Duration = Duration::from_secs(2);
/// How often to look from then on.
const EVERY: Duration = Duration::from_secs(60);
/// A block so large that the allocator takes it from the system, and none of it is touched.
const LARGE: usize = 64 << 20;

/// Has the allocator give unused memory back to the system from time to time.
///
/// It does so when a large block is freed, and an idle server frees none.
pub(crate) async fn give_back() {
    tokio::time::sleep(AFTER_START).await;
    loop {
        drop(black_box(Vec::<u8>::with_capacity(LARGE)));
        tokio::time::sleep(EVERY).await;
    }
}
