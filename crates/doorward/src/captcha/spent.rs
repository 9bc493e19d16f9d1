//! The proofs that were shown already.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::proof_of_work::Nonce;
use crate::domain::clock::Timestamp;

/// How many proofs are kept in mind, some five mebibytes of them.
const CAPACITY: usize = 65_536;

/// There is no room to keep another proof in mind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Full;

/// The proofs that were shown, by when they expire.
///
/// None is forgotten while it would still be taken: where there is no room, none is taken.
#[derive(Debug)]
pub(super) struct SpentProofs {
    capacity: usize,
    /// For how long a challenge is good: what expires later was made under another time.
    validity: Duration,
    proofs: Mutex<BTreeSet<(Timestamp, Nonce)>>,
}

impl SpentProofs {
    pub(super) fn new(validity: Duration) -> Self {
        Self {
            capacity: CAPACITY,
            validity,
            proofs: Mutex::default(),
        }
    }

    /// Notes a proof; `false` where it was noted before.
    pub(super) fn spend(
        &self,
        expires_at: Timestamp,
        nonce: Nonce,
        now: Timestamp,
    ) -> Result<bool, Full> {
        let mut proofs = self.proofs.lock().unwrap_or_else(PoisonError::into_inner);
        if proofs.contains(&(expires_at, nonce)) {
            return Ok(false);
        }
        // Not before there is need: a clock that is set forward, and back again, makes
        // expired proofs good once more.
        if proofs.len() >= self.capacity {
            self.forget_outdated(&mut proofs, now);
        }
        if proofs.len() >= self.capacity {
            return Err(Full);
        }
        Ok(proofs.insert((expires_at, nonce)))
    }

    fn forget_outdated(&self, proofs: &mut BTreeSet<(Timestamp, Nonce)>, now: Timestamp) {
        while proofs.first().is_some_and(|(expires, _)| *expires <= now) {
            proofs.pop_first();
        }
        let latest = now + self.validity;
        while proofs.last().is_some_and(|(expires, _)| *expires > latest) {
            proofs.pop_last();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALIDITY: Duration = Duration::from_secs(300);
    const START: Timestamp = Timestamp::from_millis(1_750_000_000_000);

    fn holding(capacity: usize) -> SpentProofs {
        SpentProofs {
            capacity,
            ..SpentProofs::new(VALIDITY)
        }
    }

    #[test]
    fn a_proof_is_spent_once() {
        let spent = holding(10);
        let expires = START + VALIDITY;
        assert_eq!(spent.spend(expires, [1; 16], START), Ok(true));
        assert_eq!(spent.spend(expires, [1; 16], START), Ok(false));
        assert_eq!(spent.spend(expires, [2; 16], START), Ok(true));
    }

    #[test]
    fn none_is_forgotten_before_it_expires() {
        let spent = holding(2);
        let expires = START + VALIDITY;
        assert_eq!(spent.spend(expires, [1; 16], START), Ok(true));
        assert_eq!(spent.spend(expires, [2; 16], START), Ok(true));
        assert_eq!(spent.spend(expires, [3; 16], START), Err(Full));
        assert_eq!(spent.spend(expires, [1; 16], START), Ok(false));
        let later = expires + VALIDITY;
        assert_eq!(spent.spend(later, [3; 16], expires), Ok(true));
        assert_eq!(spent.spend(later, [3; 16], expires), Ok(false));
    }

    #[test]
    fn a_clock_that_is_set_back_blocks_nobody() {
        let spent = holding(1);
        let ahead = START + Duration::from_secs(1_000_000);
        assert_eq!(spent.spend(ahead + VALIDITY, [1; 16], ahead), Ok(true));
        assert_eq!(spent.spend(START + VALIDITY, [2; 16], START), Ok(true));
    }
}
