//! Which passwords may be chosen.

use zeroize::Zeroizing;

use super::common::is_common;
use super::context::Terms;
use super::sequence::{is_sequence, repeated_unit};
use super::{CharacterKind, Password, PasswordContext, PasswordFault, PasswordRejected};

/// The rules for a new password: long enough, not among the commonest, not a name of its
/// account or of the service, and no mere sequence. There are no composition rules unless they
/// are set (NIST SP 800-63B-4, section 3.1.1.2).
///
/// ```
/// use doorward::{Password, PasswordContext, PasswordFault, PasswordPolicy};
///
/// let policy = PasswordPolicy::default();
/// let anna = PasswordContext::new().username("anna");
/// let fault = |text: &str| {
///     let rejected = policy.check_password(&Password::new(text.to_owned()), &anna).err();
///     rejected.map(|rejected| rejected.first())
/// };
/// assert_eq!(fault("short"), Some(PasswordFault::TooShort { min: 8 }));
/// assert_eq!(fault("PassWord123"), Some(PasswordFault::TooCommon));
/// assert_eq!(fault("Anna-1985"), Some(PasswordFault::OwnName));
/// assert_eq!(fault("lkjhgfdsa"), Some(PasswordFault::Sequence));
/// assert_eq!(fault("correct horse"), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasswordPolicy {
    /// The fewest characters (Unicode scalar values). Default: 8; NIST
    /// advises 15 where the password is the only factor.
    pub min_length: usize,
    /// What the service is called: no password may be just that, or `doorward`. Default: nothing.
    pub service_name: String,
    /// Kinds of characters that each password must have. Default: none.
    pub require: Vec<CharacterKind>,
    /// How hard to guess passwords must be, by zxcvbn's score: 0 (not looked at) to 4, and what
    /// is more counts as 4. Default: 0.
    ///
    /// To find the score takes some milliseconds, so that it is not part of
    /// [`check_password`](Self::check_password): the engine asks for it last.
    pub min_score: u8,
}

impl PasswordPolicy {
    /// The most bytes of UTF-8 a password may have: a bound on work, far above
    /// any real password.
    pub const MAX_BYTES: usize = 1024;

    /// Checks a password that somebody wants to set, by all rules that are quickly checked.
    ///
    /// # Errors
    ///
    /// [`PasswordRejected`], with one or more of:
    /// - `TooLong` above [`MAX_BYTES`](Self::MAX_BYTES) bytes, and then nothing else;
    /// - `TooShort` below `min_length` characters;
    /// - `Lacks` for each kind of `require` that it has no character of;
    /// - where its length is right, the first of: `TooCommon` when it is on the embedded list of
    ///   common passwords, whatever its case, or one of them again and again; `ServiceName` or
    ///   `OwnName` when it is nothing but such names, digits and punctuation; `Sequence` when it
    ///   is nothing but repetitions and runs.
    pub fn check_password(
        &self,
        password: &Password,
        context: &PasswordContext,
    ) -> Result<(), PasswordRejected> {
        let text = password.as_str();
        if text.len() > Self::MAX_BYTES {
            let max_bytes = Self::MAX_BYTES;
            return Err(PasswordFault::TooLong { max_bytes }.into());
        }
        let mut faults = Vec::new();
        let is_short = text.chars().count() < self.min_length;
        if is_short {
            faults.push(PasswordFault::TooShort {
                min: self.min_length,
            });
        }
        let lacking = self.require.iter().filter(|kind| !kind.is_in(text));
        faults.extend(lacking.copied().map(PasswordFault::Lacks));
        if !is_short {
            let folded = Zeroizing::new(text.to_lowercase());
            faults.extend(self.find_pattern(&folded, context));
        }
        PasswordRejected::if_any(faults)
    }

    /// What makes the password, in lower case, the first that somebody would guess.
    fn find_pattern(&self, password: &str, context: &PasswordContext) -> Option<PasswordFault> {
        let unit = repeated_unit(password).map_or(password, |unit| &password[unit]);
        let service = Terms::of_service(&self.service_name);
        if is_common(password) || is_common(unit) {
            Some(PasswordFault::TooCommon)
        } else if service.make_up(password) {
            Some(PasswordFault::ServiceName)
        } else if service.joined(context.terms()).make_up(password) {
            Some(PasswordFault::OwnName)
        } else {
            is_sequence(password).then_some(PasswordFault::Sequence)
        }
    }
}

impl Default for PasswordPolicy {
    fn default() -> Self {
        Self {
            min_length: 8,
            service_name: String::new(),
            require: Vec::new(),
            min_score: 0,
        }
    }
}

#[cfg(test)]
mod tests;
