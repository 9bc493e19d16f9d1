//! Whom a password is for: what it must not be made of.

use std::fmt;

use zeroize::Zeroizing;

/// Fewer letters are no word: they stand by chance in passwords that nobody would guess.
const SHORTEST_WORD: usize = 3;

/// The names of the account that a password is for, as far as they are known.
///
/// ```
/// use doorward::{Password, PasswordContext, PasswordFault, PasswordPolicy};
///
/// let anna = PasswordContext::new()
///     .email("anna.kowalska@example.com")
///     .full_name("Anna Kowalska");
/// let password = Password::new("KowalskaAnna-1985!".to_owned());
/// let rejected = PasswordPolicy::default().check_password(&password, &anna);
/// assert_eq!(rejected.unwrap_err().faults(), [PasswordFault::OwnName]);
/// ```
#[derive(Clone, Default)]
pub struct PasswordContext {
    terms: Terms,
}

impl PasswordContext {
    /// Nothing is known of the account.
    pub fn new() -> Self {
        Self::default()
    }

    /// With this e-mail address: as a whole, the part before the `@`, and the domain's name.
    pub fn email(mut self, email: &str) -> Self {
        let email = email.trim();
        self.terms.add(email);
        if let Some((local, domain)) = email.rsplit_once('@') {
            self.terms.add_with_words(local);
            self.terms.add(domain);
            let name = domain.rsplit_once('.').map_or(domain, |(name, _)| name);
            self.terms.add_with_words(name);
        }
        self
    }

    /// With this username, as a whole and in its words.
    pub fn username(mut self, username: &str) -> Self {
        self.terms.add_with_words(username);
        self
    }

    /// With what the person is called, as a whole and in its words.
    pub fn full_name(mut self, full_name: &str) -> Self {
        self.terms.add_with_words(full_name);
        self
    }

    pub(super) fn terms(&self) -> &Terms {
        &self.terms
    }
}

impl fmt::Debug for PasswordContext {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PasswordContext(..)")
    }
}

/// Words and phrases in lower case, each once.
#[derive(Clone, Default)]
pub(super) struct Terms(Vec<String>);

impl Terms {
    /// Those of a service of this name.
    pub(super) fn of_service(name: &str) -> Self {
        let mut terms = Self::default();
        terms.add_with_words(name);
        terms.add("doorward");
        terms
    }

    pub(super) fn joined(&self, other: &Self) -> Self {
        let mut joined = self.clone();
        other.0.iter().for_each(|term| joined.add(term));
        joined
    }

    pub(super) fn as_slice(&self) -> &[String] {
        &self.0
    }

    fn add_with_words(&mut self, text: &str) {
        self.add(text);
        text.split(|character: char| !character.is_alphabetic())
            .for_each(|word| self.add(word));
    }

    fn add(&mut self, text: &str) {
        let term = text.trim().to_lowercase();
        if !term.is_empty() && !self.0.contains(&term) {
            self.0.push(term);
        }
    }

    /// Whether `password`, in lower case, is one of the terms, or one or more of them with
    /// digits and punctuation before, after and between.
    pub(super) fn make_up(&self, password: &str) -> bool {
        let bare = only(password, char::is_alphanumeric);
        let is_term = |term: &String| {
            term == password || (!bare.is_empty() && *only(term, char::is_alphanumeric) == *bare)
        };
        self.0.iter().any(is_term) || self.spell(&only(password, char::is_alphabetic))
    }

    /// Whether `letters` can be cut into words of ours.
    fn spell(&self, letters: &str) -> bool {
        let words: Vec<String> = self
            .0
            .iter()
            .map(|term| only(term, char::is_alphabetic).to_string())
            .filter(|word| word.chars().count() >= SHORTEST_WORD)
            .collect();
        let mut reached = vec![false; letters.len() + 1];
        reached[0] = true;
        for at in 0..letters.len() {
            if reached[at] {
                let rest = &letters.as_bytes()[at..];
                for word in words
                    .iter()
                    .filter(|word| rest.starts_with(word.as_bytes()))
                {
                    reached[at + word.len()] = true;
                }
            }
        }
        !letters.is_empty() && reached[letters.len()]
    }
}

fn only(text: &str, kept: impl Fn(char) -> bool) -> Zeroizing<String> {
    // As long as the text at once: what grows leaves copies behind.
    let mut rest = Zeroizing::new(String::with_capacity(text.len()));
    rest.extend(text.chars().filter(|character| kept(*character)));
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn anna() -> PasswordContext {
        PasswordContext::new()
            .email("Anna.Kowalska+shop@mail.Widget-Works.example")
            .username("akow85")
            .full_name("Anna Maria Kowalska")
    }

    fn is_own(password: &str) -> bool {
        anna().terms().make_up(&password.to_lowercase())
    }

    #[test]
    fn names_are_found_with_little_else() {
        for password in [
            "anna.kowalska+shop@mail.widget-works.example",
            "Anna.Kowalska",
            "AnnaKowalska1985!",
            "1985 kowalska anna",
            "anna-anna-anna",
            "kowalska",
            "!!Kowalska??",
            "Widget-Works2026",
            "WidgetWorks",
            "mail.widget-works.example",
            "akow85",
            "akow1986",
            "a.k.o.w.8.5",
            "AnnaMariaKowalska",
            "kow alska12",
        ] {
            assert!(is_own(password), "{password}");
        }
    }

    #[test]
    fn names_in_something_longer_are_not_minded() {
        for password in [
            "",
            "85",
            "anna drinks tea",
            "kowalskaz",
            "xanna1985",
            "example example",
            "correct horse battery staple",
            "🐎🐎🐎🐎",
        ] {
            assert!(!is_own(password), "{password}");
        }
    }

    #[test]
    fn a_name_without_letters_counts_as_it_stands() {
        let context = PasswordContext::new().username("0170.1234567");
        assert!(context.terms().make_up("0170.1234567"));
        assert!(context.terms().make_up("01701234567"));
        assert!(!context.terms().make_up("01701234568"));
    }

    #[test]
    fn two_letters_are_no_word() {
        let context = PasswordContext::new().full_name("Bo Li").username("bo_");
        assert!(!context.terms().make_up("bo83749201"));
        assert!(context.terms().make_up("boli83749201"));
        assert!(context.terms().make_up("bo_"));
    }

    #[test]
    fn letters_beyond_ascii_are_letters() {
        let context = PasswordContext::new().full_name("Łukasz Żółć");
        assert!(context.terms().make_up("żółć1985łukasz"));
        assert!(!context.terms().make_up("zolc1985lukasz"));
    }

    #[test]
    fn half_an_address_is_no_fault() {
        for email in ["", "@", "anna", "anna@", "@example.com", "a@b@c", "anna@."] {
            let context = PasswordContext::new().email(email);
            assert!(!context.terms().make_up("correct horse"), "{email}");
        }
        let context = PasswordContext::new().email("annabel@");
        assert!(context.terms().make_up("annabel1"));
    }

    #[test]
    fn debug_shows_no_name() {
        assert_eq!(format!("{:?}", anna()), "PasswordContext(..)");
    }
}
