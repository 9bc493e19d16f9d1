//! The stable error codes: one list, from which the reference page is made.

use std::fmt;

/// Declares [`Code`] from one table, so that the name on the wire, the type
/// URI and the meaning cannot drift apart.
macro_rules! codes {
    ($($variant:ident $name:literal $meaning:literal)+) => {
        /// What went wrong, as a stable `snake_case` word: the `code` member
        /// of every problem.
        ///
        /// Clients compare codes, people read `detail`. A code, once released,
        /// keeps its name and its meaning.
        ///
        /// ```
        /// use doorward_axum::codes::Code;
        ///
        /// assert_eq!(Code::TokenExpired.as_str(), "token_expired");
        /// ```
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = $meaning] $variant,)+
        }

        impl Code {
            /// Every code, in the order of the reference page.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The problem's type URI (RFC 9457 section 3.1.1).
            ///
            /// It names the problem and leads nowhere: a server that also runs
            /// offline has no page of its own to point at, and the same code
            /// must have the same URI in every installation.
            #[must_use]
            pub const fn type_uri(self) -> &'static str {
                match self { $(Self::$variant => concat!("urn:doorward:problem:", $name),)+ }
            }

            /// One sentence that says what the code means.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)+ }
            }
        }
    };
}

codes! {
    NotAuthenticated "not_authenticated" "No access token was sent."
    InvalidToken "invalid_token" "The access token is malformed, forged or not meant for this server."
    TokenExpired "token_expired" "The access token has expired; refresh it or log in again."
    TokenRevoked "token_revoked" "The session of this access token is over."
    InvalidCredentials "invalid_credentials" "The name or the password is wrong."
    InactiveUser "inactive_user" "The account has been deactivated."
    InvalidRefreshToken "invalid_refresh_token" "The refresh token is malformed, expired, revoked or was used before."
    InsufficientPrivileges "insufficient_privileges" "The caller is known but may not do this."
    RegistrationRefused "registration_refused" "The application does not want this registration; `detail` says why."
    RoleNotAssignable "role_not_assignable" "The caller may not give this role."
    ReauthenticationRequired "reauthentication_required" "This needs the password again or a recent login."
    IncorrectPassword "incorrect_password" "The current password sent along is wrong."
    CaptchaRequired "captcha_required" "After the failures before, a captcha must be solved first; `captcha` says which."
    CaptchaWrong "captcha_wrong" "The captcha was not solved, or its token has expired or was used before; `captcha` has another."
    EmailTaken "email_taken" "Another account has this e-mail address."
    UsernameTaken "username_taken" "Another account has this username."
    AccountLocked "account_locked" "Too many logins failed; `Retry-After` says when the next one is looked at."
    InvalidOneTimeToken "invalid_one_time_token" "The token of the mail is unknown, expired or was used before."
    EmailNotVerified "email_not_verified" "The e-mail address has to be verified first."
    MailNotConfigured "mail_not_configured" "The server sends no mail, and so can't do this."
    NoEmailAddress "no_email_address" "The account has no e-mail address."
    LastAdmin "last_admin" "The last active admin can be neither deleted, deactivated nor demoted."
    RoleExists "role_exists" "A role of this name exists already."
    RoleBuiltIn "role_built_in" "Built-in roles can be neither changed nor deleted."
    RoleInUse "role_in_use" "The role is still assigned to accounts."
    NotFound "not_found" "There is nothing here, or nothing the caller may know of."
    MethodNotAllowed "method_not_allowed" "The address exists but not for this method; `Allow` lists those it has."
    OriginNotAllowed "origin_not_allowed" "The browser page's origin is not among the allowed ones."
    CsrfRefused "csrf_refused" "The session cookies do not count in this request: it may have been made by a foreign page."
    ValidationError "validation_error" "Fields are missing or wrong; `detail` lists all of them."
    MalformedJson "malformed_json" "The body is not one valid JSON value."
    MalformedBody "malformed_body" "The body broke off or was not framed as HTTP prescribes."
    UnsupportedMediaType "unsupported_media_type" "The body's content type is not one this endpoint reads."
    BodyTooLarge "body_too_large" "The body is larger than 64 KiB."
    UriTooLong "uri_too_long" "The request target is longer than 8 KiB."
    BodyTimeout "body_timeout" "The body did not arrive in time."
    RateLimited "rate_limited" "Too many requests of this kind from this network or for this account; `Retry-After` says when to try again."
    Overloaded "overloaded" "The server has more work than it can do soon; `Retry-After` says when to try again."
    Unavailable "unavailable" "Something the server needs, such as its database, does not answer; `Retry-After` says when to try again."
    DeadlineExceeded "deadline_exceeded" "The request took longer than the server allows; whether it had an effect is unknown."
    InternalError "internal_error" "The server failed; the log has the cause under the request id."
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::Code;

    #[test]
    fn codes_are_distinct_snake_case_words_with_a_sentence_each() {
        let mut seen = HashSet::new();
        for code in Code::ALL {
            let name = code.as_str();
            assert!(seen.insert(name), "{name} twice");
            assert!(
                name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'),
                "{name}"
            );
            assert!(code.meaning().ends_with('.'), "{name}");
            assert!(code.type_uri().ends_with(name), "{name}");
        }
    }
}
