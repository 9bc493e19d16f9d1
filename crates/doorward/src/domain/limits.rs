//! What is limited, and how often it may be done.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

const MINUTE: u32 = 60;
const HOUR: u32 = 60 * MINUTE;
const DAY: u32 = 24 * HOUR;

/// The units, longest first, with the other names that they go by.
const UNITS: [(&str, u32, &[&str]); 4] = [
    ("day", DAY, &["days", "d"]),
    ("hour", HOUR, &["hours", "h"]),
    ("minute", MINUTE, &["minutes", "min", "m"]),
    ("second", 1, &["seconds", "sec", "s"]),
];

/// How often something may be done: so many times in such a length of time.
///
/// All of them may be done at once; then each comes back after its share of the time. Of
/// `6/minute`, six may be done in one instant and one more every ten seconds.
///
/// It is written `5/minute` or `5 per minute`, with `second`, `minute`, `hour` or `day`, in the
/// singular or the plural or as `s`, `m`, `h`, `d`, and with a number before it where that
/// is not one: `100/15minutes`, `100 per 15 minutes`.
///
/// ```
/// use std::time::Duration;
/// use doorward::Rate;
///
/// let rate: Rate = "100 per 15 minutes".parse()?;
/// assert_eq!((rate.limit(), rate.window()), (100, Duration::from_secs(900)));
/// assert_eq!(rate.to_string(), "100/15minutes");
/// # Ok::<(), doorward::InvalidRate>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rate {
    limit: u32,
    /// In seconds.
    window: u32,
}

/// A text or a pair of numbers that is no [`Rate`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected a rate such as 5/minute or 100/15minutes: 1 to 1000000 times per second, minute, \
     hour or day, in at most 30 days"
)]
pub struct InvalidRate;

impl Rate {
    /// The most times that a rate may allow.
    pub const LARGEST_LIMIT: u32 = 1_000_000;
    /// The longest time that a rate may speak of.
    pub const LONGEST_WINDOW: Duration = Duration::from_secs(30 * DAY as u64);

    /// So many times in so many whole seconds.
    ///
    /// # Errors
    /// [`InvalidRate`] where `limit` is 0 or above [`Rate::LARGEST_LIMIT`], or `window` is
    /// shorter than a second, longer than [`Rate::LONGEST_WINDOW`], or not whole seconds.
    pub fn new(limit: u32, window: Duration) -> Result<Self, InvalidRate> {
        let is_allowed = (1..=Self::LARGEST_LIMIT).contains(&limit)
            && (Duration::from_secs(1)..=Self::LONGEST_WINDOW).contains(&window)
            && window.subsec_nanos() == 0;
        let window = u32::try_from(window.as_secs()).map_err(|_| InvalidRate)?;
        is_allowed
            .then_some(Self { limit, window })
            .ok_or(InvalidRate)
    }

    /// A rate that is known to be one.
    pub(crate) const fn per_minute(limit: u32) -> Self {
        Self {
            limit,
            window: MINUTE,
        }
    }

    /// A rate that is known to be one.
    pub(crate) const fn per_hour(limit: u32) -> Self {
        Self {
            limit,
            window: HOUR,
        }
    }

    /// How many times.
    pub const fn limit(self) -> u32 {
        self.limit
    }

    /// In which time; whole seconds.
    pub const fn window(self) -> Duration {
        Duration::from_secs(self.window as u64)
    }

    /// In which time, in milliseconds.
    pub(crate) const fn window_millis(self) -> u64 {
        self.window as u64 * 1_000
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/", self.limit)?;
        for (unit, seconds, _) in UNITS {
            if self.window == seconds {
                return f.write_str(unit);
            }
            if self.window.is_multiple_of(seconds) {
                return write!(f, "{}{unit}s", self.window / seconds);
            }
        }
        // Every number of seconds is a multiple of one second.
        Ok(())
    }
}

impl FromStr for Rate {
    type Err = InvalidRate;

    fn from_str(text: &str) -> Result<Self, InvalidRate> {
        let text = text.trim().to_ascii_lowercase();
        let (limit, window) = text
            .split_once('/')
            .or_else(|| text.split_once(" per "))
            .ok_or(InvalidRate)?;
        let limit = parse_number(limit.trim())?;
        let window = window.trim();
        let unit = window.trim_start_matches(|c: char| c.is_ascii_digit());
        let count = match &window[..window.len() - unit.len()] {
            "" => 1,
            digits => parse_number(digits)?,
        };
        let seconds = u64::from(count) * u64::from(parse_unit(unit.trim_start())?);
        Self::new(limit, Duration::from_secs(seconds))
    }
}

/// Digits alone: the standard parser would take a sign as well.
fn parse_number(digits: &str) -> Result<u32, InvalidRate> {
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        digits.parse().map_err(|_| InvalidRate)
    } else {
        Err(InvalidRate)
    }
}

fn parse_unit(text: &str) -> Result<u32, InvalidRate> {
    UNITS
        .into_iter()
        .find(|(name, _, others)| *name == text || others.contains(&text))
        .map(|(_, seconds, _)| seconds)
        .ok_or(InvalidRate)
}

