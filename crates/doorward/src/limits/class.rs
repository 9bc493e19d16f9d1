//! What is limited, and how much of it there may be.

use super::rate::Rate;

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
