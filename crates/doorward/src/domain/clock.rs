//! Time as a parameter: the [`Clock`] and the [`Timestamp`] it tells.

use std::fmt::Debug;
use std::time::Duration;

/// A moment, as whole milliseconds since the Unix epoch (UTC).
///
/// ```
/// use std::time::Duration;
/// use doorward::Timestamp;
///
/// let moment = Timestamp::from_millis(1_500) + Duration::from_secs(2);
/// assert_eq!(moment.as_millis(), 3_500);
/// assert_eq!(moment.as_seconds(), 3);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The moment `millis` milliseconds after the Unix epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the Unix epoch.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the Unix epoch, rounded down: a `NumericDate` of RFC 7519 §2.
    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// Whole days since the Unix epoch, rounded down.
    pub(crate) const fn as_days(self) -> i64 {
        self.0.div_euclid(24 * 60 * 60 * 1_000)
    }

    /// The time from `earlier` to this moment, zero where `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl std::ops::Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(millis))
    }
}

impl std::ops::Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, duration: Duration) -> Self {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Self(self.0.saturating_sub(millis))
    }
}

/// Tells the time.
///
/// The engine asks its clock and nothing else, so that a test can hold time still
/// or move it.
///
/// ```
/// use std::sync::atomic::{AtomicI64, Ordering};
/// use doorward::{Clock, Timestamp};
///
/// /// The time of a replay, which goes at its own pace.
/// #[derive(Debug, Default)]
/// struct Replay {
///     millis: AtomicI64,
/// }
///
/// impl Clock for Replay {
///     fn now(&self) -> Timestamp {
///         Timestamp::from_millis(self.millis.load(Ordering::Relaxed))
///     }
/// }
///
/// let clock = Replay::default();
/// clock.millis.store(1_500, Ordering::Relaxed);
/// assert_eq!(clock.now().as_millis(), 1_500);
/// ```
pub trait Clock: Send + Sync + Debug {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// The operating system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the engine reads the system's clock"
    )]
    fn now(&self) -> Timestamp {
        let since_epoch = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp(0) + since_epoch
    }
}
