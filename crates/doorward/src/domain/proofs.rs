//! The acts by which users have shown who they are, with their times.

use std::fmt;
use std::str::FromStr;

use super::clock::Timestamp;

/// A way to show who one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProofKind {
    /// The account's password.
    Password,
}

impl ProofKind {
    const ALL: [Self; 1] = [Self::Password];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
        }
    }
}

/// The proofs of a session: for each kind, the time of the last one.
///
/// Written as `password=1750000000000`, several of them with spaces between.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Proofs(Vec<(ProofKind, Timestamp)>);

/// A text that is no list of proofs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a list of proofs")]
pub(crate) struct InvalidProofs;

impl Proofs {
    /// One proof.
    pub(crate) fn of(kind: ProofKind, at: Timestamp) -> Self {
        Self(vec![(kind, at)])
    }
}

impl fmt::Display for Proofs {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, (kind, at)) in self.0.iter().enumerate() {
            let space = if position == 0 { "" } else { " " };
            write!(formatter, "{space}{}={}", kind.as_str(), at.as_millis())?;
        }
        Ok(())
    }
}

impl FromStr for Proofs {
    type Err = InvalidProofs;

    /// Reads what [`Display`](fmt::Display) writes. Leaves out the kinds of later releases.
    fn from_str(text: &str) -> Result<Self, InvalidProofs> {
        let mut proofs = Vec::new();
        for word in text.split_ascii_whitespace() {
            let (name, at) = word.split_once('=').ok_or(InvalidProofs)?;
            let at = at.parse().map_err(|_| InvalidProofs)?;
            let known = ProofKind::ALL
                .into_iter()
                .find(|kind| kind.as_str() == name);
            if let Some(kind) = known {
                proofs.push((kind, Timestamp::from_millis(at)));
            }
        }
        Ok(Self(proofs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOMENT: Timestamp = Timestamp::from_millis(1_750_000_000_000);

    #[test]
    fn proofs_are_read_as_they_are_written() {
        let proofs = Proofs::of(ProofKind::Password, MOMENT);
        assert_eq!(proofs.to_string(), "password=1750000000000");
        assert_eq!(proofs.to_string().parse(), Ok(proofs.clone()));
        assert_eq!("".parse(), Ok(Proofs::default()));
    }

    #[test]
    fn kinds_of_later_releases_are_left_out() {
        let proofs: Proofs = "telepathy=1 password=1750000000000".parse().unwrap();
        assert_eq!(proofs, Proofs::of(ProofKind::Password, MOMENT));
    }

    #[test]
    fn malformed_proofs_are_rejected() {
        for text in ["password", "password=", "password=soon", "=", "a=1 b"] {
            assert_eq!(text.parse::<Proofs>(), Err(InvalidProofs), "{text}");
        }
    }
}
