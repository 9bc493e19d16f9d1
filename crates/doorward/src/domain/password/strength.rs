//! How hard a password is to guess, as zxcvbn estimates it.

use zeroize::Zeroizing;
use zxcvbn::zxcvbn;

use super::context::Terms;
use super::{Password, PasswordContext};

/// Of a longer password no more is looked at. What is hard to guess is so before this, and the
/// work grows with the cube of the length.
const MOST_CHARACTERS: usize = 64;
/// Characters that zxcvbn takes for letters in disguise. It tries all meanings of all of them
/// together: a hundred of these would keep a core busy for seconds.
const DISGUISES: &str = "4@8({[<3691!|70$5+%2";
/// So many different ones are looked at as what they could mean.
const MOST_DISGUISES: usize = 6;
/// What stands for the others.
const NO_DISGUISE: char = '~';
/// So many terms of the account and the service are looked for.
const MOST_TERMS: usize = 32;

/// How hard a password is to guess.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PasswordStrength {
    /// From 0 (guessed at once) to 4 (not guessed in years).
    pub score: u8,
    /// What makes it easy to guess, in one sentence, where something does.
    pub warning: Option<String>,
    /// What would make it harder, one sentence each.
    pub suggestions: Vec<String>,
}

/// An estimate to be made: what is looked at of the password, and the terms that make it weaker.
pub(crate) struct StrengthEstimate {
    shown: Zeroizing<String>,
    terms: Terms,
}

impl StrengthEstimate {
    /// Takes what is needed of the password, the account and the service.
    pub(crate) fn of(password: &Password, context: &PasswordContext, service_name: &str) -> Self {
        Self {
            shown: shown(password.as_str()),
            terms: context.terms().joined(&Terms::of_service(service_name)),
        }
    }

    /// Makes the estimate, in some milliseconds.
    pub(crate) fn make(&self) -> PasswordStrength {
        let terms = self.terms.as_slice().iter().take(MOST_TERMS);
        let terms: Vec<&str> = terms.map(String::as_str).collect();
        let estimate = zxcvbn(&self.shown, &terms);
        let feedback = estimate.feedback();
        PasswordStrength {
            score: estimate.score().into(),
            warning: feedback
                .and_then(|feedback| feedback.warning())
                .map(|warning| warning.to_string()),
            suggestions: feedback.map_or_else(Vec::new, |feedback| {
                feedback
                    .suggestions()
                    .iter()
                    .map(ToString::to_string)
                    .collect()
            }),
        }
    }
}

/// What is looked at of a password.
fn shown(password: &str) -> Zeroizing<String> {
    let mut disguises = Zeroizing::new(Vec::with_capacity(MOST_DISGUISES));
    // As much as there can be at once: what grows leaves copies behind.
    let mut shown = Zeroizing::new(String::with_capacity(4 * MOST_CHARACTERS));
    for character in password.chars().take(MOST_CHARACTERS) {
        let is_disguise = DISGUISES.contains(character);
        if is_disguise && !disguises.contains(&character) {
            if disguises.len() == MOST_DISGUISES {
                shown.push(NO_DISGUISE);
                continue;
            }
            disguises.push(character);
        }
        shown.push(character);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(password: &str, context: &PasswordContext) -> u8 {
        let password = Password::new(password.to_owned());
        let estimate = StrengthEstimate::of(&password, context, "Widget Shop");
        estimate.make().score
    }

    #[test]
    fn passwords_are_told_apart() {
        let nobody = PasswordContext::new();
        assert_eq!(score("password", &nobody), 0);
        assert_eq!(score("", &nobody), 0);
        assert_eq!(score("correct horse battery staple", &nobody), 4);
        assert_eq!(score(&"x9!Kd_".repeat(170), &nobody), 4);
    }

    #[test]
    fn names_make_a_password_weaker() {
        let anna = PasswordContext::new().full_name("Zuzanna Quispe");
        let (own, other) = (
            score("quispezuzanna", &anna),
            score("quispezuzanna", &PasswordContext::new()),
        );
        assert!(own < other, "{own} {other}");
        let nobody = PasswordContext::new();
        assert!(score("Widget Shop", &nobody) <= 1);
    }

    #[test]
    fn what_is_weak_comes_with_advice() {
        let password = Password::new("qwertyui".to_owned());
        let strength = StrengthEstimate::of(&password, &PasswordContext::new(), "").make();
        assert!(strength.warning.is_some(), "{strength:?}");
        assert!(!strength.suggestions.is_empty(), "{strength:?}");
    }

    #[test]
    fn what_would_take_long_is_not_shown() {
        assert_eq!(shown(&"ü".repeat(1000)).chars().count(), MOST_CHARACTERS);
        assert_eq!(*shown("p4ssw0rd!"), "p4ssw0rd!");
        assert_eq!(*shown("4@8({[<3691!|70$5+%24"), "4@8({[~~~~~~~~~~~~~~4");
    }
}