/// Declares the classes and their limits from one table, so that each has both.
macro_rules! classes {
    ($($(#[doc = $doc:literal])+ $class:ident $name:literal $field:ident = $default:expr;)+) => {
        /// What is limited: things that cost the server or the owner of an account much, or
        /// that let somebody guess.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum LimitClass {
            $($(#[doc = $doc])+ $class,)+
        }

        impl LimitClass {
            /// Every class.
            pub const ALL: &'static [Self] = &[$(Self::$class),+];

            /// Its name, in `snake_case`: in the limiter's keys, and in the `RateLimit` header.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$class => $name,)+ }
            }
        }

        /// How often each class of things may be done; `None`: as often as one likes.
        ///
        /// Every limit holds for each client network and for each account, separately. The
        /// network of an IPv6 address is its /64. A caller whose address is not known is
        /// limited by account alone, and [`Actor::Operator`](crate::Actor::Operator) not at all.
        ///
        /// ```
        /// use doorward::RateLimits;
        ///
        /// let mut limits = RateLimits::default();
        /// limits.login = Some("10/minute".parse()?);
        /// # Ok::<(), doorward::InvalidRate>(())
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct RateLimits {
            $($(#[doc = $doc])+ pub $field: Option<Rate>,)+
        }

        impl RateLimits {
            /// No limits at all.
            pub const NONE: Self = Self { $($field: None,)+ };

            /// The limit of this class.
            pub const fn of(&self, class: LimitClass) -> Option<Rate> {
                match class { $(LimitClass::$class => self.$field,)+ }
            }
        }

        impl Default for RateLimits {
            fn default() -> Self {
                Self { $($field: Some($default),)+ }
            }
        }
    };
}

classes! {
    /// Logins, right or wrong. Default: 30 a minute.
    Login "login" login = Rate::per_minute(30);
    /// Exchanges of a refresh token. Default: 120 a minute.
    Refresh "refresh" refresh = Rate::per_minute(120);
    /// Registrations. Default: 10 a minute.
    Registration "registration" registration = Rate::per_minute(10);
    /// Requests and confirmations of a password reset. Default: 10 a minute.
    PasswordReset "password_reset" password_reset = Rate::per_minute(10);
    /// Requests and confirmations of an e-mail verification. Default: 10 a minute.
    Verification "verification" verification = Rate::per_minute(10);
    /// Checks of a password that somebody thinks of choosing. Default: 30 a minute.
    PasswordCheck "password_check" password_check = Rate::per_minute(30);
    /// Mails to one account that others can cause. Default: 5 an hour.
    Mail "mail" mail = Rate::per_hour(5);
}

/// Too many requests: somebody asked more often than the limit of this class allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many requests of the class {}", class.as_str())]
#[non_exhaustive]
pub struct Throttled {
    /// What was asked for too often.
    pub class: LimitClass,
    /// How often it may be.
    pub rate: Rate,
    /// How many times more it may be done at once.
    pub remaining: u32,
    /// After which time to try again.
    pub retry_after: Duration,
}

impl Throttled {
    /// The refusal of a class, for tests of doors that answer with it.
    pub fn new(class: LimitClass, rate: Rate, retry_after: Duration) -> Self {
        Self {
            class,
            rate,
            remaining: 0,
            retry_after,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_rate_is_read_as_people_write_it() {
        let cases = [
            ("5/minute", 5, 60),
            ("5 / Minutes", 5, 60),
            (" 5 per minute ", 5, 60),
            ("10/s", 10, 1),
            ("10/second", 10, 1),
            ("1/hour", 1, 3_600),
            ("1000000/day", 1_000_000, 86_400),
            ("100/15minutes", 100, 900),
            ("100 per 15 minutes", 100, 900),
            ("7/30days", 7, 2_592_000),
        ];
        for (text, limit, seconds) in cases {
            let rate: Rate = text.parse().unwrap();
            let expected = Rate::new(limit, Duration::from_secs(seconds)).unwrap();
            assert_eq!(rate, expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_rate_is_refused() {
        let cases = [
            "",
            "5",
            "/minute",
            "5/",
            "5/fortnight",
            "0/minute",
            "-1/minute",
            "+5/minute",
            "5/0minutes",
            "5/-1minutes",
            "1000001/second",
            "5/31days",
            "5/99999999999seconds",
            "1.5/minute",
            "5/1.5minutes",
            "5/minute;10/hour",
            "5perminute",
            "5/minuté",
        ];
        for text in cases {
            assert_eq!(text.parse::<Rate>(), Err(InvalidRate), "{text}");
        }
        assert!(Rate::new(1, Duration::from_millis(1_500)).is_err());
    }

    #[test]
    fn a_rate_is_shown_in_its_longest_unit() {
        let cases = [
            ("5/60seconds", "5/minute"),
            ("5/90seconds", "5/90seconds"),
            ("5/120minutes", "5/2hours"),
            ("5/24h", "5/day"),
        ];
        for (text, shown) in cases {
            assert_eq!(text.parse::<Rate>().unwrap().to_string(), shown);
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_back(limit in 1..=1_000_000u32, seconds in 1..=2_592_000u64) {
            let rate = Rate::new(limit, Duration::from_secs(seconds)).unwrap();
            prop_assert_eq!(rate.to_string().parse(), Ok(rate));
        }

        #[test]
        fn no_text_upsets_the_reader(text in "\\PC{0,24}") {
            let _ = text.parse::<Rate>();
        }
    }
}
